/**
 * Sends something in pieces over a weak line. Each piece says where it belongs and what it must look like; the server says
 * how far it has come, and that is where it goes on, after a dropped connection or a restart.
 *
 * @typedef {"sending" | "waiting" | "signedOut" | "kept" | "busy" | "full" | "nothing" | string} Progress
 * @typedef {{ form: HTMLFormElement, question: string, name: string, url: string }} About
 * @typedef {{ have?: number, done?: boolean, problem?: string, later?: Progress }} Answer
 */

const PIECE = 262_144; // bytes, as the server expects them
const PATIENCE = 90_000; // milliseconds: the last piece is answered once all of it was looked through
const PAUSE = 2_000;
const LONGEST_PAUSE = 30_000;

/**
 * @param {Blob} blob
 * @param {About} about
 * @param {(progress: Progress, percent?: number) => void} say
 * @returns {Promise<{ id: string, problem?: string }>}  a problem is a sentence of the server: it was not taken
 */
export async function send(blob, about, say) {
  const id = crypto.randomUUID();
  let have = 0;
  let pause = PAUSE;
  for (;;) {
    say("sending", Math.floor((have / blob.size) * 100));
    const answer = await post(blob, have, id, about);
    if (answer.problem) return { id, problem: answer.problem };
    if (answer.done) return { id };
    if (answer.later) {
      say(answer.later);
      await moment(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    } else {
      have = answer.have ?? 0;
      pause = PAUSE;
    }
  }
}

/** @param {Blob} blob @param {number} offset @param {string} id @param {About} about @returns {Promise<Answer>} */
async function post(blob, offset, id, about) {
  try {
    const piece = blob.slice(offset, offset + PIECE);
    const body = await written(blob, piece, offset, id, about);
    const signal = AbortSignal.timeout(PATIENCE);
    const headers = { Accept: "application/json" };
    return await understood(await fetch(about.url, { method: "POST", body, headers, redirect: "manual", signal }), about);
  } catch {
    return { later: "waiting" };
  }
}

/** @param {Blob} blob @param {Blob} piece @param {number} offset @param {string} id @param {About} about */
async function written(blob, piece, offset, id, { form, question, name }) {
  const body = new FormData();
  for (const field of ["csrfmiddlewaretoken", "writer", "entry_id", "version"]) {
    const control = form.elements.namedItem(field);
    if (control instanceof HTMLInputElement) body.set(field, control.value);
  }
  const fragment = form.querySelector("[data-form]");
  const about = { form: fragment instanceof HTMLElement ? (fragment.dataset.form ?? "") : "", question, name };
  const digest = await digestOf(piece);
  const all = { ...about, attachment_id: id, size: String(blob.size), offset: String(offset), digest };
  for (const [field, value] of Object.entries(all)) body.set(field, value);
  body.set("piece", piece, "piece");
  return body;
}

/** @param {Response} response @param {About} about @returns {Promise<Answer>} */
async function understood(response, { form }) {
  if (response.status === 401 || response.type === "opaqueredirect") return { later: "signedOut" };
  const token = response.headers.get("X-CSRFToken");
  const field = form.elements.namedItem("csrfmiddlewaretoken");
  if (response.status === 403 && token && field instanceof HTMLInputElement) {
    field.value = token; // signed in again in another tab
    return { later: "waiting" };
  }
  if (!(response.headers.get("Content-Type") ?? "").startsWith("application/json")) return { later: "waiting" };
  const answer = await response.json();
  return response.status === 409 || response.status >= 500 ? { later: answer.problem ?? "waiting" } : answer;
}

/** @param {Blob} piece */
async function digestOf(piece) {
  const digest = await crypto.subtle.digest("SHA-256", await piece.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Some time, or until the connection is back. @param {number} pause */
function moment(pause) {
  return new Promise((done) => {
    setTimeout(done, pause);
    window.addEventListener("online", done, { once: true });
  });
}
