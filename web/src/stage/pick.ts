/** Which body, and which region of it, was clicked. A drag is no click. */
import { Raycaster, Vector2, type Camera, type SkinnedMesh } from "three";
import { region, type Region } from "./parts";

const STILL = 4; // pixels that a click may move

/** `meshes` of each body that can be clicked, by the body's number. */
export function picking(
  canvas: HTMLCanvasElement,
  camera: Camera,
  meshes: () => Map<SkinnedMesh, number>,
  picked: (region: Region | null, body: number) => void,
): void {
  let down = new Vector2();
  canvas.addEventListener("pointerdown", (event) => (down = new Vector2(event.clientX, event.clientY)));
  canvas.addEventListener("click", (event) => {
    if (down.distanceTo(new Vector2(event.clientX, event.clientY)) > STILL) return;
    const frame = canvas.getBoundingClientRect();
    const ray = new Raycaster();
    const at = new Vector2(((event.clientX - frame.x) / frame.width) * 2 - 1, 1 - ((event.clientY - frame.y) / frame.height) * 2);
    ray.setFromCamera(at, camera);
    const solid = meshes();
    for (const mesh of solid.keys()) mesh.computeBoundingSphere(); // of the present pose
    const hit = ray.intersectObjects([...solid.keys()], false)[0];
    if (!hit?.face) return picked(null, -1);
    const mesh = hit.object as SkinnedMesh;
    picked(regionAt(mesh, hit.face.a), solid.get(mesh)!);
  });
}

/** The region of the joint that moves a vertex most. */
export function regionAt(mesh: SkinnedMesh, vertex: number): Region | null {
  const [indices, weights] = [mesh.geometry.getAttribute("skinIndex"), mesh.geometry.getAttribute("skinWeight")];
  const best = [0, 1, 2, 3].reduce((a, b) => (weights.getComponent(vertex, b) > weights.getComponent(vertex, a) ? b : a));
  return region(mesh.skeleton.bones[indices.getComponent(vertex, best)]?.name ?? "");
}
