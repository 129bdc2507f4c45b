/**
 * Keeps what is typed as a draft on the server, and says so. Nothing here ever empties the page.
 *
 * The form carries `data-draft-url`; the line `[data-draft-status]` carries the sentences; `[data-sign-in]` is a link
 * that opens in another tab.
 *
 * @typedef {"kept" | "refused" | "unreachable" | "signedOut"} Outcome
 */

const PAUSE = 3_000; // milliseconds between two savings while somebody types
const LONGEST_PAUSE = 60_000;
const PATIENCE = 20_000; // with a server that does not answer
const SLOW = 1_000; // a saving that takes longer is mentioned

/** @type {Record<Outcome, string>} */
const SENTENCES = { kept: "saved", refused: "unsent", unreachable: "unsent", signedOut: "signedOut" };

/** The draft of one form. */
export class Draft {
  #form;
  #url;
  #typed = 0; // counts changes
  #kept = 0; // how many of them the server has
  #pause = PAUSE;
  #timer = 0;
  #mine = false; // no other tab writes this draft
  #stopped = false;
  /** @type {AbortController | undefined} */
  #sending;

  /** @param {HTMLFormElement} form @param {string} url */
  constructor(form, url) {
    this.#form = form;
    this.#url = url;
    for (const event of ["input", "change"]) form.addEventListener(event, () => this.#changed());
    document.addEventListener("visibilitychange", () => this.save({ leaving: document.visibilityState === "hidden" }));
    window.addEventListener("online", () => this.save());
    document.addEventListener("covered", (event) => {
      if (event instanceof CustomEvent) event.detail.push(this.save()); // before the session ends behind the cover
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.unsaved && !this.#stopped) event.preventDefault();
    });
    this.#wireComeBack();
    this.#claim();
  }

  /** Whether the page has something that the server has not. */
  get unsaved() {
    return this.#typed > this.#kept;
  }

  /**
   * Sends what is typed so far, unless all of it is kept already or another tab writes this draft.
   *
   * @param {{ leaving?: boolean }} [how]  leaving: the page may be gone before the answer comes
   * @returns {Promise<Outcome>}
   */
  async save({ leaving = false } = {}) {
    if (!this.unsaved) return "kept";
    if (!this.#mine || this.#stopped) return "refused";
    this.#cancel();
    const sending = (this.#sending = new AbortController());
    const upTo = this.#typed;
    const timers = [setTimeout(() => this.#say("saving"), SLOW), setTimeout(() => sending.abort(), PATIENCE)];
    const outcome = await this.#send(sending.signal, leaving);
    timers.forEach(clearTimeout);
    if (sending !== this.#sending) return outcome; // a later one has overtaken it
    this.#sending = undefined;
    this.#note(outcome, upTo);
    return outcome;
  }

  /** While the form itself is being sent: a late draft must not come after it. */
  stop() {
    this.#stopped = true;
    this.#cancel();
  }

  /** The form was not sent after all. */
  resume() {
    this.#stopped = false;
    if (this.unsaved) this.#later();
  }

  #changed() {
    this.#typed += 1;
    this.#later();
  }

  /** Throttled, not debounced: somebody who types without a pause is saved too. */
  #later() {
    if (!this.#sending && !this.#timer) this.#timer = setTimeout(() => this.save(), this.#pause);
  }

  #cancel() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#sending?.abort();
    this.#sending = undefined;
  }

  /** @param {Outcome} outcome @param {number} upTo */
  #note(outcome, upTo) {
    if (outcome === "kept") this.#kept = upTo;
    this.#pause = outcome === "kept" ? PAUSE : Math.min(this.#pause * 2, LONGEST_PAUSE);
    this.#say(SENTENCES[outcome]);
    const signIn = document.querySelector("[data-sign-in]");
    if (signIn instanceof HTMLElement) signIn.hidden = outcome !== "signedOut";
    if (this.unsaved) this.#later();
  }

  /**
   * @param {AbortSignal} signal
   * @param {boolean} leaving
   * @returns {Promise<Outcome>}
   */
  async #send(signal, leaving) {
    try {
      let response = await this.#post(signal, leaving);
      if (response.status === 403 && this.#takeToken(response)) response = await this.#post(signal, leaving);
      return outcomeOf(response);
    } catch {
      return "unreachable";
    }
  }

  /** @param {AbortSignal} signal @param {boolean} leaving @returns {Promise<Response>} */
  async #post(signal, leaving) {
    /** @type {RequestInit} */
    const request = {
      method: "POST",
      body: new FormData(this.#form),
      headers: { Accept: "application/json" },
      redirect: "manual",
      signal,
    };
    if (!leaving) return fetch(this.#url, request);
    // Outlives the page, but takes 64 kB at most.
    return fetch(this.#url, { ...request, keepalive: true }).catch(() => fetch(this.#url, request));
  }

  /** Signing in again, in another tab, makes the token of this page stale. @param {Response} response */
  #takeToken(response) {
    const token = response.headers.get("X-CSRFToken");
    const field = this.#form.elements.namedItem("csrfmiddlewaretoken");
    if (!token || !(field instanceof HTMLInputElement) || field.value === token) return false;
    field.value = token;
    return true;
  }

  /** One tab writes a draft; another would overwrite it with something older. */
  #claim() {
    /** @param {boolean} mine */
    const claimed = (mine) => {
      this.#mine = mine;
      if (!mine) this.#say("otherTab");
    };
    if (!navigator.locks) return claimed(true); // only offered on secure connections
    return navigator.locks.request(`draft ${this.#url}`, { ifAvailable: true }, (lock) => {
      claimed(lock !== null);
      return lock && new Promise(() => {}); // until the page goes
    });
  }

  /** “Save and come back” leaves once everything is kept. Until this runs it would save nothing, and stays hidden. */
  #wireComeBack() {
    const link = this.#form.querySelector("a[data-come-back]");
    link?.removeAttribute("hidden");
    link?.addEventListener("click", async (event) => {
      if (!(link instanceof HTMLAnchorElement) || !this.unsaved || !this.#mine) return;
      event.preventDefault();
      if ((await this.save()) === "kept") location.assign(link.href);
    });
  }

  /** @param {string} sentence */
  #say(sentence) {
    const line = document.querySelector("[data-draft-status]");
    const words = line instanceof HTMLElement ? (line.dataset[sentence] ?? "") : "";
    if (line && line.textContent !== words) line.textContent = words; // the same again would be read out again
  }
}

/** The sign-in page of some other network answers too, but keeps nothing. @param {Response} response */
function outcomeOf(response) {
  if (response.status === 401 || response.type === "opaqueredirect") return "signedOut";
  const ours = response.status === 204 || (response.headers.get("Content-Type") ?? "").startsWith("application/json");
  return response.ok && ours ? "kept" : "refused";
}
