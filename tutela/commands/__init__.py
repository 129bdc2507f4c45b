"""What every way in calls: `submit` for whatever is written on a file, `act` for everything else, `read` before a page.

Each is one transaction with its row in the log, and where that row cannot be written, nothing was done (design §2).
"""

from tutela.commands.acting import act, judge_match, keep_draft, look_for_existing_files, set_label
from tutela.commands.attaching import ForQuestion, Taken, attach, read_attachment, take_piece
from tutela.commands.custodians import custodian_comes
from tutela.commands.deciding import check_allowed, readable_classes, readers_of, rights
from tutela.commands.destroying import destroy_file, destroy_left_keys
from tutela.commands.emergency import end_emergency, look_at_emergency, open_in_emergency, review_emergency
from tutela.commands.exporting import (
    answer_export,
    ask_export,
    download_export,
    exports_of,
    lock_export,
    make_exports,
    may_agree,
    prepare_export,
    read_export,
    sweep_exports,
)
from tutela.commands.kinds import KINDS, may_begin
from tutela.commands.reading import (
    answers_to_begin_with,
    find,
    form_for,
    form_in_version,
    form_titles,
    may_here,
    opened_with,
    read,
    read_list,
    report_unreadable,
)
from tutela.commands.receiving import (
    Received,
    end_referral,
    may_receive,
    read_received,
    received_by,
    send_referral,
    was_sent,
)
from tutela.commands.recounting import recount_deadlines
from tutela.commands.reducing import reduce_files
from tutela.commands.sweeping import sweep_attachments
from tutela.commands.telling import make_digests, send_notices
from tutela.commands.typed import (
    TYPED,
    confirm_typed,
    end_typing,
    entry_id_of,
    have_typed,
    is_typed,
    open_to_type,
    whose_paper,
)
from tutela.commands.writing import Submission, Submitted, apply, rebuild, submit, submit_together

__all__ = [
    "KINDS",
    "TYPED",
    "ForQuestion",
    "Received",
    "Submission",
    "Submitted",
    "Taken",
    "act",
    "answer_export",
    "answers_to_begin_with",
    "apply",
    "ask_export",
    "attach",
    "check_allowed",
    "confirm_typed",
    "custodian_comes",
    "destroy_file",
    "destroy_left_keys",
    "download_export",
    "end_emergency",
    "end_referral",
    "end_typing",
    "entry_id_of",
    "exports_of",
    "find",
    "form_for",
    "form_in_version",
    "form_titles",
    "have_typed",
    "is_typed",
    "judge_match",
    "keep_draft",
    "lock_export",
    "look_at_emergency",
    "look_for_existing_files",
    "make_digests",
    "make_exports",
    "may_agree",
    "may_begin",
    "may_here",
    "may_receive",
    "open_in_emergency",
    "open_to_type",
    "opened_with",
    "prepare_export",
    "read",
    "read_attachment",
    "read_export",
    "read_list",
    "read_received",
    "readable_classes",
    "readers_of",
    "rebuild",
    "received_by",
    "recount_deadlines",
    "reduce_files",
    "report_unreadable",
    "review_emergency",
    "rights",
    "send_notices",
    "send_referral",
    "set_label",
    "submit",
    "submit_together",
    "sweep_attachments",
    "sweep_exports",
    "take_piece",
    "was_sent",
    "whose_paper",
]
