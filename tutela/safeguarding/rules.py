"""Until when a safeguarding report is answered, where an agency has set a time, and what a focal point is shown. Pure."""

from datetime import date, datetime, timedelta

from tutela.protocols.packs import NotInPack, Pack, rule_on

NAMED = "named"  # of the list safeguarding_as
ENDED = "ended"  # of the list safeguarding_step


def answer_by(at: datetime, *, day: date, pack: Pack) -> datetime | None:
    """Until when a report is first answered; None where the pack of the agency sets no time. No source has a number (R85)."""
    try:
        hours = rule_on("safeguarding.first_answer_within", day=day, pack=pack).number
    except NotInPack:
        return None
    return at + timedelta(hours=hours)
