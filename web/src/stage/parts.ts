/** Regions of the body that can be clicked, by the names that editing knows them by. */

export const REGIONS = ["head", "trunk", "left arm", "right arm", "left leg", "right leg"] as const;
export type Region = (typeof REGIONS)[number];

const LIMB: Record<string, "arm" | "leg"> = {
  collar: "arm", shoulder: "arm", elbow: "arm", wrist: "arm", hip: "leg", knee: "leg", ankle: "leg", foot: "leg",
};

/** The region of a joint of HUMAN; null for bones of other bodies. */
export function region(joint: string): Region | null {
  if (joint === "head" || joint === "neck") return "head";
  if (joint === "pelvis" || joint.startsWith("spine")) return "trunk";
  const [side, name] = joint.split("_");
  const limb = LIMB[name ?? ""];
  return limb && (side === "left" || side === "right") ? `${side} ${limb}` : null;
}
