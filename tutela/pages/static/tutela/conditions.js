/**
 * Evaluates parsed conditions exactly as `tutela/forms/conditions.py` does; what a tree means is written there.
 * The vectors and the fuzz test in `tests/forms` hold the two together.
 *
 * @typedef {boolean | number | string} Value
 * @typedef {any[]} Tree
 * @typedef {Record<string, string>} Texts  the answers so far, by name of the question
 */

const EPSILON = 1e-9;
const TOO_LARGE = 1e15;
const DECIMALS_KEPT = 6;
const LONGEST_TEXT = 10_000;
const MILLISECONDS_A_DAY = 86_400_000;
const NUMBER = /^-?[0-9]{1,15}(\.[0-9]{1,15})?$/;
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

/**
 * Whether the condition is true.
 *
 * @param {Tree} tree
 * @param {Texts} answers
 * @param {string} today  the day at the place of work, such as `2026-01-31`
 * @param {string} [itself]  the answer that `.` stands for
 */
export function holds(tree, answers, today, itself = "") {
  return truth(evaluate(tree, answers, today, itself));
}

/**
 * The result of a calculation as an answer. What is no number is the empty answer.
 *
 * @param {Tree} tree
 * @param {Texts} answers
 * @param {string} today
 * @param {string} [itself]
 */
export function valueText(tree, answers, today, itself = "") {
  return text(evaluate(tree, answers, today, itself));
}

/**
 * @param {Tree} tree
 * @param {Texts} answers
 * @param {string} today
 * @param {string} [itself]
 * @returns {Value}
 */
export function evaluate(tree, answers, today, itself = "") {
  /** @param {any} node @returns {Value} */
  function value(node) {
    if (!Array.isArray(node)) return node;
    const [operation, ...parts] = node;
    switch (operation) {
      case "q":
        return Object.hasOwn(answers, parts[0]) ? answers[parts[0]].normalize("NFC") : "";
      case ".":
        return itself.normalize("NFC");
      case "today":
        return days(today);
      case "if":
        return truth(value(parts[0])) ? value(parts[1]) : value(parts[2]);
      case "regex":
        return matches(parts[1], text(value(parts[0])));
      default:
        return OPERATIONS[operation](...parts.map(value));
    }
  }
  return value(tree);
}

/** @param {Value} value */
function truth(value) {
  return typeof value === "number" ? value !== 0 && !Number.isNaN(value) : Boolean(value);
}

/** @param {Value} value */
function number(value) {
  if (typeof value !== "string") return Number(value);
  return NUMBER.test(value) ? Number(value) : days(value);
}

/** Days since 1 January 1970, of text that is a date which exists. @param {Value} value */
function days(value) {
  if (typeof value !== "string" || !DATE.test(value) || value < "0001") return NaN;
  const moment = new Date(`${value}T00:00:00Z`); // 30 February becomes 2 March, or no date
  const exists = !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(value);
  return exists ? moment.getTime() / MILLISECONDS_A_DAY : NaN;
}

/** @param {Value} value */
function text(value) {
  if (typeof value !== "number") return String(value);
  return Number.isNaN(value) ? "" : String(round(value, DECIMALS_KEPT)); // never exponential between 1e-6 and 1e15
}

/** @param {number} result */
function bounded(result) {
  return Math.abs(result) < TOO_LARGE ? result : NaN;
}

/** @param {Value} left @param {Value} right */
function difference(left, right) {
  return number(left) - number(right);
}

/** @param {Value} left @param {Value} right */
function equal(left, right) {
  if (typeof left === "number" || typeof right === "number") return Math.abs(difference(left, right)) <= EPSILON;
  return text(left) === text(right);
}

/** A chain such as `a - b - c`, from the left. @param {(left: number, right: number) => number} step */
function fold(step) {
  /** @param {Value[]} values */
  return (...values) => values.map(number).reduce((left, right) => bounded(step(left, right)));
}

