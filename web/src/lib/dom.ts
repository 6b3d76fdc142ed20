/** Elements without a framework: `h("button", { class: "plain", on: { click } }, "text")`. */

export type Child = Node | string | null | undefined | false;

type Events = { [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void };

export interface Props {
  class?: string;
  on?: Events;
  data?: Record<string, string>;
  [attribute: string]: unknown;
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value as Events)) {
        element.addEventListener(event, listener as EventListener);
      }
    } else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag: string, attributes: Record<string, string | number> = {}, ...children: Node[]): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Pointer drags: `move` gets the distance from where the drag began, `end` tells whether anything moved. */
export function draggable(
  element: HTMLElement,
  begin: (event: PointerEvent) => { move: (dx: number, dy: number, event: PointerEvent) => void; end?: (moved: boolean) => void } | null,
): void {
  element.addEventListener("pointerdown", (down) => {
    if (down.button !== 0) return;
    const drag = begin(down);
    if (!drag) return;
    down.preventDefault();
    down.stopPropagation();
    let moved = false;
    const move = (event: PointerEvent): void => {
      const [dx, dy] = [event.clientX - down.clientX, event.clientY - down.clientY];
      moved ||= Math.hypot(dx, dy) > 3;
      if (moved) drag.move(dx, dy, event);
    };
    const end = (): void => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      drag.end?.(moved);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  });
}

export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** Is the user writing? Then keys are text and no shortcuts. */
export const writing = (event: KeyboardEvent): boolean =>
  event.target instanceof HTMLElement && Boolean(event.target.closest("input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select"));
