/** Canvas rows: a wave with its ticks, and shares stacked over time. */
import { colour } from "../lib/theme";
import type { Row } from "./rows";

type Drawn = Extract<Row, { kind: "wave" | "shares" }>;

export function paint(canvas: HTMLCanvasElement, row: Drawn, extent: number): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width || !height || !extent) return;
  const sharp = devicePixelRatio || 1;
  [canvas.width, canvas.height] = [width * sharp, height * sharp];
  const ink = canvas.getContext("2d")!;
  ink.scale(sharp, sharp);
  if (row.kind === "wave") wave(ink, row, width, height, extent);
  else shares(ink, row, width, height, extent);
}

function wave(ink: CanvasRenderingContext2D, row: Extract<Row, { kind: "wave" }>, width: number, height: number, extent: number): void {
  const end = Math.min(width, (row.seconds / extent) * width);
  const middle = height / 2;
  ink.fillStyle = colour("wave");
  for (let x = 0; x < end; x += 3) {
    const [from, to] = [Math.floor((x / end) * row.wave.length), Math.ceil(((x + 3) / end) * row.wave.length)];
    const loud = Math.max(...row.wave.subarray(from, Math.max(to, from + 1)));
    const tall = Math.max(1, loud * (height - 6));
    ink.beginPath();
    ink.roundRect(x, middle - tall / 2, 2, tall, 1);
    ink.fill();
  }
  for (const { times, half } of row.ticks) {
    ink.fillStyle = colour(half === "top" ? "text" : "accent");
    for (const time of times) {
      const x = (time / extent) * width;
      ink.beginPath();
      if (half === "top") ink.roundRect(x - 1, 0, 2, height * 0.38, 1);
      else {
        ink.moveTo(x, height * 0.56);
        ink.lineTo(x + 4.5, height);
        ink.lineTo(x - 4.5, height);
      }
      ink.fill();
    }
  }
}

function shares(ink: CanvasRenderingContext2D, row: Extract<Row, { kind: "shares" }>, width: number, height: number, extent: number): void {
  const [left, right] = [(row.from / extent) * width, (row.to / extent) * width];
  const steps = row.bands[0]?.values.length ?? 0;
  const floor = new Array<number>(steps).fill(0);
  const x = (step: number): number => left + ((right - left) * step) / Math.max(steps - 1, 1);
  for (const { hue, values } of row.bands) {
    ink.beginPath();
    for (let k = 0; k < steps; k++) ink.lineTo(x(k), height * (1 - floor[k]!));
    for (let k = steps - 1; k >= 0; k--) {
      floor[k] = Math.min(1, floor[k]! + values[k]!);
      ink.lineTo(x(k), height * (1 - floor[k]!));
    }
    ink.closePath();
    ink.fillStyle = `hsl(${hue} ${colour("band")})`;
    ink.fill();
  }
}
