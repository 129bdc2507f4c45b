/**
 * Covers the page after a while in which nobody used it, and ends the session; signing in again uncovers it.
 *
 * The section `[data-cover]` says after how many seconds (`data-idle`), who reads (`data-reader`), whom to ask whether
 * somebody is signed in (`data-here`) and where to end it (`data-lock`). Nothing of what is typed is lost: it is kept as
 * a draft first, and stays in the page.
 */

const USED = "used"; // when the person used any page of the house, for all tabs together
const LOOK = 1_000; // milliseconds between two looks at the clock
const TOLD_EVERY = 60_000; // at most that often the server is told that somebody is there

const cover = document.querySelector("[data-cover]");
if (cover instanceof HTMLElement) watch(cover);

/** @param {HTMLElement} cover */
function watch(cover) {
  const idle = Number(cover.dataset.idle) * 1_000;
  /** @type {Element[]} */
  let covered = [];
  let told = Date.now();

  const note = () => {
    if (covered.length) return;
    if (Date.now() - lastUsed() >= idle) return void lock(); // a phone that slept has no clock
    localStorage.setItem(USED, String(Date.now()));
    if (Date.now() - told < TOLD_EVERY) return;
    told = Date.now();
    stillHere(cover).catch(() => undefined);
  };

  async function lock() {
    covered = [...document.body.children].filter((one) => one !== cover && !one.hasAttribute("hidden"));
    for (const one of covered) one.toggleAttribute("hidden", true);
    cover.hidden = false;
    cover.querySelector("h1")?.focus();
    /** @type {Promise<unknown>[]} */
    const saving = [];
    document.dispatchEvent(new CustomEvent("covered", { detail: saving }));
    await Promise.allSettled(saving);
    const here = await stillHere(cover).catch(() => undefined);
    const headers = { "X-CSRFToken": here?.headers.get("X-CSRFToken") ?? "" };
    if (here?.ok) await fetch(cover.dataset.lock ?? "", { method: "POST", headers }).catch(() => undefined);
  }

  async function unlock() {
    if (!covered.length) return;
    const response = await stillHere(cover).catch(() => undefined);
    if (!response?.ok || (await response.json()).reader !== cover.dataset.reader || !covered.length) return;
    takeToken(response.headers.get("X-CSRFToken") ?? "");
    localStorage.setItem(USED, String(Date.now()));
    for (const one of covered) one.toggleAttribute("hidden", false);
    covered = [];
    cover.hidden = true;
    document.getElementById("main")?.focus({ preventScroll: true });
  }

  localStorage.setItem(USED, String(Date.now())); // coming to a page is using it
  for (const event of ["pointerdown", "keydown", "input", "scroll"]) {
    document.addEventListener(event, note, { passive: true, capture: true });
  }
  setInterval(() => {
    if (!covered.length && Date.now() - lastUsed() >= idle) lock();
  }, LOOK);
  window.addEventListener("pageshow", (event) => event.persisted && Date.now() - lastUsed() >= idle && lock());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && unlock());
  window.addEventListener("focus", unlock);
  cover.querySelector("[data-uncover]")?.addEventListener("click", unlock);
}

function lastUsed() {
  return Number(localStorage.getItem(USED) ?? Date.now());
}

/** @param {HTMLElement} cover */
function stillHere(cover) {
  return fetch(cover.dataset.here ?? "", { headers: { Accept: "application/json" } });
}

/** Signing in again made the token of every form here stale. @param {string} token */
function takeToken(token) {
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
    if (field instanceof HTMLInputElement && token) field.value = token;
  }
}
