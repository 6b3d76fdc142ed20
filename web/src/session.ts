/** What is shown and what was shown before: takes, the chosen one, undo and redo, and the one to compare with. */
import * as api from "./api";
import { Signal } from "./lib/signal";

export interface Take {
  key: string; // how the service refers to it: "job:ID/0" or "upload:ID"
  url: string; // its GLB
  title: string;
  task: string;
  seconds: number;
  frames: number;
  fps: number;
  meta: Record<string, any>;
  segments: api.Span[];
  job: api.Job | null;
}

export interface Shown {
  takes: Take[];
  chosen: number;
  names: string[]; // a tag over each body, where there are several
  sound: string | null; // address of the voice that belongs to it
}

export type Compare = "off" | "beside" | "over";

const KEPT = 60;

export class Session {
  readonly shown = new Signal<Shown | null>(null);
  readonly compare = new Signal<Compare>("off");
  private past: Shown[] = [];
  private future: Shown[] = [];

  get take(): Take | null {
    const shown = this.shown.value;
    return shown ? (shown.takes[shown.chosen] ?? null) : null;
  }

  /** What the present take is compared with: what was shown before it. */
  get before(): Take | null {
    const last = this.past.at(-1);
    return last ? (last.takes[last.chosen] ?? null) : null;
  }

  get undoable(): boolean {
    return this.past.length > 0;
  }

  get redoable(): boolean {
    return this.future.length > 0;
  }

  show(takes: Take[], options: Partial<Omit<Shown, "takes">> = {}): void {
    if (this.shown.value) this.past = [...this.past, this.shown.value].slice(-KEPT);
    this.future = [];
    if (this.compare.value !== "off" && takes[0]?.task !== "edit") this.compare.value = "off"; // other motions have no before
    this.shown.value = { takes, chosen: 0, names: [], sound: null, ...options };
  }

  choose(index: number): void {
    const shown = this.shown.value;
    if (shown && shown.chosen !== index && shown.takes[index]) this.shown.value = { ...shown, chosen: index };
  }

  undo(): void {
    this.turn(this.past, this.future);
  }

  redo(): void {
    this.turn(this.future, this.past);
  }

  private turn(from: Shown[], to: Shown[]): void {
    const next = from.pop();
    if (!next) return;
    if (this.shown.value) to.push(this.shown.value);
    this.shown.value = next;
  }
}

/** The takes of a finished job. */
export function takes(job: api.Job, title = titled(job)): Take[] {
  return job.motions.map((motion) => ({
    key: `job:${job.id}/${motion.index}`,
    url: api.motionUrl(job.id, motion.index),
    title,
    task: job.task,
    job,
    ...told(motion),
  }));
}

export function uploaded(upload: api.Upload): Take {
  return {
    key: `upload:${upload.id}`,
    url: api.uploadUrl(upload.id),
    title: upload.name,
    task: "upload",
    job: null,
    ...told({ index: 0, segments: [], meta: {}, ...upload.facts } as unknown as api.MotionFacts),
  };
}

const told = ({ seconds, frames, fps, meta, segments }: api.MotionFacts) => ({
  seconds: seconds ?? 0,
  frames: frames ?? 0,
  fps: fps ?? 30,
  meta: meta ?? {},
  segments: (segments ?? []).map((one) => ({ ...one, label: one.label ?? (one as any).text ?? "" })),
});

/** What a job is called in lists. */
export function titled(job: api.Job): string {
  const { prompt, segments, style, lower } = job.params;
  if (prompt) return prompt;
  if (Array.isArray(segments)) return segments.map((one: { prompt: string }) => one.prompt).join(" → ");
  return job.result?.heard ?? lower ?? style ?? job.task;
}
