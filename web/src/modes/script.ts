/** Prompts in order: one as a plain box, several as cards that can be moved, timed and taken out. */
import { button, field, iconButton, type Field } from "../lib/controls";
import { draggable, h } from "../lib/dom";
import { named, say, t } from "../lib/i18n";
import { icon } from "../lib/icons";

export interface Part {
  prompt: string;
  seconds: number | null;
}

export class Script {
  parts: Part[] = [{ prompt: "", seconds: null }];
  readonly element = h("div", { class: "parts" });
  readonly fields: Field[] = [];
  private readonly cards = h("div", { class: "parts" });

  /** `run` is called where a part was moved, `changed` where there are more or fewer. */
  constructor(
    private readonly run: () => void,
    private readonly changed: () => void,
  ) {
    this.element.append(this.cards, h("div", {}, button("say.then", () => this.add(), { icon: "plus", kind: "quiet" })));
    this.render();
  }

  get empty(): boolean {
    return this.parts.some(({ prompt }) => !prompt.trim());
  }

  segments(): { prompt: string; seconds?: number }[] {
    return this.parts.map(({ prompt, seconds }) => ({ prompt, ...(seconds ? { seconds } : {}) }));
  }

  set(parts: Part[]): void {
    this.parts = parts;
    this.render();
    this.changed();
  }

  move(from: number, to: number): void {
    const [part] = this.parts.splice(from, 1);
    this.parts.splice(to, 0, part!);
    this.render();
  }

  fail(message: string): void {
    this.fields[this.parts.findIndex(({ prompt }) => !prompt.trim())]?.fail(message);
  }

  render(): void {
    this.fields.length = 0;
    this.cards.replaceChildren(...this.parts.map((part, k) => this.card(part, k)));
  }

  private add(): void {
    this.set([...this.parts, { prompt: "", seconds: null }]);
    this.cards.querySelector<HTMLTextAreaElement>(".card:last-child textarea")?.focus();
  }

  private card(part: Part, index: number): HTMLElement {
    const text = say(h("textarea", { rows: "2", maxlength: "2000", spellcheck: "false" }), index ? "say.next" : "say.hint", {}, "placeholder");
    text.value = part.prompt;
    text.addEventListener("input", () => (part.prompt = text.value));
    const alone = this.parts.length === 1;
    const entry = field(alone ? "prompt" : `segments.${index}`, "say.prompt", text);
    if (!alone) entry.element.querySelector("label")!.classList.add("away");
    this.fields.push(entry);
    if (alone) return h("div", { class: "card plain" }, entry.element);
    const card = h("div", { class: "card" }, this.line(part, index), entry.element);
    return card;
  }

  private line(part: Part, index: number): HTMLElement {
    const seconds = named(h("input", { class: "seconds", type: "number", min: "0.5", max: "60", step: "0.5", placeholder: t("say.auto") }), "say.seconds");
    if (part.seconds) seconds.value = String(part.seconds);
    seconds.addEventListener("input", () => (part.seconds = Number(seconds.value) || null));
    const handle = named(h("button", { type: "button", class: "icon-button handle" }, icon("grip")), "say.move", { number: index + 1 });
    this.grip(handle, index);
    return h(
      "div",
      { class: "card-line" },
      handle,
      h("span", { class: "number" }, String(index + 1)),
      seconds,
      iconButton("close", "say.remove", () => this.set(this.parts.filter((_, k) => k !== index))),
    );
  }

  private grip(handle: HTMLElement, index: number): void {
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const to = index + (step ?? 0);
      if (!step || !this.parts[to]) return;
      event.preventDefault();
      event.stopPropagation();
      this.move(index, to);
      this.cards.querySelectorAll<HTMLElement>(".handle")[to]?.focus();
    });
    draggable(handle, () => {
      const card = this.cards.children[index] as HTMLElement;
      let to = index;
      card.classList.add("dragging");
      return {
        move: (_dx, dy, event) => {
          card.style.transform = `translateY(${dy}px)`;
          const others = [...this.cards.children].filter((other) => other !== card);
          to = others.filter((other) => other.getBoundingClientRect().y + other.clientHeight / 2 < event.clientY).length;
        },
        end: (moved) => {
          card.classList.remove("dragging");
          card.style.transform = "";
          if (!moved || to === index) return;
          this.move(index, to);
          if (!this.empty) this.run();
        },
      };
    });
  }
}
