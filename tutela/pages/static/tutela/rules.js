/** Which questions apply, and what is worked out: the browser's side of `tutela/forms/answers.py`. */

import { holds, valueText } from "./conditions.js";
import { answerOf, controlsOf, questionsIn, rowsOf } from "./form.js";

/** @typedef {import("./conditions.js").Texts} Texts */

/**
 * One pass in the order of the page: works out calculations and shows the questions that apply. An answer to a
 * question that does not apply stays on the page, marked `data-off`, and counts as empty for what follows.
 *
 * @param {HTMLElement} element  the fragment
 * @param {string} today  the day at the place of work, such as `2026-01-31`
 */
export function review(element, today) {
  reviewQuestions(element, {}, today);
  /** @type {NodeListOf<HTMLElement>} */
  const sections = element.querySelectorAll("[data-section]");
  for (const section of sections) {
    const questions = questionsIn(section);
    section.hidden = questions.length > 0 && questions.every((question) => question.hidden);
  }
}

/**
 * @param {Element} element  the fragment, or a row whose questions also see those around the repeat
 * @param {Texts} around
 * @param {string} today
 */
function reviewQuestions(element, around, today) {
  const seen = { ...around };
  for (const question of questionsIn(element)) {
    seen[question.dataset.question ?? ""] = reviewQuestion(question, seen, today);
  }
}

/**
 * @param {HTMLElement} question
 * @param {Texts} seen  the answers before it
 * @param {string} today
 * @returns {string}  its answer as conditions see it
 */
function reviewQuestion(question, seen, today) {
  const { type, showIf, calculation } = question.dataset;
  const applies = !showIf || holds(JSON.parse(showIf), seen, today);
  if (showIf) {
    question.hidden = !applies;
    question.toggleAttribute("data-off", !applies);
  }
  if (type === "calculate" && calculation) return calculated(question, valueText(JSON.parse(calculation), seen, today));
  if (type === "repeat") for (const row of rowsOf(question)) reviewQuestions(row, seen, today);
  return applies ? asText(answerOf(question)) : "";
}

/** @param {HTMLElement} question @param {string} result */
function calculated(question, result) {
  for (const control of controlsOf(question)) if (control.value !== result) control.value = result;
  return result;
}

/** Codes joined by a space, a repeat as the number of its rows. @param {import("./form.js").Answer} answer */
function asText(answer) {
  if (typeof answer === "string") return answer;
  return typeof answer[0] === "object" ? String(answer.length) : answer.join(" ");
}
