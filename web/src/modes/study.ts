/** Study: pairs of which nobody knows which is which, until the last one is rated. */
import * as api from "../api";
import { button, choose, dropzone, field } from "../lib/controls";
import { h } from "../lib/dom";
import { language, say as write, t, tx, type Key } from "../lib/i18n";
import { takes, type Take } from "../session";
import type { Mode, Studio } from "../studio";
import { segmentRow } from "./motion";

type Answer = "" | "left" | "same" | "right";
const QUESTIONS = ["meaning", "natural"] as const;
const MOST = 30;

interface Pair {
  prompt: string;
  swapped: boolean; // is the one with knowledge on the right?
  answers: Record<(typeof QUESTIONS)[number], Answer>;
}

export function study(studio: Studio): Mode {
  const { session, timeline, work, about } = studio;
  const prompts = field("prompts", "study.prompts", h("textarea", { rows: "5", spellcheck: "false" }));
  const body = h("div", { class: "mode-part" });
  const served = h("div", { class: "mode-part" });
  let pairs: Pair[] = [];
  let place = 0;
  let active = false;

  function setup(): void {
    if (!prompts.input.value) prompts.input.value = about.examples[language.value].slice(0, 5).join("\n");
    body.replaceChildren(h("p", { class: "note" }, tx("study.how")), prompts.element, button("study.start", () => void start(), { kind: "main" }));
  }

  async function start(): Promise<void> {
    const lines = prompts.input.value.split("\n").map((line) => line.trim()).filter(Boolean).slice(0, MOST);
    if (!lines.length) return prompts.fail(t("study.none"));
    const coins = crypto.getRandomValues(new Uint8Array(lines.length));
    pairs = lines.map((prompt, k) => ({ prompt, swapped: coins[k]! % 2 === 1, answers: { meaning: "", natural: "" } }));
    place = 0;
    await trial();
  }

  async function trial(): Promise<void> {
    const pair = pairs[place]!;
    const made: Take[] = [];
    for (const knowledge of [true, false]) {
      const job = await work.run({ task: "generate", prompt: pair.prompt, seed: place, seconds: 4, knowledge }, [prompts], prompts);
      if (!job) return;
      made.push(takes(job)[0]!);
    }
    session.show(pair.swapped ? made.reverse() : made, { names: ["A", "B"] });
    const next = button(place + 1 < pairs.length ? "study.next" : "study.end", () => void answered(), { kind: "main" });
    const wrong = h("p", { class: "wrong", role: "alert" });
    body.replaceChildren(
      h("p", { class: "note" }, tx("study.count", { number: place + 1, pairs: pairs.length })),
      h("p", { class: "big" }, pair.prompt),
      ...QUESTIONS.map((question) => asked(pair, question)),
      wrong,
      next,
    );
    async function answered(): Promise<void> {
      if (QUESTIONS.some((question) => !pair.answers[question])) return void (wrong.textContent = t("study.both"));
      place += 1;
      if (place < pairs.length) await trial();
      else told();
    }
  }

  function asked(pair: Pair, question: (typeof QUESTIONS)[number]): HTMLElement {
    const key = `study.${question}` as Key;
    const answer = choose<Answer>(key, [["left", "study.left"], ["same", "study.same"], ["right", "study.right"]], "", (value) => (pair.answers[question] = value));
    return h("div", { class: "field" }, h("span", { class: "legend" }, tx(key)), answer.element);
  }

  function told(): void {
    const votes = (question: (typeof QUESTIONS)[number]): number[] => {
      const count = [0, 0, 0]; // with knowledge, no difference, without
      for (const { answers, swapped } of pairs) {
        const said = answers[question];
        count[said === "same" ? 1 : (said === "left") !== swapped ? 0 : 2]! += 1;
      }
      return count;
    };
    const heads = ["knowledge.with", "study.same", "knowledge.without"] as Key[];
    body.replaceChildren(
      h("p", { class: "big" }, tx("study.done")),
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, h("th"), ...heads.map((key) => write(h("th", { scope: "col" }), key)))),
        h("tbody", {}, ...QUESTIONS.map((one) => h("tr", {}, write(h("td"), `study.${one}` as Key), ...votes(one).map((count) => h("td", {}, String(count)))))),
      ),
      h("p", { class: "note" }, tx("study.few")),
      h("div", { class: "line-of" }, button("study.save", save, { icon: "save" }), button("study.again", setup)),
    );
  }

  function save(): void {
    const file = new Blob([JSON.stringify({ compared: "with and without knowledge", pairs }, null, 1)], { type: "application/json" });
    const link = h("a", { href: URL.createObjectURL(file), download: "motionary-pairs.json" });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  /** A study that the service was started with: its page for raters, and where their files are handed in. */
  async function offered(): Promise<void> {
    const found = (await api.study().catch(() => null)) as { title: string; pairs: number; ratings: number } | null;
    if (!found) return;
    const thanks = h("p", { class: "note", role: "status" });
    const hand = async (file: File): Promise<void> => {
      const answer = await api.rate(file).catch((error: Error) => error);
      thanks.textContent = answer instanceof Error ? answer.message : t("study.thanks", { votes: answer.votes });
      thanks.className = answer instanceof Error ? "wrong" : "note";
    };
    served.replaceChildren(
      h("h3", {}, tx("study.served")),
      h("p", { class: "said" }, found.title),
      h("p", { class: "note" }, tx("study.facts", { pairs: found.pairs, ratings: found.ratings })),
      h("a", { class: "button", href: "/v1/study/page", target: "_blank", rel: "noopener" }, tx("study.open")),
      dropzone("study.hand", [".json"], (file) => void hand(file)),
      thanks,
    );
  }

  /** 1, 2, 3 answer the first open question. */
  addEventListener(
    "keydown",
    (event) => {
      if (!active || !["1", "2", "3"].includes(event.key) || event.ctrlKey || event.metaKey || (event.target as HTMLElement).matches?.("textarea, input:not([type=radio])")) return;
      const groups = [...body.querySelectorAll<HTMLElement>(".choose")];
      if (!groups.length) return;
      event.stopImmediatePropagation();
      const group = groups.find((one) => !one.querySelector("input:checked")) ?? groups.at(-1)!;
      group.querySelectorAll<HTMLInputElement>("input")[Number(event.key) - 1]?.click();
    },
    true,
  );

  setup();
  return {
    id: "study",
    icon: "study",
    panel: h("div", { class: "mode" }, h("h2", {}, tx("study.title")), body, served),
    enter() {
      active = true;
      if (!served.childElementCount && about.study) void offered();
    },
    leave: () => void (active = false),
    shown(take) {
      timeline.rows.value = [segmentRow(take && pairs.length ? { ...take, title: "", segments: [] } : take)];
      studio.caption();
    },
  };
}
