/**
 * The form fragment as data: reading its answers, filling it, and the rows of its repeats.
 *
 * Answers have the shape that `tutela/forms/answers.py` reads from a posted page: unanswered questions and empty rows
 * are left out, as are notes and calculations.
 *
 * @typedef {string | string[] | Record<string, any>[]} Answer
 * @typedef {Record<string, Answer>} Answers
 * @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLOutputElement} Control
 */

const WITH_DIGITS = new Set(["integer", "decimal", "range", "phone"]);
const ATTACHED = new Set(["photo", "audio", "file", "signature"]); // answered with the ids in ticked boxes
const WITHOUT_ANSWER = new Set(["note", "calculate"]);
const ROW_MARK = "__row__";
// The zeros of the scripts whose digits a keyboard may type; nine more follow each.
const ZEROS = [..."٠۰߀०০੦૦୦௦౦೦൦๐໐༠၀០᠐０"].map((zero) => zero.codePointAt(0) ?? 0);

/**
 * The answers on the page, those to hidden questions included: which of them apply is for the server to say.
 *
 * @param {Element} element  the form, the fragment or one row
 * @returns {Answers}
 */
export function read(element) {
  /** @type {Answers} */
  const answers = {};
  for (const question of questionsIn(element)) {
    if (WITHOUT_ANSWER.has(question.dataset.type ?? "")) continue;
    const answer = answerOf(question);
    if (answer.length > 0) answers[question.dataset.question ?? ""] = answer;
  }
  return answers;
}

/**
 * Puts the answers on the page and empties what has none.
 *
 * @param {Element} element
 * @param {Answers} answers
 */
export function fill(element, answers) {
  for (const question of questionsIn(element)) {
    const name = question.dataset.question ?? "";
    const answer = Object.hasOwn(answers, name) ? answers[name] : "";
    if (question.dataset.type === "repeat") fillRows(question, Array.isArray(answer) ? answer : []);
    else for (const control of controlsOf(question)) fillControl(control, answer);
  }
}

/**
 * The questions of a form or of a row, in the order of the page, without those inside its repeats.
 *
 * @param {Element} element
 * @returns {HTMLElement[]}
 */
export function questionsIn(element) {
  /** @type {NodeListOf<HTMLElement>} */
  const all = element.querySelectorAll("[data-question]");
  return [...all].filter((question) => {
    const around = question.parentElement?.closest("[data-question]");
    return !around || around === element || !element.contains(around);
  });
}

/**
 * @param {HTMLElement} question
 * @returns {Answer}
 */
export function answerOf(question) {
  if (question.dataset.type === "repeat") {
    return rowsOf(question).map(read).filter((row) => Object.keys(row).length > 0);
  }
  const controls = controlsOf(question);
  const attached = ATTACHED.has(question.dataset.type ?? "");
  if (attached || controls.some(isTickable)) {
    const codes = controls.filter((control) => isTickable(control) && control.checked).map((control) => control.value);
    return attached || question.dataset.type === "choices" ? codes : (codes[0] ?? "");
  }
  return spelled(controls[0]?.value ?? "", question.dataset.type ?? "");
}

/**
 * The controls of one question, without those of questions inside it.
 *
 * @param {HTMLElement} question
 * @returns {Control[]}
 */
export function controlsOf(question) {
  /** @type {NodeListOf<Control>} */
  const controls = question.querySelectorAll("input[name], select[name], textarea[name], output[name]");
  return [...controls].filter((control) => control.closest("[data-question]") === question);
}

/**
 * @param {HTMLElement} question  a repeat
 * @returns {HTMLElement[]}
 */
export function rowsOf(question) {
  return [...question.querySelectorAll("[data-row]")].filter((row) => row instanceof HTMLElement);
}

/**
 * A new empty row at the end. Its index is one that no row here has had: indexes get gaps and are never given again.
 *
 * @param {HTMLElement} question  a repeat
 * @returns {HTMLElement | undefined}
 */
