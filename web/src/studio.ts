/** What every mode of the studio is given. */
import type { About } from "./api";
import type { Key } from "./lib/i18n";
import type { Icon } from "./lib/icons";
import type { Player } from "./player";
import type { Session, Take } from "./session";
import type { Stage } from "./stage/stage";
import type { Timeline } from "./timeline/timeline";
import type { Work } from "./work";

export interface Studio {
  about: About;
  player: Player;
  session: Session;
  stage: Promise<Stage>;
  timeline: Timeline;
  work: Work;
  /** Words over the stage; null for none. */
  caption(...content: (Node | string)[]): void;
  /** Show another mode's panel. */
  open(mode: string): void;
}

export interface Mode {
  id: string;
  icon: Icon;
  panel: HTMLElement;
  enter?(): void;
  leave?(): void;
  /** What is shown has changed, while this mode is open. */
  shown?(take: Take | null): void;
  /** A file was dropped on the stage. True where the mode took it. */
  drop?(file: File): boolean;
}

export const title = (id: string): Key => `mode.${id}` as Key;
