/** A button with a sheet below it, filled when it opens; closes by Escape, by a click elsewhere, or by a choice. */
import { h } from "../lib/dom";
import { iconButton } from "../lib/controls";
import type { Key } from "../lib/i18n";
import type { Icon } from "../lib/icons";

export function menu(shape: Icon, key: Key, size: string, fill: (close: () => void) => Promise<Node[]>): HTMLElement {
  const sheet = h("div", { class: `sheet ${size}`, hidden: true });
  const open = iconButton(shape, key, () => void (sheet.hidden ? show() : close()));
  open.setAttribute("aria-expanded", "false");
  const box = h("div", { class: "menu" }, open, sheet);
  const away = (event: Event): void => {
    if (!box.contains(event.target as Node)) close();
  };
  const escape = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    close();
    open.focus();
  };
  async function show(): Promise<void> {
    sheet.replaceChildren(...(await fill(close)));
    sheet.hidden = false;
    open.setAttribute("aria-expanded", "true");
    addEventListener("pointerdown", away);
    addEventListener("keydown", escape);
  }
  function close(): void {
    sheet.hidden = true;
    open.setAttribute("aria-expanded", "false");
    removeEventListener("pointerdown", away);
    removeEventListener("keydown", escape);
  }
  sheet.addEventListener("click", (event) => {
    if ((event.target as HTMLElement).closest("a")) close();
  });
  return box;
}
