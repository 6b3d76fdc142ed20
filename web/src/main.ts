/** The studio: one stage, one timeline, a panel for each mode. */
import "./style/tokens.css";
import "./style/layout.css";
import "./style/controls.css";
import "./style/timeline.css";
import * as api from "./api";
import { landing } from "./lib/controls";
import { h } from "./lib/dom";
import { say, t } from "./lib/i18n";
import { modes as make } from "./modes";
import { Player } from "./player";
import { Session, takes, type Shown, type Take } from "./session";
import { header } from "./shell/header";
import { keysDialog, listen } from "./shell/keys";
import { rail } from "./shell/rail";
import { askToken } from "./shell/token";
import { transport } from "./shell/transport";
import { cycle, sampleButtons, viewButtons } from "./shell/view";
import type { Actor, Stage } from "./stage/stage";
import type { Mode, Studio } from "./studio";
import { Timeline } from "./timeline/timeline";
import { Work } from "./work";

const APART = 1.7; // metres between bodies side by side
const UNKNOWN: api.About = {
  version: "", model: "", tasks: [], styles: [], emotions: [], parts: [], examples: { en: [], zh: [] }, limits: {}, videos: [],
  formats: { motion: [".bvh", ".glb", ".npz"], audio: [".wav", ".mp3"], out: ["glb", "bvh", "npz", "mp4"] },
};

const [player, session, work] = [new Player(), new Session(), new Work()];
const timeline = new Timeline(player);
const stageBox = say(h("main", { class: "stage" }), "stage.name", {}, "aria-label");
const captions = h("div", { class: "caption" });
const panel = h("aside", { class: "panel", tabindex: "-1" });
const about = api.about().catch((error) => {
  if (error.code === "token") askToken();
  work.fail(error);
  return UNKNOWN;
});

/** The stage and its library come after the first paint. */
const stage: Promise<Stage> = import("./stage/stage").then(({ Stage }) => new Stage(stageBox, player));

stageBox.append(captions, sampleButtons(session));
const bottom = h("div", { class: "bottom" }, transport(player), timeline.element);
const top = header(session, work, () => studio.about.formats.out, (job) => void reopen(job));
const app = document.getElementById("app")!;
app.append(top, panel, stageBox, bottom);

const studio: Studio = {
  about: UNKNOWN,
  player,
  session,
  stage,
  timeline,
  work,
  caption: (...content) => captions.replaceChildren(...content),
  open: (id) => open(id),
};

let modes: Mode[] = [];
let current: Mode | null = null;
let tabs: ReturnType<typeof rail> | null = null;

function open(id: string): void {
  const next = modes.find((mode) => mode.id === id) ?? modes[0]!;
  if (next === current) return;
  current?.leave?.();
  current = next;
  timeline.rows.value = [];
  timeline.spanning.value = false;
  timeline.span.value = null;
  timeline.mark.value = null;
  studio.caption();
  panel.replaceChildren(next.panel);
  panel.scrollTop = 0;
  tabs?.mark(next.id);
  next.enter?.();
  next.shown?.(session.take);
  remember();
}

/** Mode and result are in the address, so that a reload or a link comes back to them. */
function remember(): void {
  const job = session.take?.job?.id;
  history.replaceState(null, "", `#${current?.id ?? "say"}${job ? `/${job}` : ""}`);
}

async function reopen(job: api.Job): Promise<void> {
  session.show(takes(job), { names: job.motions.length > 1 ? job.motions.map((_, k) => String(k + 1)) : [] });
}

function actors({ takes, names }: Shown, before: Take | null): Actor[] {
  const wide = ((takes.length - 1) * APART) / 2;
  const now = takes.map(({ url }, k): Actor => ({ url, name: names[k] ?? "", beside: k * APART - wide }));
  if (!before || session.compare.value === "off") return now;
  const over = session.compare.value === "over";
  const old: Actor = { url: before.url, name: over ? "" : t("view.before"), faint: over, beside: over ? now[0]!.beside : -wide - APART };
  return [...now.map((one) => (takes.length === 1 && !over ? { ...one, name: t("view.after") } : one)), old];
}

