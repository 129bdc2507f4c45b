/**
 * Passkeys and security keys: asks the browser for one, and posts what it answers.
 *
 * A form with `data-passkey` is one of: `sign-in` (asks the server first what to ask for), `show`, `create`; for the last
 * two, what to ask for stands in the element `js_data`. The form stays hidden where the browser knows no passkeys.
 */

for (const form of document.querySelectorAll("form[data-passkey]")) if (form instanceof HTMLFormElement) wire(form);

/** @param {HTMLFormElement} form */
function wire(form) {
  if (!window.PublicKeyCredential) return;
  form.hidden = false;
  let answered = false;
  form.addEventListener("submit", async (event) => {
    const field = form.elements.namedItem("credential");
    if (!(field instanceof HTMLInputElement) || answered) return;
    event.preventDefault();
    say(form, false);
    try {
      field.value = JSON.stringify(await ask(form));
    } catch {
      return say(form, true); // taken back by whoever asked, timed out, or no key that fits
    }
    answered = true;
    form.requestSubmit();
  });
}

/** @param {HTMLFormElement} form */
async function ask(form) {
  const options = form.dataset.passkey === "sign-in" ? await fetched(form) : written();
  const key = form.dataset.passkey === "create" ? await create(form, options) : await show(options);
  if (!(key instanceof PublicKeyCredential)) throw new Error("no key");
  return told(key);
}

/** @param {HTMLFormElement} form */
async function fetched(form) {
  const response = await fetch(form.action, { headers: { Accept: "application/json" } });
  return (await response.json()).request_options.publicKey;
}

function written() {
  const told = JSON.parse(document.getElementById("js_data")?.textContent ?? "");
  return (told.request_options ?? told.creation_options).publicKey;
}

/** @param {any} options */
function show(options) {
  const allowed = (options.allowCredentials ?? []).map(withBytes);
  return navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: allowed },
  });
}

/** @param {HTMLFormElement} form @param {any} options */
function create(form, options) {
  const box = form.elements.namedItem("passwordless");
  const alone = box instanceof HTMLInputElement && box.checked;
  const chosen = alone
    ? { residentKey: "required", requireResidentKey: true, userVerification: "required" }
    : { residentKey: "discouraged", requireResidentKey: false };
  return navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: withBytes(options.user),
      excludeCredentials: (options.excludeCredentials ?? []).map(withBytes),
      authenticatorSelection: { ...options.authenticatorSelection, ...chosen },
    },
  });
}

/** What the server reads. @param {PublicKeyCredential} key */
function told(key) {
  /** @type {Record<string, string>} */
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    const part = /** @type {any} */ (key.response)[name];
    if (part) response[name] = text(part);
  }
  return { id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: key.getClientExtensionResults() };
}

/** @param {HTMLFormElement} form @param {boolean} now */
function say(form, now) {
  const problem = form.querySelector("[data-passkey-problem]");
  if (problem instanceof HTMLElement) problem.hidden = !now;
}

/** @param {{ id: string }} one */
function withBytes(one) {
  return { ...one, id: bytes(one.id) };
}

/** @param {string} base64url */
function bytes(base64url) {
  return Uint8Array.from(atob(base64url.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
}

/** @param {ArrayBuffer} buffer */
function text(buffer) {
  const letters = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
