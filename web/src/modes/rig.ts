/** Your rig: a character of one's own, how its bones were understood, and the motion on it. */
import { button, dropzone, field } from "../lib/controls";
import { h } from "../lib/dom";
import { named, say as write, t, tx } from "../lib/i18n";
import type { Upload } from "../api";
import { takes, type Take } from "../session";
import type { Mode, Studio } from "../studio";
import { captionOf, segmentRow } from "./motion";

const RIGS = [".glb", ".vrm", ".bvh"];
const TRY = "a person walks forward and waves";

const JOINTS = [
  "pelvis", "spine1", "spine2", "spine3", "neck", "head",
  "left_collar", "left_shoulder", "left_elbow", "left_wrist", "right_collar", "right_shoulder", "right_elbow", "right_wrist",
  "left_hip", "left_knee", "left_ankle", "left_foot", "right_hip", "right_knee", "right_ankle", "right_foot",
];

export function rig(studio: Studio): Mode {
  const { session, timeline, work } = studio;
  const file = field("rig", "rig.file", h("input", { type: "text", readonly: true }));
  const names = field("names", "rig.names", h("input", { type: "hidden" }));
  const table = h("div", { class: "scroll", tabindex: "0", role: "region" });
  const family = h("p", { class: "note" });
  const links = h("div", { class: "line-of" });
  const mapped = h("div", { class: "mode-part", hidden: true }, family, names.element, table);
  const go = button("rig.run", () => void run(), { kind: "main" });
  let given: Upload | null = null;
  let map: Record<string, string> = {};
  let own = false; // was the map changed by hand?
  let motion: Take | null = null; // what is put on the rig
  file.element.hidden = true;
  write(table, "rig.names", {}, "aria-label");

  async function load(chosen: File): Promise<void> {
    const upload = await work.send(chosen, chosen.name.replace(/\.vrm$/i, ".glb"), [file]);
    file.element.hidden = false;
    if (!upload) return;
    if (upload.kind !== "motion" && upload.kind !== "rig") return file.fail(t("rig.other"));
    given = upload;
    map = { ...(upload.facts.human?.map ?? {}) };
    own = false;
    file.input.value = chosen.name;
    mapping();
    if (!motion && session.take && session.take.task !== "upload") motion = session.take;
    await run();
  }

  function mapping(): void {
    const bones: string[] = given?.facts.joint_names ?? [];
    const human = given?.facts.human ?? {};
    mapped.hidden = false;
    write(family, human.fits === false ? "rig.unknown" : "rig.family", { family: human.family ?? "?", bones: bones.length });
    table.replaceChildren(
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, write(h("th", { scope: "col" }), "rig.joint"), write(h("th", { scope: "col" }), "rig.bone"))),
        h("tbody", {}, ...JOINTS.map((joint) => line(joint, bones))),
      ),
    );
  }

  function line(joint: string, bones: string[]): HTMLElement {
    const bone = h("select", {}, h("option", { value: "" }, "–"), ...bones.map((name) => h("option", { value: name }, name)));
    named(bone, "rig.for", { joint });
    bone.value = map[joint] ?? "";
    const row = h("tr", {}, h("td", {}, joint.replace("_", " ")), h("td", {}, bone));
    const mark = (): void => void row.classList.toggle("missing", !bone.value);
    bone.addEventListener("change", () => {
      if (bone.value) map[joint] = bone.value;
      else delete map[joint];
      own = true;
      mark();
      names.fail("");
    });
    mark();
    return row;
  }

  async function run(): Promise<void> {
    if (!given) {
      file.element.hidden = false;
      return file.fail(t("rig.first"));
    }
    if (!motion) {
      const tried = await work.run({ task: "generate", prompt: TRY, seed: 0 });
      if (!tried) return;
      motion = takes(tried)[0]!;
    }
    const job = await work.run(
      { task: "retarget", motion: motion.key, rig: `upload:${given.id}`, ...(own ? { names: map } : {}) },
      [file, names],
      names,
    );
    if (!job) return;
    session.show(takes(job, motion.title), { sound: session.shown.value?.sound ?? null });
  }

  function downloads(take: Take | null): void {
    const ready = take?.task === "retarget" ? take : null;
    links.replaceChildren(
      ...(ready ? ["glb", "bvh", "npz", "mp4"] : []).map((format) =>
        h("a", { class: "button", download: "", href: ready!.url.replace(/glb$/, format) }, format.toUpperCase()),
      ),
    );
  }

  return {
    id: "rig",
    icon: "rig",
    panel: h(
      "div",
      { class: "mode" },
      h("h2", {}, tx("rig.title")),
      dropzone("rig.drop", RIGS, (chosen) => void load(chosen)),
      file.element,
      mapped,
      go,
      links,
    ),
    shown(take) {
      if (take && take.task !== "retarget") motion = take;
      timeline.rows.value = [segmentRow(take)];
      studio.caption(...captionOf(take));
      downloads(take);
    },
    drop(dropped) {
      if (!RIGS.some((suffix) => dropped.name.toLowerCase().endsWith(suffix))) return false;
      void load(dropped);
      return true;
    },
  };
}

