/** Keys: one table, shown by the help and obeyed by the page. */
import { button } from "../lib/controls";
import { h, writing } from "../lib/dom";
import { tx, type Key } from "../lib/i18n";

export type Keys = Record<string, () => void>;

const TOLD: [string, Key][] = [
  ["Space", "keys.play"], ["← →", "keys.step"], ["Home End", "keys.ends"], ["L", "keys.loop"], ["1 – 8", "keys.mode"],
  ["/", "keys.prompt"], ["Ctrl Enter", "keys.run"], ["Ctrl Z  Ctrl Y", "keys.undo"], ["C", "keys.compare"],
  ["I O", "keys.span"], ["P G K", "keys.view"], ["F", "keys.fit"], ["V", "keys.follow"], ["?", "keys.help"],
];

/** `shortcuts` by the key's own name, with "Ctrl+" before it where Control or Command is held. */
export function listen(shortcuts: Keys): void {
  addEventListener("keydown", (event) => {
    const held = event.ctrlKey || event.metaKey;
    if (document.querySelector("dialog[open]") || event.altKey) return;
    if (writing(event) && !(held && event.key === "Enter")) return;
    const control = event.target instanceof HTMLElement && event.target.closest("button, a, summary, [role=slider], [role=tab], input");
    if (control && [" ", "Enter"].includes(event.key) && !held) return;
    if (event.target instanceof HTMLInputElement && event.key.startsWith("Arrow")) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = shortcuts[(held ? "Ctrl+" : "") + (held && event.shiftKey ? "Shift+" : "") + name];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

export function keysDialog(): void {
  const dialog = h(
    "dialog",
    {},
    h("h2", {}, tx("top.keys")),
    h("dl", {}, ...TOLD.flatMap(([keys, key]) => [h("dt", {}, ...keys.split(" ").map((one) => h("kbd", {}, one))), h("dd", {}, tx(key))])),
    button("close", () => dialog.close()),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