let stood: Take[] = []; // takes on the stage
let scene = ""; // all that stands there, with the one to compare with
async function perform(): Promise<void> {
  const shown = session.shown.value;
  if (!shown) return;
  current?.shown?.(session.take);
  remember();
  const fresh = stood !== shown.takes;
  const cast = actors(shown, session.before);
  if (!fresh && scene === JSON.stringify(cast)) return;
  [stood, scene] = [shown.takes, JSON.stringify(cast)];
  try {
    const seconds = await (await stage).show(cast);
    if (!fresh) return;
    player.voice(shown.sound);
    player.start(Math.max(seconds, shown.takes[0]?.seconds ?? 0), shown.takes[0]?.fps ?? 30);
  } catch (error) {
    work.fail(error);
  }
}

async function begin(): Promise<void> {
  studio.about = await about;
  modes = make(studio);
  tabs = rail(modes, open);
  app.insertBefore(tabs.element, panel);
  for (const mode of modes) mode.panel.id = `panel-${mode.id}`;
  const [id, job] = location.hash.slice(1).split("/");
  const found = job && /^\w+$/.test(job) ? await api.job(job).catch(() => null) : null;
  open(id || "say");
  if (found?.motions?.length) await reopen(found);
  void loading();
  const place = await stage;
  stageBox.append(viewButtons(place, session));
  landing(stageBox, (file) => {
    if (current?.drop?.(file)) return;
    const taker = modes.find((mode) => mode !== current && mode.drop?.(file));
    if (taker) open(taker.id);
  });
  place.onPick = (_region, actor) => {
    if (actor >= 0) session.choose(actor);
  };
  shortcuts(place);
}

/** Say so while the models are still being loaded, and why where they cannot be. */
async function loading(): Promise<void> {
  const told = await api.ready().catch(() => null);
  const { kind, text } = work.status.value;
  if (!told || kind === "wrong") return;
  if (told.ready) return text === t("status.loading") ? work.tell("idle", "") : undefined;
  if (told.problem) return work.tell("wrong", told.problem);
  work.tell("busy", t("status.loading"));
  setTimeout(() => void loading(), 700);
}

function shortcuts(place: Stage): void {
  const flip = (signal: { value: boolean }) => () => void (signal.value = !signal.value);
  const numbers = Object.fromEntries(modes.map((mode, k) => [String(k + 1), () => open(mode.id)]));
  listen({
    ...numbers,
    " ": () => player.toggle(),
    ArrowLeft: () => player.step(-1),
    ArrowRight: () => player.step(1),
    Home: () => player.seek(0),
    End: () => player.seek(player.seconds.value),
    l: flip(player.loop),
    p: flip(place.path),
    g: flip(place.trail),
    k: flip(place.bones),
    v: flip(place.follow),
    f: () => place.frame(),
    c: () => cycle(session),
    i: () => span(0),
    o: () => span(1),
    "/": () => panel.querySelector<HTMLElement>("textarea, input")?.focus(),
    "?": keysDialog,
    Escape: () => (timeline.span.value = null),
    "Ctrl+Enter": () => panel.querySelector<HTMLButtonElement>(".button.main")?.click(),
    "Ctrl+z": () => session.undo(),
    "Ctrl+y": () => session.redo(),
    "Ctrl+Shift+z": () => session.redo(),
  });
}

/** The present moment begins (0) or ends (1) the chosen span. */
function span(side: 0 | 1): void {
  if (!timeline.spanning.value) return;
  const [from, to] = timeline.span.value ?? [0, player.seconds.value];
  const now = player.time.value;
  timeline.span.value = side === 0 ? [now, Math.max(to, now)] : [Math.min(from, now), now];
}

session.shown.on(() => void perform());
session.compare.on(() => void perform());
void begin();
