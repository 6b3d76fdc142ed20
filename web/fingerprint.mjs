// SHA-256 of all that decides the bundle: every file under src/, and the files named here, by name in order.
// tests/studio/test_studio_bundle.py computes the same.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

const NAMED = ["fingerprint.mjs", "index.html", "package-lock.json", "package.json", "tsconfig.json", "vite.config.ts"];

export function fingerprint(root) {
  const found = readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
  const hash = createHash("sha256");
  for (const name of [...NAMED, ...found].sort()) {
    hash.update(`${name}\n`);
    hash.update(readFileSync(join(root, name)));
  }
  return hash.digest("hex");
}
