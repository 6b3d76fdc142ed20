/** The few controls of the page; every field has a label, and a place for what is wrong with it. */
import { h, type Child } from "./dom";
import { named, say, tx, type Key } from "./i18n";
import { icon, type Icon } from "./icons";

let counted = 0;
const unique = (name: string): string => `${name}-${(counted += 1)}`;

export function button(key: Key, click: () => void, options: { icon?: Icon; kind?: "main" | "quiet" | "plain" } = {}): HTMLButtonElement {
  const { kind = "plain" } = options;
  return h("button", { type: "button", class: `button ${kind}`, on: { click } }, options.icon && icon(options.icon), tx(key));
}

export function iconButton(name: Icon, key: Key, click: () => void): HTMLButtonElement {
  return named(h("button", { type: "button", class: "icon-button", on: { click } }, icon(name)), key);
}

/** A switch that stays in: pressed or not. */
export function toggle(name: Icon, key: Key, click: () => void): HTMLButtonElement {
  const element = iconButton(name, key, click);
  element.setAttribute("aria-pressed", "false");
  return element;
}

export const press = (element: Element, on: boolean): void => element.setAttribute("aria-pressed", String(on));

export interface Field<E extends HTMLElement = HTMLElement> {
  element: HTMLElement;
  input: E;
  name: string;
  fail(message: string): void;
}

/** A labelled control by the name that the service uses for it in its refusals. */
export function field<E extends HTMLElement>(name: string, label: Key, input: E, ...beside: Child[]): Field<E> {
  const id = unique(name);
  const wrong = h("p", { class: "wrong", id: `${id}-wrong`, role: "alert" });
  input.id = id;
  const element = h(
    "div",
    { class: "field" },
    input.getAttribute("type") !== "hidden" && say(h("label", { for: id }), label),
    beside.length ? h("div", { class: "with" }, input, ...beside) : input,
    wrong,
  );
  const clear = (): void => {
    wrong.textContent = "";
    input.removeAttribute("aria-invalid");
  };
  input.addEventListener("input", clear);
  return {
    element,
    input,
    name,
    fail(message) {
      wrong.textContent = message;
      if (!message) return clear();
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", wrong.id);
      const fold = element.closest("details");
      if (fold) fold.open = true; // what is folded away is not told
      wrong.scrollIntoView({ block: "nearest" });
    },
  };
}

export function select(options: [value: string, label: string | Key, translated?: boolean][], change: () => void = () => {}): HTMLSelectElement {
  const element = h("select", { on: { change } });
  choices(element, options);
  return element;
}

export function choices(element: HTMLSelectElement, options: [value: string, label: string | Key, translated?: boolean][]): void {
  const kept = element.value;
  element.replaceChildren(
    ...options.map(([value, label, translated]) =>
      translated ? say(h("option", { value }), label as Key) : h("option", { value }, label),
    ),
  );
  if (options.some(([value]) => value === kept)) element.value = kept;
}

/** One of a few, all in sight. */
export function choose<T extends string>(label: Key, options: [value: T, text: Key | null][], start: T, change: (value: T) => void) {
  const name = unique("choice");
  const group = say(h("div", { class: "choose", role: "radiogroup" }), label, {}, "aria-label");
  for (const [value, text] of options) {
    const input = h("input", { type: "radio", name, value, on: { change: () => change(value) } });
    input.checked = value === start;
    group.append(h("label", {}, input, text ? tx(text) : h("span", {}, value)));
  }
  return {
    element: group,
    get value(): T {
      return group.querySelector<HTMLInputElement>("input:checked")!.value as T;
    },
    set value(next: T) {
      const input = group.querySelector<HTMLInputElement>(`input[value="${next}"]`);
      if (input) input.checked = true;
    },
  };
}

/** A place for a file: by click, by key, or dropped on it. */
export function dropzone(key: Key, accept: string[], take: (file: File) => void): HTMLElement {
  const input = h("input", { type: "file", accept: accept.join(","), class: "away" });
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) take(file);
    input.value = "";
  });
  const zone = h("label", { class: "drop" }, icon("drop"), tx(key), h("small", {}, accept.join("  ")), input);
  landing(zone, take);
  return zone;
}

/** Files dropped on an element. */
export function landing(element: HTMLElement, take: (file: File) => void): void {
  element.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    element.classList.add("over");
  });
  element.addEventListener("dragleave", () => element.classList.remove("over"));
  element.addEventListener("drop", (event) => {
    element.classList.remove("over");
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    event.stopPropagation();
    take(file);
  });
}

/** More that is rarely needed, folded away. */
export function more(key: Key, ...children: Child[]): HTMLDetailsElement {
  return h("details", { class: "more" }, h("summary", {}, tx(key)), ...children);
}

/** A share as a bar with its words and figure. */
export function bar(label: string, share: number, tone = ""): HTMLElement {
  const fill = h("i");
  fill.style.width = `${Math.round(share * 100)}%`;
  return h("div", { class: `bar ${tone}` }, h("span", {}, label), h("b", {}, `${Math.round(share * 100)} %`), h("div", { class: "track" }, fill));
}
