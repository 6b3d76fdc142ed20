/** The way of the hips over the floor: what was gone is drawn strongly, what is to come faintly. */
import { BufferAttribute, BufferGeometry, Color, DoubleSide, Group, Mesh, MeshBasicMaterial, Vector3 } from "three";

const HALF = 0.014; // metres, half the width of the ribbon

export class Path {
  readonly group = new Group();
  private readonly gone: Mesh;
  private readonly coming: Mesh;
  private readonly steps: number;

  constructor(points: Vector3[], colour: Color) {
    this.steps = points.length - 1;
    const ribbon = strip(points);
    const ink = (opacity: number): MeshBasicMaterial =>
      new MeshBasicMaterial({ color: colour, transparent: true, opacity, depthWrite: false, side: DoubleSide });
    this.gone = new Mesh(ribbon, ink(0.9));
    this.coming = new Mesh(ribbon.clone(), ink(0.28));
    this.group.add(this.coming, this.gone);
    this.group.position.y = 0.006;
  }

  at(share: number): void {
    const step = Math.round(Math.min(Math.max(share, 0), 1) * this.steps);
    this.gone.geometry.setDrawRange(0, step * 6);
    this.coming.geometry.setDrawRange(step * 6, Infinity);
  }

  remove(): void {
    for (const part of [this.gone, this.coming]) {
      part.geometry.dispose();
      (part.material as MeshBasicMaterial).dispose();
    }
    this.group.removeFromParent();
  }
}

function strip(points: Vector3[]): BufferGeometry {
  const corners = new Float32Array(points.length * 6);
  const faces: number[] = [];
  let side = new Vector3(HALF, 0, 0);
  points.forEach((point, k) => {
    const [from, to] = [points[Math.max(k - 1, 0)]!, points[Math.min(k + 1, points.length - 1)]!];
    const along = new Vector3(to.x - from.x, 0, to.z - from.z);
    if (along.length() > 1e-4) side = new Vector3(-along.z, 0, along.x).setLength(HALF);
    corners.set([point.x + side.x, 0, point.z + side.z, point.x - side.x, 0, point.z - side.z], k * 6);
    if (k) faces.push(2 * k - 2, 2 * k, 2 * k - 1, 2 * k - 1, 2 * k, 2 * k + 1);
  });
  const shape = new BufferGeometry();
  shape.setAttribute("position", new BufferAttribute(corners, 3));
  shape.setIndex(faces);
  return shape;
}