export function addRow(question) {
  const place = question.querySelector("[data-rows]");
  const template = question.querySelector("template[data-row-template]");
  if (!(place instanceof HTMLElement) || !(template instanceof HTMLTemplateElement)) return undefined;
  const taken = rowsOf(question).map((row) => Number(row.dataset.row));
  const index = Math.max(Number(place.dataset.nextRow ?? 0), ...taken.map((one) => one + 1));
  place.dataset.nextRow = String(index + 1);
  const copy = document.importNode(template.content, true);
  for (const element of copy.querySelectorAll("*")) numberAttributes(element, index);
  place.append(copy);
  const row = rowsOf(question).at(-1);
  if (row) showButtons(row);
  return row;
}

/**
 * Makes the buttons of all repeats work. Tells with a `change` event when a row came or went.
 *
 * @param {HTMLElement} element
 */
export function wireRows(element) {
  for (const row of element.querySelectorAll("[data-row][data-spare]")) {
    if (Object.keys(read(row)).length === 0) row.remove(); // stood there for those without script
  }
  showButtons(element);
  element.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-add-row], [data-remove-row]") : null;
    const question = button?.closest("[data-question]");
    if (!button || !(question instanceof HTMLElement)) return;
    if (button.matches("[data-add-row]")) focusFirst(addRow(question));
    else removeRow(question, button);
    question.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/**
 * Digits of every script as 0 to 9, where the question asks for digits: the person sees what will be kept.
 *
 * @param {EventTarget | null} control
 */
export function tidyDigits(control) {
  if (!(control instanceof HTMLInputElement)) return;
  const question = control.closest("[data-question]");
  if (!(question instanceof HTMLElement) || !WITH_DIGITS.has(question.dataset.type ?? "")) return;
  const tidy = westernDigits(control.value);
  if (tidy !== control.value) control.value = tidy;
}

/** @param {Control} control @returns {control is HTMLInputElement} */
function isTickable(control) {
  return control instanceof HTMLInputElement && (control.type === "radio" || control.type === "checkbox");
}

/** An answer in its one spelling, as `tutela/forms/values.py` has it. @param {string} typed @param {string} type */
function spelled(typed, type) {
  const text = typed.normalize("NFC").replaceAll("\r\n", "\n").trim();
  if (!WITH_DIGITS.has(type)) return text;
  const digits = westernDigits(text);
  return type === "integer" && /^-?[0-9]{1,15}$/.test(digits) ? String(Number(digits)) : digits;
}

/** @param {string} text */
function westernDigits(text) {
  const digits = text.replace(/\p{Nd}/gu, (digit) => {
    const point = digit.codePointAt(0) ?? 0;
    const zero = ZEROS.find((first) => first <= point && point <= first + 9);
    return zero === undefined ? digit : String(point - zero);
  });
  return digits.replaceAll("٫", ".");
}

/** @param {HTMLElement} question @param {any[]} answers */
function fillRows(question, answers) {
  const rows = rowsOf(question);
  for (const row of rows.slice(answers.length)) row.remove();
  answers.forEach((answer, at) => {
    const row = rows[at] ?? addRow(question);
    if (row) fill(row, answer);
  });
}

/** @param {Control} control @param {Answer} answer */
function fillControl(control, answer) {
  if (control instanceof HTMLOutputElement) return; // is worked out
  if (control instanceof HTMLInputElement && control.type === "file") return; // what is chosen goes its own way
  if (isTickable(control)) control.checked = [answer].flat().includes(control.value);
  else control.value = typeof answer === "string" ? answer : "";
}

/** @param {Element} element @param {number} index */
function numberAttributes(element, index) {
  for (const { name, value } of [...element.attributes]) {
    if (value.includes(ROW_MARK)) element.setAttribute(name, value.replaceAll(ROW_MARK, String(index)));
  }
}

/** @param {HTMLElement} question @param {Element} button */
function removeRow(question, button) {
  button.closest("[data-row]")?.remove();
  const add = question.querySelector("[data-add-row]");
  if (add instanceof HTMLElement) add.focus();
}

/** @param {Element} element */
function showButtons(element) {
  for (const button of element.querySelectorAll("[data-add-row], [data-remove-row]")) button.removeAttribute("hidden");
}

/** @param {HTMLElement | undefined} row */
function focusFirst(row) {
  const control = row?.querySelector("input, select, textarea");
  if (control instanceof HTMLElement) control.focus();
}
