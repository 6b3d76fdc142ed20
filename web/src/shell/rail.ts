/** The modes as tabs: by click, by arrow keys, by number. */
import { h } from "../lib/dom";
import { tx } from "../lib/i18n";
import { icon } from "../lib/icons";
import { title, type Mode } from "../studio";

export function rail(modes: Mode[], open: (id: string) => void): { element: HTMLElement; mark(id: string): void } {
  const tabs = modes.map((mode) =>
    h(
      "button",
      { type: "button", role: "tab", class: "tab", id: `tab-${mode.id}`, "aria-controls": `panel-${mode.id}`, on: { click: () => open(mode.id) } },
      icon(mode.icon),
      tx(title(mode.id)),
    ),
  );
  const element = h("nav", { class: "rail", role: "tablist", "aria-orientation": "vertical" }, ...tabs);
  element.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const here = tabs.indexOf(document.activeElement as HTMLButtonElement);
    const next = tabs[(here + step + tabs.length) % tabs.length]!;
    next.focus();
    next.click();
  });
  return {
    element,
    mark(id) {
      tabs.forEach((tab, k) => {
        const on = modes[k]!.id === id;
        tab.setAttribute("aria-selected", String(on));
        tab.tabIndex = on ? 0 : -1;
        if (on) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
      });
    },
  };
}
