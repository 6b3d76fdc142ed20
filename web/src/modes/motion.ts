/** What modes share about the motion on the stage: its caption and its row of segments. */
import type { Span } from "../api";
import { h } from "../lib/dom";
import { t, tx } from "../lib/i18n";
import type { Take } from "../session";
import type { Block, Handling, Row } from "../timeline/rows";

export function segmentRow(take: Take | null, handling?: Handling): Row {
  const blocks: Block[] = apart(take?.segments ?? []).map((one) => ({ ...one, tone: "plain" as const, note: `${one.label} (${(one.end - one.start).toFixed(1)} s)` }));
  if (take && !blocks.length && take.seconds) blocks.push({ start: 0, end: take.seconds, label: take.title, tone: "plain" });
  return { kind: "blocks", title: "row.motion", blocks, handling };
}

/** Neighbours that blend into each other meet in the middle of it, so that each has its own seconds and no edge is hidden. */
function apart(segments: Span[]): Span[] {
  const found = segments.map((one) => ({ ...one }));
  found.slice(1).forEach((next, k) => {
    const one = found[k]!;
    if (one.start < next.start && next.start < one.end && one.end < next.end) one.end = next.start = (next.start + one.end) / 2;
  });
  return found;
}

/** Title and the few facts that a user looks for. */
export function captionOf(take: Take | null): HTMLElement[] {
  if (!take) return [h("p", { class: "said" }, tx("stage.empty")), h("p", { class: "facts" }, tx("stage.begin"))];
  const { meta } = take;
  const slide = meta.measures?.after?.slide_mm_per_frame;
  const facts = [
    `${take.seconds.toFixed(1)} s`,
    meta.seed !== undefined && t("fact.seed", { seed: meta.seed }),
    meta.model && String(meta.model),
    slide !== undefined && t("fact.slide", { slide: Number(slide).toFixed(1) }),
  ];
  return [h("p", { class: "said" }, take.title), h("p", { class: "facts" }, facts.filter(Boolean).join("  ·  "))];
}

/** What the user should know about how a request was understood. */
export function notes(meta: Record<string, any>): string[] {
  const said: string[] = [];
  if (meta.familiar && !meta.familiar.known && meta.familiar.note) said.push(meta.familiar.note);
  if (meta.knowledge?.note?.startsWith("generated without")) said.push(meta.knowledge.note);
  if (meta.untranslated?.length) said.push(t("note.untranslated", { words: meta.untranslated.join(", ") }));
  for (const note of meta.notes ?? []) said.push(String(note));
  return said;
}
