"""Which columns may leave for which purpose, and who may ask (R87, R93). Pure: the profiles themselves are data in the pack."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tutela.foundation.refusals import NotFound
from tutela.protocols.checking import Checked
from tutela.protocols.packs import Pack, Rule, rule_on
from tutela.protocols.reading import Finding
from tutela.protocols.written import Row

PURPOSES, _FIELDS = "export.purposes", "export.fields."
SECOND_PERSON, KEPT, LAPSES = "export.second_person_above", "export.kept", "export.lapses"
_PROTOCOL = "export.sharing_protocol"

Privacy = Literal["clear", "case", "identity"]

# How private each column is as it leaves. An age group made from a sealed date of birth is no date of birth; the exact day on
# which a case was opened points at one child.
PRIVACY: Mapping[str, Privacy] = {
    **dict.fromkeys(
        ("opened_month", "closed_month", "status", "sex", "birth_year", "age_band", "area", "team", "risk_level"), "clear"
    ),
    **dict.fromkeys(
        (
            "source", "care_arrangement", "threats", "vulnerabilities", "protective_factors", "urgent_needs",
            "referral_sectors", "closure_reason",
        ), "case",
    ),
    **dict.fromkeys(
        ("case_code", "name", "other_names", "birth_date", "caregiver_name", "opened_on", "responsible"), "identity"
    ),
}  # fmt: skip

# What is asked of each child's file before it goes along; the words of the note at `export.purposes`.
Asks = Literal["none", "unless_refused", "sharing_agreed", "law"]
_ASKS = ("none", "unless_refused", "sharing_agreed", "law")
_ROLES = ("information_officer", "supervisor", "manager", "data_protection_focal_point")
_YES_NO = ("yes", "no")


@dataclass(frozen=True)
class Profile:
    """What may leave for one purpose."""

    purpose: str
    fields: tuple[str, ...]
    identifying: bool
    linkable: bool
    consent: str
    roles: frozenset[str]
    citation: str

    @property
    def classes(self) -> frozenset[Privacy]:
        """How private what leaves is."""
        return frozenset(PRIVACY[field] for field in self.fields)


def keys(pack: Pack) -> Iterator[str]:
    """The rules that a pack must have for its exports."""
    yield from (PURPOSES, SECOND_PERSON, KEPT, LAPSES, _PROTOCOL)
    for rule in pack.rules.get(PURPOSES, ()):
        yield from (f"{_FIELDS}{row['purpose']}" for row in _rows(rule.value))


def profiles_on(day: date, *, pack: Pack) -> list[Profile]:
    """Every purpose for which something may leave, in the order of the pack."""
    rule = rule_on(PURPOSES, day=day, pack=pack)
    return [_profile(row, day=day, pack=pack) for row in rule.rows]


def profile_on(purpose: str, *, day: date, pack: Pack) -> Profile:
    """What may leave for `purpose`. Raises NotFound for a purpose that the pack does not know."""
    found = next((one for one in profiles_on(day, pack=pack) if one.purpose == purpose), None)
    if found is None:
        raise NotFound
    return found


def waits_for_protocol(profile: Profile, *, day: date, pack: Pack) -> Rule | None:
    """The rule that keeps bulk sharing with other organisations back until a protocol is signed (R89), where it does."""
    rule = rule_on(_PROTOCOL, day=day, pack=pack)
    return rule if profile.consent == "sharing_agreed" and not rule.is_yes else None


def needs_second_person(records: int, *, day: date, pack: Pack) -> bool:
    """Whether so many cases leave only once another person has agreed."""
    return records > rule_on(SECOND_PERSON, day=day, pack=pack).number


def _profile(row: Row, *, day: date, pack: Pack) -> Profile:
    fields = rule_on(f"{_FIELDS}{row['purpose']}", day=day, pack=pack)
    return Profile(
        purpose=str(row["purpose"]), fields=fields.codes, identifying=row["identity"] == "yes",
        linkable=row["linkable"] == "yes", consent=str(row["consent"]), roles=frozenset(str(row["who"]).split()),
        citation=fields.citation,
    )  # fmt: skip


def _rows(value: object) -> list[Row]:
    rows = value if isinstance(value, tuple) else ()
    return [row for row in rows if isinstance(row, dict)]


# --- What `tutela protocol check` finds ------------------------------------------------------------------------


def profiles_fit(checked: Checked) -> Iterator[Finding]:
    """No name leaves with an export that calls itself pseudonymous, and nothing that happened leaves with a name (R93)."""
    for written in checked.written.rules:
        key = written.part.key
        if key == PURPOSES:
            for number, row in enumerate(_rows(written.part.value)):
                for sentence in _wrong_with(row, checked.pack):
                    yield written.finding(sentence, "value", number)
        elif key.startswith(_FIELDS):
            codes = written.part.value if isinstance(written.part.value, tuple) else ()
            for sentence in _wrong_columns(
                key.removeprefix(_FIELDS), [str(code) for code in codes], checked.pack
            ):
                yield written.finding(sentence, "value")


def _wrong_with(row: Row, pack: Pack) -> Iterator[str]:
    purposes = pack.vocabularies.get("export_purpose")
    if row.get("purpose") not in (purposes.codes if purposes else ()):
        yield f"There is no “{row.get('purpose')}” in the list “export_purpose”."
    for name, allowed in (("identity", _YES_NO), ("linkable", _YES_NO), ("consent", _ASKS)):
        if row.get(name) not in allowed:
            yield f"“{name}” is one of {', '.join(allowed)}."
    roles = str(row.get("who", "")).split()
    if not roles or not set(roles) <= set(_ROLES):
        yield f"“who” names roles out of {', '.join(_ROLES)}, with a space between them."
    if row.get("identity") == "yes" and row.get("linkable") == "yes":
        yield "An export with names needs no number by which it can be linked."


def _wrong_columns(purpose: str, codes: list[str], pack: Pack) -> Iterator[str]:
    rows = [row for rule in pack.rules.get(PURPOSES, ()) for row in _rows(rule.value)]
    named = any(row.get("identity") == "yes" for row in rows if row.get("purpose") == purpose)
    if purpose not in {row.get("purpose") for row in rows}:
        yield f"“{PURPOSES}” has no purpose “{purpose}”."
    for code in codes:
        privacy = PRIVACY.get(code)
        if privacy is None:
            yield f"Nothing can be exported as “{code}”."
        elif privacy == "identity" and not named:
            yield f"“{code}” says who a child is, and “{purpose}” is an export without names."
        elif privacy == "case" and named:
            yield f"“{code}” says what happened to a child, and “{purpose}” is an export with names (R93)."
