"""Consent: how each purpose stands and why, what each person said, and what was done or decided without consent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from tutela.cases.queries import child_of, people_around
from tutela.cases.rules import ages_on
from tutela.closure.queries import is_closed
from tutela.consent.people import is_marked
from tutela.consent.queries import (
    Voices,
    answer_of,
    basis_for_sharing,
    disagreements,
    explained,
    last_consultation,
    mandatory_report,
    not_asked,
    not_to_be_told,
    overrides,
    services_decided,
    standing,
    urgent_actions,
    voices,
    withdrawals,
)
from tutela.consent.rules import CHILD, ConsentBand, interpreter_flag, reporting_laws
from tutela.pages.dates import exact
from tutela.pages.spoken import spoken
from tutela.protocols.packs import Pack
from tutela.web.file_frame import pack_of, read_file, show_file
from tutela.web.frame import Reader, signed_in
from tutela.web.showing import form_url, term

if TYPE_CHECKING:
    from tutela.cases.models import CaseFile, Person
    from tutela.consent.models import Consent, Override, UrgentAction, Withdrawal

_TAKING_PART = "participation"  # of the list consent_purpose
_SHARE = "share_for_services"  # of the list consent_purpose
_ANYBODY = "other_agencies"  # of the list withhold_from: somebody whom nobody thought of


@signed_in
def page(request: HttpRequest, reader: Reader, file_id: UUID) -> HttpResponse:
    """Who agreed to what and until when, how it stands by that, and what was done without consent."""
    file, may = read_file(reader, file_id, "consent.read")
    shown = _Shown(file, pack_of(reader, file), may, reader.day)
    ask = {"words": gettext("Ask the child"), "url": form_url("consent.consent", file.id)}
    context = {
        "main": ask if "write" in may and not is_closed(file.id) else None,
        "needed": shown.needed(),
        "requests_url": reverse("file_requests", args=[file.id]),
        "purposes": shown.purposes(),
        "people": shown.people(),
        "withdrawn": [shown.withdrawal(one) for one in withdrawals(file.id)],
        "services": shown.services(),
        "consultation": shown.consultation(),
        "explained": shown.explanation(),
        "overrides": [*shown.overrides(), *(_urgent(one, shown) for one in urgent_actions(file.id))],
        "report": shown.report(),
    }
    return show_file(request, reader, file, may, "file_consent", context)


def apart_view(file: CaseFile, pack: Pack, day: date) -> list[dict[str, Any]]:
    """What each said to the purposes on which people are apart, by what they are to the child, for who answers (R8)."""
    shown = _Shown(file, pack, set(), day)
    waiting = disagreements(file.id, day=day)
    return [shown.purpose(code) for code in pack.vocabulary("consent_purpose").codes if code in waiting]


def taking_part_view(file: CaseFile, pack: Pack, day: date) -> dict[str, Any]:
    """Who agreed to taking part, and when (R13)."""
    return _Shown(file, pack, set(), day).purpose(_TAKING_PART)


class _Shown:
    """The consent of one file as the page shows it."""

    def __init__(self, file: CaseFile, pack: Pack, may: set[str], day: date) -> None:
        self.file, self.pack, self.may, self.day = file, pack, may, day
        self.heard: Voices = voices(file.id, day=day)
        self.said = standing(file.id)
        self.persons: dict[str, Person] = {str(one.person_id): one for one in people_around(file.id)}
        self.left_out = not_asked(file.id)

    def needed(self) -> list[dict[str, Any]]:
        """How the day of birth was told, and what is asked of whom at this age; both, where the age is not sure (R8, R16)."""
        child = child_of(self.file.id)
        told = child.contents if child else {}
        born = [_birth_as_told(told, self.pack)] if told.get("birth_told") else []
        bands = [_band(band, self.pack) for band in self.heard.needed]
        between = ages_on(self.day, known=told)
        doubt = [_age_in_doubt(*between)] if between and len(bands) > 1 else []
        return [*born, *bands, *doubt]

    def purposes(self) -> list[dict[str, Any]]:
        """Each purpose once somebody was asked: how it stands, why, and what each person said."""
        if not self.said and not self.left_out:
            return []
        return [self.purpose(code) for code in self.pack.vocabulary("consent_purpose").codes]

    def purpose(self, code: str) -> dict[str, Any]:
        """How one purpose stands, why, and what each person said to it."""
        found = self.heard.stands(code)
        stands = found.outcome == "agreed"
        return {
            "purpose": term(self.pack, "consent_purpose", code),
            "stands": stands,
            "state": gettext("Agreed") if stands else gettext("Not agreed"),
            "why": self._rests_on(found.rests_on) if stands else _why_not(found.outcome),
            "givers": [
                self._giver(who, one, answer)
                for who, one in self.said.items()
                if (answer := answer_of(one, code, day=self.day))
            ],
        }

    def _giver(self, who: str, one: Consent, answer: str) -> dict[str, Any]:
        return self.who(who) | {
            "said": term(self.pack, "consent_answer", answer),
            "when": one.given_on,
            "until": one.until if answer == "given" else None,
        }

    def _rests_on(self, people: tuple[str, ...]) -> str:
        relations = ", ".join(self.relation(who) for who in people)
        return gettext("It rests on: {who}.").format(who=relations)

    def who(self, who: str) -> dict[str, str]:
        """Somebody by name, and by what they are to the child, which is all that shows while somebody is beside."""
        name = self.persons[who].contents["name"] if who in self.persons else ""
        return {"who": name or self.relation(who), "relation": self.relation(who)}

    def relation(self, who: str) -> str:
        """What somebody is to the child."""
        if who == CHILD:
            return gettext("The child")
        known = self.persons[who].contents if who in self.persons else {}
        return term(self.pack, "person_relationship", known.get("relationship", "")) or gettext(
            "Around the child"
        )

    def people(self) -> list[dict[str, Any]]:
        """What else each person said, and who was not asked and why."""
        asked = [self.who(who) | self._details(who, one) for who, one in self.said.items()]
        return asked + [
            self.who(who) | {"rows": [_row(gettext("Not asked"), self._reason(one.contents))]}
            for who, one in self.left_out.items()
        ]

    def _details(self, who: str, one: Consent) -> dict[str, Any]:
        told, pack = one.contents, self.pack
        excluded = ", ".join(
            term(pack, "withhold_from", code) for code in told.get("recipients_excluded", [])
        )
        why = term(pack, "withhold_reason", told.get("excluded_why", ""))
        rows = [
            _row(gettext("Answers in place of a parent or caregiver"), self._in_place(told)),
            _row(gettext("Given"), term(pack, "consent_form", told.get("form", ""))),
            _row(gettext("Where the original lies"), told.get("original", "")),
            _row(gettext("Language"), told.get("language", "")),
            _row(gettext("Holds"), _how_long(one)),
            _row(gettext("Not to be shared with"), f"{excluded} ({why})" if excluded and why else excluded),
            _row(gettext("Not to be shared"), told.get("withheld", "")),
            _row(gettext("Reason for a no"), told.get("why_not", "")),
        ]
        flags = [spoken(flag) for flag in (interpreter_flag(told.get("interpreter", "")),) if flag]
        if told.get("not_able") == "yes":
            flags.append(gettext("Not able to decide for now. Explain all the same, and ask again."))
        if who in self.persons and is_marked(self.persons[who]):
            flags.append(
                gettext("Carries a safety mark since: this answer does not count, and they are not asked.")
            )
        view: dict[str, Any] = {"rows": [row for row in rows if row["value"]], "flags": flags}
        if "write" in self.may and told.get("agreed"):
            about = self.persons[who].person_id if who in self.persons else None
            view["url"] = form_url("consent.withdrawal", self.file.id, about=about)
        return view

    def _in_place(self, told: dict[str, Any]) -> str:
        third, why = told.get("third_party", ""), told.get("third_party_why", "")
        words = (term(self.pack, "consent_third_party", third), term(self.pack, "third_party_reason", why))
        return ": ".join(filter(None, words))

    def _reason(self, told: dict[str, Any]) -> str:
        words = (term(self.pack, "not_asked_reason", told["reason"]), told.get("why", ""))
        return ": ".join(filter(None, words))

    def withdrawal(self, one: Withdrawal) -> dict[str, Any]:
        """What was taken back, what that stops, and what it does not (R13)."""
        purposes, decision = one.contents["purposes"], one.decision
        stops = [code for code in purposes if self.heard.stands(code).outcome != "agreed"]
        goes_on = [
            gettext("{purpose}: it goes on. {why}").format(
                purpose=term(self.pack, "consent_purpose", code),
                why=self._rests_on(self.heard.stands(code).rests_on),
            )
            for code in purposes
            if code not in stops
        ]
        answer = term(self.pack, "withdrawal_decision", decision.contents["decision"]) if decision else ""
        return self.who(one.contents["person"]) | {
            "when": one.entry.happened_on,
            "stops": [term(self.pack, "consent_purpose", code) for code in stops],
            "goes_on": goes_on + (self._other_basis() if _SHARE in stops else []),
            "answer": answer, "advice": decision.contents.get("advice", "") if decision else "",
        }  # fmt: skip

    def _other_basis(self) -> list[str]:
        found = basis_for_sharing(self.file.id, recipient=_ANYBODY, day=self.day)
        if found is None:
            return []
        words = {**_codes(self.pack, "consent_basis"), **_codes(self.pack, "urgent_basis")}[found.kind]
        return [gettext("What is shared on another basis goes on: {basis}.").format(basis=words)]

    def services(self) -> list[dict[str, str]]:
        """What was decided about each service after the last withdrawal."""
        decided = services_decided(self.file.id)
        rows = decided[-1].contents["services"] if decided else []
        return [
            _row(
                one["service"], term(self.pack, "service_decision", one["decided"]), one.get("child_view", "")
            )
            for one in rows
        ]

    def consultation(self) -> dict[str, Any] | None:
        """What the supervisor answered where people did not agree (R8)."""
        one = last_consultation(self.file.id)
        if one is None:
            return None
        return {
            "answer": term(self.pack, "consultation_answer", one.contents["answer"]),
            "advice": one.contents.get("advice", ""), "when": one.entry.happened_on,
            "about": [term(self.pack, "consent_purpose", code) for code in one.contents["purposes"]],
        }  # fmt: skip

    def explanation(self) -> list[dict[str, str]]:
        """How it was explained, and what the child asked or said (R10)."""
        told = explained(self.file.id)
        if told is None:
            return []
        known, flag = told.contents, interpreter_flag(told.contents.get("interpreter", ""))
        aids = ", ".join(term(self.pack, "explanation_aid", code) for code in known.get("aids", []))
        rows = [
            _row(gettext("Explained on"), exact(told.entry.happened_on)),
            _row(gettext("Language"), known.get("language", "")),
            _row(
                gettext("Who interpreted"),
                term(self.pack, "interpreter_who", known.get("interpreter", "")),
                spoken(flag) if flag else "",
            ),
            _row(gettext("What helped"), aids),
            _row(gettext("What the child asked or said"), known.get("said", "")),
            _row(gettext("Whom not to tell"), "\n".join(not_to_be_told(self.file.id))),
        ]
        return [row for row in rows if row["value"]]

    def overrides(self) -> list[dict[str, Any]]:
        """Wishes to go on without consent that did not have to be at once (R11)."""
        return [self._override(one) for one in overrides(self.file.id)]

    def _override(self, one: Override) -> dict[str, Any]:
        to = ", ".join(term(self.pack, "withhold_from", code) for code in one.contents.get("recipients", []))
        answer = gettext("The supervisor has not answered yet. It does not count before.")
        if one.answer:
            agreed = one.answer.contents["agreed"] == "yes"
            answer = gettext("The supervisor agreed.") if agreed else gettext("The supervisor did not agree.")
        basis = term(self.pack, "consent_basis", "best_interests_override")
        return {
            "when": one.entry.happened_on, "basis": f"{basis} ({to})" if to else basis,
            "reason": one.contents["best_interests"], "answer": answer,
            "advice": one.answer.contents.get("advice", "") if one.answer else "",
            "url": reverse("file_entry", kwargs={"file_id": self.file.id, "entry_id": one.entry_id}),
        }  # fmt: skip

    def report(self) -> dict[str, Any]:
        """The duties to report that the pack knows of, and where a decision stands (R76, R77)."""
        found, laws = mandatory_report(self.file.id), laws_view(self.pack, self.day)
        told = found.contents if found else {}
        explained_to = ", ".join(
            term(self.pack, "report_explained", code) for code in told.get("explained", [])
        )
        rows = [
            _row(gettext("Decision"), term(self.pack, "mandatory_decision", told.get("decision", ""))),
            _row(gettext("Decided by"), told.get("decided_by", "")),
            _row(gettext("To which authority"), told.get("authority", "")),
            _row(
                gettext("The child was told"),
                term(self.pack, "child_told", told.get("child_told", "")),
                explained_to,
            ),
        ]
        may = "write" in self.may and not is_closed(self.file.id)
        url = form_url("consent.mandatory_report", self.file.id) if may else ""
        return {"rows": [row for row in rows if row["value"]], "begun": found is not None, "url": url} | laws


def laws_view(pack: Pack, day: date) -> dict[str, Any]:
    """The duties to report in the country of a pack, as the page of the decision shows them (R76)."""
    laws, citation = reporting_laws(pack=pack, day=day)
    return {
        "citation": citation,
        "laws": [
            {
                "law": one.law,
                "rows": [
                    row
                    for row in (
                        _row(gettext("Who reports"), one.who), _row(gettext("What"), one.what),
                        _row(gettext("When"), one.when), _row(gettext("To whom"), one.to_whom),
                        _row(gettext("What is told"), one.data),
                        _row(gettext("What follows where nobody reports"), one.consequences),
                    )
                    if row["value"]
                ],
                "look_again": one.look_again, "is_late": one.look_again is not None and one.look_again < day,
            }
            for one in laws
        ],
    }  # fmt: skip


def _why_not(outcome: str) -> str:
    return {
        "child_says_no": gettext("The child says no. No adult’s yes changes that."),
        "child_not_asked": gettext("The child has not agreed, and is asked at this age."),
        "caregiver_says_no": gettext("No caregiver agrees, and at this age one has to."),
        "caregiver_not_asked": gettext(
            "No caregiver has agreed. Where none can be asked, somebody in their place answers."
        ),
        "nobody_asked": gettext("Nobody has agreed to this."),
        "waits": gettext("People do not agree, and the supervisor says: not until it was talked over."),
    }[outcome]


def _how_long(one: Consent) -> str:
    if one.contents.get("once") == "yes":
        return gettext("Only on {day}").format(day=exact(one.given_on))
    return gettext("Until {day}").format(day=exact(one.until)) if one.until else ""


def _birth_as_told(told: dict[str, Any], pack: Pack) -> dict[str, Any]:
    """The day of birth, and beside it what was told and how it was counted (R16)."""
    day = (
        exact(date.fromisoformat(told["birth_date"]))
        if told.get("birth_date")
        else gettext("No day is known")
    )
    how = term(pack, "birth_calendar", told.get("birth_calendar", ""))
    guess = gettext("It is a guess.") if told.get("estimated") == "yes" else ""
    words = gettext("Told as “{told}”, {how}.").format(told=told["birth_told"], how=how[:1].lower() + how[1:])
    return {"label": gettext("Born"), "value": day, "note": f"{words} {guess}".strip()}


def _age_in_doubt(youngest: int, oldest: int) -> dict[str, Any]:
    """Where the age may lie in several bands, the child's maturity decides between them (R16)."""
    words = gettext(
        "The child may be {youngest} to {oldest} years old. Ask for what the child understands and can decide, write it down "
        "under “Age and papers of the child”, and ask in the way that asks more of you."
    )
    value = words.format(youngest=youngest, oldest=oldest)
    return {"label": gettext("The age is not sure"), "value": value, "note": "S2 §3.4-1; R16"}


