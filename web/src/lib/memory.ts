/** What the browser keeps between visits; a browser that keeps nothing is no error. */

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`motionary.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`motionary.${name}`, value);
  } catch {
    /* private window: the choice lasts as long as the page */
  }
}
