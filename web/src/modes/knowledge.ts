/** Knowledge: the definitions that a prompt brings along, editable on the spot; with and without, side by side. */
import { button, field, iconButton } from "../lib/controls";
import * as api from "../api";
import { h } from "../lib/dom";
import { say as write, t, tx } from "../lib/i18n";
import { takes, titled } from "../session";
import type { Mode, Studio } from "../studio";
import { captionOf, notes, segmentRow } from "./motion";

const PAUSE = 350; // milliseconds without a key before the definitions are looked up

interface Action {
  name: string;
  definition: string | string[];
  gloss?: string;
  provenance?: string;
}

export function knowledge(studio: Studio): Mode {
  const { session, timeline, work } = studio;
  const changed = new Map<string, string>();
  const prompt = field("prompt", "say.prompt", write(h("textarea", { rows: "2", maxlength: "2000", spellcheck: "false" }), "knowledge.hint", {}, "placeholder"));
  const seed = field("seed", "say.seed", h("input", { type: "number", min: "0", step: "1", value: "0" }));
  const definitions = field("definitions", "knowledge.title", h("input", { type: "hidden" }));
  const cards = h("div", { class: "parts" });
  const told = h("div", { class: "parts" });
  let asked = "";
  let waiting = 0;

  async function look(): Promise<void> {
    const words = prompt.input.value.trim();
    if (words === asked) return;
    asked = words;
    const found = words ? await api.knowledge(words).catch((error) => (work.fail(error, [prompt]), null)) : { actions: [] };
    if (!found || words !== asked) return;
    cards.replaceChildren(...(found.actions.length ? found.actions.map(card) : [h("p", { class: "note" }, tx(words ? "knowledge.none" : "knowledge.empty"))]));
  }

  function card(action: Action): HTMLElement {
    const shipped = [action.definition].flat().join(" ");
    const text = h("textarea", { rows: "3", maxlength: "2000", "aria-label": action.name });
    text.value = changed.get(action.name) ?? shipped;
    const back = iconButton("undo", "knowledge.reset", () => {
      text.value = shipped;
      note();
    });
    const mark = h("span", { class: "badge" }, tx("knowledge.changed"));
    const note = (): void => {
      const own = text.value.trim() !== shipped;
      if (own) changed.set(action.name, text.value.trim());
      else changed.delete(action.name);
      back.style.visibility = mark.style.visibility = own ? "visible" : "hidden";
    };
    text.addEventListener("input", note);
    note();
    return h(
      "div",
      { class: "card" },
      h("div", { class: "card-line" }, h("span", { class: "number strong" }, action.name), mark, back),
      text,
      h("p", { class: "note" }, action.provenance ?? ""),
    );
  }

  const request = (with_: boolean) => ({
    task: "generate", prompt: prompt.input.value.trim(), seed: Number(seed.input.value) || 0, knowledge: with_,
    ...(with_ && changed.size ? { definitions: Object.fromEntries(changed) } : {}),
  });

  async function run(): Promise<void> {
    if (!prompt.input.value.trim()) return prompt.fail(t("say.empty"));
    const job = await work.run(request(true), [prompt, seed, definitions], definitions);
    if (job) session.show(takes(job), { names: [] });
  }

  async function both(): Promise<void> {
    if (!prompt.input.value.trim()) return prompt.fail(t("say.empty"));
    const knowing = await work.run(request(true), [prompt, seed, definitions], definitions);
    if (!knowing) return;
    const seconds = knowing.motions[0]!.seconds;
    const plain = await work.run({ ...request(false), seconds }, [prompt, seed]);
    if (!plain) return;
    session.show([...takes(knowing), ...takes(plain)], { names: [t("knowledge.with"), t("knowledge.without")] });
  }

  prompt.input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => void look(), PAUSE);
  });
  const go = button("knowledge.run", () => void run(), { kind: "main" });
  go.append(h("kbd", {}, "Ctrl ↵"));
  return {
    id: "knowledge",
    icon: "knowledge",
    panel: h(
      "div",
      { class: "mode" },
      h("h2", {}, tx("knowledge.title")),
      prompt.element,
      definitions.element,
      cards,
      seed.element,
      go,
      button("knowledge.both", () => void both(), { icon: "compare" }),
      told,
    ),
    enter() {
      const job = session.take?.job;
      if (!prompt.input.value && job?.params.prompt) prompt.input.value = titled(job);
      if (!prompt.input.value) prompt.input.value = studio.about.examples[document.documentElement.lang.startsWith("zh") ? "zh" : "en"].at(-1) ?? "";
      void look();
    },
    shown(take) {
      timeline.rows.value = [segmentRow(take)];
      studio.caption(...captionOf(take));
      const used = take?.meta.knowledge;
      const actions = [...(used?.actions ?? []), ...(used?.parts ?? []).flat()].map(String);
      told.replaceChildren(
        ...(used ? [h("p", { class: "note" }, used.used && actions.length ? t("knowledge.used", { actions: [...new Set(actions)].join(", ") }) : t("knowledge.unused"))] : []),
        ...(take ? notes(take.meta) : []).map((text) => h("p", { class: "note warn" }, text)),
      );
    },
  };
}
