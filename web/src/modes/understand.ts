/** Understand: what a motion does, in which manner, and what comes next. */
import { bar, button, dropzone, field } from "../lib/controls";
import { h } from "../lib/dom";
import { t, tx } from "../lib/i18n";
import { uploaded, type Take } from "../session";
import type { Mode, Studio } from "../studio";
import { hue, type Block, type Row } from "../timeline/rows";
import { captionOf, segmentRow } from "./motion";

const TOP = 5;

interface Known {
  passages: { start: number; end: number; captions: { text: string; match: number }[] }[];
  windows: { start: number; end: number; probabilities: Record<string, number> }[];
  next: Record<string, any> | null;
}

export function understand(studio: Studio): Mode {
  const { session, timeline, work, about, player } = studio;
  const known = new Map<string, Known>();
  const motion = field("motion", "edit.motion", h("input", { type: "hidden" }));
  const words = h("ul", { class: "list" });
  const bars = h("div", { class: "bars" });
  const next = h("div", { class: "bars" });
  const go = button("understand.run", () => void run(), { kind: "main" });
  const results = h(
    "div",
    { class: "mode-part" },
    h("h3", {}, tx("understand.words")), words,
    h("h3", {}, tx("understand.manner")), bars,
    h("h3", {}, tx("understand.next")), next,
  );
  let window = -1;

  async function load(file: File): Promise<void> {
    const upload = await work.send(file, file.name, [motion]);
    if (!upload) return;
    if (upload.kind !== "motion") return motion.fail(t("understand.other"));
    session.show([uploaded(upload)]);
    await run();
  }

  async function run(): Promise<void> {
    const take = session.take;
    if (!take) return motion.fail(t("edit.first"));
    const answers: Record<string, any>[] = [];
    for (const task of ["describe", "emotion", "next"]) {
      const job = await work.run({ task, motion: take.key }, [motion], motion);
      if (!job) return;
      answers.push(job.result ?? {});
    }
    const [described, felt, coming] = answers;
    known.set(take.key, { passages: described!.passages ?? [], windows: felt!.windows ?? [], next: coming ?? null });
    if (session.take?.key === take.key) show(take);
  }

  function show(take: Take | null): void {
    const found = take ? known.get(take.key) : undefined;
    results.hidden = !found;
    go.hidden = !take;
    window = -1;
    if (found) {
      words.replaceChildren(...found.passages.flatMap((passage) => passage.captions.map((caption, k) => entry(passage, caption.text, k === 0))));
      next.replaceChildren(...coming(found.next));
      manner();
    }
    timeline.rows.value = rows(take, found);
  }

  function entry({ start, end }: { start: number; end: number }, text: string, first: boolean): HTMLElement {
    const seek = (): void => player.seek(start);
    return h("li", {}, h("button", { type: "button", class: "entry", on: { click: seek } }, h("span", {}, text), h("small", {}, first ? `${start.toFixed(1)}–${end.toFixed(1)} s` : "")));
  }

  /** Bars of the window that is playing. */
  function manner(): void {
    const found = session.take ? known.get(session.take.key) : undefined;
    if (!found) return;
    const now = player.time.value;
    const at = Math.max(0, found.windows.findLastIndex(({ start }) => start <= now));
    if (at === window) return;
    window = at;
    const shares = Object.entries(found.windows[at]?.probabilities ?? {}).sort((a, b) => b[1] - a[1]).slice(0, TOP);
    bars.replaceChildren(...shares.map(([label, share], k) => bar(label, share, k ? "" : "first")));
  }

  function coming(told: Known["next"]): HTMLElement[] {
    if (!told?.next) return [h("p", { class: "note" }, tx("understand.nothing"))];
    const { label, seconds, alternatives = [] } = told.next;
    return [
      h("p", { class: "said" }, t("understand.then", { label, seconds: Number(seconds).toFixed(1) })),
      ...alternatives.map((one: any, k: number) => bar(one.label, one.probability, k ? "" : "first")),
      ...(told.notes ?? []).map((note: string) => h("p", { class: "note" }, note)),
    ];
  }

  function rows(take: Take | null, found: Known | undefined): Row[] {
    if (!found) return [segmentRow(take)];
    const said: Block[] = found.passages.map(({ start, end, captions }) => ({ start, end: Math.min(end, take!.seconds || end), label: captions[0]?.text ?? "", tone: "plain" }));
    const labels = Object.keys(found.windows[0]?.probabilities ?? {});
    const values = (label: string): number[] => {
      const all = found.windows.map(({ probabilities }) => probabilities[label] ?? 0);
      return all.length === 1 ? [all[0]!, all[0]!] : all;
    };
    const bands = labels.map((label) => ({ label, hue: hue(label), values: values(label) })).sort((a, b) => sum(b.values) - sum(a.values));
    const result: Row[] = [{ kind: "blocks", title: "row.motion", blocks: said }, { kind: "shares", title: "row.style", bands, from: 0, to: take!.seconds }];
    const then = (found.next?.segments ?? []) as any[];
    if (then.length) {
      const seen = ((found.next?.seen ?? []) as any[]).map((one): Block => ({ ...one, tone: "seen", hue: hue(one.label) }));
      const predicted = then.map((one): Block => ({ start: one.start, end: one.end, label: one.label, tone: "predicted", hue: hue(one.label), strength: one.probability, note: `${one.label} ${Math.round(100 * one.probability)} %` }));
      result.push({ kind: "blocks", title: "row.next", blocks: [...seen, ...predicted] });
    }
    return result;
  }

  player.time.on(manner);
  return {
    id: "understand",
    icon: "understand",
    panel: h(
      "div",
      { class: "mode" },
      h("h2", {}, tx("understand.title")),
      dropzone("understand.drop", about.formats.motion, (file) => void load(file)),
      motion.element,
      go,
      results,
    ),
    shown(take) {
      studio.caption(...captionOf(take));
      show(take);
    },
    drop(file) {
      if (!about.formats.motion.some((suffix) => file.name.toLowerCase().endsWith(suffix))) return false;
      void load(file);
      return true;
    },
  };
}

const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
