/** What a timeline can show: rows of blocks, of a wave with ticks, or of shares over time. */
import type { Key } from "../lib/i18n";

export type Tone = "plain" | "accent" | "seen" | "predicted" | "truth";

export interface Block {
  start: number;
  end: number;
  label: string;
  tone: Tone;
  strength?: number; // 0 to 1: how sure; weaker is fainter
  hue?: number; // blocks of one label share a colour
  note?: string; // more, on hover
}

/** What may be done to a row's blocks by hand. Times in seconds. */
export interface Handling {
  resize(index: number, seconds: number): void;
  move(from: number, to: number): void;
}

export type Row =
  | { kind: "blocks"; title: Key; blocks: Block[]; handling?: Handling }
  | { kind: "wave"; title: Key; wave: Float32Array; seconds: number; ticks: Ticks[] }
  | { kind: "shares"; title: Key; bands: { label: string; hue: number; values: number[] }[]; from: number; to: number };

/** Moments on a wave. `half` draws them from above or from below. */
export interface Ticks {
  title: Key;
  times: number[];
  half: "top" | "bottom";
}

/** A colour of its own for every label, the same wherever the label comes. */
export function hue(label: string): number {
  let sum = 7;
  for (const letter of label) sum = (sum * 31 + letter.codePointAt(0)!) % 9973;
  return (sum * 137.5) % 360;
}
