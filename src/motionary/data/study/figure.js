// A body of capsules on a floor grid, drawn on a 2D canvas. World: y up, metres; the body starts at the origin facing +z.
const Figure = (() => {
  const NEAR = 0.2; // metres before the camera
  const CELL = 0.5, REACH = 3.5; // the grid around the body, metres
  const HEIGHT = 0.95; // of what the camera looks at
  const CALM = 0.7; // seconds either side over which the camera's way is a mean

  // {frames, points, at: Float32Array [frames, points, 3] metres, way: [frames, 2] x and z of the camera's target}
  function decode(text, points, fps) {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    const at = new Float32Array(bytes.length / 2);
    for (let i = 0; i < at.length; i += 1) at[i] = view.getInt16(2 * i, true) / 1000;
    const frames = at.length / (3 * points);
    return { frames, points, at, way: followed(at, frames, points, Math.round(CALM * fps)) };
  }

  function followed(at, frames, points, half) {
    const way = new Float32Array(2 * frames);
    for (let frame = 0; frame < frames; frame += 1) {
      const first = Math.max(0, frame - half), last = Math.min(frames - 1, frame + half);
      for (let other = first; other <= last; other += 1) {
        way[2 * frame] += at[3 * points * other] / (last - first + 1);
        way[2 * frame + 1] += at[3 * points * other + 2] / (last - first + 1);
      }
    }
    return way;
  }

  // Values between two frames; after the end the last pose stays.
  function between(values, width, frames, frame) {
    const low = Math.min(Math.floor(frame), frames - 1), high = Math.min(low + 1, frames - 1);
    const share = Math.min(frame - low, 1);
    const result = new Float32Array(width);
    for (let i = 0; i < width; i += 1) {
      result[i] = values[low * width + i] * (1 - share) + values[high * width + i] * share;
    }
    return result;
  }

  // A camera that orbits a point: projects [x, y, z] to [pixel x, pixel y, depth, pixels a metre].
  function lens(camera, target, width, height) {
    const { turn, rise, away } = camera;
    const back = [Math.sin(turn) * Math.cos(rise), Math.sin(rise), Math.cos(turn) * Math.cos(rise)];
    const right = [Math.cos(turn), 0, -Math.sin(turn)];
    const up = [-Math.sin(turn) * Math.sin(rise), Math.cos(rise), -Math.cos(turn) * Math.sin(rise)];
    const focal = 1.75 * Math.min(height, 1.5 * width);
    const dot = (a, x, y, z) => a[0] * x + a[1] * y + a[2] * z;
    return (x, y, z) => {
      const dx = x - target[0], dy = y - HEIGHT, dz = z - target[1];
      const depth = away - dot(back, dx, dy, dz);
      const scale = focal / Math.max(depth, NEAR);
      return [width / 2 + scale * dot(right, dx, dy, dz), height * 0.5 - scale * dot(up, dx, dy, dz), depth, scale];
    };
  }

  function floor(pen, project, target, colours) {
    const middle = target.map((value) => Math.round(value / CELL) * CELL);
    const segment = (x0, z0, x1, z1) => {
      const far = Math.hypot((x0 + x1) / 2 - target[0], (z0 + z1) / 2 - target[1]) / REACH;
      const a = project(x0, 0, z0), b = project(x1, 0, z1);
      if (far >= 1 || a[2] < NEAR || b[2] < NEAR) return;
      pen.globalAlpha = 1 - far * far;
      pen.beginPath();
      pen.moveTo(a[0], a[1]);
      pen.lineTo(b[0], b[1]);
      pen.stroke();
    };
    pen.strokeStyle = colours.grid;
    pen.lineWidth = 1;
    for (let line = -REACH; line <= REACH; line += CELL) {
      for (let step = -REACH; step < REACH; step += CELL) {
        segment(middle[0] + line, middle[1] + step, middle[0] + line, middle[1] + step + CELL);
        segment(middle[0] + step, middle[1] + line, middle[0] + step + CELL, middle[1] + line);
      }
    }
    pen.globalAlpha = 1;
  }

  // Where the pelvis has been, as a line on the floor from a ring at the start.
  function trail(pen, project, motion, frame, colours) {
    pen.strokeStyle = colours.trail;
    pen.lineWidth = 2;
    pen.beginPath();
    for (let angle = 0; angle <= 24; angle += 1) {
      const p = project(0.12 * Math.sin(angle * Math.PI / 12), 0, 0.12 * Math.cos(angle * Math.PI / 12));
      if (p[2] < NEAR) return;
      pen[angle ? "lineTo" : "moveTo"](p[0], p[1]);
    }
    for (let i = 0; i <= Math.min(frame, motion.frames - 1); i += 1) {
      const p = project(motion.at[3 * motion.points * i], 0, motion.at[3 * motion.points * i + 2]);
      if (p[2] < NEAR) break;
      pen[i ? "lineTo" : "moveTo"](p[0], p[1]);
    }
    pen.stroke();
  }

  // The outline of two discs and what lies between them.
  function capsule(pen, a, b, ra, rb) {
    const dx = b[0] - a[0], dy = b[1] - a[1], length = Math.hypot(dx, dy);
    pen.beginPath();
    if (length <= Math.abs(ra - rb)) {
      const big = ra > rb ? a : b;
      pen.arc(big[0], big[1], Math.max(ra, rb), 0, 2 * Math.PI);
      return;
    }
    const angle = Math.atan2(dy, dx), open = Math.acos((ra - rb) / length);
    pen.arc(a[0], a[1], ra, angle + open, angle - open + 2 * Math.PI);
    pen.arc(b[0], b[1], rb, angle - open, angle + open);
    pen.closePath();
  }

  function shade(pen, a, b, ra, rb, tones) {
    const dx = b[0] - a[0], dy = b[1] - a[1], length = Math.hypot(dx, dy) || 1, r = Math.max(ra, rb);
    let nx = -dy / length, ny = dx / length;
    if (0.5 * nx + ny > 0) [nx, ny] = [-nx, -ny]; // the light comes from above, a little from the left
    const x = (a[0] + b[0]) / 2, y = (a[1] + b[1]) / 2;
    const fill = pen.createLinearGradient(x + nx * r, y + ny * r, x - nx * r, y - ny * r);
    fill.addColorStop(0, tones[0]);
    fill.addColorStop(0.45, tones[1]);
    fill.addColorStop(1, tones[2]);
    pen.fillStyle = fill;
  }

  function body(pen, project, pose, bones, colours) {
    const at = (joint, height) => project(pose[3 * joint], height ? pose[3 * joint + 1] : 0, pose[3 * joint + 2]);
    pen.fillStyle = colours.shadow;
    for (const [start, end, r0, r1] of bones) {
      const a = at(start, false), b = at(end, false);
      if (a[2] < NEAR || b[2] < NEAR) continue;
      capsule(pen, a, b, 0.6 * r0 * a[3] / 1000, 0.6 * r1 * b[3] / 1000);
      pen.fill();
    }
    const drawn = bones.map(([start, end, r0, r1, side]) => {
      const a = at(start, true), b = at(end, true);
      return { a, b, ra: r0 * a[3] / 1000, rb: r1 * b[3] / 1000, side, depth: a[2] + b[2] };
    }).filter(({ a, b }) => a[2] >= NEAR && b[2] >= NEAR).sort((one, other) => other.depth - one.depth);
    for (const { a, b, ra, rb, side } of drawn) {
      capsule(pen, a, b, ra, rb);
      shade(pen, a, b, ra, rb, colours.sides[side + 1]);
      pen.fill();
    }
  }

  // The page's colours for a drawing: {grid, trail, shadow, sides: [right, middle, left] of 3 tones each}
  function palette() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const tones = (name) => [0, 1, 2].map((tone) => colour(`${name}-${tone}`));
    return {
      grid: colour("grid"), trail: colour("trail"), shadow: colour("shadow"),
      sides: [tones("right"), tones("middle"), tones("left")],
    };
  }

  // Everything of one side at a moment.
  function draw(canvas, motion, frame, bones, camera, colours) {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
    if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const target = Array.from(between(motion.way, 2, motion.frames, frame));
    const project = lens(camera, target, width, height);
    floor(pen, project, target, colours);
    trail(pen, project, motion, frame, colours);
    body(pen, project, between(motion.at, 3 * motion.points, motion.frames, frame), bones, colours);
  }

  return { decode, draw, palette };
})();
