"""What the house can do with each form: the kinds that the steps list, gathered."""

from collections.abc import Collection
from uuid import UUID

from tutela.access.deciding import Action
from tutela.assessment.actions import KINDS as ASSESSMENT
from tutela.cases.actions import KINDS as CASES
from tutela.cases.entries import Kind
from tutela.closure.actions import KINDS as CLOSURE
from tutela.consent.actions import KINDS as CONSENT
from tutela.follow_up.actions import KINDS as FOLLOW_UP
from tutela.foundation.refusals import NotFound
from tutela.intake.actions import KINDS as INTAKE
from tutela.planning.actions import KINDS as PLANNING
from tutela.referral.actions import KINDS as REFERRAL

KINDS: dict[str, Kind] = {
    kind.form: kind
    for step in (CASES, CONSENT, INTAKE, ASSESSMENT, PLANNING, REFERRAL, FOLLOW_UP, CLOSURE)
    for kind in step
}


# All that somebody writes on a file that they opened in an emergency: a note, an urgent action, an urgent referral (R120).
IN_AN_EMERGENCY = frozenset({"follow_up.contact", "consent.urgent_action", "referral.referral"})


def may_begin(code: str, may: Collection[str]) -> bool:
    """Whether somebody with these rights on a file may write this form there."""
    return KINDS[code].action in may or ("write_urgent" in may and code in IN_AN_EMERGENCY)


def kind_of(code: str, *, file_id: UUID | None) -> Kind:
    """What the house does with a form. Raises NotFound for one that is not there, or that needs a file."""
    kind = KINDS.get(code)
    if kind is None or (file_id is None and not kind.opens_file):
        raise NotFound
    return kind


def action_of(kind: Kind, *, file_id: UUID | None) -> Action:
    """Correcting how a child became known is writing on the file, not opening one."""
    return "write" if kind.opens_file and file_id else kind.action


def or_actions(kind: Kind, *, amends: UUID | None = None) -> list[Action]:
    """Other rights on which a form may be written, too. A correction is for whoever writes on the file."""
    if amends:
        return []
    urgent: list[Action] = ["write_urgent"] if kind.form in IN_AN_EMERGENCY else []
    return [kind.or_action, *urgent] if kind.or_action else urgent
