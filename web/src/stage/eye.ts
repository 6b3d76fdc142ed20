/** The camera: looks at everything that will happen or, where that is too far away, goes along with a body. */
import { Box3, PerspectiveCamera, Vector3 } from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";

const LOOK = new Vector3(0.5, 0.32, 1).normalize(); // from where a motion is looked at first
const HIGH = 0.86; // metres over the floor
const TALL = [-0.05, 1.85] as const; // metres that a body takes
const FAR = 10; // metres; from farther away a body is too small to be judged
const CLOSE = 4.4; // metres from which a body is looked at that is followed

export class Eye {
  readonly camera = new PerspectiveCamera(32, 1, 0.05, 200);
  follows = false;
  private readonly orbit: OrbitControls;

  constructor(canvas: HTMLCanvasElement, changed: () => void) {
    this.orbit = new OrbitControls(this.camera, canvas);
    Object.assign(this.orbit, { enableDamping: true, dampingFactor: 0.12, minDistance: 0.8, maxDistance: 40, maxPolarAngle: 1.62 });
    this.orbit.addEventListener("change", changed);
    this.place(new Vector3(), 5.2);
  }

  update(): void {
    this.orbit.update();
  }

  /** `ways`: where bodies will be on the floor; `first`: where the first one is; `bodies`: how many. Returns what is lit. */
  frame(ways: Vector3[], first: Vector3, bodies: number, follow: boolean): { centre: Vector3; size: number } {
    const box = new Box3().setFromPoints(ways.length ? ways : [new Vector3()]).expandByVector(new Vector3(0.45, 0, 0.35));
    [box.min.y, box.max.y] = TALL;
    const size = box.getSize(new Vector3());
    const away = this.distance(size);
    this.follows = follow || away > FAR;
    const centre = this.follows ? first : box.getCenter(new Vector3());
    this.place(centre, this.follows ? CLOSE + bodies : away);
    return { centre, size: this.follows ? 2.4 : Math.max(size.x, size.z, 2.4) };
  }

  /** Go along to a place on the floor. */
  chase(at: Vector3): void {
    const step = new Vector3(at.x - this.orbit.target.x, 0, at.z - this.orbit.target.z);
    this.orbit.target.add(step);
    this.camera.position.add(step);
  }

  /** The stage has another shape; true where it must be looked at anew. */
  fit(width: number, height: number): boolean {
    const before = this.camera.aspect;
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    return Math.abs(before - this.camera.aspect) > 0.25;
  }

  private distance(size: Vector3): number {
    const half = Math.tan((this.camera.fov * Math.PI) / 360);
    const wide = (size.x * 0.9 + size.z * 0.45) / 2 / (half * this.camera.aspect);
    const high = (size.y * 1.12 + size.z * 0.28) / 2 / half;
    return Math.max(wide, high) + size.z * 0.42 + 0.25;
  }

  private place(centre: Vector3, away: number): void {
    this.orbit.enableDamping = false;
    this.orbit.update(); // what is left of a turn must not go on
    this.orbit.enableDamping = true;
    this.orbit.target.set(centre.x, HIGH, centre.z);
    this.camera.position.copy(LOOK).multiplyScalar(away).add(this.orbit.target);
  }
}
