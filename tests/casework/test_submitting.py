"""One submission: the same again, other answers, nonsense, old versions, stale bases, corrections."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.cast import LEAST, START, Cast, a_case, a_closed_case, a_file, later, revision, submit
from tutela import commands
from tutela.access.models import Assignment
from tutela.audit.models import AuditRow
from tutela.cases.actions import facts_on
from tutela.cases.drafts import OpenDraft, Place
from tutela.cases.models import Case, CaseFile, Draft, Entry, Fact
from tutela.cases.queries import entries_of, entry_of
from tutela.commands import Submission
from tutela.foundation.ids import new_id
from tutela.foundation.refusals import Conflict, NotFound, Refused
from tutela.published.queries import form_in_force

pytestmark = pytest.mark.django_db


def everything() -> dict[str, int]:
    """How much is written down, table by table."""
    tables = (CaseFile, Entry, Case, Draft, Assignment, AuditRow, *Fact.__subclasses__())
    return {model.__name__: model.objects.count() for model in tables}  # type: ignore[attr-defined]


def refusal(form: str, answers: dict[str, Any], **more: Any) -> dict[str, str]:
    """Submit what must be refused with 422, see that nothing is kept of it, and say what was wrong at which question."""
    before = everything()
    with pytest.raises(Refused) as refused:
        submit(form, answers, **more)
    assert refused.value.status == 422
    assert everything() == before
    assert all(str(one.words) for one in refused.value.unmet)
    return {one.question: one.code for one in refused.value.unmet}


# --- The same again ------------------------------------------------------------------------------------------


def test_the_same_again_gives_the_same_result_and_writes_nothing(cast: Cast) -> None:
    file = a_file(cast)
    again: dict[str, Any] = {"by": cast.caseworker, "file": file, "entry_id": new_id()}
    first = submit("follow_up.contact", {"situation": "He laughed"}, **again)
    before = everything()
    second = submit("follow_up.contact", {"situation": "He laughed"}, at=later(3), **again)
    assert (second.file_id, second.entry_id, second.revision) == (file, first.entry_id, first.revision)
    assert second.repeated and not first.repeated
    assert everything() == before


def test_opening_a_file_twice_with_one_id_opens_one_file(cast: Cast) -> None:
    entry_id = new_id()
    first = submit("intake.identification", by=cast.caseworker, entry_id=entry_id)
    second = submit("intake.identification", by=cast.caseworker, entry_id=entry_id)
    assert second.repeated and second.file_id == first.file_id
    assert CaseFile.objects.count() == 1 and Assignment.objects.count() == 1


def test_the_same_again_is_known_when_the_day_has_changed(cast: Cast) -> None:
    """An answer can be right on the day it is sent and not on the next, such as consent until today."""
    file = a_file(cast)
    again: dict[str, Any] = {"by": cast.caseworker, "file": file, "entry_id": new_id()}
    submit("consent.consent", {"until": "2026-03-02"}, **again)
    assert submit("consent.consent", {"until": "2026-03-02"}, at=later(2), **again).repeated


def test_the_same_again_is_known_after_the_case_was_closed(cast: Cast) -> None:
    file = a_case(cast)
    again: dict[str, Any] = {"by": cast.caseworker, "file": file, "entry_id": new_id()}
    submit("follow_up.review", **again)
    submit("closure.request", by=cast.caseworker, file=file)
    submit("closure.answer", by=cast.supervisor, file=file)
    closing: dict[str, Any] = {
        "by": cast.caseworker,
        "file": file,
        "entry_id": new_id(),
        "base": revision(file),
    }
    submit("closure.closure", **closing)
    assert submit("closure.closure", **closing).repeated
    assert submit("follow_up.review", **again).repeated


def test_answers_that_mean_the_same_are_the_same(cast: Cast) -> None:
    file = a_file(cast)
    again: dict[str, Any] = {"by": cast.caseworker, "file": file, "entry_id": new_id()}
    submit("cases.person", {"name": "Ame\u0301lie ", "phone": "٠٧٠٠ ١٢٣"}, **again)
    assert submit("cases.person", {"name": "Am\u00e9lie", "phone": "0700 123"}, **again).repeated


@pytest.mark.parametrize(
    "other",
    [
        {"answers": {"situation": "He cried"}},
        {"answers": {"reached": "others"}},
        {"happened_at": START - timedelta(hours=1)},
        {"precision": "day"},
        {"about": new_id()},
    ],
    ids=["other words", "another choice", "another time", "another precision", "about somebody"],
)
def test_other_answers_under_the_same_id_are_a_conflict(cast: Cast, other: dict[str, Any]) -> None:
    file = a_file(cast)
    sent: dict[str, Any] = {
        "answers": {"situation": "He laughed"},
        "happened_at": START,
        "entry_id": new_id(),
    }
    submit("follow_up.contact", by=cast.caseworker, file=file, **sent)
    before = everything()
    with pytest.raises(Conflict):
        submit("follow_up.contact", by=cast.caseworker, file=file, **(sent | other))
    assert everything() == before


def test_an_id_that_was_used_for_another_form_or_file_is_a_conflict(cast: Cast) -> None:
    file, other = a_file(cast), a_file(cast)
    used = submit("follow_up.contact", by=cast.caseworker, file=file).entry_id
    before = everything()
    for form, where in (("follow_up.review", file), ("follow_up.contact", other)):
        with pytest.raises(Conflict):
            submit(form, by=cast.caseworker, file=where, entry_id=used)
    assert everything() == before


def test_an_id_of_somebody_else_is_not_found(cast: Cast) -> None:
    file = a_case(cast)
    used = submit("closure.request", by=cast.caseworker, file=file).entry_id
    before = everything()
    with pytest.raises(NotFound):
        submit("closure.answer", by=cast.supervisor, file=file, entry_id=used)
    opened = Entry.objects.get(file=file, revision=1).id
    with pytest.raises(NotFound):
        submit("intake.identification", by=cast.colleague, entry_id=opened)
    with pytest.raises(NotFound):
        submit("intake.identification", by=cast.elsewhere, entry_id=opened)
    assert everything() == before


def test_a_refusal_frees_the_id(cast: Cast) -> None:
    file = a_file(cast)
    entry_id = new_id()
    refusal("follow_up.contact", {"reached": None}, by=cast.caseworker, file=file, entry_id=entry_id)
    assert not submit("follow_up.contact", by=cast.caseworker, file=file, entry_id=entry_id).repeated
    opened = new_id()
    refusal("intake.identification", {"source": None}, by=cast.caseworker, entry_id=opened)
    assert not submit("intake.identification", by=cast.caseworker, entry_id=opened).repeated


def test_a_draft_goes_when_its_entry_is_sent_and_stays_when_it_is_refused(cast: Cast) -> None:
    file, entry_id = a_file(cast), new_id()
    keep_draft(cast, file, entry_id)
    refusal("follow_up.contact", {"reached": None}, by=cast.caseworker, file=file, entry_id=entry_id)
    assert Draft.objects.filter(entry_id=entry_id).exists()
    submit("follow_up.contact", by=cast.caseworker, file=file, entry_id=entry_id)
    assert not Draft.objects.exists()


def test_a_draft_that_arrives_after_its_entry_is_not_kept(cast: Cast) -> None:
    """The last saving of a draft can be overtaken by the entry; kept, it would be offered for writing once more."""
    file, entry_id = a_file(cast), new_id()
    submit("follow_up.contact", by=cast.caseworker, file=file, entry_id=entry_id)
    keep_draft(cast, file, entry_id)
    assert not Draft.objects.exists()


def test_a_draft_of_somebody_else_cannot_be_overwritten(cast: Cast) -> None:
    file, other, entry_id = a_file(cast), submit("intake.identification", by=cast.colleague).file_id, new_id()
    keep_draft(cast, file, entry_id)
    sealed = bytes(Draft.objects.get().sealed)
    place = Place("follow_up.contact", other)
    with pytest.raises(NotFound):
        commands.keep_draft(place, an_open_draft(entry_id), by=cast.colleague, at=START)
    submit("follow_up.contact", by=cast.colleague, file=other, entry_id=entry_id)
    assert bytes(Draft.objects.get(user=cast.caseworker).sealed) == sealed


# --- What nobody can have meant ------------------------------------------------------------------------------


def test_everything_that_is_wrong_is_said_at_once_at_its_question(cast: Cast) -> None:
    wrong = {"source": "radio", "triage": None, "age": "26", "name": "x" * 201, "colour": "red"}
    found = refusal("intake.identification", wrong, by=cast.caseworker, happened_at=later(1))
    assert found == {
        "happened_at": "future", "source": "unknown_choice", "triage": "needed", "age": "out_of_range",
        "name": "too_long", "colour": "unknown_question",
    }  # fmt: skip


def test_a_refused_identification_leaves_no_file(cast: Cast) -> None:
    refusal("intake.identification", {"triage": "purple"}, by=cast.caseworker)
    assert not CaseFile.objects.exists()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (["a list"], "malformed"),
        ({"a": "row"}, "malformed"),
        ({}, "malformed"),
        ([[]], "malformed"),
        (7, "malformed"),
        (0, "malformed"),
        (1.5, "malformed"),
        (True, "malformed"),
        (False, "malformed"),
        ("x" * 10_001, "too_long"),
        ("null\0byte", "malformed"),
        ("bell\a", "malformed"),
        ("escape \x1b[31m", "malformed"),
        ("half a letter \ud800", "malformed"),
        ("next\x85line", "malformed"),
    ],
    ids=repr,
)
def test_text_that_cannot_be_kept_is_refused(cast: Cast, answer: Any, code: str) -> None:
    file = a_file(cast)
    assert refusal("follow_up.contact", {"situation": answer}, by=cast.caseworker, file=file) == {
        "situation": code
    }


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "two\nlines\tand a tab",
        "left \u2067right\u2069 left, \u200fmark",
        "👧🏽 has a 👨‍👩‍👧 and a 🏳️‍🌈",
        "وُلدت أمينة سنة ٢٠١٣",
        "'; DROP TABLE cases_entry; --",
        "<script>alert(1)</script>",
        "{who} {0} %s %(name)s ${reached}",
        "line\u2028separator, zero\u200bwidth, \ufeffmark",
    ],
    ids=range(9),
)
def test_whatever_people_write_comes_back_as_they_wrote_it(cast: Cast, text: str) -> None:
    file = a_file(cast)
    entry_id = submit("follow_up.contact", {"situation": text}, by=cast.caseworker, file=file).entry_id
    assert entry_of(entry_id, file_id=file).answers["situation"] == text


def test_digits_of_other_scripts_are_numbers(cast: Cast) -> None:
    file = a_file(cast, age="١٣")
    registered = {"birth_date": "٢٠١٣-٠٢-٠١"}
    submit("intake.registration", registered, by=cast.caseworker, file=file)
    told = [entry.answers for entry in entries_of(file)]
    assert told[0]["age"] == "13" and told[1]["birth_date"] == "2013-02-01"


@pytest.mark.parametrize(
    ("age", "code"),
    [
        ("-1", "out_of_range"), ("26", "out_of_range"), ("1e3", "malformed"), ("1.5", "malformed"), ("NaN", "malformed"),
        ("∞", "malformed"), ("½", "malformed"), ("十", "malformed"), ("9" * 16, "malformed"), (13, "malformed"),
        ("0x10", "malformed"), ("", None), ("0", None), ("25", None), (" 7 ", None), (None, None),
    ],
)  # fmt: skip
def test_ages(cast: Cast, age: Any, code: str | None) -> None:
    if code is None:
        a_file(cast, age=age)
    else:
        assert refusal("intake.identification", {"age": age}, by=cast.caseworker) == {"age": code}


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2013-02-29", "malformed"), ("29.02.2012", "malformed"), ("0000-01-01", "malformed"), ("10000-01-01", "malformed"),
        ("0001-01-01", "out_of_range"), ("1989-12-31", "out_of_range"), ("2026-03-03", "future"), ("9999-12-31", "future"),
        ("2012-02-29", None), ("2026-03-02", None), ("1990-01-01", None),
    ],
)  # fmt: skip
def test_dates_of_birth(cast: Cast, day: str, code: str | None) -> None:
    file = a_file(cast)
    if code is None:
        submit("intake.registration", {"birth_date": day}, by=cast.caseworker, file=file)
    else:
        found = refusal("intake.registration", {"birth_date": day}, by=cast.caseworker, file=file)
        assert found == {"birth_date": code}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_at_the_edge_of_the_calendar_do_no_harm(cast: Cast, day: str) -> None:
    file = a_case(cast)
    plan = {"actions": [{"what": "Talk", "due_on": day}]}
    submit("planning.plan", plan, by=cast.caseworker, file=file)
    gone: dict[str, Any] = dict.fromkeys(("objectives_met", "safe", "no_further_risk", "stable"))
    gone |= {"reason": "uncontactable_after_3_months", "unreachable_since": day}
    if day.startswith("0"):
        submit("closure.request", gone, by=cast.caseworker, file=file)
        closing = {"discussed_on": day}
        submit("closure.answer", by=cast.supervisor, file=file)
        submit("closure.closure", closing, by=cast.caseworker, file=file)
    else:
        found = refusal("closure.request", gone, by=cast.caseworker, file=file)
        assert found == {"unreachable_since": "future"}


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (datetime.min.replace(tzinfo=UTC), "out_of_range"),
        (datetime(1989, 12, 31, tzinfo=UTC), "out_of_range"),
        (START + timedelta(seconds=1), "future"),
        (datetime.max.replace(tzinfo=UTC), "future"),
    ],
)
def test_nothing_happened_in_the_future_or_long_ago(cast: Cast, moment: datetime, code: str) -> None:
    file = a_file(cast)
    for form, where in (("follow_up.contact", file), ("intake.identification", None)):
        found = refusal(form, {}, by=cast.caseworker, file=where, happened_at=moment)
        assert found == {"happened_at": code}


def test_something_may_have_happened_this_very_moment_or_years_ago(cast: Cast) -> None:
    file = a_file(cast)
    for moment in (START, datetime(1990, 1, 2, tzinfo=UTC)):
        submit("follow_up.contact", by=cast.caseworker, file=file, happened_at=moment)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("one", {"actions": "malformed"}),
        ({"what": "Talk"}, {"actions": "malformed"}),
        (["Talk"], {"actions": "malformed"}),
        ([{"what": "Talk"}, None], {"actions": "malformed"}),
        ([{}], {"actions.0.what": "needed"}),
        ([{"what": "Talk"}, {"what": " "}], {"actions.1.what": "needed"}),
        ([{"what": ["Talk"]}], {"actions.0.what": "malformed"}),
        ([{"what": "Talk", "who": "stranger"}], {"actions.0.who": "unknown_choice"}),
        ([{"what": "Talk", "due_on": "soon"}], {"actions.0.due_on": "malformed"}),
        ([{"what": "Talk", "colour": "red"}], {"actions.0.colour": "unknown_question"}),
        ([{"what": "Talk"}] * 51, {"actions": "too_many"}),
        ([{"what": "x" * 501}], {"actions.0.what": "too_long"}),
    ],
    ids=range(12),
)
def test_rows_that_are_malformed_are_refused_at_their_place(
    cast: Cast, rows: Any, code: dict[str, str]
) -> None:
    file = a_file(cast)
    assert refusal("planning.plan", {"actions": rows}, by=cast.caseworker, file=file) == code


@pytest.mark.parametrize("given", ["neglect", ["neglect"], ["neglect", "neglect"]], ids=repr)
def test_one_choice_of_several_may_come_alone_or_twice(cast: Cast, given: Any) -> None:
    file = a_file(cast)
    entry_id = submit("assessment.comprehensive", {"threats": given}, by=cast.caseworker, file=file).entry_id
    assert entry_of(entry_id, file_id=file).answers["threats"] == ["neglect"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["neglect", "dragons"], "unknown_choice"),
        (["Neglect"], "unknown_choice"),
        (["neglect", None], "malformed"),
        ([["neglect"]], "malformed"),
        ({"neglect": True}, "malformed"),
        (1, "malformed"),
    ],
    ids=repr,
)
def test_unknown_choices_are_refused(cast: Cast, given: Any, code: str) -> None:
    file = a_file(cast)
    found = refusal("assessment.comprehensive", {"threats": given}, by=cast.caseworker, file=file)
    assert found == {"threats": code}


def test_an_answer_to_a_question_that_does_not_apply_is_never_dropped_silently(cast: Cast) -> None:
    file = a_file(cast)
    found = refusal(
        "follow_up.contact", {"reached": "attempt", "alone": "alone"}, by=cast.caseworker, file=file
    )
    assert found == {"alone": "does_not_apply"}


def test_a_question_left_out_by_its_condition_is_not_needed(cast: Cast) -> None:
    file = a_file(cast)
    assert refusal("assessment.comprehensive", {"risk_level": "low"}, by=cast.caseworker, file=file) == {
        "risk_reason": "needed"
    }
    submit("assessment.comprehensive", by=cast.caseworker, file=file)


# --- Forms, files and people that are not there --------------------------------------------------------------


def test_a_form_version_that_never_was_is_refused(cast: Cast) -> None:
    file = a_file(cast)
    contact = form_in_force(
        "follow_up.contact", agency_id=CaseFile.objects.get().agency_id, day=START.date()
    ).version
    for version in ("0" * 64, "x", "' OR 1=1", contact):
        found = refusal("follow_up.review", {}, by=cast.caseworker, file=file, version=version)
        assert found == {"": "unknown_version"}
    submit("follow_up.contact", by=cast.caseworker, file=file, version=contact)


@pytest.mark.parametrize("form", ["follow_up.dance", "", "follow_up", "intake.identification"])
def test_a_form_that_is_not_there_is_not_found(cast: Cast, form: str) -> None:
    file = a_file(cast)
    before = everything()
    with pytest.raises(NotFound):
        commands.submit(Submission(form, file, {}, new_id()), by=cast.caseworker, at=START)
    assert everything() == before


def test_no_form_of_a_file_is_taken_without_its_file(cast: Cast) -> None:
    before = everything()
    for form in set(LEAST) - {"intake.identification"}:
        with pytest.raises(NotFound):
            submit(form, by=cast.caseworker)
        with pytest.raises(NotFound):
            submit(form, by=cast.caseworker, file=new_id())
    rows = before.pop("AuditRow")
    after = everything()
    assert after.pop("AuditRow") == rows + len(LEAST) - 1  # each file that is not there was a denial
    assert after == before


def test_somebody_on_another_file_is_nobody_here(cast: Cast) -> None:
    file, other = a_file(cast), a_file(cast)
    mother = submit("cases.person", by=cast.caseworker, file=other)
    stranger = person_of(mother.entry_id)
    for form in ("cases.person", "consent.consent"):
        for about in (stranger, new_id()):
            found = refusal(form, {}, by=cast.caseworker, file=file, about=about)
            assert found == {"": "unknown_person"}


def test_whoever_did_it_works_here(cast: Cast) -> None:
    """What is done by somebody of another agency cannot become a file of theirs, nor an act in their name."""
    for stranger in (cast.elsewhere, cast.outsider):
        assert refusal("intake.identification", {}, by=cast.caseworker, done_by=stranger) == {
            "done_by": "not_here"
        }
        file = a_file(cast)
        found = refusal("follow_up.contact", {}, by=cast.caseworker, file=file, done_by=stranger)
        assert found == {"done_by": "not_here"}
    submit("follow_up.contact", by=cast.caseworker, file=file, done_by=cast.colleague)


# --- Stale bases ---------------------------------------------------------------------------------------------

GUARDED = {
    "assessment.risk": "caseworker", "closure.request": "caseworker", "consent.urgent_answer": "supervisor",
    "closure.answer": "supervisor",
}  # fmt: skip


@pytest.mark.parametrize(("form", "who"), GUARDED.items())
def test_a_stale_base_says_what_is_new_and_writes_nothing(cast: Cast, form: str, who: str) -> None:
    file = a_case(cast)
    submit("consent.urgent_action", by=cast.caseworker, file=file)
    if form == "closure.answer":
        submit("closure.request", by=cast.caseworker, file=file)
    seen = revision(file)
    submit("follow_up.contact", by=cast.caseworker, file=file)
    before = everything()
    for base in (seen, None, 0, -1, seen + 2):
        with pytest.raises(Conflict) as stale:
            submit(form, by=cast.everybody[who], file=file, base=base)
        assert stale.value.status == 409 and stale.value.unmet[0].code == "stale"
    assert everything() == before
    with pytest.raises(Conflict) as stale:
        submit(form, by=cast.everybody[who], file=file, base=seen)
    assert [str(one.words) for one in stale.value.unmet[1:]] == ["New since then: Contact, by Caseworker."]
    submit(form, by=cast.everybody[who], file=file)


def test_what_only_adds_to_the_file_needs_no_base(cast: Cast) -> None:
    file = a_case(cast)
    for form in ("follow_up.contact", "planning.plan", "consent.consent", "assessment.comprehensive"):
        submit(form, by=cast.caseworker, file=file, base=0)


# --- Corrections ---------------------------------------------------------------------------------------------


def test_the_file_shows_a_correction_beside_what_it_corrects(cast: Cast) -> None:
    file = a_case(cast)
    contact = submit("follow_up.contact", {"situation": "Well"}, by=cast.caseworker, file=file).entry_id
    corrected = submit(
        "follow_up.contact", {"situation": "Ill"}, by=cast.caseworker, file=file, amends=contact
    ).entry_id
    told = {entry.id: entry for entry in entries_of(file)}
    assert told[contact].answers["situation"] == "Well"
    assert told[corrected].answers["situation"] == "Ill" and told[corrected].amends == contact
    current = [fact["ended_by_id"] for name, fact in facts_on(file).items() if name.startswith("Contact")]
    assert sorted(map(str, current)) == sorted(["None", str(corrected)])


def test_a_correction_can_be_corrected_and_the_first_entry_only_once(cast: Cast) -> None:
    file = a_case(cast)
    first = submit("follow_up.contact", by=cast.caseworker, file=file).entry_id
    second = submit("follow_up.contact", by=cast.caseworker, file=file, amends=first).entry_id
    submit("follow_up.contact", by=cast.caseworker, file=file, amends=second)
    before = everything()
    with pytest.raises(Conflict) as again:
        submit("follow_up.contact", by=cast.caseworker, file=file, amends=first)
    assert [one.code for one in again.value.unmet] == ["amended_already"]
    assert everything() == before


def test_a_correction_needs_the_newest_file(cast: Cast) -> None:
    file = a_case(cast)
    contact = submit("follow_up.contact", by=cast.caseworker, file=file)
    submit("follow_up.contact", by=cast.caseworker, file=file)
    with pytest.raises(Conflict):
        submit(
            "follow_up.contact",
            by=cast.caseworker,
            file=file,
            amends=contact.entry_id,
            base=contact.revision,
        )


def test_an_entry_of_another_file_another_form_or_nowhere_cannot_be_corrected(cast: Cast) -> None:
    file, other = a_case(cast), a_case(cast)
    elsewhere = submit("follow_up.contact", by=cast.caseworker, file=other).entry_id
    another = submit("follow_up.review", by=cast.caseworker, file=file).entry_id
    before = everything()
    for amends in (elsewhere, another, new_id()):
        with pytest.raises(NotFound):
            submit("follow_up.contact", by=cast.caseworker, file=file, amends=amends)
    assert everything() == before


NEVER = {
    "consent.consent", "consent.urgent_answer", "assessment.risk", "assessment.risk_agreement", "closure.request",
    "closure.answer", "closure.closure", "closure.reopening",
}  # fmt: skip


def test_consent_risk_agreement_and_closure_are_never_corrected(cast: Cast) -> None:
    file = a_closed_case(cast)
    caseworker, supervisor = cast.caseworker, cast.supervisor
    submit("closure.reopening", by=caseworker, file=file)
    submit("consent.consent", by=caseworker, file=file)
    submit("consent.urgent_action", by=caseworker, file=file)
    submit("consent.urgent_answer", by=supervisor, file=file)
    submit("assessment.risk", by=caseworker, file=file)
    submit("assessment.risk", {"risk_level": "low"}, by=caseworker, file=file)
    submit("assessment.risk_agreement", by=supervisor, file=file)
    for form in NEVER:
        row = Entry.objects.filter(file=file, form_code=form).order_by("revision").last()
        assert row is not None
        found = refusal(form, {}, by=row.by, file=file, amends=row.id)
        assert found == {"": "never_amended"}
    assert {code for code, kind in commands.KINDS.items() if not kind.amendable} == NEVER


def test_an_identification_cannot_be_corrected_into_another_file(cast: Cast) -> None:
    file = a_file(cast)
    first = Entry.objects.get(file=file)
    with pytest.raises(NotFound):
        submit("intake.identification", by=cast.caseworker, amends=first.id)


def test_a_closed_case_can_still_be_corrected(cast: Cast) -> None:
    file = a_closed_case(cast)
    assessed = Entry.objects.get(file=file, form_code="assessment.initial")
    submit("assessment.initial", {"judgement": "Safe now"}, by=cast.caseworker, file=file, amends=assessed.id)


def test_a_correction_of_a_registration_keeps_the_code(cast: Cast) -> None:
    file = a_case(cast)
    code = Case.objects.get().code
    registered = Entry.objects.get(file=file, form_code="intake.registration")
    submit("intake.registration", {"name": "Tómas"}, by=cast.caseworker, file=file, amends=registered.id)
    assert Case.objects.get().code == code


# --- Order ---------------------------------------------------------------------------------------------------


def test_the_order_on_a_file_is_its_revision_whatever_the_clocks_say(cast: Cast) -> None:
    file = a_file(cast)
    moments = [START - timedelta(days=3), START, START - timedelta(days=9)]
    for moment in moments:
        submit("follow_up.contact", by=cast.caseworker, file=file, happened_at=moment)
    told = entries_of(file)
    assert [entry.revision for entry in told] == [1, 2, 3, 4]
    assert [entry.happened_at for entry in told[1:]] == moments


def keep_draft(cast: Cast, file: UUID, entry_id: UUID) -> None:
    place = Place("follow_up.contact", file)
    commands.keep_draft(place, an_open_draft(entry_id), by=cast.caseworker, at=START)


def an_open_draft(entry_id: UUID) -> OpenDraft:
    agency = CaseFile.objects.order_by("opened_on").first()
    assert agency is not None
    form = form_in_force("follow_up.contact", agency_id=agency.agency_id, day=START.date())
    typed = {"answers": {"situation": "Half a sentence"}, "happened_at": "", "precision": "minute"}
    return OpenDraft(entry_id, form.version, 1, typed)


def person_of(entry_id: UUID) -> UUID:
    """The person whom an entry put on the file."""
    from tutela.foundation.ids import derived_id

    return derived_id(entry_id, "person")
