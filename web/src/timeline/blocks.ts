/** A block on a row: its place, its look, and dragging it to another place or another length. */
import { draggable, h } from "../lib/dom";
import type { Row } from "./rows";

type Blocks = Extract<Row, { kind: "blocks" }>;

const SHORTEST = 0.5; // seconds of a segment

/** `scale` gives seconds a pixel, `extent` the seconds of the whole width. */
export function blockElement(row: Blocks, index: number, scale: () => number, extent: () => number): HTMLElement {
  const block = row.blocks[index]!;
  const element = h(
    "div",
    { class: `block ${block.tone}`, title: block.note ?? block.label },
    h("span", { class: "block-label" }, block.label),
  );
  element.style.left = `${(100 * block.start) / extent()}%`;
  element.style.width = `${(100 * (block.end - block.start)) / extent()}%`;
  if (block.strength !== undefined) element.style.setProperty("--strength", block.strength.toFixed(2));
  if (block.hue !== undefined) element.style.setProperty("--hue", block.hue.toFixed(0));
  if (row.handling) handle(element, row, index, scale);
  return element;
}

function handle(element: HTMLElement, row: Blocks, index: number, scale: () => number): void {
  const block = row.blocks[index]!;
  const edge = h("i", { class: "grip end" });
  element.append(edge);
  element.classList.add("movable");
  const wide = (seconds: number): number => Math.max(SHORTEST, Math.round(seconds * 10) / 10);
  draggable(edge, () => {
    const [pixels, long] = [element.clientWidth, block.end - block.start];
    const per = scale();
    let seconds = long;
    return {
      move: (dx) => {
        seconds = wide(long + dx * per);
        element.style.width = `${Math.max(8, pixels + dx)}px`;
        element.querySelector(".block-label")!.textContent = `${seconds.toFixed(1)} s`;
      },
      end: (moved) => moved && row.handling!.resize(index, seconds),
    };
  });
  draggable(element, () => {
    let to = index;
    element.classList.add("lifted");
    return {
      move: (dx) => {
        element.style.transform = `translateX(${dx}px)`;
        const middle = (block.start + block.end) / 2 + dx * scale();
        to = row.blocks.filter((other, k) => k !== index && (other.start + other.end) / 2 < middle).length;
      },
      end: (moved) => {
        element.classList.remove("lifted");
        element.style.transform = "";
        if (moved && to !== index) row.handling!.move(index, to);
      },
    };
  });
}
