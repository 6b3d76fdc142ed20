/** Edit: choose parts of the body and a span of time, say what they should do instead; all else stays as it is. */
import { button, choose, dropzone, field, iconButton, more, press, select } from "../lib/controls";
import { h } from "../lib/dom";
import { language, named, say as write, t, tx, type Key } from "../lib/i18n";
import { Figure } from "../stage/figure";
import { REGIONS, type Region } from "../stage/parts";
import { takes, uploaded, type Take } from "../session";
import type { Mode, Studio } from "../studio";
import type { Row } from "../timeline/rows";
import { captionOf, notes, segmentRow } from "./motion";

export function edit(studio: Studio): Mode {
  const { session, timeline, work, about, player } = studio;
  const chosen = new Set<Region>();
  const locked = new Set<Region>();
  const figure = new Figure((region, lock) => pick(region, lock));
  const list = h("div", { class: "locks" });
  const prompt = field("prompt", "edit.prompt", write(h("textarea", { rows: "2", maxlength: "2000", spellcheck: "false" }), "edit.hint", {}, "placeholder"));
  const style = field("style", "edit.style", select([["", "edit.same", true], ...about.styles.map((one): [string, string] => [one, one])]));
  const extend = field("extend", "edit.extend", h("input", { type: "number", min: "0", max: "30", step: "0.5", placeholder: "0" }));
  const seed = field("seed", "say.seed", h("input", { type: "number", min: "0", step: "1", value: "0" }));
  const [from, to] = (["edit.from", "edit.to"] as Key[]).map((key) => field("between", key, h("input", { type: "number", min: "0", step: "0.1" })));
  const motion = field("motion", "edit.motion", h("input", { type: "hidden" }));
  const reason = field("part", "edit.run", h("input", { type: "hidden" })); // what no single field is at fault for
  const empty = h("div", { class: "parts" }, dropzone("understand.drop", about.formats.motion, (file) => void load(file)), motion.element);
  const compare = choose("view.compared", [["off", "compare.off"], ["beside", "compare.beside"], ["over", "compare.over"]], "off", (value) => (session.compare.value = value));
  const told = h("div", { class: "parts" });
  const clear = iconButton("close", "edit.whole", () => (timeline.span.value = null));
  const between = button("edit.between", () => void run(true), { kind: "plain" });

  function pick(region: Region, lock: boolean): void {
    const [into, other] = lock ? [locked, chosen] : [chosen, locked];
    if (!into.delete(region)) into.add(region);
    other.delete(region);
    marked();
  }

  function marked(): void {
    figure.show(chosen, locked);
    list.replaceChildren(
      ...REGIONS.map((region) => {
        const name = h("button", { type: "button", class: "pick", on: { click: () => pick(region, false) } }, tx(`part.${region.replace(" ", "_")}` as Key));
        press(name, chosen.has(region));
        const lock = iconButton("lock", "edit.lock", () => pick(region, true));
        named(lock, "edit.lock", { part: t(`part.${region.replace(" ", "_")}` as Key) });
        press(lock, locked.has(region));
        return h("div", { class: "lock" }, name, lock);
      }),
    );
    void studio.stage.then((stage) =>
      stage.paint(new Map([...[...chosen].map((one) => [one, "chosen"] as const), ...[...locked].map((one) => [one, "locked"] as const)])),
    );
  }

  async function load(file: File): Promise<void> {
    const upload = await work.send(file, file.name, [motion]);
    if (upload?.kind === "motion") session.show([uploaded(upload)]);
    else if (upload) motion.fail(t("understand.other"));
  }

  async function run(fill = false): Promise<void> {
    const take = session.take;
    if (!take) return motion.fail(t("edit.first"));
    const span = timeline.span.value;
    const words = fill ? "" : prompt.input.value.trim();
    const longer = fill ? 0 : Number(extend.input.value) || 0;
    const manner = fill ? "" : style.input.value;
    if (fill && !span) return from!.fail(t("edit.keys"));
    if (!fill && !words && !longer && !manner && !chosen.size && !span) return prompt.fail(t("edit.nothing"));
    const job = await work.run(
      {
        task: "edit", motion: take.key, prompt: words, style: manner, seed: Number(seed.input.value) || 0,
        ...(longer ? { extend: longer } : {}),
        ...(!longer && !fill ? { part: [...chosen], keep: chosen.size ? [] : [...locked] } : {}),
        ...(span && !longer ? { between: span.map((time) => Number(time.toFixed(3))) } : {}),
      },
      [prompt, style, extend, seed, from!, motion, reason],
      reason,
    );
    if (!job) return;
    const at = player.time.value;
    session.show(takes(job, words || manner || t(fill ? "edit.between" : "edit.title")));
    if (span) player.seek(Math.min(at, span[0]));
  }

  function rows(take: Take | null): void {
    const shown: Row[] = [segmentRow(take)];
    const fresh = take?.meta.edit?.new as { start: number; end: number; joints: string[] }[] | undefined;
    if (fresh) {
      shown.push({
        kind: "blocks", title: "row.span",
        blocks: fresh.map(({ start, end, joints }) => ({ start, end, label: t("edit.joints", { count: joints.length }), tone: "accent", note: joints.join(", ") })),
      });
    }
    timeline.rows.value = shown;
  }

  timeline.span.on((span) => {
    from!.input.value = span ? span[0].toFixed(2) : "";
    to!.input.value = span ? span[1].toFixed(2) : "";
  });
  for (const one of [from!, to!]) {
    one.input.addEventListener("change", () => {
      const [a, b] = [Number(from!.input.value), Number(to!.input.value) || player.seconds.value];
      timeline.span.value = a < b ? [Math.max(0, a), Math.min(b, player.seconds.value)] : null;
    });
  }
  session.compare.on((value) => (compare.value = value));
  language.on(marked);

  const go = button("edit.run", () => void run(), { kind: "main" });
  go.append(h("kbd", {}, "Ctrl ↵"));
  const tools = h(
    "div",
    { class: "mode-part" },
    h("div", { class: "figure" }, figure.element, list),
    h("p", { class: "note" }, tx("edit.how")),
    h("div", { class: "line-of span-line" }, from!.element, to!.element, clear),
    prompt.element,
    go,
    reason.element,
    h("div", { class: "line-of" }, between),
    more("edit.more", h("div", { class: "row-of" }, style.element, extend.element), seed.element),
    h("div", { class: "field" }, h("span", { class: "legend" }, tx("view.compared")), compare.element),
    told,
  );
  return {
    id: "edit",
    icon: "edit",
    panel: h("div", { class: "mode" }, h("h2", {}, tx("edit.title")), empty, tools),
    enter() {
      timeline.spanning.value = true;
      marked();
      void studio.stage.then((stage) => (stage.onPick = (region, actor) => (region ? pick(region, false) : session.choose(actor))));
    },
    leave() {
      void studio.stage.then((stage) => {
        stage.paint(new Map());
        stage.onPick = (_region, actor) => session.choose(actor);
      });
    },
    shown(take) {
      empty.hidden = take !== null;
      tools.hidden = take === null;
      rows(take);
      studio.caption(...captionOf(take));
      told.replaceChildren(...(take ? notes(take.meta) : []).map((text) => h("p", { class: "note warn" }, text)));
    },
    drop(file) {
      if (!about.formats.motion.some((suffix) => file.name.toLowerCase().endsWith(suffix))) return false;
      void load(file);
      return true;
    },
  };
}
