"""Closing a workbook so that only its recipient opens it: for an age key, or with a passphrase that is shown once."""

from io import BytesIO

import pyrage
from msoffcrypto.format.ooxml import OOXMLFile
from xkcdpass import xkcd_password

from tutela.foundation.refusals import Refused, Unmet
from tutela.foundation.words import say

_WORDS = 6  # out of 7,776: 77 bits


def age_recipient(written: str) -> str:
    """A public age key in its one spelling. Raises Refused for anything else, and for a secret key with a word of warning."""
    key = written.strip()
    if key.upper().startswith("AGE-SECRET-KEY-"):
        words = say(
            "This is the secret key: whoever has it opens everything that is closed for it. Tell the recipient to make "
            "a new pair, and ask for the public key, which begins with age1."
        )
        raise Refused(Unmet("secret_key", words, "R93", "age_key"))
    try:
        return str(pyrage.x25519.Recipient.from_str(key))
    except pyrage.RecipientError:
        words = say("This is no public age key. It begins with age1; copy it once more, whole.")
        raise Refused(Unmet("no_age_key", words, "R93", "age_key")) from None


def closed_for(recipient: str, workbook: bytes) -> bytes:
    """A workbook that only the holder of the key of `recipient` opens."""
    closed: bytes = pyrage.encrypt(workbook, [pyrage.x25519.Recipient.from_str(recipient)])
    return closed


def new_passphrase() -> str:
    """Six words that the random numbers of the system chose."""
    words = xkcd_password.generate_wordlist(xkcd_password.locate_wordfile())
    return str(xkcd_password.generate_xkcdpassword(words, numwords=_WORDS))


def closed_with(passphrase: str, workbook: bytes) -> bytes:
    """A workbook that spreadsheet programs open with the passphrase (AES-256, agile encryption of ECMA-376)."""
    closed = BytesIO()
    OOXMLFile(BytesIO(workbook)).encrypt(passphrase, closed)
    return closed.getvalue()
