"""The demo stories: each plays on an empty installation, again changes nothing, and gives supervisor and team a real day."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.stories.reading import NOW, TODAY, Played, entries, every_file, marked, texts, user
from tutela import commands
from tutela.access.queries import files_of_supervised_teams
from tutela.cases.models import CaseFile, Entry
from tutela.cases.queries import entries_of, files_of
from tutela.cli.story import names, play, read
from tutela.deadlines.queries import open_deadlines
from tutela.deadlines.tasks import tasks_on
from tutela.supervision.queries import waiting_for_word

pytestmark = pytest.mark.django_db

each_story = pytest.mark.parametrize("story", names())

# Words that judge, or say more than anybody knows (R127).
JUDGING = re.compile(
    r"\b(perpetrators?|abusers?|victims?|offenders?|culprits?|guilty|wife|wives|prostitut\w+|captured|surrendered)\b", re.I
)  # fmt: skip


@each_story
def test_playing_it_again_writes_nothing_new(played: Played, story: str) -> None:
    before = Entry.objects.count()
    assert play(story, now=NOW) == played[story]
    assert play(story, now=NOW + timedelta(hours=5)) == played[story]
    assert Entry.objects.count() == before


@each_story
def test_its_files_come_out_the_same_when_made_again_from_their_entries(played: Played, story: str) -> None:
    for file in played[story].values():
        assert commands.rebuild(file, keep=False) == []


@each_story
def test_the_revisions_of_its_files_have_no_gap(played: Played, story: str) -> None:
    for file in played[story].values():
        revisions = [entry.revision for entry in entries_of(file)]
        assert revisions == list(range(1, CaseFile.objects.get(id=file).revision + 1))


@each_story
def test_it_is_written_in_the_order_of_its_days_and_ends_before_today(played: Played, story: str) -> None:
    for file in played[story].values():
        written = entries_of(file)
        assert all(before.received_at < after.received_at for before, after in pairwise(written))
        assert written[-1].happened_on < TODAY


@each_story
def test_names_stand_only_where_they_are_sealed_apart(played: Played, story: str) -> None:
    """A file is read under its code; a name is opened with one tap that is logged (R86, R125)."""
    told = [step.get("answers", {}) for step in read(story)["entries"]]
    known = {one["name"] for one in told if "name" in one}
    for text in _texts(played, story, but="identity"):
        assert not [name for name in known if re.search(rf"\b{re.escape(name)}\b", text)], text


@each_story
def test_its_words_judge_nobody(played: Played, story: str) -> None:
    for text in _texts(played, story):
        assert not JUDGING.search(text), text


@each_story
def test_nobody_who_is_suspected_of_harm_was_asked_for_consent(played: Played, story: str) -> None:
    for file in played[story].values():
        suspected = {one.person_id for one in marked(file, "suspected_of_harm")}
        assert not suspected & {entry.about for entry in entries(file, "consent.consent")}
        assert not suspected & {task.about for task in tasks_on(file, day=TODAY)}


@pytest.mark.parametrize("username", ["bilal", "wanja", "peter", "ines", "admin"])
def test_whoever_has_no_part_in_them_reaches_no_file(played: Played, username: str) -> None:
    assert not files_of(user(username), day=TODAY).exists()


def test_each_of_two_caseworkers_reaches_their_own_and_their_supervisor_all(played: Played) -> None:
    amara, daniel, samira = (
        {file.id for file in files_of(user(name), day=TODAY)} for name in ("amara", "daniel", "samira")
    )
    assert (
        amara and daniel and amara & daniel == {played["kito"]["child"]}
    )  # where one stands in for the other
    assert (
        amara | daniel
        == samira
        == every_file(played)
        == set(files_of_supervised_teams(user("samira"), TODAY))
    )


def test_an_urgent_action_a_closure_a_lowering_and_people_apart_wait_for_the_supervisor(
    played: Played,
) -> None:
    waiting = [(one.form, one.file_id) for one in waiting_for_word(every_file(played))]
    assert sorted(waiting) == [
        ("assessment.risk_agreement", played["k"]["sister_2"]),
        ("closure.answer", played["k"]["sister_1"]),
        ("consent.consultation", played["juma"]["idris"]),
        ("consent.urgent_answer", played["zuri"]["child"]),
    ]


def test_the_urgent_action_that_waits_can_still_be_answered_in_time(played: Played) -> None:
    (answer,) = [one for one in open_deadlines(every_file(played)) if one.step == "urgent_answer"]
    assert NOW < answer.due_at < NOW + timedelta(days=1)


def test_something_is_late_and_something_is_due_today(played: Played) -> None:
    who = {file: (story, child) for story, files in played.items() for child, file in files.items()}
    due = open_deadlines(every_file(played))
    late = {(*who[one.file_id], one.step) for one in due if one.overdue_after < NOW}
    today = {one.file_id for one in due if one.overdue_after >= NOW and one.due_at.date() == TODAY}
    assert late == {
        ("k", "sister_3", "assessment.finish"),
        ("tomas", "child", "initial_assessment"),
        ("zuri", "child", "assessment.finish"),
        ("zuri", "child", "follow_up"),
        ("zuri", "child", "plan_action:2"),
    }
    assert played["juma"]["idris"] in today


def test_most_children_have_nothing_late(played: Played) -> None:
    late = {one.file_id for one in open_deadlines(every_file(played)) if one.overdue_after < NOW}
    assert len(late) < len(every_file(played)) / 2


def _texts(played: Played, story: str, *, but: str = "") -> list[str]:
    return [
        text
        for file in played[story].values()
        for entry in entries_of(file)
        for text in texts(entry, but=but)
    ]
