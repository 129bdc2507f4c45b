"""The one place that decides: deny by default, one declarative table (design §5, requirements §20). Pure.

A person has *roles*; towards a file they stand in *relations*. A row of the table allows one role in one relation some
actions on some classes of fields. What no row allows is denied.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Relation = Literal["responsible", "approves", "agency", "cover", "cover_named", "receiving", "none"]
# `hand_over`: ask a colleague to take a file; `receive`: read its hand-over and answer; `allocate`: give it to somebody
# of the team; `cover`: put in a stand-in. `export`: ask for an export; `agree_export`: agree to that of somebody else;
# `see_exports`: read the register of what left.
Action = Literal[
    "open_file", "read", "write", "agree", "find", "keep_directory", "hand_over", "receive", "allocate", "cover",
    "export", "agree_export", "see_exports",
]  # fmt: skip

EVERY_CLASS = frozenset({"clear", "identity", "case"})


@dataclass(frozen=True)
class Row:
    """`role` in `relation` may do `actions` on fields of `classes`."""

    role: str
    relation: Relation
    actions: frozenset[Action]
    classes: frozenset[str]


TABLE: tuple[Row, ...] = (
    Row("caseworker", "agency", frozenset({"open_file", "find", "keep_directory"}), EVERY_CLASS),
    Row(
        "caseworker", "responsible", frozenset({"read", "write", "hand_over"}), EVERY_CLASS | {"confidential"}
    ),
    Row("caseworker", "cover", frozenset({"read", "write"}), EVERY_CLASS),
    Row("caseworker", "cover_named", frozenset({"read", "write"}), frozenset({"confidential"})),
    Row("caseworker", "receiving", frozenset({"receive"}), EVERY_CLASS),
    Row("supervisor", "agency", frozenset({"find", "keep_directory", "cover", "agree_export"}), EVERY_CLASS),
    Row(
        "supervisor", "approves", frozenset({"read", "agree", "hand_over", "allocate", "export"}), EVERY_CLASS
    ),
    Row("information_officer", "agency", frozenset({"export", "agree_export"}), frozenset({"clear", "case"})),
    Row("manager", "agency", frozenset({"agree_export", "see_exports"}), EVERY_CLASS),
    Row("data_protection_focal_point", "agency", frozenset({"agree_export", "see_exports"}), EVERY_CLASS),
)


@dataclass(frozen=True)
class Decision:
    """Allowed or not, and which row or lack of one says so."""

    allowed: bool
    reason: str


def decide(
    *, roles: Collection[str], relations: Collection[Relation], action: Action, field_class: str = "case",
    table: tuple[Row, ...] = TABLE,
) -> Decision:  # fmt: skip
    """Whether somebody with `roles`, standing in `relations` to a file, may do `action` on fields of `field_class`."""
    for row in table:
        if (
            row.role in roles
            and row.relation in relations
            and action in row.actions
            and field_class in row.classes
        ):
            return Decision(allowed=True, reason=f"{row.role} as {row.relation}")
    return Decision(allowed=False, reason=f"no row allows {action} to {sorted(roles)} as {sorted(relations)}")
