/** Entry file of the form page: brings the fragment, its rules and its draft together. */

import { Draft } from "./draft.js";
import { tidyDigits, wireRows } from "./form.js";
import { review } from "./rules.js";

const TO_TRY_AGAIN = 15_000; // milliseconds until a form that got no answer can be sent again

const fragment = document.querySelector("[data-form]");
if (fragment instanceof HTMLElement) begin(fragment);

/** @param {HTMLElement} fragment */
function begin(fragment) {
  const form = fragment.closest("form");
  const reviewNow = () => review(fragment, form?.dataset.today ?? localDay(new Date()));
  wireRows(fragment);
  fragment.addEventListener("change", (event) => tidyDigits(event.target));
  fragment.addEventListener("input", reviewNow);
  fragment.addEventListener("change", reviewNow);
  window.addEventListener("pageshow", reviewNow); // a browser may have put answers back
  reviewNow();
  if (form) sendOnce(form, form.dataset.draftUrl ? new Draft(form, form.dataset.draftUrl) : undefined);
}

/**
 * Lets the form be sent once. What is not kept yet is kept first: on a page that cannot be reached it would be lost.
 *
 * @param {HTMLFormElement} form
 * @param {Draft | undefined} draft
 */
function sendOnce(form, draft) {
  let busy = false;
  let kept = false;

  /** @param {boolean} now */
  function setBusy(now) {
    busy = now;
    const show = () => {
      for (const button of form.querySelectorAll("button")) if (button.type === "submit") button.disabled = busy;
    };
    if (busy) setTimeout(show); // not at once: a disabled button is left out of what is being sent
    else show();
  }

  function open() {
    kept = false;
    setBusy(false);
    draft?.resume();
  }

  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    if (busy) return event.preventDefault();
    setBusy(true);
    if (!draft?.unsaved || kept) {
      draft?.stop();
      setTimeout(open, TO_TRY_AGAIN);
      return;
    }
    event.preventDefault();
    const outcome = await draft.save();
    setBusy(false);
    if (outcome === "unreachable" || outcome === "signedOut") return; // the line above the button says so
    kept = true;
    form.requestSubmit(event.submitter);
  });
  window.addEventListener("pageshow", open);
}

/** @param {Date} moment */
function localDay(moment) {
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}
