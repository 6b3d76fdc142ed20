import { defineConfig, type Plugin } from "vite";
import { fingerprint } from "./fingerprint.mjs";

/** Beside the page: what it was built from, so that a test sees when somebody forgot to build it anew. */
const provenance = (): Plugin => ({
  name: "provenance",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "sources.json", source: `{"sources": "${fingerprint(import.meta.dirname)}"}\n` });
  },
});

export default defineConfig({
  base: "./",
  plugins: [provenance()],
  build: {
    outDir: "../src/motionary/studio",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    sourcemap: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: { advancedChunks: { groups: [{ name: "three", test: /node_modules[\\/]three/ }] } },
    },
  },
  server: { proxy: { "/v1": process.env.MOTIONARY_URL ?? "http://127.0.0.1:8765" } },
});
