/**
 * A voice note recorded inside the page (R118): one channel, 16,000 samples a second of one byte each (µ-law), which is
 * what a telephone takes; ten minutes are under ten megabytes. Written as WAV, which the server reads and writes anew.
 */

import { chosen } from "./camera.js";

const RATE = 16_000; // samples a second
const LONGEST = 600; // seconds
const SECOND = 1_000; // milliseconds
const MULAW = 7; // its number in a WAV file

/** @param {HTMLElement} place @param {DOMStringMap} words @returns {Promise<Blob | undefined>} */
export async function record(place, words) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 }, video: false });
  const context = new AudioContext();
  const frame = place.appendChild(document.createElement("div"));
  const line = frame.appendChild(document.createElement("p"));
  const voice = new Voice(context.sampleRate);
  const timer = setInterval(() => {
    line.textContent = (words.recording ?? "").replace("{n}", String(Math.floor(voice.seconds)));
  }, SECOND);
  try {
    await context.audioWorklet.addModule(words.worklet ?? "");
    const listening = new AudioWorkletNode(context, "voice");
    listening.port.onmessage = ({ data }) => voice.hear(data);
    context.createMediaStreamSource(stream).connect(listening).connect(context.destination);
    const kept = await chosen(frame, words.stop ?? "", words.leave ?? "");
    return kept && voice.seconds > 0 ? voice.asWav() : undefined;
  } finally {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    await context.close();
    frame.remove();
  }
}

/** What was heard so far, at the rate at which it is kept. */
export class Voice {
  #step;
  #place = 0;
  #sum = 0;
  #count = 0;
  #heard = new Uint8Array(RATE * LONGEST);
  #length = 0;

  /** @param {number} rate  samples a second of what will be heard */
  constructor(rate) {
    this.#step = RATE / rate;
  }

  get seconds() {
    return this.#length / RATE;
  }

  /** Averages the samples that fall together, so that high notes do not come back as low ones. @param {Float32Array} samples */
  hear(samples) {
    for (const sample of samples) {
      this.#sum += sample;
      this.#count += 1;
      this.#place += this.#step;
      while (this.#place >= 1 && this.#length < this.#heard.length) {
        this.#place -= 1;
        this.#heard[this.#length++] = muLaw(this.#count ? this.#sum / this.#count : sample);
        this.#sum = this.#count = 0;
      }
    }
  }

  /** @returns {Blob} */
  asWav() {
    const header = new DataView(new ArrayBuffer(58));
    const text = (/** @type {number} */ at, /** @type {string} */ letters) =>
      [...letters].forEach((letter, place) => header.setUint8(at + place, letter.charCodeAt(0)));
    const numbers = [[4, 50 + this.#length], [16, 18], [24, RATE], [28, RATE], [42, 4], [46, this.#length], [54, this.#length]];
    const shorts = [[20, MULAW], [22, 1], [32, 1], [34, 8], [36, 0]];
    text(0, "RIFF");
    text(8, "WAVEfmt ");
    text(38, "fact");
    text(50, "data");
    for (const [at = 0, value = 0] of numbers) header.setUint32(at, value, true);
    for (const [at = 0, value = 0] of shorts) header.setUint16(at, value, true);
    return new Blob([header, this.#heard.slice(0, this.#length)], { type: "audio/wav" });
  }
}

/** One sample of ITU-T G.711. @param {number} sample  from -1 to 1 */
function muLaw(sample) {
  const level = Math.round(Math.max(-1, Math.min(1, sample)) * 32_635);
  const size = Math.abs(level) + 132;
  const octave = Math.floor(Math.log2(size)) - 7;
  return ~((level < 0 ? 0x80 : 0) | (octave << 4) | ((size >> (octave + 3)) & 0x0f)) & 0xff;
}
