/** Anticipate: what was seen, what is expected next and how surely, and what really came. */
import { bar, button, choices, dropzone, field, select } from "../lib/controls";
import { h } from "../lib/dom";
import { t, tx } from "../lib/i18n";
import * as api from "../api";
import type { Span } from "../api";
import type { Mode, Studio } from "../studio";
import { clock } from "../timeline/timeline";
import { hue, type Block, type Row, type Tone } from "../timeline/rows";

const FPS = 10; // steps a second of scrubbing, where there is no motion
const SHOWN = 5;

interface Source {
  reference: string;
  segments: Span[];
  seconds: number;
}

export function anticipate(studio: Studio): Mode {
  const { timeline, work, about, player, session } = studio;
  const sources = new Map<string, Source>();
  const videos = about.videos.map((one) => (typeof one === "string" ? { id: one, title: one } : { title: one.id, ...one }));
  const labels = field("labels", "anticipate.video", select([], () => void chosen()));
  const now = field("now", "anticipate.now", h("input", { type: "range", min: "0.05", max: "0.95", step: "0.01", value: "0.3" }), h("output", { class: "figure-of" }));
  const horizon = field("horizon", "anticipate.horizon", h("input", { type: "number", min: "1", max: "3600", step: "5", value: "60" }));
  const go = button("anticipate.run", () => void run(), { kind: "main" });
  const next = h("div", { class: "bars" });
  const there = h("div", { class: "bars over-stage" });
  const results = h("div", { class: "mode-part", hidden: true }, h("h3", {}, tx("understand.next")), next);
  const output = now.element.querySelector("output")!;
  let source: Source | null = null;
  let found: Record<string, any> | null = null;
  let step = -1;

  const total = (): number => Math.max(source?.seconds ?? 0, source?.segments.at(-1)?.end ?? 0);
  const moment = (): number => Number((Number(now.input.value) * total()).toFixed(2));

  function offered(): void {
    choices(labels.input, [
      ["", videos.length || sources.size ? "anticipate.pick" : "anticipate.dropone", true],
      ...videos.map(({ id, title }): [string, string] => [`video:${id}`, title]),
      ...[...sources].filter(([name]) => !name.startsWith("video:")).map(([name]): [string, string] => [name, name]),
    ]);
  }

  async function load(file: File): Promise<void> {
    const upload = await work.send(file, file.name, [labels]);
    if (!upload) return;
    if (upload.kind !== "labels") return labels.fail(t("anticipate.other"));
    sources.set(upload.name, { reference: `upload:${upload.id}`, segments: upload.facts.segments ?? [], seconds: upload.facts.seconds ?? 0 });
    offered();
    labels.input.value = upload.name;
    await chosen();
  }

  async function chosen(): Promise<void> {
    const name = labels.input.value;
    found = null;
    source = sources.get(name) ?? null;
    if (!source && name.startsWith("video:")) {
      const shipped = await api.video(name.slice(6)).catch((error) => (work.fail(error, [labels]), null));
      source = shipped && { reference: name, ...shipped };
      if (source) sources.set(name, source);
    }
    moved();
    rows();
    if (source) await run();
  }

  function moved(): void {
    output.textContent = source ? clock(moment(), 1) : "";
    timeline.mark.value = source ? moment() : null;
  }

  async function run(): Promise<void> {
    if (!source) return labels.fail(t("anticipate.first"));
    const request = { task: "anticipate", labels: source.reference, now: moment(), horizon: Number(horizon.input.value) || 60 };
    const job = await work.run(request, [labels, now, horizon], labels);
    if (!job) return;
    found = job.result;
    rows();
    show();
  }

  function rows(): void {
    if (!source) return void (timeline.rows.value = []);
    const at = found?.now ?? moment();
    const block = (tone: Tone) => (one: any): Block => ({
      start: one.start, end: one.end, label: one.label, tone, hue: hue(one.label), strength: one.probability,
      note: one.probability === undefined ? `${one.label}, ${(one.end - one.start).toFixed(1)} s` : `${one.label}, ${Math.round(100 * one.probability)} %`,
    });
    const seen = source.segments.filter(({ start }) => start < at).map((one) => ({ ...one, end: Math.min(one.end, at) }));
    const truth = source.segments.filter(({ end }) => end > at).map((one) => ({ ...one, start: Math.max(one.start, at) }));
    const shown: Row[] = [
      { kind: "blocks", title: "row.predicted", blocks: [...seen.map(block("seen")), ...((found?.segments ?? []) as any[]).map(block("predicted"))] },
      { kind: "blocks", title: "row.truth", blocks: [...seen.map(block("seen")), ...truth.map(block("truth"))] },
    ];
    if (found?.shares) {
      const bands = Object.entries(found.shares as Record<string, number[]>).map(([label, values]) => ({ label, hue: hue(label), values }));
      shown.push({ kind: "shares", title: "row.shares", bands, from: at, to: at + found.horizon });
    }
    timeline.rows.value = shown;
    player.seconds.value = timeline.extent;
    player.fps = FPS;
  }

  function show(): void {
    results.hidden = !found;
    if (!found) return;
    player.seek(found.now);
    const told = found.next;
    next.replaceChildren(
      ...(told
        ? [
            h("p", { class: "said" }, t("understand.then", { label: told.label, seconds: Number(told.seconds).toFixed(1) })),
            ...(told.alternatives ?? []).map((one: any, k: number) => bar(one.label, one.probability, k ? "" : "first")),
          ]
        : [h("p", { class: "note" }, tx("understand.nothing"))]),
      ...(found.notes ?? []).map((note: string) => h("p", { class: "note" }, note)),
    );
    step = -1;
    scrubbed();
  }

  /** What runs at the head: seen, or expected with its shares, beside what really came. */
  function scrubbed(): void {
    if (!source || !active) return;
    const time = player.time.value;
    const real = source.segments.find(({ start, end }) => start <= time && time < end)?.label;
    const at = found?.now ?? moment();
    const [label, key] = time < at || !found ? [real, "row.seen" as const] : [(found.segments as Span[]).find(({ start, end }) => start <= time && time < end)?.label, "row.predicted" as const];
    studio.caption(
      h("p", { class: "facts" }, tx(key)),
      h("p", { class: "big" }, label ?? "–"),
      ...(time >= at && found && real ? [h("p", { class: "facts" }, `${t("row.truth")}: ${real}`)] : []),
      ...(found ? [there] : []),
    );
    if (!found?.shares) return;
    const shares = Object.entries(found.shares as Record<string, number[]>);
    const steps = shares[0]?.[1].length ?? 1;
    const k = Math.round((Math.min(Math.max(time - at, 0), found.horizon) / found.horizon) * (steps - 1));
    if (k === step) return;
    step = k;
    const top = shares.map(([name, values]): [string, number] => [name, values[k] ?? 0]).sort((a, b) => b[1] - a[1]).slice(0, SHOWN);
    there.replaceChildren(...top.map(([name, share], n) => bar(name, share, n ? "" : "first")));
  }

  let active = false;
  now.input.addEventListener("input", moved);
  now.input.addEventListener("change", () => void run());
  player.time.on(scrubbed);
  offered();
  return {
    id: "anticipate",
    icon: "anticipate",
    panel: h(
      "div",
      { class: "mode" },
      h("h2", {}, tx("anticipate.title")),
      labels.element,
      dropzone("anticipate.drop", [".csv", ".tsv", ".json", ".eaf"], (file) => void load(file)),
      h("div", { class: "row-of" }, now.element, horizon.element),
      go,
      results,
    ),
    enter() {
      active = true;
      void studio.stage.then((stage) => stage.curtain(true));
      player.playing.value = false;
      player.voice(null);
      if (source) rows();
      if (source) moved();
    },
    leave() {
      active = false;
      void studio.stage.then((stage) => stage.curtain(false));
      player.start(session.take?.seconds ?? 0, session.take?.fps ?? 30);
    },
    shown() {
      if (source) rows();
      scrubbed();
    },
    drop(file) {
      if (!/\.(csv|tsv|eaf)$/i.test(file.name)) return false;
      void load(file);
      return true;
    },
  };
}
