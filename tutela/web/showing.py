"""Files, entries, people and tasks in the shapes that the templates take."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from tutela.access.queries import covers_on, responsible_for
from tutela.assessment.queries import risk_levels
from tutela.cases.entries import OpenEntry
from tutela.cases.labels import labels_of
from tutela.cases.queries import children_of, files_by_id, names_of
from tutela.closure.queries import died_among
from tutela.deadlines.task import Task
from tutela.forms.definition import ATTACHED, Answer, Option, Question, in_language
from tutela.foundation import clock
from tutela.foundation.words import Words, say
from tutela.pages.dates import exact, years_words
from tutela.protocols.packs import Pack

if TYPE_CHECKING:
    from tutela.access.models import Cover, User
    from tutela.cases.models import CaseFile, Fact, Person
    from tutela.web.frame import Reader


def child_line(
    file: CaseFile, child: Person | None, risk: str, *, day: date, responsible: str = "", label: str = ""
) -> dict[str, Any]:
    """A child in a list: the reader's own label, or girl or boy and the age; the code beside; never the name (R125)."""
    code = file.case.code if hasattr(file, "case") else ""
    age = years_words(day.year - child.birth_year) if child and child.birth_year else ""
    child_word = _CHILD_WORDS.get(child.sex if child else "", gettext_lazy("Child"))
    told = f"{child_word}, {age}" if age else str(child_word)
    return {
        "label": label or told, "code": code, "risk": risk, "opened": file.opened_on,
        "url": reverse("file", kwargs={"file_id": file.id}), "responsible": responsible,
    }  # fmt: skip


_CHILD_WORDS = {"female": gettext_lazy("Girl"), "male": gettext_lazy("Boy")}


def child_lines(file_ids: Sequence[UUID], *, reader: Reader) -> dict[UUID, dict[str, Any]]:
    """The same for many files at once, in a handful of queries. They count as shown: a list says so in the log."""
    reader.shown.update(file_ids)
    files, children, risks = files_by_id(file_ids), children_of(file_ids), risk_levels(file_ids)
    risks |= dict.fromkeys(died_among(file_ids), "died")
    workers, labels = responsible_for(file_ids), labels_of(reader.user, files=file_ids)
    covers = covers_on(file_ids, day=reader.day)
    return {
        file_id: child_line(
            files[file_id], children.get(file_id), risks.get(file_id, ""), day=reader.day,
            label=labels.get(file_id, ""), responsible=workers[file_id].name if file_id in workers else "",
        ) | {"covered_for": _covered_for(covers.get(file_id), reader)}
        for file_id in file_ids
    }  # fmt: skip


def _covered_for(cover: Cover | None, reader: Reader) -> Words | None:
    """For whom the reader stands in here, where they do (R104)."""
    if cover is None or cover.stand_in_id != reader.user.id:
        return None
    return say("Covered for {who} until {day}", who=cover.covered_for.name, day=cover.until)


def task_view(task: Task, file_id: UUID, *, may: Collection[str], reader: Reader) -> dict[str, Any]:
    """A task with the way to do it, for those whose it is."""
    url = form_url(task.form, file_id, about=task.about, amends=task.amends) if task.action in may else ""
    due = due_words(task.due_at, task.overdue_after, reader)
    put_off = f"{form_url('follow_up.set_aside', file_id)}?{urlencode({'step': task.may_wait})}"
    may_wait = task.may_wait in reader.pack.vocabulary("due_step").codes
    return {
        "title": task.title, "why": task.why, "citation": task.citation, "due": due, "url": url,
        "waiting": term(reader.pack, "set_aside_reason", task.set_aside) if task.set_aside else "",
        "put_off_url": put_off if url and may_wait else "",
        "theirs": task.action == "agree" and not url and "write" in may,
    }  # fmt: skip


