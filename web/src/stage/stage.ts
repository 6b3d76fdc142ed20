/** The stage: light, floor, camera and the bodies on it. It draws only when something moved. */
import { Color, DirectionalLight, HemisphereLight, Scene, SRGBColorSpace, Vector3, type SkinnedMesh, type WebGLRenderer } from "three";
import { colour, theme } from "../lib/theme";
import { Signal } from "../lib/signal";
import type { Player } from "../player";
import { Body } from "./body";
import { Eye } from "./eye";
import { Floor } from "./floor";
import { Governor, renderer } from "./governor";
import type { Region } from "./parts";
import { Path } from "./path";
import { picking } from "./pick";
import { Tags } from "./tags";

export interface Actor {
  url: string;
  name: string; // a tag over the head
  faint?: boolean; // an earlier version, seen through
  beside: number; // metres to the side
}

interface Placed extends Actor {
  body: Body;
  path: Path | null;
  trail: Body[];
}

const GHOSTS = 7;
const NEAR = 0.28; // seconds around the present in which no ghost covers the body
const REST = 350; // milliseconds without movement after which a better picture is drawn

/** Seconds at which a ghost of the trail stands. */
const flash = (body: Body, k: number): number => (body.seconds * k) / (GHOSTS - 1);

export class Stage {
  readonly trail = new Signal(false);
  readonly bones = new Signal(false);
  readonly path = new Signal(true);
  readonly follow = new Signal(false);
  readonly rate = new Signal(0); // frames a second, while playing
  readonly governor: Governor;
  onPick: (region: Region | null, actor: number) => void = () => {};
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly eye: Eye;
  private readonly key = new DirectionalLight(0xffffff, 2.3);
  private readonly sky = new HemisphereLight(0xffffff, 0x888888, 1.5);
  private readonly rim = new DirectionalLight(0xffffff, 1.2);
  private readonly floor = new Floor();
  private readonly tags: Tags;
  private placed: Placed[] = [];
  private wanted = 0; // counts requests to show, so that a late one does not replace a newer
  private painted = new Map<Region, "chosen" | "locked">();
  private stale = true;
  private hidden = false;
  private last = 0;
  private moved = 0; // when anything moved last

  constructor(
    private readonly box: HTMLElement,
    private readonly player: Player,
  ) {
    this.renderer = renderer();
    this.renderer.outputColorSpace = SRGBColorSpace;
    this.renderer.domElement.classList.add("canvas");
    box.prepend(this.renderer.domElement);
    this.governor = new Governor(this.renderer, this.key);
    this.tags = new Tags(box);
    this.key.position.set(2.5, 5, 3.5);
    this.rim.position.set(-3, 3, -4);
    this.scene.add(this.sky, this.key, this.key.target, this.rim, this.floor.group);
    this.eye = new Eye(this.renderer.domElement, () => (this.stale = true));
    new ResizeObserver(() => this.fit()).observe(box);
    this.fit();
    for (const option of [this.trail, this.bones, this.path, theme] as Signal<unknown>[]) option.on(() => this.dress());
    this.follow.on(() => this.frame());
    player.time.on(() => (this.stale = true));
    picking(this.renderer.domElement, this.eye.camera, () => this.solid(), (region, actor) => this.onPick(region, actor));
    this.dress();
    requestAnimationFrame((now) => this.draw(now));
  }

  /** Bodies to show, side by side; resolves to the longest's seconds when they stand there. */
  async show(actors: Actor[]): Promise<number> {
    const turn = ++this.wanted;
    const bodies = await Promise.all(actors.map(({ url }) => Body.load(url)));
    if (turn !== this.wanted) return this.seconds;
    for (const { body, path, trail } of this.placed) {
      path?.remove();
      trail.forEach((ghost) => ghost.remove());
      body.remove();
    }
    this.placed = actors.map((actor, k) => ({ ...actor, body: bodies[k]!, path: null, trail: [] }));
    for (const { body, beside } of this.placed) {
      body.group.position.x = beside;
      this.scene.add(body.group);
    }
    this.dress();
    this.frame();
    return this.seconds;
  }

  /** What can be clicked: mesh -> number of its body. */
  private solid(): Map<SkinnedMesh, number> {
    return new Map(this.placed.flatMap(({ body, faint }, k) => (faint ? [] : body.meshes.map((mesh): [SkinnedMesh, number] => [mesh, k]))));
  }

  get seconds(): number {
    return Math.max(0, ...this.placed.map(({ body }) => body.seconds));
  }

  /** Clear the stage for a while, or let them back on it. */
  curtain(down: boolean): void {
    this.hidden = down;
    for (const { body, trail } of this.placed) [body, ...trail].forEach((one) => (one.group.visible = !down));
    this.tags.show(!down);
    this.stale = true;
  }

