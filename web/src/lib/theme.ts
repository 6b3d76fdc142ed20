/** Light or dark: the system's choice until the user makes one. */
import { remember, remembered } from "./memory";
import { Signal } from "./signal";

export type Theme = "light" | "dark";

const system = matchMedia("(prefers-color-scheme: dark)");
const kept = remembered("theme");
let chosen: Theme | null = kept === "light" || kept === "dark" ? kept : null;

export const theme = new Signal<Theme>(chosen ?? (system.matches ? "dark" : "light"));

system.addEventListener("change", () => {
  if (!chosen) theme.value = system.matches ? "dark" : "light";
});
theme.now((value) => {
  document.documentElement.dataset.theme = value;
});

export function toggleTheme(): void {
  chosen = theme.value === "dark" ? "light" : "dark";
  remember("theme", chosen);
  theme.value = chosen;
}

/** A colour of the style sheet, as text. */
export const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