def due_words(
    due_at: datetime | None, overdue_after: datetime | None, reader: Reader
) -> date | datetime | None:
    """Until when: when it is due, or where that has passed, the last moment before it is overdue. Whole days as days (R28)."""
    if due_at is None or overdue_after is None:
        return None
    until = due_at if due_at >= reader.at else overdue_after
    day = clock.local_day(until, reader.zone)
    return day if until == clock.end_of_day(day, reader.zone) else until


def form_url(
    code: str, file_id: UUID | None, *, about: UUID | None = None, amends: UUID | None = None
) -> str:
    """The address of a form."""
    named: dict[str, Any] = {"code": code} | ({"file_id": file_id} if file_id else {})
    query = {name: str(value) for name, value in (("about", about), ("amends", amends)) if value}
    address = reverse("file_form" if file_id else "form", kwargs=named)
    return f"{address}?{urlencode(query)}" if query else address


def entry_views(entries: Sequence[OpenEntry]) -> list[dict[str, Any]]:
    """The story, newest first; what was corrected shows once, before and after side by side."""
    names = names_of({one.by_id for one in entries} | {one.done_by_id for one in entries})
    amended = {one.amends: one for one in entries if one.amends}
    shown = [one for one in entries if not one.amends]
    return [
        _entry_view(one, amended, names)
        for one in sorted(shown, key=lambda one: (one.happened_at, one.revision), reverse=True)
    ]


def _entry_view(entry: OpenEntry, amended: dict[UUID, OpenEntry], names: dict[UUID, str]) -> dict[str, Any]:
    newest = entry
    while newest.id in amended:
        newest = amended[newest.id]
    parts = answer_parts(newest)
    view: dict[str, Any] = {
        "kind": in_language(entry.form.title, get_language() or "en"),
        "happened": entry.happened_on if entry.precision == "day" else entry.happened_at,
        "by": names[entry.by_id], "done_by": names[entry.done_by_id] if entry.done_by_id != entry.by_id else "",
        "lead": _lead(parts), "confidential": any(part["confidential"] for part in parts),
        "id": entry.id, "written_late": written_late(entry),
    }  # fmt: skip
    if newest is not entry:
        view["corrected"] = {
            "by": names[newest.by_id],
            "when": newest.received_at,
            "changes": changes_between(entry, newest),
        }
    return view


def written_late(entry: OpenEntry) -> str:
    """How long after it happened it was written down: a soft sign, apart from whether it was done in time (R112)."""
    days = (timezone.localtime(entry.received_at).date() - entry.happened_on).days
    return (
        ngettext("written {n} day later", "written {n} days later", days).format(n=days) if days > 0 else ""
    )


def answer_parts(entry: OpenEntry) -> list[dict[str, Any]]:
    """The answers of an entry, as labels and words; what was left empty is left out."""
    return [
        {
            "name": question.name, "label": in_language(question.label, get_language() or "en"), "text": text,
            "long": question.type == "long_text", "confidential": question.seal == "confidential",
            "attached": attached_views(question, entry),
        }
        for question in entry.form.questions
        if (text := entry.given.get(f"{question.name}_name") or answer_words(question, entry.answers.get(question.name, "")))
    ]  # fmt: skip


_CALLED: dict[str, tuple[Any, Any]] = {
    "photo": (gettext_lazy("A photo"), gettext_lazy("{n} photos")),
    "audio": (gettext_lazy("A recording"), gettext_lazy("{n} recordings")),
    "file": (gettext_lazy("A document"), gettext_lazy("{n} documents")),
    "signature": (gettext_lazy("A signature"), gettext_lazy("{n} signatures")),
}


def attached_views(question: Question, entry: OpenEntry) -> list[dict[str, Any]]:
    """What is attached to one answer, each with the way to it."""
    if question.type not in ATTACHED:
        return []
    return [
        {"kind": question.type, "url": attached_url(entry.file_id, str(one)), "words": kind_words(question.type)}
        for one in entry.answers.get(question.name, [])
    ]  # fmt: skip


def kind_words(kind: str) -> str:
    """What something attached is called."""
    return str(_CALLED[kind][0])


