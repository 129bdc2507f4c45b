// @ts-nocheck  what a worklet has is not among what a page has
/** Hands what the microphone hears to the page, which keeps it (`voice.js`). Runs where sound is worked out. */
class VoiceProcessor extends AudioWorkletProcessor {
  /** @param {Float32Array[][]} inputs */
  process([input]) {
    if (input?.[0]) this.port.postMessage(input[0].slice());
    return true;
  }
}

registerProcessor("voice", VoiceProcessor);
