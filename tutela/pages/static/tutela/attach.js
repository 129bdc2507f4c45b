/**
 * Entry file of forms that ask for photos, recordings, papers or signatures: whatever is added is sent at once, in pieces,
 * and stands in the form as a ticked box with its id. Without this script the form takes files along when it is sent.
 */

import { takePhoto } from "./camera.js";
import { sign } from "./signature.js";
import { send } from "./sending.js";
import { record } from "./voice.js";

/** @typedef {import("./sending.js").Progress} Progress */
/** @typedef {(place: HTMLElement, words: DOMStringMap) => Promise<Blob | undefined>} Making */

const LONGEST_SIDE = 1600; // pixels of a photo that is sent
const QUALITY = 0.85;

/** What each kind offers beside choosing a file: the words of its button, and what it does. @type {Record<string, [string, Making]>} */
const MAKING = { photo: ["take", takePhoto], audio: ["record", record], signature: ["sign", sign] };

const words = document.querySelector("template[data-attaching]");
// Digests, the camera and the microphone are only there on secure connections.
if (words instanceof HTMLElement && globalThis.crypto?.subtle) {
  for (const place of document.querySelectorAll("[data-add]")) {
    const form = place.closest("form");
    if (place instanceof HTMLElement && form) begin(place, form, words.dataset);
  }
}

/** @param {HTMLElement} place @param {HTMLFormElement} form @param {DOMStringMap} said */
function begin(place, form, said) {
  const input = place.querySelector("input[type=file]");
  const question = place.closest("[data-question]");
  if (!(input instanceof HTMLInputElement) || !(question instanceof HTMLElement)) return;
  const status = place.appendChild(document.createElement("p"));
  status.setAttribute("role", "status");
  let sending = 0;

  /** @param {Progress} progress @param {number} [n] */
  const say = (progress, n = 0) => {
    status.textContent = (said[progress] ?? progress).replace("{n}", String(n));
  };

  /** @param {Blob} blob @param {string} [name] */
  const add = async (blob, name = "") => {
    if (kept(question).length >= Number(place.dataset.most)) return say("full");
    sending += 1;
    const about = { form, question: question.dataset.question ?? "", name, url: said.url ?? "" };
    const sent = await send(place.dataset.add === "photo" ? await shrunk(blob) : blob, about, say);
    sending -= 1;
    if (sent.problem) return say(sent.problem);
    keep(question, place, sent.id);
    say("kept");
  };

  input.removeAttribute("name"); // it goes in pieces, not with the form
  input.addEventListener("change", async () => {
    for (const file of [...(input.files ?? [])]) await add(file, file.name);
    input.value = "";
  });
  const [word, make] = MAKING[place.dataset.add ?? ""] ?? [];
  if (word && make) place.prepend(maker(said[word] ?? "", make, { place, said, add, say }));
  form.addEventListener("submit", (event) => waitForIt(event, sending, say), true);
  window.addEventListener("beforeunload", (event) => {
    if (sending) event.preventDefault();
  });
}

/**
 * The button that makes something here, such as a photo that never lies in the gallery of the phone.
 *
 * @param {string} label
 * @param {Making} make
 * @param {{ place: HTMLElement, said: DOMStringMap, add: (blob: Blob) => Promise<void>, say: (progress: Progress) => void }} around
 */
function maker(label, make, { place, said, add, say }) {
  const line = document.createElement("p");
  const button = line.appendChild(document.createElement("button"));
  Object.assign(button, { type: "button", className: "button quiet", textContent: label });
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const made = await make(place, said);
      if (made) await add(made);
    } catch {
      say("nothing");
    }
    button.disabled = false;
    button.focus();
  });
  return line;
}

/** @param {SubmitEvent} event @param {number} sending @param {(progress: Progress) => void} say */
function waitForIt(event, sending, say) {
  if (!sending) return;
  event.preventDefault();
  say("busy");
}

/** @param {HTMLElement} question @returns {Element[]} */
function kept(question) {
  return [...question.querySelectorAll("[data-kept] input:checked")];
}

/** One more ticked box; the change has the draft saved. @param {HTMLElement} question @param {HTMLElement} place @param {string} id */
function keep(question, place, id) {
  const boxes = question.querySelector("[data-kept]");
  if (!boxes) return;
  const name = question.dataset.question ?? "";
  const box = document.createElement("input");
  Object.assign(box, { type: "checkbox", name, id: `q-${name}-${id}`, value: id, checked: true, autocomplete: "off" });
  const label = document.createElement("label");
  label.htmlFor = box.id;
  label.textContent = (place.dataset.called ?? "").replace("{n}", String(boxes.children.length + 1));
  const line = boxes.appendChild(document.createElement("div"));
  line.className = "choice";
  line.append(box, label);
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

/** A photo as small as it will be kept. What this browser cannot read is sent as it is. @param {Blob} blob */
async function shrunk(blob) {
  try {
    const bitmap = await createImageBitmap(blob);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return (await asJpeg(canvas)) ?? blob;
  } catch {
    return blob;
  }
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob | null>} */
function asJpeg(canvas) {
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}
