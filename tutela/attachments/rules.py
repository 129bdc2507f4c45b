"""How long what was never sent is kept. Pure."""

from datetime import date

from tutela.foundation.clock import days_after
from tutela.protocols.packs import Pack, rule_on

KEYS = ("attachments.unsent_after",)


def kept_from(day: date, *, pack: Pack) -> date:
    """On `day`, what was added before this day and not sent is no longer kept."""
    return days_after(day, -rule_on("attachments.unsent_after", day=day, pack=pack).number)
