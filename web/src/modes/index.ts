/** The table of modes, in the order of the rail. */
import type { Mode, Studio } from "../studio";
import { anticipate } from "./anticipate";
import { edit } from "./edit";
import { knowledge } from "./knowledge";
import { rig } from "./rig";
import { say } from "./say";
import { speech } from "./speech";
import { study } from "./study";
import { understand } from "./understand";

const MODES = [say, speech, edit, understand, knowledge, anticipate, rig, study];

export const modes = (studio: Studio): Mode[] => MODES.map((mode) => mode(studio));
