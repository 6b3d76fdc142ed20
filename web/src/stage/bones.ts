/** The skeleton as slim octahedra between joints, in front of the skin. */
import { Bone, Color, Mesh, MeshBasicMaterial, OctahedronGeometry, Object3D, Quaternion, SphereGeometry, Vector3 } from "three";

const UP = new Vector3(0, 1, 0);

export class Bones {
  private readonly parts: Mesh[] = [];
  private readonly shape = new OctahedronGeometry(0.5).translate(0, 0.5, 0);
  private readonly knob = new SphereGeometry(1, 10, 8);
  private readonly material: MeshBasicMaterial;

  constructor(root: Object3D, colour: Color) {
    this.material = new MeshBasicMaterial({ color: colour, depthTest: false, transparent: true, opacity: 0.92 });
    const scale = root.getWorldScale(new Vector3()).x || 1;
    root.traverse((joint) => {
      if (!(joint instanceof Bone) && joint !== root) return;
      this.add(joint, this.knob).scale.setScalar(0.017 / scale);
      for (const child of joint.children) if (child instanceof Bone) this.link(joint, child, scale);
    });
  }

  remove(): void {
    for (const part of this.parts) part.removeFromParent();
    this.shape.dispose();
    this.knob.dispose();
    this.material.dispose();
  }

  private link(joint: Object3D, child: Bone, scale: number): void {
    const length = child.position.length();
    if (length * scale < 0.005) return;
    const link = this.add(joint, this.shape);
    const width = Math.min(0.05 / scale, length * 0.22);
    link.scale.set(width, length, width);
    link.quaternion.copy(new Quaternion().setFromUnitVectors(UP, child.position.clone().normalize()));
  }

  private add(joint: Object3D, shape: OctahedronGeometry | SphereGeometry): Mesh {
    const part = new Mesh(shape, this.material);
    part.userData.bone = true;
    part.renderOrder = 5;
    joint.add(part);
    this.parts.push(part);
    return part;
  }
}
