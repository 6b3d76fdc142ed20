/** The table of modes, in the order of the rail. */
import type { Mode, Studio } from "../studio";
import { say } from "./say";

export const modes = (studio: Studio): Mode[] => [say].map((mode) => mode(studio));
