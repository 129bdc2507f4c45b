/** A signature drawn on the screen. Whoever does not draw agrees without signing, which the form asks for as well (R119). */

import { chosen } from "./camera.js";

const WIDEST = 640; // pixels
const HEIGHT = 200;
const PEN = 2.5;

/** @param {HTMLElement} place @param {DOMStringMap} words @returns {Promise<Blob | undefined>} */
export async function sign(place, words) {
  const frame = place.appendChild(document.createElement("div"));
  frame.className = "card";
  const canvas = frame.appendChild(document.createElement("canvas"));
  canvas.width = Math.min(WIDEST, frame.clientWidth - 40);
  canvas.height = HEIGHT;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", words.board ?? "");
  const drawn = wirePen(canvas);
  const kept = await chosen(frame, words.keep ?? "", words.leave ?? "");
  frame.remove();
  if (!kept || !drawn()) return undefined;
  return new Promise((done) => canvas.toBlob((blob) => done(blob ?? undefined), "image/png"));
}

/** @param {HTMLCanvasElement} canvas @returns {() => boolean}  whether anything was drawn */
function wirePen(canvas) {
  const pen = canvas.getContext("2d");
  let strokes = 0;
  if (!pen) return () => false;
  pen.fillStyle = "#fff"; // dark ink on white, whatever the colours of the page
  pen.fillRect(0, 0, canvas.width, canvas.height);
  Object.assign(pen, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: "#111" });
  canvas.style.touchAction = "none"; // a finger draws here, and does not scroll
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(event.offsetX, event.offsetY);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    strokes += 1;
    pen.lineTo(event.offsetX, event.offsetY);
    pen.stroke();
  });
  return () => strokes > 0;
}
