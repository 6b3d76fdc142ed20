/** What lies over the stage: how to look at it, and which of several samples is meant. */
import { iconButton, press, toggle } from "../lib/controls";
import { h } from "../lib/dom";
import type { Key } from "../lib/i18n";
import { t } from "../lib/i18n";
import type { Icon } from "../lib/icons";
import type { Signal } from "../lib/signal";
import type { Compare, Session } from "../session";
import type { Stage } from "../stage/stage";

const NEXT: Record<Compare, Compare> = { off: "beside", beside: "over", over: "off" };

export const cycle = (session: Session): void => {
  if (session.before) session.compare.value = NEXT[session.compare.value];
};

export function viewButtons(stage: Stage, session: Session): HTMLElement {
  const flag = (name: Icon, key: Key, signal: Signal<boolean>): HTMLElement => {
    const element = toggle(name, key, () => (signal.value = !signal.value));
    signal.now((on) => press(element, on));
    return element;
  };
  const compare = toggle("compare", "view.compare", () => cycle(session));
  const update = (): void => {
    press(compare, session.compare.value !== "off");
    compare.disabled = !session.before;
  };
  session.compare.on(update);
  session.shown.now(update);
  return h(
    "div",
    { class: "view", role: "toolbar" },
    flag("path", "view.path", stage.path),
    flag("trail", "view.trail", stage.trail),
    flag("bones", "view.bones", stage.bones),
    flag("follow", "view.follow", stage.follow),
    iconButton("fit", "view.fit", () => stage.frame()),
    compare,
  );
}

export function sampleButtons(session: Session): HTMLElement {
  const box = h("div", { class: "samples", hidden: true });
  session.shown.now((shown) => {
    box.hidden = !shown || shown.takes.length < 2;
    box.replaceChildren(
      ...(shown?.takes ?? []).map((_, k) => {
        const name = shown!.names[k] || String(k + 1);
        const one = h("button", { type: "button", class: "icon-button word", "aria-label": t("view.sample", { name }), on: { click: () => session.choose(k) } }, name);
        press(one, k === shown!.chosen);
        return one;
      }),
    );
  });
  return box;
}
