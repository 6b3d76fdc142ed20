/** Speech: a voice, recorded or from a file, moves the body along, or tells it what to do. */
import { button, choose, dropzone, field, select } from "../lib/controls";
import { h } from "../lib/dom";
import type { Upload } from "../api";
import { say as write, t, tx } from "../lib/i18n";
import { icon } from "../lib/icons";
import { read, record, told as toldSound, type Sound } from "../lib/sound";
import { takes, type Take } from "../session";
import type { Mode, Studio } from "../studio";
import type { Row } from "../timeline/rows";
import { captionOf, notes, segmentRow } from "./motion";

const NEAR = 0.12; // seconds within which a stroke meets a beat

type What = "gesture" | "follow";

export function speech(studio: Studio): Mode {
  const { session, timeline, work, about } = studio;
  let sound: Sound | null = null;
  let sent = "";
  let beats: number[] = []; // stressed syllables of the voice, seconds
  let running: Awaited<ReturnType<typeof record>> | null = null;

  const what = choose<What>("speech.what", [["gesture", "speech.gesture"], ["follow", "speech.follow"]], "gesture", () => options());
  const lower = field("lower", "speech.lower", write(h("input", { type: "text", maxlength: "300" }), "speech.stands", {}, "placeholder"));
  const style = field("style", "say.style", select([["", "speech.plain", true], ...about.styles.map((one): [string, string] => [one, one])]));
  const seed = field("seed", "say.seed", h("input", { type: "number", min: "0", step: "1", value: "0" }));
  const zone = dropzone("speech.drop", about.formats.audio, (file) => void take(file, file.name));
  const audio = field("audio", "speech.voice", h("input", { type: "text", readonly: true }));
  const mic = button("speech.record", () => void recordOrStop(), { icon: "record" });
  const go = button("speech.run", () => void run(), { kind: "main" });
  go.append(h("kbd", {}, "Ctrl ↵"));
  const found = h("div", { class: "parts" });
  audio.element.hidden = true;

  function options(): void {
    lower.element.hidden = style.element.hidden = what.value === "follow";
  }

  async function recordOrStop(): Promise<void> {
    if (running) {
      const heard = await running.stop().finally(() => {
        running = null;
        shape(false);
      });
      return void use(heard, await work.send(heard.file, heard.name, [audio]));
    }
    try {
      running = await record();
      shape(true);
    } catch {
      audio.element.hidden = false;
      audio.fail(t("speech.mute"));
    }
  }

  function shape(recording: boolean): void {
    mic.classList.toggle("recording", recording);
    mic.replaceChildren(icon(recording ? "stop" : "record"), tx(recording ? "speech.stop" : "speech.record"));
  }

  async function take(file: Blob, name: string): Promise<void> {
    const upload = await work.send(file, name, [audio]);
    if (!upload) return void (audio.element.hidden = false);
    if (upload.kind !== "audio") return audio.fail(t("speech.other"));
    const heard = await read(file, name).catch(() => toldSound(file, name, upload.facts.seconds, upload.facts.peaks ?? []));
    use(heard, upload);
  }

  function use(heard: Sound, upload: Upload | null): void {
    if (!upload) return;
    sound = heard;
    beats = upload.facts.stressed ?? [];
    sent = `upload:${upload.id}`;
    audio.element.hidden = false;
    audio.fail("");
    audio.input.value = `${heard.name} (${heard.seconds.toFixed(1)} s)`;
    rows(null);
    void run();
  }

  async function run(): Promise<void> {
    if (!sound) {
      audio.element.hidden = false;
      return audio.fail(t("speech.first"));
    }
    const shared = { audio: sent, seed: Number(seed.input.value) || 0 };
    const voice = sound.url;
    const request =
      what.value === "follow"
        ? { task: "follow", ...shared }
        : { task: "gesture", ...shared, style: style.input.value, lower: lower.input.value.trim() };
    const job = await work.run(request, [audio, lower, style, seed], audio);
    if (!job) return;
    const title = job.task === "follow" ? t("speech.heard", { words: heardIn(job) }) : sound.name;
    session.show(takes(job, title), { sound: job.task === "follow" ? null : voice });
  }

  function rows(take: Take | null): void {
    const shown: Row[] = take ? [segmentRow(take)] : [];
    if (sound && take?.task !== "follow") {
      const strokes: number[] = take?.meta.strokes ?? [];
      shown.push({
        kind: "wave", title: "row.voice", wave: sound.wave, seconds: sound.seconds,
        ticks: [{ title: "speech.beats", times: beats, half: "top" }, { title: "speech.strokes", times: strokes, half: "bottom" }],
      });
    }
    timeline.rows.value = shown;
  }

  function report(take: Take): HTMLElement[] {
    const strokes: number[] = take.meta.strokes ?? [];
    const lines = notes(take.meta).map((text) => h("p", { class: "note warn" }, text));
    if (take.task === "gesture") {
      const met = beats.filter((beat) => strokes.some((stroke) => Math.abs(stroke - beat) <= NEAR)).length;
      lines.unshift(
        h(
          "div",
          { class: "legend-line" },
          h("span", { class: "key beat" }, tx("speech.beats")),
          h("span", { class: "key stroke" }, tx("speech.strokes")),
        ),
        h("p", { class: "note" }, t("speech.met", { met, beats: beats.length, strokes: strokes.length, near: NEAR })),
      );
    }
    return lines;
  }

  options();
  return {
    id: "speech",
    icon: "speech",
    panel: h(
      "div",
      { class: "mode" },
      h("h2", {}, tx("speech.title")),
      h("div", { class: "line-of" }, mic),
      zone,
      audio.element,
      what.element,
      lower.element,
      h("div", { class: "row-of" }, style.element, seed.element),
      go,
      found,
    ),
    leave: () => void running?.stop().then(() => ((running = null), shape(false))),
    shown(take) {
      const spoken = take && (take.task === "gesture" || take.task === "follow") ? take : null;
      rows(spoken ?? take);
      studio.caption(...captionOf(take));
      found.replaceChildren(...(spoken ? report(spoken) : []));
    },
    drop(file) {
      if (!about.formats.audio.some((suffix) => file.name.toLowerCase().endsWith(suffix))) return false;
      void take(file, file.name);
      return true;
    },
  };
}

const heardIn = (job: { result: Record<string, any> | null; motions: { meta: Record<string, any> }[] }): string =>
  job.result?.heard ?? job.motions[0]?.meta.heard ?? "";
