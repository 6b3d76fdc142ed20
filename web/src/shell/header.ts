/** The line on top: what is going on, undo and redo, earlier results, downloads, language and theme. */
import * as api from "../api";
import { h } from "../lib/dom";
import { iconButton } from "../lib/controls";
import { language, named, say, t, tx } from "../lib/i18n";
import { icon, type Icon } from "../lib/icons";
import { theme, toggleTheme } from "../lib/theme";
import { titled, type Session } from "../session";
import type { Work } from "../work";
import { keysDialog } from "./keys";
import { menu } from "./menu";

export interface Header {
  element: HTMLElement;
  undo: HTMLButtonElement;
  redo: HTMLButtonElement;
}

export function header(session: Session, work: Work, formats: () => string[], reopen: (job: api.Job) => void): HTMLElement {
  const undo = iconButton("undo", "top.undo", () => session.undo());
  const redo = iconButton("redo", "top.redo", () => session.redo());
  session.shown.now(() => {
    undo.disabled = !session.undoable;
    redo.disabled = !session.redoable;
  });
  const other = named(h("button", { type: "button", class: "icon-button word", on: { click: speakOther } }), "top.language");
  language.now((chosen) => {
    other.textContent = chosen === "zh" ? "EN" : "中文";
    other.setAttribute("aria-label", t("top.language"));
  });
  const dark = named(h("button", { type: "button", class: "icon-button", on: { click: toggleTheme } }), "top.theme");
  theme.now((value) => dark.replaceChildren(icon(value === "dark" ? "sun" : "moon")));
  const keys = iconButton("keys", "top.keys", keysDialog);
  keys.classList.add("optional");
  return h(
    "header",
    { class: "top" },
    h("h1", { class: "brand" }, "motionary", h("small", {}, tx("top.studio"))),
    status(work),
    undo,
    redo,
    history(reopen),
    downloads(session, formats),
    keys,
    other,
    dark,
  );
}

const speakOther = (): void => void (language.value = language.value === "zh" ? "en" : "zh");

function status(work: Work): HTMLElement {
  const words = h("span", { class: "words" });
  const fill = h("i");
  const meter = h("span", { class: "meter", "aria-hidden": "true" }, fill);
  const stop = iconButton("close", "status.cancel", () => work.cancel());
  const line = h("div", { class: "status", role: "status", "aria-live": "polite" }, meter, words, stop);
  work.status.now(({ kind, text, share }) => {
    line.dataset.kind = kind;
    words.textContent = text;
    words.title = text;
    meter.classList.toggle("known", share !== null);
    fill.style.width = share === null ? "" : `${Math.round(share * 100)}%`;
    stop.style.visibility = kind === "busy" ? "visible" : "hidden";
  });
  return line;
}

const MODES: Record<string, Icon> = {
  gesture: "speech", follow: "speech", edit: "edit", describe: "understand", emotion: "understand", next: "understand",
  anticipate: "anticipate", retarget: "rig",
};

function history(reopen: (job: api.Job) => void): HTMLElement {
  return menu("clock", "top.history", "wide", async (close) => {
    const { jobs } = await api.jobs().catch(() => ({ jobs: [] as api.Job[] }));
    const done = jobs.filter((job) => job.state === "done" && job.motions?.length);
    if (!done.length) return [h("p", { class: "empty" }, t("top.nothing"))];
    return done.map((job) =>
      h(
        "button",
        { type: "button", on: { click: () => (close(), reopen(job)) } },
        icon(MODES[job.task] ?? "say"),
        h("span", { class: "what" }, titled(job)),
        h("small", {}, `${job.motions[0]!.seconds.toFixed(1)} s`),
      ),
    );
  });
}

function downloads(session: Session, formats: () => string[]): HTMLElement {
  return menu("save", "top.download", "", async () => {
    const take = session.take;
    if (!take) return [h("p", { class: "empty" }, t("top.nothing"))];
    const names = take.job ? formats() : ["glb"];
    return names.map((format) =>
      h(
        "a",
        { href: take.job ? `/v1/jobs/${take.key.slice(4).replace("/", "/motions/")}.${format}` : take.url, download: "" },
        h("b", {}, format.toUpperCase()),
        say(h("small", {}), `format.${format}` as never),
      ),
    );
  });
}
