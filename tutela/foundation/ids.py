"""Identifiers: made by whoever writes, before anything is sent (idempotence), and codes that name nobody."""

import secrets
from datetime import UTC, datetime
from uuid import UUID, uuid5

import uuid_utils
from stdnum.iso7064 import mod_37_36

# No vowels, so that no code spells a word; no 0, 1, I, L, O, so that a code can be read out and copied by hand.
_CODE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"
_CODE_LENGTH = 7
_REFERENCE_PART = 4  # letters before and after its dash


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def made_at(identifier: UUID) -> datetime | None:
    """The moment at which a UUIDv7 was made, to the millisecond; None for any other identifier."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC) if identifier.version == 7 else None


def derived_id(parent: UUID, label: str) -> UUID:
    """The identifier that `label` always has under `parent`: replaying an entry makes the same rows again."""
    return uuid5(parent, label)


def new_case_code() -> str:
    """A case code such as `7QK-42MR-X`: random, names nobody, and its last character catches slips (R17)."""
    while True:
        body = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
        check = mod_37_36.calc_check_digit(body)
        if check in _CODE_LETTERS:
            return _spaced(body + check)


def read_case_code(typed: str) -> str | None:
    """The case code somebody typed, in its one spelling, or None where it is not a code or has a slip."""
    plain = "".join(letter for letter in typed.upper() if letter.isalnum())
    if len(plain) != _CODE_LENGTH + 1 or not plain.isascii() or not mod_37_36.is_valid(plain):
        return None
    return _spaced(plain)


def _spaced(plain: str) -> str:
    return f"{plain[:3]}-{plain[3:7]}-{plain[7:]}"


def new_reference() -> str:
    """A reference such as `MR2X-9KTD`, for the foot of a paper: random, it leads to a row of the log and says nothing else.

    It is never a case code too: whoever types it where a code is asked for opens no child's file.
    """
    while True:
        letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(2 * _REFERENCE_PART))
        if read_case_code(letters) is None:
            return f"{letters[:_REFERENCE_PART]}-{letters[_REFERENCE_PART:]}"


def slip_letters(sheet_id: UUID) -> str:
    """Two letters that tell the slips of one sheet from those of another, such as `GT` of slip `GT 7`. They name nobody."""
    letters = [letter for letter in _CODE_LETTERS if letter.isalpha()]
    return "".join(letters[byte % len(letters)] for byte in uuid5(sheet_id, "slip").bytes[:2])
