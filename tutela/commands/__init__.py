"""What every way in calls: `submit` for whatever is written on a file, `act` for everything else, `read` before a page.

Each is one transaction with its row in the log, and where that row cannot be written, nothing was done (design §2).
"""

from tutela.commands.acting import act, judge_match, keep_draft, look_for_existing_files, set_label
from tutela.commands.attaching import ForQuestion, Taken, attach, read_attachment, take_piece
from tutela.commands.deciding import readable_classes, rights
from tutela.commands.kinds import KINDS
from tutela.commands.reading import (
    answers_to_begin_with,
    find,
    form_for,
    form_in_version,
    form_titles,
    opened_with,
    read,
    read_list,
)
from tutela.commands.recounting import recount_deadlines
from tutela.commands.reducing import reduce_files
from tutela.commands.sweeping import sweep_attachments
from tutela.commands.writing import Submission, Submitted, apply, rebuild, submit, submit_together

__all__ = [
    "KINDS",
    "ForQuestion",
    "Submission",
    "Submitted",
    "Taken",
    "act",
    "answers_to_begin_with",
    "apply",
    "attach",
    "find",
    "form_for",
    "form_in_version",
    "form_titles",
    "judge_match",
    "keep_draft",
    "look_for_existing_files",
    "opened_with",
    "read",
    "read_attachment",
    "read_list",
    "readable_classes",
    "rebuild",
    "recount_deadlines",
    "reduce_files",
    "rights",
    "set_label",
    "submit",
    "submit_together",
    "sweep_attachments",
    "take_piece",
]
