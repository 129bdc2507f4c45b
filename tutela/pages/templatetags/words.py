"""Filters that say things: sentences, dates near and exact, ages."""

from datetime import date, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tutela.pages import dates
from tutela.pages import spoken as speech

register = template.Library()


@register.filter
def spoken(said: object) -> str:
    """`Words` (or an `Unmet`) in the language of the page; anything else as it is written."""
    return speech.spoken(said)


@register.filter
def sentences(said: object) -> list[str]:
    """Every sentence of one or several."""
    return speech.sentences(said)


@register.filter
def when(written: dates.Moment | str | None) -> SafeString | str:
    """A date as people say it, "in 2 days" or "3 days ago", with the exact date beside."""
    if not (moment := _moment(written)):
        return ""
    beside = '<time class="when" datetime="{}">{}\u00a0· <span>{}</span></time>'
    return format_html(beside, _machine(moment), dates.distance(moment), dates.exact(moment))


@register.filter
def exact(written: dates.Moment | str | None) -> SafeString | str:
    """The exact date alone, where the words would be in the way."""
    if not (moment := _moment(written)):
        return ""
    return format_html('<time datetime="{}">{}</time>', _machine(moment), dates.exact(moment))


@register.filter
def age(born: date | int | None, estimated: bool = False) -> str:
    """An age from a date of birth ("14 months", "9 years") or from a number of years."""
    if born is None or born == "":
        return ""
    return dates.years_words(born) if isinstance(born, int) else dates.age_words(born, estimated=estimated)


@register.filter
def dialable(number: str) -> str:
    """`number` as a telephone link takes it."""
    return "".join(letter for letter in number if letter.isascii() and (letter.isdecimal() or letter == "+"))


@register.filter
def minutes(length: timedelta | None) -> int:
    """A length of time in whole minutes, never less than one."""
    return max(1, round(length / timedelta(minutes=1))) if length else 1


def _moment(written: dates.Moment | str | None) -> dates.Moment | None:
    """A date as it is, or as answers keep it: 2026-01-31."""
    if isinstance(written, str):
        return date.fromisoformat(written) if written else None
    return written


def _machine(moment: dates.Moment) -> str:
    if isinstance(moment, datetime):
        return timezone.localtime(moment).isoformat(timespec="minutes")
    return moment.isoformat()
