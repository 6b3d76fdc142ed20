/** One body on the stage: a GLB, posed at any time; painted by region; with bones, a path and a trail on demand. */
import {
  AnimationMixer, Bone, BufferAttribute, Color, Group, Mesh, MeshLambertMaterial, MeshStandardMaterial, Object3D, SkinnedMesh,
  Vector3, type AnimationClip, type Material,
} from "three";
import { GLTFLoader, type GLTF } from "three/addons/loaders/GLTFLoader.js";
import { clone } from "three/addons/utils/SkeletonUtils.js";
import { Bones } from "./bones";
import { software } from "./governor";
import type { Region } from "./parts";
import { regionAt } from "./pick";

const PATH_STEP = 1 / 15; // seconds between points of the way over the floor
const CACHED = 24;
const BONES_SKIN = 0.16; // opacity of the skin around bones
const loader = new GLTFLoader();
const cache = new Map<string, Promise<GLTF>>();

function fetched(url: string): Promise<GLTF> {
  let found = cache.get(url);
  if (!found) {
    found = loader.loadAsync(url);
    found.catch(() => cache.delete(url));
    cache.set(url, found);
    if (cache.size > CACHED) cache.delete(cache.keys().next().value!);
  }
  return found;
}

export class Body {
  readonly group = new Group();
  readonly meshes: SkinnedMesh[] = [];
  readonly plain: boolean; // is it the mannequin, which we colour ourselves?
  private readonly mixer: AnimationMixer;
  private readonly root: Object3D | null;
  private bones: Bones | null = null;
  private way: Vector3[] | null = null;

  private constructor(
    readonly scene: Object3D,
    readonly clip: AnimationClip | null,
  ) {
    this.group.add(scene);
    scene.traverse((node) => {
      if (node instanceof SkinnedMesh) this.meshes.push(node);
      if (node instanceof Mesh) node.castShadow = true;
      if (node instanceof SkinnedMesh) node.frustumCulled = false;
    });
    this.plain = this.meshes.length > 0 && this.meshes.every((mesh) => (mesh.material as Material).name === "matte");
    if (this.plain) for (const mesh of this.meshes) dress(mesh);
    this.mixer = new AnimationMixer(scene);
    if (clip) this.mixer.clipAction(clip).play();
    this.root = this.rootBone();
  }

  static async load(url: string): Promise<Body> {
    const gltf = await fetched(url);
    return new Body(clone(gltf.scene), gltf.animations[0] ?? null);
  }

  get seconds(): number {
    return this.clip?.duration ?? 0;
  }

  /** Take the pose of a time, in seconds; past the end the last one holds. */
  pose(time: number): void {
    this.mixer.setTime(Math.max(Math.min(time, this.seconds - 1e-4), 0)); // at the very end the clip would begin anew
  }

  /** Where the hips are over the floor, through the whole motion, in the body's own frame. */
  path(): Vector3[] {
    if (this.way) return this.way;
    const points: Vector3[] = [];
    for (let time = 0; time <= this.seconds + 1e-6; time += PATH_STEP) {
      this.pose(time);
      points.push(this.hips());
    }
    this.way = points;
    return points;
  }

  hips(): Vector3 {
    const at = new Vector3();
    if (!this.root) return at;
    this.scene.updateMatrixWorld(true);
    return this.group.worldToLocal(this.root.getWorldPosition(at));
  }

  head(): Vector3 {
    const box = this.scene.getObjectByName("head") ?? this.root;
    return box ? box.getWorldPosition(new Vector3()) : new Vector3();
  }

  /** Colour the mannequin by region. */
  paint(colours: Map<Region, Color>, base: Color): void {
    if (!this.plain) return;
    for (const mesh of this.meshes) {
      const shade = mesh.geometry.getAttribute("color") as BufferAttribute;
      for (let vertex = 0; vertex < shade.count; vertex++) {
        const at = regionAt(mesh, vertex);
        const tint = (at && colours.get(at)) ?? base;
        shade.setXYZ(vertex, tint.r, tint.g, tint.b);
      }
      shade.needsUpdate = true;
    }
  }

  /** Show bones in a colour instead of (or inside) the skin; null hides them. */
  skeleton(colour: Color | null): void {
    this.bones?.remove();
    this.bones = colour && this.root ? new Bones(this.root, colour) : null;
    this.fade(colour ? BONES_SKIN : 1);
  }

  /** Let the floor shine through; a whole body still hides its own far side. */
  fade(opacity: number): void {
    this.scene.traverse((node) => {
      if (!(node instanceof Mesh) || node.userData.bone) return;
      for (const material of [node.material].flat() as Material[]) {
        material.transparent = opacity < 1;
        material.opacity = opacity;
        material.depthWrite = opacity !== BONES_SKIN;
      }
      node.castShadow = opacity === 1;
    });
  }

  /** Another body with the same motion and materials of its own. */
  twin(): Body {
    const other = new Body(clone(this.scene), this.clip);
    other.scene.traverse((node) => {
      if (node instanceof Mesh) node.material = [node.material].flat().map((one) => (one as Material).clone())[0];
    });
    return other;
  }

  remove(): void {
    this.bones?.remove();
    this.group.removeFromParent();
    for (const mesh of this.meshes) mesh.skeleton.dispose();
  }

  private rootBone(): Object3D | null {
    const moved = this.clip?.tracks.find((track) => track.name.endsWith(".position"))?.name.replace(/\.position$/, "");
    let first: Object3D | null = moved ? (this.scene.getObjectByName(moved) ?? null) : null;
    if (!first) this.scene.traverse((node) => (first ??= node instanceof Bone ? node : null));
    return first;
  }
}

/** The mannequin's own material, one a body, with a colour at every vertex. */
function dress(mesh: SkinnedMesh): void {
  mesh.geometry = mesh.geometry.clone();
  const count = mesh.geometry.getAttribute("position").count;
  mesh.geometry.setAttribute("color", new BufferAttribute(new Float32Array(count * 3).fill(1), 3));
  const material = software()
    ? new MeshLambertMaterial({ vertexColors: true })
    : new MeshStandardMaterial({ vertexColors: true, roughness: 0.62, metalness: 0.0 });
  material.name = "matte";
  mesh.material = material;
}
