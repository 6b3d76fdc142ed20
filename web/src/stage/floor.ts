/** A lit floor: a grid of metres that fades into the background, and the shadow on it. */
import { CircleGeometry, Color, Group, Mesh, PlaneGeometry, ShaderMaterial, ShadowMaterial, type Vector3 } from "three";

const REACH = 13; // metres at which the grid is gone

const VERTEX = `
varying vec2 at;
void main() { vec4 world = modelMatrix * vec4(position, 1.0); at = world.xz; gl_Position = projectionMatrix * viewMatrix * world; }`;
const FRAGMENT = `
varying vec2 at; uniform vec3 line; uniform vec3 light; uniform vec2 centre; uniform float strength;
float grid(float step, float width) {
  vec2 cell = at / step; vec2 soft = fwidth(cell);
  vec2 near = abs(fract(cell - 0.5) - 0.5) / max(soft, 1e-5);
  return (1.0 - min(min(near.x, near.y) / width, 1.0)) * (1.0 - smoothstep(0.2, 0.6, max(soft.x, soft.y)));
}
void main() {
  float away = length(at - centre) / ${REACH.toFixed(1)};
  float fade = 1.0 - smoothstep(0.15, 1.0, away);
  float pool = (1.0 - smoothstep(0.0, 0.55, away)) * 0.5;
  float lines = max(grid(1.0, 1.1) * 0.55, grid(0.25, 1.0) * 0.16) * strength;
  gl_FragColor = vec4(mix(light, line, lines / max(lines + pool, 1e-4)), max(lines * fade, pool * (1.0 - lines)));
}`;

const SOFT = `
varying vec2 at; uniform float strength; uniform vec2 centre;
void main() { gl_FragColor = vec4(0.0, 0.0, 0.0, strength * pow(1.0 - min(length(at - centre) / 0.62, 1.0), 1.6)); }`;

export class Floor {
  readonly group = new Group();
  private readonly shade = new ShadowMaterial({ opacity: 0.22 });
  private readonly grid = new ShaderMaterial({
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    transparent: true,
    depthWrite: false,
    uniforms: {
      line: { value: new Color() }, light: { value: new Color() }, centre: { value: { x: 0, y: 0 } }, strength: { value: 1 },
    },
  });

  private readonly plane = new Mesh(new CircleGeometry(REACH, 48).rotateX(-Math.PI / 2), this.grid);
  private readonly caught = new Mesh(this.plane.geometry, this.shade);
  private readonly soft: Mesh<PlaneGeometry, ShaderMaterial>[] = [];

  constructor() {
    this.plane.renderOrder = -2;
    this.caught.renderOrder = -1;
    this.caught.position.y = 0.001;
    this.caught.receiveShadow = true;
    this.group.add(this.plane, this.caught);
  }

  /** Without a shadow map, a soft spot lies under each body; none where shadows are cast. */
  under(bodies: Vector3[]): void {
    this.caught.visible = bodies.length === 0;
    while (this.soft.length < bodies.length) {
      const uniforms = { strength: { value: 0 }, centre: { value: { x: 0, y: 0 } } };
      const ink = new ShaderMaterial({ vertexShader: VERTEX, fragmentShader: SOFT, transparent: true, depthWrite: false, uniforms });
      const spot = new Mesh(new PlaneGeometry(1.3, 1.3).rotateX(-Math.PI / 2), ink);
      spot.renderOrder = -1;
      this.soft.push(spot);
      this.group.add(spot);
    }
    this.soft.forEach((spot, k) => {
      const at = bodies[k];
      spot.visible = at !== undefined;
      if (!at) return;
      spot.position.set(at.x, 0.002, at.z);
      spot.material.uniforms.centre!.value = { x: at.x, y: at.z };
      spot.material.uniforms.strength!.value = this.shade.opacity * 2.4;
    });
  }

  dress(line: Color, light: Color, shadow: number): void {
    this.grid.uniforms.line!.value = line;
    this.grid.uniforms.light!.value = light;
    this.shade.opacity = shadow;
  }

  /** The grid is laid out around where things happen. */
  around(x: number, z: number): void {
    this.plane.position.set(x, 0, z);
    this.caught.position.set(x, 0.001, z);
    this.grid.uniforms.centre!.value = { x, y: z };
  }
}
