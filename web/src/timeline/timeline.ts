/** One timeline for every mode: ruler, rows, a head to scrub, and a span that can be chosen. */
import { clamp, draggable, h } from "../lib/dom";
import { language, say, t, tx } from "../lib/i18n";
import { Signal } from "../lib/signal";
import { theme } from "../lib/theme";
import type { Player } from "../player";
import { blockElement } from "./blocks";
import { paint } from "./paint";
import type { Row } from "./rows";

const STEPS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];
const TICK = 72; // pixels between numbers of the ruler, at least

export class Timeline {
  readonly element = h("section", { class: "timeline" });
  readonly rows = new Signal<Row[]>([]);
  readonly span = new Signal<[number, number] | null>(null);
  readonly spanning = new Signal(false); // may a span be chosen by dragging?
  readonly mark = new Signal<number | null>(null); // a moment: where looking stops
  private readonly ruler = h("div", { class: "ruler", role: "slider", tabindex: "0", "aria-valuemin": "0" });
  private readonly lanes = h("div", { class: "lanes" });
  private readonly head = h("div", { class: "head" });
  private readonly chosen = h("div", { class: "span", hidden: true }, h("i", { class: "grip start" }), h("i", { class: "grip end" }));
  private readonly flag = h("div", { class: "flag", hidden: true });

  constructor(private readonly player: Player) {
    say(this.ruler, "timeline.scrub", {}, "aria-label");
    say(this.element, "timeline.name", {}, "aria-label");
    this.element.append(h("div", { class: "ruler-line" }, h("span", { class: "row-title" }), this.ruler), this.lanes);
    this.lanes.append(h("div", { class: "over" }, this.chosen, this.flag, this.head));
    this.rows.on(() => this.render());
    this.player.seconds.on(() => this.render());
    this.player.time.on(() => this.place());
    this.span.on(() => this.place());
    this.mark.on(() => this.place());
    this.spanning.on((on) => this.element.classList.toggle("spanning", on));
    theme.on(() => this.paint());
    language.on(() => this.place());
    new ResizeObserver(() => this.render()).observe(this.lanes);
    this.handling();
    this.render();
  }

  /** Seconds that the whole width stands for. */
  get extent(): number {
    const ends = this.rows.value.map((row) =>
      row.kind === "blocks" ? Math.max(0, ...row.blocks.map((block) => block.end)) : row.kind === "wave" ? row.seconds : row.to,
    );
    return Math.max(this.player.seconds.value, ...ends) || 5;
  }

  private render(): void {
    const over = this.lanes.querySelector(".over")!;
    this.lanes.replaceChildren(
      ...this.rows.value.map((row) => h("div", { class: `row ${row.kind}` }, named(row), this.lane(row))),
      over,
    );
    this.rule();
    this.paint();
    this.place();
  }

  private lane(row: Row): HTMLElement {
    const lane = h("div", { class: "lane" });
    if (row.kind === "blocks") {
      row.blocks.forEach((_, k) => lane.append(blockElement(row, k, () => this.extent / lane.clientWidth, () => this.extent)));
    } else lane.append(h("canvas", { class: "drawn", "aria-hidden": "true" }));
    return lane;
  }

  private paint(): void {
    this.rows.value.forEach((row, k) => {
      const canvas = this.lanes.children[k]?.querySelector("canvas");
      if (canvas && row.kind !== "blocks") paint(canvas, row, this.extent);
    });
  }

  private rule(): void {
    const room = this.ruler.clientWidth || 600;
    const step = STEPS.find((one) => (one / this.extent) * room >= TICK) ?? 900;
    const marks: HTMLElement[] = [];
    for (let time = 0; time <= this.extent + 1e-6; time += step) {
      const mark = h("span", { class: "tick" }, (1 - time / this.extent) * room > 34 ? clock(time, step < 1 ? 2 : 0) : "");
      mark.style.left = `${(100 * time) / this.extent}%`;
      marks.push(mark);
    }
    this.ruler.replaceChildren(...marks, h("i", { class: "knob" }));
  }

  private place(): void {
    const share = (time: number): string => `${(100 * clamp(time, 0, this.extent)) / this.extent}%`;
    const now = this.player.time.value;
    this.head.style.left = share(now);
    const knob = this.ruler.querySelector<HTMLElement>(".knob");
    if (knob) knob.style.left = share(now);
    this.ruler.setAttribute("aria-valuemax", this.player.seconds.value.toFixed(2));
    this.ruler.setAttribute("aria-valuenow", now.toFixed(2));
    this.ruler.setAttribute("aria-valuetext", t("timeline.at", { time: now.toFixed(2) }));
    const [from, to] = this.span.value ?? [0, 0];
    this.chosen.hidden = this.span.value === null;
    this.chosen.style.left = share(from);
    this.chosen.style.width = `${(100 * (to - from)) / this.extent}%`;
    this.flag.hidden = this.mark.value === null;
    this.flag.style.left = share(this.mark.value ?? 0);
  }

  private handling(): void {
    const over = this.lanes.querySelector<HTMLElement>(".over")!;
    const at = (x: number): number => {
      const frame = over.getBoundingClientRect();
      return clamp(((x - frame.x) / frame.width) * this.extent, 0, this.player.seconds.value);
    };
    const scrub = (event: PointerEvent) => {
      this.player.playing.value = false;
      this.player.seek(at(event.clientX));
      return { move: (_dx: number, _dy: number, moved: PointerEvent) => this.player.seek(at(moved.clientX)) };
    };
    draggable(this.ruler, (event) => (this.ruler.focus(), scrub(event)));
    draggable(this.lanes, (event) => {
      if (!this.spanning.value) return scrub(event);
      const begin = at(event.clientX);
      return {
        move: (_dx, _dy, moved) => (this.span.value = ordered(begin, at(moved.clientX))),
        end: (moved) => {
          if (!moved) this.player.seek(begin);
        },
      };
    });
    for (const [side, name] of [".start", ".end"].entries()) {
      draggable(this.chosen.querySelector<HTMLElement>(name)!, () => {
        const other = this.span.value![1 - side]!;
        return { move: (_dx, _dy, moved) => (this.span.value = ordered(other, at(moved.clientX))) };
      });
    }
    this.ruler.addEventListener("keydown", (event) => {
      const jump = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 }[event.key];
      if (jump) this.player.step(jump);
      else if (event.key === "Home") this.player.seek(0);
      else if (event.key === "End") this.player.seek(this.player.seconds.value);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }
}

function named(row: Row): HTMLElement {
  return h("span", { class: "row-title" }, tx(row.title));
}

const ordered = (a: number, b: number): [number, number] => (a < b ? [a, b] : [b, a]);

/** Seconds as 3.25 or, from a minute on, 1:04. */
export function clock(time: number, digits: number): string {
  if (time < 60) return `${time.toFixed(digits)}${digits ? "" : " s"}`;
  return `${Math.floor(time / 60)}:${(time % 60).toFixed(0).padStart(2, "0")}`;
}
