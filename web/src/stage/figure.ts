/** A small body drawn flat, whose parts can be chosen by click and by key. It faces us: its left is on our right. */
import { svg } from "../lib/dom";
import { t, type Key } from "../lib/i18n";
import type { Region } from "./parts";

const SHAPES: Record<Region, string> = {
  head: "M64 8a15 17 0 0 1 0 34a15 17 0 0 1 0-34z M58 42h12v7h-12z",
  trunk: "M43 51q21-6 42 0l-4 34q-1 12 3 24q-20 8-40 0q4-12 3-24z",
  "right arm": "M40 52q-9 2-12 13l-7 32l-6 34q-1 8 4 9q5 0 7-7l8-32l10-28z",
  "left arm": "M88 52q9 2 12 13l7 32l6 34q1 8-4 9q-5 0-7-7l-8-32l-10-28z",
  "right leg": "M44 112q9 4 18 4l-3 40l-4 38q0 7-7 7q-9 0-7-8l2-34z",
  "left leg": "M84 112q-9 4-18 4l3 40l4 38q0 7 7 7q9 0 7-8l-2-34z",
};

export class Figure {
  readonly element = svg("svg", { viewBox: "0 0 128 208", role: "group" });
  private readonly limbs = new Map<Region, SVGElement>();

  constructor(pick: (region: Region, lock: boolean) => void) {
    for (const [region, path] of Object.entries(SHAPES) as [Region, string][]) {
      const limb = svg("path", { d: path, class: "limb", role: "button", tabindex: "0" });
      limb.addEventListener("click", (event) => pick(region, (event as MouseEvent).shiftKey));
      limb.addEventListener("keydown", (event) => {
        const { key, shiftKey } = event as KeyboardEvent;
        if (key !== "Enter" && key !== " ") return;
        event.preventDefault();
        event.stopPropagation();
        pick(region, shiftKey);
      });
      this.limbs.set(region, limb);
      this.element.append(limb);
    }
  }

  show(chosen: ReadonlySet<Region>, locked: ReadonlySet<Region>): void {
    for (const [region, limb] of this.limbs) {
      limb.setAttribute("aria-label", t(`part.${region.replace(" ", "_")}` as Key));
      limb.setAttribute("aria-pressed", String(chosen.has(region)));
      limb.classList.toggle("locked", locked.has(region));
    }
  }
}
