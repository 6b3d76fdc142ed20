/** Line icons on a 24 grid. */
import { svg } from "./dom";

const PATHS = {
  say: "M4 5.5h16v10.5h-9l-4.5 3.5v-3.5h-2.5z M8 9.5h8 M8 12.5h5",
  speech: "M12 3.5a2.8 2.8 0 0 1 2.8 2.8v5a2.8 2.8 0 0 1-5.6 0v-5A2.8 2.8 0 0 1 12 3.5z M6 11a6 6 0 0 0 12 0 M12 17v3.5 M9 20.5h6",
  edit: "M12 3.2a2 2 0 1 1 0 4 2 2 0 0 1 0-4z M12 7.2v6.3 M6.5 10.2l5.5-1.4 5.5 1.4 M12 13.5l-3.4 7 M12 13.5l3.4 7",
  understand: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z M15.3 15.3l4.9 4.9 M7.8 10.5h1.4l1.1-2.4 1.4 4.4 1-2h1",
  knowledge: "M12 6.2c-2-1.5-4.6-1.9-8-1.7v13c3.4-.2 6 .2 8 1.7 2-1.5 4.6-1.9 8-1.7v-13c-3.4-.2-6 .2-8 1.7z M12 6.2v13",
  anticipate: "M4 12h7 M4 7h4 M4 17h5 M13 5v14 M15.5 12h5 M17.8 9.2l2.8 2.8-2.8 2.8",
  rig: "M12 4.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6z M5.5 10.2a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2z M18.5 10.2a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.2z M12 16a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6z M10.6 7.2l-3.9 3.5 M13.4 7.2l3.9 3.5 M6.8 12.8l3.8 4 M17.2 12.8l-3.8 4",
  study: "M4 5h6.5v14H4z M13.5 5H20v14h-6.5z M6 15l1.2 1.4 2-2.6",
  play: "M7.5 5l11 7-11 7z",
  pause: "M8 5v14 M16 5v14",
  back: "M17 6l-7 6 7 6z M7 6v12",
  ahead: "M7 6l7 6-7 6z M17 6v12",
  loop: "M5 11V9.5A3.5 3.5 0 0 1 8.5 6H18 M15.5 3.5L18 6l-2.5 2.5 M19 13v1.5a3.5 3.5 0 0 1-3.5 3.5H6 M8.5 20.5L6 18l2.5-2.5",
  undo: "M8.5 5L4.5 9l4 4 M4.5 9h9a5.5 5.5 0 0 1 0 11H9",
  redo: "M15.5 5l4 4-4 4 M19.5 9h-9a5.5 5.5 0 0 0 0 11H15",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8z M12 3v1.5 M12 19.5V21 M3 12h1.5 M19.5 12H21 M5.6 5.6l1.1 1.1 M17.3 17.3l1.1 1.1 M5.6 18.4l1.1-1.1 M17.3 6.7l1.1-1.1",
  moon: "M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z",
  path: "M5 19c0-5 5-3.5 6.5-7S13 5 19 5 M5 17.6a1.4 1.4 0 1 1 0 2.8 1.4 1.4 0 0 1 0-2.8z",
  trail: "M16.5 4.5a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6z M16.5 8v6l-2 6 M16.5 14l2 6 M10.5 8v12 M5.5 10v10",
  bones: "M12 3.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4z M12 7.5V14 M7 10h10 M12 14l-3.5 6 M12 14l3.5 6 M7 10v4 M17 10v4",
  follow: "M12 8.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z M12 3v3 M12 18v3 M3 12h3 M18 12h3",
  fit: "M4 9V4h5 M15 4h5v5 M20 15v5h-5 M9 20H4v-5",
  compare: "M12 3.5v17 M4 6h5.5v12H4z M14.5 6H20v12h-5.5z",
  plus: "M12 5v14 M5 12h14",
  minus: "M5 12h14",
  close: "M6 6l12 12 M18 6L6 18",
  grip: "M9 6h.01 M15 6h.01 M9 12h.01 M15 12h.01 M9 18h.01 M15 18h.01",
  dice: "M5 5h14v14H5z M9 9h.01 M15 15h.01 M12 12h.01",
  lock: "M6.5 11h11v8.5h-11z M8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  save: "M12 4v11 M7.5 11l4.5 4.5 4.5-4.5 M5 19.5h14",
  drop: "M12 15V4.5 M8 8l4-4 4 4 M4.5 14v5.5h15V14",
  record: "M12 6.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11z",
  stop: "M7 7h10v10H7z",
  clock: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16z M12 8v4.3l3 1.8",
  keys: "M3.5 7h17v10h-17z M7 10h.01 M10.3 10h.01 M13.7 10h.01 M17 10h.01 M8 14h8",
} as const;

export type Icon = keyof typeof PATHS;

const SOLID: ReadonlySet<Icon> = new Set(["play", "record", "stop"]);

export function icon(name: Icon): SVGElement {
  const shape = svg("path", { d: PATHS[name], fill: SOLID.has(name) ? "currentColor" : "none" });
  return svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" }, shape);
}
