"""What each column of an export says of a case. Of a sealed value, only what the column needs is opened."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from uuid import UUID

from django.utils.translation import get_language, gettext

from tutela.access.models import Assignment
from tutela.access.queries import assignments_of
from tutela.assessment.models import Assessment
from tutela.assessment.queries import risk_levels
from tutela.cases.facts import SomeFact, current
from tutela.cases.models import CaseFile, Person
from tutela.cases.queries import files_by_id
from tutela.closure.models import Closure
from tutela.consent.models import Consent
from tutela.consent.people import ages_of, caregivers, is_marked
from tutela.consent.queries import basis_for_sharing, noes
from tutela.consent.rules import who_consents
from tutela.forms.definition import in_language
from tutela.intake.models import Identification, Registration
from tutela.protocols.packs import Pack
from tutela.referral.models import Referral
from tutela.vault import sealing
from tutela.vault.models import SealClass

# Which key of the file a column needs, where it needs one.
_OPENS: Mapping[str, SealClass] = {
    **dict.fromkeys(("age_band", "name", "other_names", "birth_date", "caregiver_name"), "identity"),
    **dict.fromkeys(
        (
            "source", "care_arrangement", "threats", "vulnerabilities", "protective_factors", "urgent_needs",
            "referral_sectors", "closure_reason",
        ), "case",
    ),
}  # fmt: skip

_FIGURES = "anonymised_reporting"  # of the list consent_purpose
_OTHERS = "other_agencies"  # of the list withhold_from


class Batch:
    """Some cases, of which each kind of fact is fetched once, and only where a column needs it."""

    def __init__(
        self, file_ids: Sequence[UUID], *, columns: Collection[str], consent: str, pack: Pack, day: date
    ) -> None:  # fmt: skip
        self._ids, self._columns, self.pack, self.day = list(file_ids), tuple(columns), pack, day
        self._consent = consent
        classes = {_OPENS[column] for column in columns if column in _OPENS} | _opened_to_ask(consent)
        sealing.fetch_keys(self._ids, seal_classes=sorted(classes))

    def agrees(self, file_id: UUID) -> bool:
        """Whether this case may go along, by what the child and those around it said (R7, R42).

        What people asked to hold back in their own words no list of columns can hold back: such a case stays here.
        """
        if self._consent == "unless_refused":
            return not any(_FIGURES in noes(one) for one in self.consents[file_id])
        if self._consent == "sharing_agreed":
            basis = basis_for_sharing(file_id, recipient=_OTHERS, day=self.day)
            return basis is not None and not basis.withheld
        return True

    def cells(self, file_id: UUID) -> list[str]:
        """What stands in the columns for one case. Raises NoKeys, Tampered, Unavailable."""
        return [COLUMNS[column](self, file_id) for column in self._columns]

    def words(self, vocabulary: str, codes: Iterable[str]) -> str:
        """Codes of a list in words; none for what nobody recorded."""
        labels = {one.code: one.label for one in self.pack.vocabulary(vocabulary).terms}
        language = get_language() or "en"
        return "; ".join(
            in_language(labels[code], language) if code in labels else code for code in codes if code
        )

    @cached_property
    def files(self) -> dict[UUID, CaseFile]:
        return files_by_id(self._ids)

    @cached_property
    def assignments(self) -> dict[UUID, Assignment]:
        return {one.file_id: one for one in assignments_of(self._ids)}

    @cached_property
    def people(self) -> dict[UUID, list[Person]]:
        return self._by_file(Person)

    @cached_property
    def risks(self) -> dict[UUID, str]:
        return risk_levels(self._ids)

    @cached_property
    def identifications(self) -> dict[UUID, list[Identification]]:
        return self._by_file(Identification)

    @cached_property
    def registrations(self) -> dict[UUID, list[Registration]]:
        return self._by_file(Registration)

    @cached_property
    def assessments(self) -> dict[UUID, list[Assessment]]:
        return self._by_file(Assessment)

    @cached_property
    def referrals(self) -> dict[UUID, list[Referral]]:
        return self._by_file(Referral)

    @cached_property
    def consents(self) -> dict[UUID, list[Consent]]:
        return self._by_file(Consent)

    @cached_property
    def closures(self) -> dict[UUID, list[Closure]]:
        return self._by_file(Closure, beside=["request"])

    def child(self, file_id: UUID) -> Person | None:
        return next((one for one in self.people[file_id] if one.is_the_child), None)

    def _by_file(self, kind: type[SomeFact], *, beside: Sequence[str] = ()) -> dict[UUID, list[SomeFact]]:
        found: dict[UUID, list[SomeFact]] = defaultdict(list)
        for fact in current(kind, *self._ids, beside=beside):
            found[fact.file_id].append(fact)
        return found


def _opened_to_ask(consent: str) -> set[SealClass]:
    """The keys without which nobody knows who agreed to what."""
    asks: dict[str, set[SealClass]] = {"unless_refused": {"case"}, "sharing_agreed": {"case", "identity"}}
    return asks.get(consent, set())


def _month(day: date | None) -> str:
    return f"{day:%Y-%m}" if day else ""


def _closed_month(batch: Batch, file_id: UUID) -> str:
    return _month(next((one.entry.happened_on for one in batch.closures[file_id]), None))


def _status(batch: Batch, file_id: UUID) -> str:
    return gettext("Closed") if batch.closures[file_id] else gettext("Open")


def _sex(batch: Batch, file_id: UUID) -> str:
    child = batch.child(file_id)
    return batch.words("sex", [child.sex] if child else [])


def _birth_year(batch: Batch, file_id: UUID) -> str:
    child = batch.child(file_id)
    return str(child.birth_year or "") if child else ""


def _age_band(batch: Batch, file_id: UUID) -> str:
    """The group by which consent is asked (R8); two where the age is not known well enough for one (R16)."""
    ages = ages_of(batch.child(file_id), day=batch.day)
    bands = who_consents(ages, pack=batch.pack, day=batch.day) if ages else ()
    return " / ".join(gettext("Of age") if one.band == "of_age" else one.band for one in bands)


def _area(batch: Batch, file_id: UUID) -> str:
    return batch.words("area", [one.area for one in batch.registrations[file_id]])


def _team(batch: Batch, file_id: UUID) -> str:
    return batch.assignments[file_id].team.name if file_id in batch.assignments else ""


def _risk_level(batch: Batch, file_id: UUID) -> str:
    return batch.words("risk_level", [batch.risks.get(file_id, "")])


def _source(batch: Batch, file_id: UUID) -> str:
    return batch.words(
        "identification_source",
        [str(one.contents.get("source", "")) for one in batch.identifications[file_id]],
    )


def _care_arrangement(batch: Batch, file_id: UUID) -> str:
    told = [str(one.contents.get("care_arrangement", "")) for one in batch.registrations[file_id]]
    return batch.words("care_arrangement", told)


def _assessed(fact: str, vocabulary: str) -> Callable[[Batch, UUID], str]:
    """What any assessment of the file, as last corrected, names."""

    def cell(batch: Batch, file_id: UUID) -> str:
        told = (code for one in batch.assessments[file_id] for code in one.contents.get(fact, []))
        return batch.words(vocabulary, dict.fromkeys(told))

    return cell


def _referral_sectors(batch: Batch, file_id: UUID) -> str:
    told = (str(one.contents.get("sector", "")) for one in batch.referrals[file_id])
    return batch.words("service_sector", dict.fromkeys(told))


def _closure_reason(batch: Batch, file_id: UUID) -> str:
    reasons = [str(one.request.contents.get("reason", "")) for one in batch.closures[file_id]]
    return batch.words("closure_reason", reasons)


def _case_code(batch: Batch, file_id: UUID) -> str:
    return batch.files[file_id].case.code


def _known(name: str) -> Callable[[Batch, UUID], str]:
    """Something that stands on the child’s own record."""

    def cell(batch: Batch, file_id: UUID) -> str:
        child = batch.child(file_id)
        return str(child.contents.get(name, "")) if child else ""

    return cell


def _caregiver_name(batch: Batch, file_id: UUID) -> str:
    """Parents and caregivers, without anybody who carries a safety mark (R109)."""
    around = [one for one in batch.people[file_id] if not one.is_the_child and not is_marked(one)]
    caring = caregivers(around, file_id=file_id, day=batch.day)
    return "; ".join(filter(None, (str(one.contents.get("name", "")) for one in caring)))


def _responsible(batch: Batch, file_id: UUID) -> str:
    return batch.assignments[file_id].user.name if file_id in batch.assignments else ""


COLUMNS: Mapping[str, Callable[[Batch, UUID], str]] = {
    "opened_month": lambda batch, file_id: _month(batch.files[file_id].opened_on),
    "closed_month": _closed_month, "status": _status, "sex": _sex, "birth_year": _birth_year, "age_band": _age_band,
    "area": _area, "team": _team, "risk_level": _risk_level, "source": _source, "care_arrangement": _care_arrangement,
    "threats": _assessed("threats", "safety_threat"),
    "vulnerabilities": _assessed("vulnerabilities", "vulnerability"),
    "protective_factors": _assessed("protective_factors", "protective_factor"),
    "urgent_needs": _assessed("urgent_needs", "urgent_need"),
    "referral_sectors": _referral_sectors, "closure_reason": _closure_reason,
    "case_code": _case_code, "name": _known("name"), "other_names": _known("other_names"),
    "birth_date": _known("birth_date"), "caregiver_name": _caregiver_name,
    "opened_on": lambda batch, file_id: batch.files[file_id].opened_on.isoformat(), "responsible": _responsible,
}  # fmt: skip
