"""What casework asks of a pack: the rules without which some page or entry could not be worked out."""

from collections.abc import Iterator

from tutela.access import rules as access
from tutela.assessment import rules as assessment
from tutela.attachments import rules as attachments
from tutela.closure import rules as closure
from tutela.closure import transfer_rules as transfer
from tutela.consent import rules as consent
from tutela.custody import rules as custody
from tutela.data_protection import rules as data_protection
from tutela.deadlines import rules as deadlines
from tutela.exports import rules as exports
from tutela.follow_up import rules as follow_up
from tutela.intake import rules as intake
from tutela.planning import rules as planning
from tutela.protocols.packs import Pack
from tutela.referral import rules as referral
from tutela.service_directory import rules as service_directory
from tutela.supervision import rules as supervision


def keys(pack: Pack) -> Iterator[str]:
    """Every rule that casework asks a pack for."""
    yield from deadlines.keys(pack)
    yield from exports.keys(pack)
    yield from (
        *access.KEYS, *attachments.KEYS, *custody.KEYS,
        *consent.KEYS, *intake.KEYS, *assessment.KEYS, *planning.KEYS, *closure.KEYS, *transfer.KEYS, *referral.KEYS,
        *service_directory.KEYS, *supervision.KEYS, *data_protection.KEYS, *follow_up.KEYS,
    )  # fmt: skip