  paint(regions: Map<Region, "chosen" | "locked">): void {
    this.painted = regions;
    this.colours();
  }

  /** Look at everything that will happen. */
  frame(): void {
    const ways = this.placed.flatMap(({ body, beside }) => body.path().map((point) => new Vector3(point.x + beside, 0, point.z)));
    const { centre, size } = this.eye.frame(ways, this.first(), this.placed.length, this.follow.value);
    this.lightAround(centre, size);
    this.stale = true;
  }

  private first(): Vector3 {
    const body = this.placed[0]?.body;
    return body ? body.hips().add(body.group.position) : new Vector3();
  }

  /** Camera, light and floor go along with the first body. */
  private along(): void {
    const at = this.first();
    this.eye.chase(at);
    this.lightAround(at, 2.4);
  }

  private lightAround(centre: Vector3, size: number): void {
    this.floor.around(centre.x, centre.z);
    this.key.target.position.set(centre.x, 0, centre.z);
    this.key.position.set(centre.x + 2.5, 6, centre.z + 3.5);
    const eye = this.key.shadow.camera;
    [eye.left, eye.right, eye.top, eye.bottom, eye.near, eye.far] = [-size, size, size, -size, 0.1, 24];
    eye.updateProjectionMatrix();
  }

  private dress(): void {
    const dark = theme.value === "dark";
    this.floor.dress(new Color(colour("stage-line")), new Color(colour("stage-light")), dark ? 0.42 : 0.17);
    this.sky.groundColor.set(dark ? 0x2a2d33 : 0xb9b4ac);
    this.sky.intensity = dark ? 1.15 : 1.75;
    this.key.intensity = dark ? 2.1 : 2.0;
    this.rim.intensity = dark ? 1.6 : 0.7;
    const accent = new Color(colour("accent"));
    for (const one of this.placed) {
      one.body.skeleton(this.bones.value || !one.body.meshes.length ? accent : null);
      if (one.faint) one.body.fade(0.3);
      one.path?.remove();
      one.path = this.path.value && one.body.seconds ? new Path(one.body.path(), accent) : null;
      if (one.path) one.body.group.add(one.path.group);
      one.trail.forEach((ghost) => ghost.remove());
      one.trail = this.trail.value && one.body.seconds && !one.faint ? this.ghosts(one) : [];
    }
    this.colours();
    this.stale = true;
  }

  private colours(): void {
    const base = new Color(colour("clay"));
    const tint = { chosen: new Color(colour("accent")), locked: new Color(colour("locked")) };
    for (const { body, faint, trail } of this.placed) {
      body.paint(faint ? new Map() : new Map([...this.painted].map(([at, how]) => [at, tint[how]])), base);
      for (const ghost of trail) ghost.paint(new Map(), new Color(colour("accent")));
    }
    this.stale = true;
  }

  /** The same body at even steps of time, as in a photograph of many flashes. */
  private ghosts(one: Placed): Body[] {
    return Array.from({ length: GHOSTS }, (_, k) => {
      const ghost = one.body.twin();
      ghost.skeleton(null);
      ghost.pose(flash(one.body, k));
      ghost.fade(0.1 + (0.16 * k) / (GHOSTS - 1));
      ghost.group.position.copy(one.body.group.position);
      this.scene.add(ghost.group);
      return ghost;
    });
  }

  private fit(): void {
    const { clientWidth: width, clientHeight: height } = this.box;
    if (!width || !height) return;
    this.renderer.setSize(width, height, false);
    if (this.eye.fit(width, height)) this.frame();
    this.stale = true;
  }

  private draw(now: number): void {
    requestAnimationFrame((next) => this.draw(next));
    const passed = Math.min((now - this.last) / 1000, 0.25);
    this.last = now;
    this.player.advance(passed);
    this.eye.update();
    if (document.hidden) return;
    if (!this.stale) {
      if (this.placed.length && now - this.moved > REST && this.governor.rest()) this.render();
      return;
    }
    this.stale = false;
    this.moved = now;
    this.governor.wake();
    this.render();
    if (this.player.playing.value) this.rate.value = this.governor.frame(passed);
  }

  private render(): void {
    for (const { body, path, trail } of this.placed) {
      body.pose(this.player.time.value);
      if (body.seconds) path?.at(this.player.time.value / body.seconds);
      trail.forEach((ghost, k) => (ghost.group.visible = !this.hidden && Math.abs(flash(body, k) - this.player.time.value) > NEAR));
    }
    if (this.eye.follows) this.along();
    this.floor.under(this.governor.shadows || this.hidden ? [] : this.placed.filter(({ faint }) => !faint).map(({ body }) => body.hips().add(body.group.position)));
    this.renderer.render(this.scene, this.eye.camera);
    this.tags.place(this.placed.map(({ name, body }) => [name, body.head()]), this.eye.camera);
  }
}
