/** Work in progress: one request at a time for each panel, what it waits for, and what went wrong, beside its field. */
import * as api from "./api";
import { t, type Key } from "./lib/i18n";
import type { Field } from "./lib/controls";
import { Signal } from "./lib/signal";

export interface Status {
  kind: "idle" | "busy" | "done" | "wrong";
  text: string;
  share: number | null; // how much is done, where it is known
}

/** Codes of what is wrong with the service, not with a request; told on top alone. */
const OURS = new Set([
  "offline", "token", "origin", "host", "queue_full", "busy", "worker_down", "disk", "wait_limit", "interrupted", "cancelled", "defect",
]);

export class Work {
  readonly status = new Signal<Status>({ kind: "idle", text: "", share: null });
  private stop: AbortController | null = null;

  /**
   * Ask for a job; a newer request cancels the one before. Null where it was refused, failed or was overtaken. The
   * reason stands beside the field that the service names, or beside `otherwise` where it names none.
   */
  async run(request: Record<string, unknown>, fields: Field[] = [], otherwise?: Field): Promise<api.Job | null> {
    return this.guard(fields, otherwise, (signal, begun) =>
      api.run(
        request,
        (job) => {
          if (!signal.aborted) this.status.value = { kind: "busy", text: waiting(job), share: part(job) };
        },
        signal,
      ).then((job) => {
        if (!signal.aborted) this.status.value = { kind: "done", text: t("status.done", { seconds: ((performance.now() - begun) / 1000).toFixed(2) }), share: null };
        return job;
      }),
    );
  }

  /** Send a file. Null where it was refused; the reason stands beside the first field. */
  async send(file: Blob, name: string, fields: Field[] = []): Promise<api.Upload | null> {
    return this.guard(fields, fields[0], async (signal) => {
      const found = await api.send(file, name);
      if (!signal.aborted) this.status.value = { kind: "idle", text: "", share: null };
      return found;
    });
  }

  /** Something that is no job, told unless one runs. */
  tell(kind: Status["kind"], text: string): void {
    if (!this.stop) this.status.value = { kind, text, share: null };
  }

  cancel(): void {
    this.stop?.abort();
    this.stop = null;
    this.status.value = { kind: "idle", text: "", share: null };
  }

  fail(error: unknown, fields: Field[] = [], otherwise?: Field): void {
    const { message, field, ours } = told(error);
    const beside = fields.find(({ name }) => field !== null && `.${field}.`.includes(`.${name}.`)); // "generate.seconds" is "seconds"
    if (!ours) (beside ?? otherwise)?.fail(message);
    this.status.value = { kind: "wrong", text: message, share: null };
  }

  private async guard<T>(
    fields: Field[],
    otherwise: Field | undefined,
    act: (signal: AbortSignal, begun: number) => Promise<T>,
  ): Promise<T | null> {
    this.stop?.abort();
    const stop = new AbortController();
    this.stop = stop;
    fields.forEach((field) => field.fail(""));
    this.status.value = { kind: "busy", text: t("status.busy"), share: null };
    try {
      const found = await act(stop.signal, performance.now());
      return stop.signal.aborted ? null : found;
    } catch (error) {
      if (!stop.signal.aborted) this.fail(error, fields, otherwise);
      return null;
    } finally {
      if (this.stop === stop) this.stop = null;
    }
  }
}

/** `ours`: nothing that was given is at fault. A job's error names its field as the command line does, "--between". */
function told(error: unknown): { message: string; field: string | null; ours: boolean } {
  if (!(error instanceof api.ServiceError)) return { message: t("wrong.page", { what: String(error) }), field: null, ours: true };
  const known: Record<string, Key> = { offline: "wrong.offline", interrupted: "wrong.interrupted" };
  const message = known[error.code] ? t(known[error.code]!) : error.message;
  const field = error.field ?? /--(\w+)/.exec(message)?.[1] ?? null;
  return { message: message.replace(/--(?=\w)/g, ""), field, ours: OURS.has(error.code) };
}

function waiting(job: api.Job): string {
  if (job.state === "queued" && job.position) return t("status.queued", { position: job.position });
  return job.progress?.what ?? t("status.busy");
}

const part = ({ progress }: api.Job): number | null => (progress?.total ? progress.done / progress.total : null);
