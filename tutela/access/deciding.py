"""The one place that decides: deny by default, one declarative table (design §5, requirements §20). Pure.

A person has *roles*; towards a file they stand in *relations*. A row of the table allows one role in one relation some
actions on some classes of fields. What no row allows is denied, and two relations deny whatever any row allows.

That somebody works somewhere opens nothing about a child: a coach sees supervision only, a volunteer reads no file, and an
information officer reads nobody who could be recognised. Whoever types for a colleague fills in an empty form and reads none.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

# `approves`: agrees to decisions of the team, stands in for whoever does, or is named in the place of somebody to whom the
# file is closed. `coaches`: supervision, and no file (R121). `named`: for the confidential section (R86). `on_reason` and
# `safeguarding`: opened for a time by a manager or a focal point who said why. `closed_out`: closed to them by name (R121).
# `barred`: between their agency and the file's stands a barrier (R105). `emergency`: opened it for some hours (R120).
# `best_interests`: reviews what is best for this child; the supervisor opened the file to them by name (R64, §20).
# `referred`: works for the agency of a service that was asked, and is named to receive what it was told (R42, §20).
# `typing`: types one form for a colleague, once (§20).
Relation = Literal[
    "responsible", "approves", "coaches", "agency", "cover", "cover_named", "receiving", "named", "on_reason",
    "safeguarding", "emergency", "best_interests", "referred", "typing", "closed_out", "barred", "none",
]  # fmt: skip
# `hand_over`: ask a colleague to take a file; `receive`: read its hand-over and answer; `allocate`: give it to somebody
# of the team; `cover`: put in a stand-in; `deputise`: the same for a supervisor; `close_to` and `ask_to_close`: that a
# file be closed to somebody; `name_confidential`: open the confidential section to somebody; `name_reviewer`: open the file
# to a best-interests reviewer; `open_on_reason`: a file for a time; `list_codes`: cases by their codes; `see_people`: who
# works here; `keep_people`: let them in, give and end roles; `agree_role`: to a role that reaches far and that another gave.
# Of data protection: `note_request` about a file, `screen` what of it is given away, `keep_register` of requests, holds
# and incidents, `agree_destruction` that another asked for, `report_incident`. `break_glass`: open one file in an emergency;
# `write_urgent`: what may be written there then; `review`: see who opened which file, and answer for what was opened in an
# emergency (R120, R121). `lock` and `evacuate` the house; `duty_sheet`: take the sheet of children at high risk along (R91,
# R120). `export`: ask for an export; `agree_export`: agree to that of somebody else; `see_exports`: read the register of what
# left. `tell_focal_point` of safeguarding something without a case, `report_on_file` what stands on a file; `hear_reports`:
# read what was told (R122).
# `answer_referral`: read what a service was told, exactly, and answer for it. `have_typed`: let somebody type a form;
# `type_form`: do so, once.
Action = Literal[
    "open_file", "read", "write", "agree", "find", "keep_directory", "hand_over", "receive", "allocate", "cover",
    "deputise", "close_to", "ask_to_close", "name_confidential", "open_on_reason", "list_codes", "see_people",
    "note_request", "screen", "keep_register", "agree_destruction", "report_incident",
    "break_glass", "write_urgent", "review", "lock", "evacuate", "duty_sheet",
    "export", "agree_export", "see_exports", "keep_people", "agree_role", "tell_focal_point", "report_on_file", "hear_reports",
    "answer_referral", "have_typed", "type_form", "name_reviewer",
]  # fmt: skip

CLEAR = frozenset({"clear"})
EVERY_CLASS = frozenset({"clear", "identity", "case"})
CONFIDENTIAL = frozenset({"confidential"})

# Whoever stands like this gets nothing, whatever else they are.
SHUT_OUT: frozenset[Relation] = frozenset({"closed_out", "barred"})


@dataclass(frozen=True)
class Row:
    """`role` in `relation` may do `actions` on fields of `classes`."""

    role: str
    relation: Relation
    actions: frozenset[Action]
    classes: frozenset[str]


# Roles that do nothing else towards an agency than tell when something went wrong.
_OTHERS = ("coach", "data_entry", "volunteer", "best_interests_reviewer", "tracing_officer")

TABLE: tuple[Row, ...] = (
    Row(
        "caseworker", "agency",
        frozenset({"open_file", "find", "keep_directory", "report_incident", "break_glass", "tell_focal_point"}), EVERY_CLASS,
    ),
    Row("caseworker", "emergency", frozenset({"read", "write_urgent"}), EVERY_CLASS),
    Row(
        "caseworker", "responsible",
        frozenset({
            "read", "write", "hand_over", "ask_to_close", "name_confidential", "note_request", "screen", "report_on_file",
            "have_typed",
        }),
        EVERY_CLASS | CONFIDENTIAL,
    ),
    Row("caseworker", "cover", frozenset({"read", "write", "report_on_file", "have_typed"}), EVERY_CLASS),
    Row("caseworker", "cover_named", frozenset({"read", "write"}), CONFIDENTIAL),
    Row("caseworker", "receiving", frozenset({"receive"}), EVERY_CLASS),
    Row("caseworker", "referred", frozenset({"answer_referral"}), EVERY_CLASS),
    Row("supervisor", "referred", frozenset({"answer_referral"}), EVERY_CLASS),
    Row(
        "supervisor", "agency",
        frozenset({
            "find", "keep_directory", "cover", "deputise", "report_incident", "break_glass", "review", "lock", "duty_sheet",
            "agree_export", "tell_focal_point",
        }),
        EVERY_CLASS,
    ),
    Row("supervisor", "emergency", frozenset({"read", "write_urgent"}), EVERY_CLASS),
    Row(
        "supervisor", "approves",
        frozenset({
            "read", "agree", "hand_over", "allocate", "note_request", "screen", "export", "have_typed", "name_reviewer",
        }),
        EVERY_CLASS,
    ),
    Row("supervisor", "named", frozenset({"read"}), CONFIDENTIAL),
    Row(
        "manager", "agency",
        frozenset({
            "list_codes", "open_on_reason", "close_to", "deputise", "agree_destruction", "report_incident", "lock", "evacuate",
            "agree_export", "see_exports", "agree_role", "tell_focal_point",
        }),
        CLEAR,
    ),
    Row("manager", "agency", frozenset({"agree_export", "see_exports"}), frozenset({"identity", "case"})),
    Row("manager", "on_reason", frozenset({"read", "name_confidential"}), EVERY_CLASS),
    Row("manager", "named", frozenset({"read"}), CONFIDENTIAL),
    Row(
        "safeguarding_focal_point", "agency",
        frozenset({"open_on_reason", "close_to", "report_incident", "tell_focal_point", "hear_reports"}), CLEAR,
    ),
    Row("safeguarding_focal_point", "safeguarding", frozenset({"read", "name_confidential"}), EVERY_CLASS),
    Row("safeguarding_focal_point", "named", frozenset({"read"}), CONFIDENTIAL),
    Row(
        "data_protection_focal_point", "agency",
        frozenset({
            "keep_register", "agree_destruction", "report_incident", "review", "agree_export", "see_exports", "agree_role",
            "tell_focal_point",
        }),
        CLEAR,
    ),
    Row(
        "data_protection_focal_point", "agency",
        frozenset({"agree_export", "see_exports"}), frozenset({"identity", "case"}),
    ),
    Row(
        "information_officer", "agency",
        frozenset({"export", "agree_export", "report_incident", "tell_focal_point"}), CLEAR,
    ),
    Row("information_officer", "agency", frozenset({"export", "agree_export"}), frozenset({"case"})),
    Row("coordinator", "agency", frozenset({"keep_directory", "report_incident", "tell_focal_point"}), EVERY_CLASS),
    Row(
        "administrator", "agency",
        frozenset({"see_people", "keep_people", "agree_role", "report_incident", "lock", "tell_focal_point"}), CLEAR,
    ),
    Row("best_interests_reviewer", "best_interests", frozenset({"read"}), EVERY_CLASS),
    Row("tracing_officer", "referred", frozenset({"answer_referral"}), EVERY_CLASS),
    Row("data_entry", "typing", frozenset({"type_form"}), EVERY_CLASS),
    *(Row(role, "agency", frozenset({"report_incident", "tell_focal_point"}), CLEAR) for role in _OTHERS),
)  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """Allowed or not, and which row or lack of one says so."""

    allowed: bool
    reason: str
    role: str = ""  # in which capacity


def decide(
    *, roles: Collection[str], relations: Collection[Relation], action: Action, field_class: str = "case",
    table: tuple[Row, ...] = TABLE, shut_out: frozenset[Relation] = SHUT_OUT,
) -> Decision:  # fmt: skip
    """Whether somebody with `roles`, standing in `relations` to a file, may do `action` on fields of `field_class`."""
    if kept_out := shut_out.intersection(relations):
        return Decision(allowed=False, reason=f"{sorted(kept_out)} denies everything")
    for row in table:
        if (
            row.role in roles
            and row.relation in relations
            and action in row.actions
            and field_class in row.classes
        ):
            return Decision(allowed=True, reason=f"{row.role} as {row.relation}", role=row.role)
    return Decision(allowed=False, reason=f"no row allows {action} to {sorted(roles)} as {sorted(relations)}")


# Roles that nobody gives alone, since whoever holds one reads what others wrote, agrees to it, lets it leave or says who
# comes in: each takes force when a second person has agreed (docs/adr/0041).
GIVEN_BY_TWO = frozenset({
    "supervisor", "manager", "safeguarding_focal_point", "data_protection_focal_point", "information_officer",
    "administrator",
})  # fmt: skip


def roles_that_may(action: Action, *, table: tuple[Row, ...] = TABLE) -> list[str]:
    """The roles that any row allows `action`, each once, in the order of the table."""
    return list(dict.fromkeys(row.role for row in table if action in row.actions))


def keeps_people(roles: Collection[str], *, table: tuple[Row, ...] = TABLE) -> bool:
    """Whether any row lets somebody with `roles` say who comes in, which opens as much as a file does."""
    return any(row.role in roles and row.actions & {"keep_people", "agree_role"} for row in table)


def sees_who_a_child_is(roles: Collection[str], *, table: tuple[Row, ...] = TABLE) -> bool:
    """Whether any row, in whatever relation, opens more than what stands in the clear to somebody with `roles`."""
    return any(row.role in roles and row.classes - {"clear"} for row in table)
