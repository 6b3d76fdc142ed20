/** Sound in the page: a picture of its loudness, and recordings as plain WAV. */

const COLUMNS = 480;
const RATE = 22050; // hertz of what is recorded
const LONGEST = 60; // seconds of a recording

export interface Sound {
  name: string;
  file: Blob;
  url: string; // for playing it
  seconds: number;
  wave: Float32Array; // loudness in even steps, 0 to 1
}

/** Raises DOMException where the browser cannot read the file. */
export async function read(file: Blob, name: string): Promise<Sound> {
  const context = new OfflineAudioContext(1, 1, RATE);
  const heard = await context.decodeAudioData(await file.arrayBuffer());
  return { name, file, url: URL.createObjectURL(file), seconds: heard.duration, wave: loudness(mono(heard)) };
}

/** One that the browser cannot read, but the service may: by what the service saw. */
export const told = (file: Blob, name: string, seconds: number, peaks: number[]): Sound => ({
  name, file, url: URL.createObjectURL(file), seconds, wave: scaled(Float32Array.from(peaks)),
});

function mono(heard: AudioBuffer): Float32Array {
  const mixed = new Float32Array(heard.length);
  for (let channel = 0; channel < heard.numberOfChannels; channel++) {
    const one = heard.getChannelData(channel);
    for (let k = 0; k < mixed.length; k++) mixed[k]! += one[k]! / heard.numberOfChannels;
  }
  return mixed;
}

function loudness(samples: Float32Array): Float32Array {
  const columns = new Float32Array(COLUMNS);
  const wide = samples.length / COLUMNS;
  for (let k = 0; k < COLUMNS; k++) {
    let sum = 0;
    const [from, to] = [Math.floor(k * wide), Math.max(Math.floor((k + 1) * wide), Math.floor(k * wide) + 1)];
    for (let at = from; at < to; at++) sum += (samples[at] ?? 0) ** 2;
    columns[k] = Math.sqrt(sum / (to - from));
  }
  return scaled(columns);
}

function scaled(columns: Float32Array): Float32Array {
  const most = columns.reduce((a, b) => Math.max(a, b), 1e-4);
  return columns.map((one) => Math.sqrt(one / most));
}

/** 16-bit mono WAV of samples between -1 and 1. */
function wav(samples: Float32Array, rate: number): Blob {
  const bytes = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (at: number, words: string): void => [...words].forEach((one, k) => bytes.setUint8(at + k, one.charCodeAt(0)));
  text(0, "RIFF");
  bytes.setUint32(4, 36 + samples.length * 2, true);
  text(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, rate * 2, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  text(36, "data");
  bytes.setUint32(40, samples.length * 2, true);
  samples.forEach((one, k) => bytes.setInt16(44 + k * 2, Math.max(-1, Math.min(1, one)) * 32767, true));
  return new Blob([bytes], { type: "audio/wav" });
}

/** A recording that runs until it is stopped. Raises DOMException where there is no microphone or no leave to use it. */
export async function record(): Promise<{ stop: () => Promise<Sound> }> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream);
  const pieces: Blob[] = [];
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  const ended = new Promise<void>((resolve) => recorder.addEventListener("stop", () => resolve()));
  recorder.start();
  const limit = setTimeout(() => recorder.stop(), LONGEST * 1000);
  return {
    async stop() {
      clearTimeout(limit);
      if (recorder.state !== "inactive") recorder.stop();
      await ended;
      stream.getTracks().forEach((track) => track.stop());
      const heard = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await new Blob(pieces).arrayBuffer());
      return read(wav(mono(heard), RATE), "recording.wav");
    },
  };
}
