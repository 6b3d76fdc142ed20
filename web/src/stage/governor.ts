/** Keeps playback smooth: where frames take too long, first shadows and then resolution give way. */
import { PCFShadowMap, WebGLRenderer, type DirectionalLight } from "three";

const STILL = { pixels: 1.5, shadow: 1024 }; // a picture that stands has time to be drawn well
const SLOW = 1 / 28; // seconds a frame above which something must give way
const WINDOW = 14; // frames that are looked at
const LEVELS = [
  { pixels: 2, shadow: 2048 },
  { pixels: 1, shadow: 1024 },
  { pixels: 1, shadow: 512 },
  { pixels: 1, shadow: 0 },
  { pixels: 0.75, shadow: 0 },
  { pixels: 0.5, shadow: 0 },
] as const;

export class Governor {
  private level: number;
  private frames: number[] = [];
  private still = false;

  constructor(
    private readonly renderer: WebGLRenderer,
    private readonly light: DirectionalLight,
  ) {
    renderer.shadowMap.type = PCFShadowMap;
    this.level = software() ? LEVELS.length - 2 : 0;
    this.apply();
  }

  get shadows(): boolean {
    return this.light.castShadow;
  }

  /** A frame took so many seconds; returns frames a second of late. */
  frame(seconds: number): number {
    this.frames.push(seconds);
    if (this.frames.length > WINDOW) this.frames.shift();
    const mean = this.frames.reduce((sum, one) => sum + one, 0) / this.frames.length;
    if (this.frames.length === WINDOW && mean > SLOW && this.level < LEVELS.length - 1) {
      this.level += 1;
      this.apply();
    }
    return 1 / mean;
  }

  /** Nothing moves: draw once more, as well as can be. False where it was already so. */
  rest(): boolean {
    if (this.still || this.level === 0) return false;
    this.still = true;
    this.apply();
    return true;
  }

  /** Something moves again. */
  wake(): void {
    if (!this.still) return;
    this.still = false;
    this.apply();
  }

  private apply(): void {
    const { pixels, shadow } = this.still ? STILL : LEVELS[this.level]!;
    this.frames = [];
    this.renderer.setPixelRatio(this.still ? Math.max(devicePixelRatio, pixels) : Math.min(devicePixelRatio, pixels));
    this.renderer.shadowMap.enabled = shadow > 0;
    this.light.castShadow = shadow > 0;
    if (!shadow) return;
    this.light.shadow.mapSize.set(shadow, shadow);
    this.light.shadow.map?.dispose();
    this.light.shadow.map = null;
    this.light.shadow.bias = -0.0006;
    this.light.shadow.normalBias = 0.02;
    this.light.shadow.radius = 5;
  }
}

let probed: boolean | null = null;

/** Does this machine draw without a graphics card? Then shading is kept simple from the start. */
export function software(): boolean {
  if (probed !== null) return probed;
  const gl = document.createElement("canvas").getContext("webgl2");
  const told = gl?.getExtension("WEBGL_debug_renderer_info");
  probed = Boolean(gl && told && /swiftshader|llvmpipe|software|basic render/i.test(String(gl.getParameter(told.UNMASKED_RENDERER_WEBGL))));
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  return probed;
}

export const renderer = (): WebGLRenderer =>
  new WebGLRenderer({ antialias: !software(), alpha: true, powerPreference: "high-performance" });
