/** The service, as the page sees it. Every answer is typed here and nowhere else. */

export interface Span {
  start: number;
  end: number;
  label: string;
}

export interface MotionFacts {
  index: number;
  seconds: number;
  frames: number;
  fps: number;
  meta: Record<string, any>;
  segments: Span[];
}

export interface Problem {
  message: string;
  field: string | null;
  code: string;
}

export interface Job {
  id: string;
  task: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled" | "interrupted";
  position: number | null;
  progress: { what: string; done: number; total: number } | null;
  created: string | number;
  params: Record<string, any>;
  result: Record<string, any> | null;
  error: Problem | null;
  motions: MotionFacts[];
}

export interface Upload {
  id: string;
  kind: "motion" | "rig" | "audio" | "labels";
  name: string;
  bytes: number;
  facts: Record<string, any>;
}

export interface About {
  version: string;
  model: string;
  tasks: string[];
  styles: string[];
  emotions: string[];
  parts: string[];
  formats: { motion: string[]; audio: string[]; out: string[] };
  limits: Record<string, any>;
  examples: { en: string[]; zh: string[] };
  videos: (string | { id: string; title?: string })[];
  study?: boolean; // was the service started with one?
}

/** A refusal or failure in the service's own words, and the field it is about. */
export class ServiceError extends Error {
  constructor(
    message: string,
    readonly field: string | null = null,
    readonly code = "",
  ) {
    super(message);
  }
}

const OVER = new Set(["done", "failed", "cancelled", "interrupted"]);
const POLL = 400; // milliseconds between questions where events do not arrive

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ServiceError("offline", null, "offline");
  }
  const body = await response.json().catch(() => null);
  if (!response.ok) {
    const problem = body?.error as Problem | undefined;
    throw new ServiceError(problem?.message ?? `${response.status} ${response.statusText}`, problem?.field ?? null, problem?.code);
  }
  return body as T;
}

const post = <T>(path: string, body: unknown): Promise<T> =>
  ask<T>(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

export const about = (): Promise<About> => ask("/v1/about");
/** Are the models loaded? Answers either way; `problem` says why they cannot be. */
export const ready = async (): Promise<{ ready: boolean; problem?: string | null }> => (await fetch("/v1/ready")).json();
export const session = (token: string): Promise<unknown> => post("/v1/session", { token });
export const job = (id: string): Promise<Job> => ask(`/v1/jobs/${id}`);
export const jobs = (limit = 30): Promise<{ jobs: Job[] }> => ask(`/v1/jobs?limit=${limit}`);
export const upload = (id: string): Promise<Upload> => ask(`/v1/uploads/${id}`);
export const cancel = (id: string): Promise<unknown> => ask(`/v1/jobs/${id}`, { method: "DELETE" });
export const knowledge = (prompt: string): Promise<{ actions: any[]; note?: string }> =>
  ask(`/v1/knowledge?prompt=${encodeURIComponent(prompt)}`);
export const study = (): Promise<Record<string, any>> => ask("/v1/study");
export const rate = (file: Blob): Promise<{ votes: number }> =>
  ask("/v1/study/ratings", { method: "POST", headers: { "content-type": "application/json" }, body: file });
export const video = (id: string): Promise<{ segments: Span[]; seconds: number }> => ask(`/v1/videos/${encodeURIComponent(id)}`);
export const motionUrl = (id: string, index: number, kind = "glb"): string => `/v1/jobs/${id}/motions/${index}.${kind}`;
export const uploadUrl = (id: string): string => `/v1/uploads/${id}.glb`;

export const send = (file: Blob, name: string): Promise<Upload> =>
  ask(`/v1/uploads?name=${encodeURIComponent(name)}`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: file,
  });

/** Ask for a job and follow it to its end. Raises ServiceError where it is refused or fails. */
export async function run(
  request: Record<string, unknown>,
  changed: (job: Job) => void = () => {},
  signal?: AbortSignal,
): Promise<Job> {
  const started = await post<Job>("/v1/jobs", request);
  changed(started);
  const stop = (): void => void cancel(started.id).catch(() => {});
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  const ended = OVER.has(started.state) ? started : await follow(started.id, changed);
  signal?.removeEventListener("abort", stop);
  if (ended.state === "done") return ended;
  throw new ServiceError(ended.error?.message ?? ended.state, ended.error?.field ?? null, ended.error?.code ?? ended.state);
}

function follow(id: string, changed: (job: Job) => void): Promise<Job> {
  return new Promise((resolve, reject) => {
    const events = new EventSource(`/v1/jobs/${id}/events`);
    const take = (found: Job): boolean => {
      changed(found);
      if (!OVER.has(found.state)) return false;
      events.close();
      resolve(found);
      return true;
    };
    const poll = async (): Promise<void> => {
      try {
        if (!take(await job(id))) setTimeout(poll, POLL);
      } catch (error) {
        reject(error);
      }
    };
    events.addEventListener("job", (event) => take(JSON.parse((event as MessageEvent<string>).data)));
    events.addEventListener("error", () => {
      events.close();
      void poll();
    });
  });
}