def _band(band: ConsentBand, pack: Pack) -> dict[str, Any]:
    child, caregiver = term(pack, "consent_needed", band.child), term(pack, "consent_needed", band.caregiver)
    own = {"of_age": gettext("Of age"), **_codes(pack, "child_situation")}
    ages = gettext("Aged {band}").format(band=band.band.replace("-", "–"))
    return {
        "label": own.get(band.band, ages),
        "value": gettext("The child: {child}. The caregiver: {caregiver}.").format(child=child, caregiver=caregiver),
        "note": band.citation,
    }  # fmt: skip


def _urgent(action: UrgentAction, shown: _Shown) -> dict[str, Any]:
    answer = action.answer.contents if action.answer else {}
    words = term(shown.pack, "urgent_answer", answer.get("answer", ""))
    return {
        "when": action.entry.happened_on, "basis": term(shown.pack, "urgent_basis", action.contents["basis"]),
        "reason": action.contents["reason"], "answer": words or gettext("The supervisor has not answered yet."),
        "url": reverse("file_entry", kwargs={"file_id": shown.file.id, "entry_id": action.entry_id}),
    }  # fmt: skip


def _codes(pack: Pack, vocabulary: str) -> dict[str, str]:
    return {code: term(pack, vocabulary, code) for code in pack.vocabulary(vocabulary).codes}


def _row(label: str, value: str, note: str = "") -> dict[str, str]:
    return {"label": label, "value": value, "note": note}