/** The part before the point; a number within 1e-9 of a whole one is that one. @param {number} amount */
function cut(amount) {
  return (amount < 0 ? -1 : 1) * Math.floor(Math.abs(amount) + EPSILON);
}

/** @param {number} amount @param {number} digits */
function round(amount, digits) {
  const scale = 10 ** digits;
  return bounded(cut(amount * scale + (amount < 0 ? -0.5 : 0.5)) / scale);
}

/**
 * What takes the values of all its parts. `today`, `if` and `regex` stand in `evaluate`.
 *
 * @type {Record<string, (...values: any[]) => Value>}
 */
const OPERATIONS = {
  and: (...values) => values.every(truth),
  or: (...values) => values.some(truth),
  not: (value) => !truth(value),
  true: () => true,
  false: () => false,
  "=": equal,
  "!=": (left, right) => !equal(left, right),
  "<": (left, right) => difference(left, right) < -EPSILON,
  "<=": (left, right) => difference(left, right) <= EPSILON,
  ">": (left, right) => difference(left, right) > EPSILON,
  ">=": (left, right) => difference(left, right) >= -EPSILON,
  "+": fold((left, right) => left + right),
  "-": fold((left, right) => left - right),
  "*": fold((left, right) => left * right),
  negative: (value) => -number(value),
  div: (left, right) => (number(right) === 0 ? NaN : bounded(number(left) / number(right))),
  mod: (left, right) => number(left) % number(right),
  int: (value) => cut(number(value)),
  round: (value, digits) => round(number(value), digits),
  number,
  string: text,
  date: days,
  selected: (choices, code) => text(code) !== "" && text(choices).split(" ").includes(text(code)),
  "count-selected": (choices) => text(choices).split(" ").filter((code) => code !== "").length,
  count: (rows) => (text(rows) === "" ? 0 : number(rows)),
  coalesce: (...values) => values.find((value) => text(value) !== "") ?? values[values.length - 1],
  "string-length": (value) => [...text(value)].length,
  contains: (value, part) => text(value).includes(text(part)),
  "starts-with": (value, start) => text(value).startsWith(text(start)),
};

/**
 * Whether the whole text fits the pattern (see `tutela/forms/patterns.py`). Bit `i` stands for the place before
 * character `i`; nothing ever goes back, so the time is bounded.
 *
 * @param {Tree} pattern
 * @param {string} whole
 */
function matches(pattern, whole) {
  const characters = [...whole];
  if (characters.length > LONGEST_TEXT) return false;
  /** @type {Map<Tree, bigint>} */
  const known = new Map();

  /** @param {Tree} part */
  function fitting(part) {
    const [kind, ranges] = part;
    /** @param {string} one */
    const within = (one) => {
      for (let at = 0; at < ranges.length; at += 2) if (ranges[at] <= one && one <= ranges[at + 1]) return true;
      return false;
    };
    const bits = characters.map((one) => (within(one) === (kind === "in") ? "1" : "0"));
    return BigInt(`0b0${bits.reverse().join("")}`);
  }

  /** @param {Tree} part @param {bigint} places @returns {bigint} */
  function after(part, places) {
    const [kind, ...parts] = part;
    if (kind === "then") return parts.reduce((reached, one) => after(one, reached), places);
    if (kind === "either") return parts.reduce((reached, one) => reached | after(one, places), 0n);
    if (kind === "times") return repeated(parts[0], parts[1], parts[2], places);
    const mask = known.get(part) ?? fitting(part);
    known.set(part, mask);
    return (places & mask) << 1n;
  }

  /** @param {Tree} part @param {number} least @param {number} most @param {bigint} places */
  function repeated(part, least, most, places) {
    for (let times = 0; times < least; times += 1) places = after(part, places);
    let reached = places;
    let fresh = places;
    for (let times = least; fresh !== 0n && times !== most; times += 1) {
      fresh = after(part, fresh) & ~reached;
      reached |= fresh;
    }
    return reached;
  }

  return ((after(pattern, 1n) >> BigInt(characters.length)) & 1n) === 1n;
}
