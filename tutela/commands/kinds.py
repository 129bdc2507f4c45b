"""What the house can do with each form: the kinds that the steps list, gathered."""

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


def kind_of(code: str, *, file_id: UUID | None) -> Kind:
    """What the house does with a form. Raises NotFound for one that is not there, or that needs a file."""
    kind = KINDS.get(code)
    if kind is None or (file_id is None and not kind.opens_file):
        raise NotFound
    return kind


def action_of(kind: Kind, *, file_id: UUID | None) -> Action:
    """Correcting how a child became known is writing on the file, not opening one."""
    return "write" if kind.opens_file and file_id else kind.action