def attached_url(file_id: UUID, attachment_id: UUID | str) -> str:
    """The address of something attached."""
    return reverse("file_attached", kwargs={"file_id": file_id, "attachment_id": attachment_id})


def answer_words(question: Question, answer: Answer) -> str:
    """An answer in words: labels for codes, one line for each row."""
    labels = {option.code: in_language(option.label, get_language() or "en") for option in question.options}
    if question.type == "yes_no":
        labels = {"yes": gettext("Yes"), "no": gettext("No")}
    if question.type == "date" and isinstance(answer, str) and answer:
        return exact(date.fromisoformat(answer))
    if question.type in ATTACHED:
        one, many = _CALLED[question.type]
        return str(one if len(answer) == 1 else many).format(n=len(answer)) if answer else ""
    if isinstance(answer, str):
        return labels.get(answer, answer)
    return "\n".join(
        _row_words(question, row) if isinstance(row, dict) else labels.get(row, row) for row in answer
    )


def _row_words(question: Question, row: dict[str, Any]) -> str:
    return " · ".join(
        words for inner in question.questions if (words := answer_words(inner, row.get(inner.name, "")))
    )


def _lead(parts: Sequence[dict[str, Any]]) -> str:
    """What always shows of an entry: its first narrative answer, or its first answers, named, where it has none."""
    narrative = next((part["text"] for part in parts if part["long"] and not part["confidential"]), "")
    return narrative or "\n".join(
        f"{part['label']}: {part['text'].replace(chr(10), '; ')}"
        for part in parts[:3]
        if not part["confidential"]
    )


def changes_between(before: OpenEntry, after: OpenEntry) -> list[dict[str, Any]]:
    """What two entries of one form say differently, question by question."""
    changes: list[dict[str, Any]] = []
    for question in after.form.questions:
        old, new = (answer_words(question, one.answers.get(question.name, "")) for one in (before, after))
        if old != new:
            changes.append(
                {"label": in_language(question.label, get_language() or "en"), "before": old, "after": new}
            )
    if before.happened_at != after.happened_at:
        changes.append(
            {"label": gettext("When it happened"), "before": before.happened_at, "after": after.happened_at}
        )
    return changes


def supervisor_word(answer: Fact | None, *, waits: bool, otherwise: str) -> str:
    """A supervisor’s word: that it is asked for, or what was said; `otherwise` where they did not agree (R37)."""
    if waits:
        return gettext("Your supervisor is asked for a word. The work goes on.")
    if answer is None:
        return ""
    said = gettext("Your supervisor agrees.") if answer.contents["agreed"] == "yes" else otherwise
    return " ".join(filter(None, (said, answer.contents.get("note", ""))))


def person_options(people: Iterable[User]) -> list[Option]:
    """People as choices, each once, by the name they sign in with."""
    return [
        Option.model_construct(code=one.username, label={"en": one.name}, hint={}, retired=False)
        for one in dict.fromkeys(people)
    ]


def term(pack: Pack, vocabulary: str, code: str) -> str:
    """The words of a code of a list; an unknown code stands as it is."""
    labels = {one.code: one.label for one in pack.vocabulary(vocabulary).terms}
    return in_language(labels[code], get_language() or "en") if code in labels else code


def pager(pages: Any, start: str) -> dict[str, Any] | None:
    """Where a list goes on; `start` is the address up to the number of the page. None where there is one page only."""
    if pages.paginator.num_pages < 2:
        return None
    return {
        "number": pages.number, "total": pages.paginator.num_pages,
        "previous": f"{start}{pages.previous_page_number()}" if pages.has_previous() else "",
        "next": f"{start}{pages.next_page_number()}" if pages.has_next() else "",
    }  # fmt: skip


def step_words(step: str) -> str:
    """A step of casework, as people call it."""
    return {
        "identification": gettext("Identification"), "assessment": gettext("Assessment"), "plan": gettext("Plan"),
        "implementation": gettext("Implementation"), "follow_up": gettext("Follow-up"), "closure": gettext("Closure"),
    }[step]  # fmt: skip
