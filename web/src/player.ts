/** The clock of everything that plays: bodies, sound and the timeline's head follow it. */
import { clamp } from "./lib/dom";
import { Signal } from "./lib/signal";

const DRIFT = 0.09; // seconds that sound and picture may differ before the sound is put right

export class Player {
  readonly time = new Signal(0);
  readonly seconds = new Signal(0);
  readonly playing = new Signal(false);
  readonly speed = new Signal(1);
  readonly loop = new Signal(true);
  fps = 30;
  private readonly sound = new Audio();
  private heard = false;

  constructor() {
    this.playing.on((playing) => this.sounds(playing));
    this.speed.on((speed) => (this.sound.playbackRate = speed));
  }

  /** A new motion: from the beginning, and on, unless the user asked their system for less movement. */
  start(seconds: number, fps: number): void {
    this.fps = fps || 30;
    this.seconds.value = seconds;
    this.seek(0);
    this.playing.value = seconds > 0 && !matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  /** The sound that belongs to the motion, by address; null for none. */
  voice(url: string | null): void {
    this.heard = url !== null;
    if (url) this.sound.src = url;
    else this.sound.removeAttribute("src");
    if (this.heard) this.sounds(this.playing.value);
  }

  seek(time: number): void {
    this.time.value = clamp(time, 0, this.seconds.value);
    if (this.heard) this.sound.currentTime = this.time.value;
  }

  step(frames: number): void {
    this.playing.value = false;
    this.seek(Math.round(this.time.value * this.fps + frames) / this.fps);
  }

  toggle(): void {
    if (!this.playing.value && this.time.value >= this.seconds.value) this.seek(0);
    this.playing.value = !this.playing.value && this.seconds.value > 0;
  }

  /** `passed` real seconds went by. */
  advance(passed: number): void {
    if (!this.playing.value) return;
    const next = this.time.value + passed * this.speed.value;
    if (next < this.seconds.value) {
      this.time.value = next;
      if (this.heard && !this.sound.ended && Math.abs(this.sound.currentTime - next) > DRIFT) this.sound.currentTime = next;
    } else if (this.loop.value) {
      this.seek(0);
      this.sounds(true);
    } else {
      this.time.value = this.seconds.value;
      this.playing.value = false;
    }
  }

  private sounds(playing: boolean): void {
    if (!this.heard) return;
    if (!playing) return this.sound.pause();
    this.sound.currentTime = this.time.value;
    this.sound.playbackRate = this.speed.value;
    this.sound.play().catch(() => {}); // a browser may want a click first; the motion plays all the same
  }
}
