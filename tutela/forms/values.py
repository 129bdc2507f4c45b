"""One answer of one question: read into its one spelling, or refused with a sentence."""

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from tutela.forms.definition import ATTACHED, Question
from tutela.foundation.words import Words, say

MOST_CHARACTERS = {"text": 200, "place": 200, "phone": 40, "long_text": 10_000}
MOST_ATTACHED = {"photo": 5, "file": 3, "audio": 1, "signature": 1}  # where a question says nothing else
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)
_SIGN_IN_NAME = re.compile(r"[\w.@+-]{1,150}")


class Misread(Exception):
    """An answer that is not of its question's kind, with the sentence for the person who gave it."""

    def __init__(self, code: str, words: Words) -> None:
        super().__init__(code)
        self.code, self.words = code, words


def read_value(question: Question, given: Any, *, today: date) -> str | list[str]:
    """`given` in its one spelling. Raises Misread. `today` is the day at the place of work."""
    if question.type == "choices":
        return _codes(question, given)
    if question.type in ATTACHED:
        return _attached(question, given)
    if not isinstance(given, str):
        raise Misread("malformed", say("This answer could not be read. Enter it again."))
    reader = _READERS[question.type]
    return reader(question, given, today)


def western_digits(text: str) -> str:
    """`text` with the digits of every script as 0 to 9: phones in Arabic and Bengali type their own."""
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)


def _text(question: Question, given: str, today: date) -> str:
    text = given.replace("\r\n", "\n").strip()
    most = question.max_length or MOST_CHARACTERS.get(question.type, MOST_CHARACTERS["text"])
    if len(text) > most:
        raise Misread(
            "too_long",
            say(
                "This is {length} characters long; there is room for {most}. Shorten it.",
                length=len(text),
                most=most,
            ),
        )
    if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in text):
        raise Misread(
            "malformed", say("This has a character that cannot be kept. Type it again instead of pasting it.")
        )
    return text


def _codes(question: Question, given: Any) -> list[str]:
    codes = [given] if isinstance(given, str) else given
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise Misread("malformed", say("This answer could not be read. Enter it again."))
    known = [option.code for option in question.options]
    if retired := [option.code for option in question.options if option.retired and option.code in codes]:
        raise Misread(
            "retired_choice",
            say("“{choice}” is no longer one of the choices. Choose again.", choice=retired[0]),
        )
    if unknown := [code for code in codes if code not in known]:
        raise Misread(
            "unknown_choice",
            say("“{choice}” is not one of the choices. Choose again.", choice=unknown[0][:40]),
        )
    return [code for code in known if code in codes]


def most_attached(question: Question) -> int:
    """How many photos, recordings or files an answer may hold."""
    return int(question.maximum or MOST_ATTACHED[question.type])


def _attached(question: Question, given: Any) -> list[str]:
    ids = [given] if isinstance(given, str) else given
    try:
        found = list(dict.fromkeys(str(UUID(one)) for one in ids))
    except (AttributeError, TypeError, ValueError):
        raise Misread("malformed", say("This answer could not be read. Add it again.")) from None
    if len(found) > (most := most_attached(question)):
        raise Misread(
            "too_many",
            say("There are {many} here; there can be {most}. Leave some out.", many=len(found), most=most),
        )
    return found


def _code(question: Question, given: str, today: date) -> str:
    return _codes(question, [given])[0]


def _yes_no(question: Question, given: str, today: date) -> str:
    if given not in ("yes", "no"):
        raise Misread("unknown_choice", say("Answer yes or no."))
    return given


def _integer(question: Question, given: str, today: date) -> str:
    text = western_digits(given).strip()
    if not _WHOLE.fullmatch(text):
        raise Misread("malformed", say("Enter a whole number, in digits."))
    return _bounded(question, str(int(text)))


def _decimal(question: Question, given: str, today: date) -> str:
    text = western_digits(given).strip().replace("٫", ".")
    if not _NUMBER.fullmatch(text):
        raise Misread("malformed", say("Enter a number, in digits."))
    return _bounded(question, text)


def _bounded(question: Question, number: str) -> str:
    if question.minimum and Decimal(number) < Decimal(question.minimum):
        raise Misread(
            "out_of_range",
            say("This is {number}; the smallest possible is {least}.", number=number, least=question.minimum),
        )
    if question.maximum and Decimal(number) > Decimal(question.maximum):
        raise Misread(
            "out_of_range",
            say("This is {number}; the largest possible is {most}.", number=number, most=question.maximum),
        )
    return number


def _date(question: Question, given: str, today: date) -> str:
    try:
        day = date.fromisoformat(western_digits(given).strip())
    except ValueError:
        raise Misread("malformed", say("Enter a date that exists, as year-month-day.")) from None
    if question.maximum and day > _day(question.maximum, today):
        if question.maximum == "today":
            raise Misread("future", say("This day has not come yet. Enter a day that has."))
        raise Misread("out_of_range", say("Enter a day up to {most}.", most=question.maximum))
    if question.minimum and day < _day(question.minimum, today):
        if question.minimum == "today":
            raise Misread("past", say("This day has passed. Enter today or a day to come."))
        raise Misread("out_of_range", say("Enter a day from {least} on.", least=question.minimum))
    return day.isoformat()


def _day(bound: str, today: date) -> date:
    return today if bound == "today" else date.fromisoformat(bound)


def _time(question: Question, given: str, today: date) -> str:
    try:
        return time.fromisoformat(western_digits(given).strip()).strftime("%H:%M")
    except ValueError:
        raise Misread("malformed", say("Enter a time as hours:minutes, such as 14:30.")) from None


def _datetime(question: Question, given: str, today: date) -> str:
    try:
        moment = datetime.fromisoformat(western_digits(given).strip())
    except ValueError:
        raise Misread("malformed", say("Enter a date and a time that exist.")) from None
    _date(question, moment.date().isoformat(), today)
    return moment.isoformat(timespec="minutes")


def _phone(question: Question, given: str, today: date) -> str:
    text = western_digits(_text(question, given, today))
    if sum(letter.isdecimal() for letter in text) < 3 or not re.fullmatch(r"[+0-9 ()./-]+", text):
        raise Misread("malformed", say("Enter a phone number in digits; + and spaces are fine."))
    return text


def _colleague(question: Question, given: str, today: date) -> str:
    """The name somebody signs in with. Whether they can be chosen is for the step to say: it knows who works here."""
    if not _SIGN_IN_NAME.fullmatch(given):
        raise Misread("unknown_choice", say("Choose one of your colleagues."))
    return given


_READERS = {
    "text": _text, "long_text": _text, "place": _text, "phone": _phone, "integer": _integer, "decimal": _decimal,
    "range": _decimal, "date": _date, "time": _time, "datetime": _datetime, "choice": _code, "yes_no": _yes_no,
    "colleague": _colleague,
}  # fmt: skip
