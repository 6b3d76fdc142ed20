/** Say it or type it: a prompt, or several as a timeline; style, length, seed and samples. */
import { button, choose, field, iconButton, select } from "../lib/controls";
import { h } from "../lib/dom";
import { language, say as write, t, tx } from "../lib/i18n";
import { takes, type Take } from "../session";
import type { Mode, Studio } from "../studio";
import { captionOf, notes, segmentRow } from "./motion";
import { Script } from "./script";

const MOST_SEED = 1_000_000;

export function say(studio: Studio): Mode {
  const { session, timeline, work } = studio;
  const script = new Script(() => void run(), () => several());
  const seconds = field("seconds", "say.seconds", write(h("input", { type: "number", min: "0.5", max: "60", step: "0.5" }), "say.auto", {}, "placeholder"));
  const seed = field(
    "seed",
    "say.seed",
    h("input", { type: "number", min: "0", step: "1", value: "0" }),
    iconButton("dice", "say.dice", () => {
      seed.input.value = String(Math.floor(Math.random() * MOST_SEED));
      void run();
    }),
  );
  const style = field("style", "say.style", select([["", "say.plain", true], ...studio.about.styles.map((one): [string, string] => [one, one])]));
  const samples = choose("say.samples", [["1", null], ["2", null], ["3", null], ["4", null]], "1", () => {});
  const sampled = h("div", { class: "field" }, h("span", { class: "legend" }, tx("say.samples")), samples.element);
  const told = h("div", { class: "parts" });
  const examples = h("div", { class: "chips" });
  const fields = [...script.fields, seconds, seed, style];

  function several(): void {
    const one = script.parts.length === 1;
    for (const element of [sampled, style.element, seconds.element]) element.hidden = !one;
    rows();
  }

  async function run(): Promise<void> {
    const shared = { seed: Number(seed.input.value) || 0 };
    const long = Number(seconds.input.value);
    const request =
      script.parts.length > 1
        ? { task: "sequence", ...shared, segments: script.segments() }
        : {
            task: "generate", ...shared, prompt: script.parts[0]!.prompt, samples: Number(samples.value),
            ...(long ? { seconds: long } : {}), ...(style.input.value ? { style: style.input.value } : {}),
          };
    if (script.empty) return script.fail(t("say.empty"));
    const job = await work.run(request, [...script.fields, ...fields], script.fields.length === 1 ? script.fields[0] : undefined);
    if (!job) return;
    const made = takes(job);
    session.show(made, { names: made.length > 1 ? made.map((_, k) => String(k + 1)) : [] });
  }

  function rows(take: Take | null = session.take): void {
    const mine = take?.segments.length === script.parts.length;
    const handling = {
      resize(index: number, length: number) {
        if (script.parts.length > 1) script.parts[index]!.seconds = length;
        else seconds.input.value = String(length);
        script.render();
        void run();
      },
      move(from: number, to: number) {
        script.move(from, to);
        void run();
      },
    };
    timeline.rows.value = [segmentRow(take, mine ? handling : undefined)];
  }

  language.now((chosen) => {
    examples.replaceChildren(
      ...(studio.about.examples[chosen] ?? []).slice(0, 6).map((prompt) =>
        h("button", { type: "button", class: "chip", on: { click: () => (script.set([{ prompt, seconds: null }]), void run()) } }, prompt),
      ),
    );
  });

  const go = button("say.run", () => void run(), { kind: "main" });
  go.append(h("kbd", {}, "Ctrl ↵"));
  return {
    id: "say",
    icon: "say",
    panel: h(
      "div",
      { class: "mode" },
      h("h2", {}, tx("say.title")),
      script.element,
      h("div", { class: "row-of" }, seconds.element, style.element),
      h("div", { class: "row-of" }, seed.element, sampled),
      go,
      told,
      h("div", { class: "field" }, h("span", { class: "legend" }, tx("say.examples")), examples),
    ),
    enter: rows,
    shown(take) {
      rows(take);
      studio.caption(...captionOf(take));
      told.replaceChildren(...(take ? notes(take.meta) : []).map((text) => h("p", { class: "note warn" }, text)));
    },
  };
}
