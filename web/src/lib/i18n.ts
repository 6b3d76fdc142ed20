/** English and Chinese from two flat tables. Elements remember their key, so a change of language rewrites the page in place. */
import en from "./en.json";
import zh from "./zh.json";
import { remember, remembered } from "./memory";
import { Signal } from "./signal";

export type Key = keyof typeof en;
export type Language = "en" | "zh";
type Values = Record<string, string | number>;

const TABLES: Record<Language, Record<Key, string>> = { en, zh };
const ATTRIBUTES = ["placeholder", "aria-label", "title"] as const;

function preferred(): Language {
  const kept = remembered("language");
  if (kept === "en" || kept === "zh") return kept;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

export const language = new Signal<Language>(preferred());

export function t(key: Key, values: Values = {}): string {
  return TABLES[language.value][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** Write a text that follows the language; `where` is an attribute or the content. */
export function say<E extends Element>(element: E, key: Key, values: Values = {}, where: (typeof ATTRIBUTES)[number] | "text" = "text"): E {
  element.setAttribute(`data-t-${where}`, key);
  element.setAttribute(`data-v-${where}`, JSON.stringify(values));
  write(element, where);
  return element;
}

/** A span whose text follows the language. */
export function tx(key: Key, values: Values = {}): HTMLSpanElement {
  return say(document.createElement("span"), key, values);
}

/** An element gets a name for screen readers and a tooltip. */
export function named<E extends Element>(element: E, key: Key, values: Values = {}): E {
  return say(say(element, key, values, "aria-label"), key, values, "title");
}

function write(element: Element, where: (typeof ATTRIBUTES)[number] | "text"): void {
  const key = element.getAttribute(`data-t-${where}`) as Key;
  const text = t(key, JSON.parse(element.getAttribute(`data-v-${where}`) ?? "{}"));
  if (where === "text") element.textContent = text;
  else element.setAttribute(where, text);
}

language.now((chosen) => {
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  for (const where of ["text", ...ATTRIBUTES] as const) {
    for (const element of document.querySelectorAll(`[data-t-${where}]`)) write(element, where);
  }
});
language.on((chosen) => remember("language", chosen));
