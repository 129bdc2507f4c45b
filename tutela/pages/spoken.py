"""Sentences kept as `Words`, said in the language of the reader."""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext

from tutela.foundation.refusals import Unmet
from tutela.foundation.words import Words
from tutela.pages import dates


def spoken(said: object) -> str:
    """`said` in the language of the page: `Words` are translated and filled in, dates are written out."""
    if isinstance(said, Unmet):
        return spoken(said.words)
    if isinstance(said, date):
        return dates.exact(said)
    if not isinstance(said, Words):
        return "" if said is None else str(said)
    text = gettext(said.text) if said.text else ""
    return text.format(**{name: spoken(value) for name, value in said.values}) if said.values else text


def sentences(said: object) -> list[str]:
    """Every sentence of `said`, which is one sentence or several."""
    several = said if isinstance(said, Iterable) and not isinstance(said, str) else [said] if said else []
    return [spoken(one) for one in several]
