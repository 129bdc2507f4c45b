"""Form pages: one view for every form of every step. It fetches, reads what was posted, and calls `commands.submit`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from tutela import commands
from tutela.access.queries import in_emergency
from tutela.cases.drafts import OpenDraft, Place, draft_at, fresh_draft
from tutela.cases.queries import current_person, entry_of, file_within_reach, files_of
from tutela.commands import Submission
from tutela.forms.answers import read_posted
from tutela.forms.definition import Form, in_language
from tutela.foundation.refusals import NotFound, Refused, Unavailable, Unmet
from tutela.foundation.words import say
from tutela.pages.spoken import spoken
from tutela.published.queries import pack_in_force
from tutela.web.attachments import with_files
from tutela.web.colleagues import with_colleagues
from tutela.web.file_plan import coaching_after
from tutela.web.first import what_comes_first
from tutela.web.frame import Reader, id_from, show, signed_in
from tutela.web.referring import begun_with, with_what_is_known
from tutela.web.showing import child_lines, term

_MOMENT = "%Y-%m-%dT%H:%M"
_OF_ONE_PERSON = {"consent.consent", "consent.not_asked", "consent.withdrawal"}
_SHOWN_ON = {"consent.withdrawal": "file_consent"}  # what it stops and what it does not is seen at once (R13)


@dataclass(frozen=True)
class _Sheet:
    """A form in front of somebody: what it is for, in which version, and what is on it."""

    place: Place
    form: Form
    draft: OpenDraft
    answers: dict[str, Any]
    happened_at: str
    precision: str


@signed_in
def page(request: HttpRequest, reader: Reader, code: str, file_id: UUID | None = None) -> HttpResponse:
    """Show a form, or take what was written on it."""
    place = Place(code, file_id, _uuid(request, "about"), _uuid(request, "amends"))
    if request.method == "POST" and "look" not in request.POST:
        return _take(request, reader, place)
    form = commands.form_for(code, file_id=file_id, by=reader.user, at=reader.at)
    if request.method == "POST":  # what our criteria say, before anything is sent
        _leave_row(reader, file_id, code)
        return _show(request, reader, _posted(request, place, form))
    revision = _revision(reader, file_id, code) if file_id else 0
    sheet = _opened(reader, place, form, revision, chosen=_chosen(request, form))
    return _show(request, reader, replace(sheet, answers=begun_with(sheet.answers, place, request, reader)))


@signed_in
def keep(request: HttpRequest, reader: Reader, code: str, file_id: UUID | None = None) -> HttpResponse:
    """Keep what is typed so far. Called by the page itself while somebody writes."""
    if request.method != "POST":
        raise NotFound
    place = Place(code, file_id, _uuid(request, "about"), _uuid(request, "amends"))
    sheet = _posted(request, place, commands.form_for(code, file_id=file_id, by=reader.user, at=reader.at))
    typed = {"answers": sheet.answers, "happened_at": sheet.happened_at, "precision": sheet.precision}
    draft = OpenDraft(sheet.draft.entry_id, sheet.form.version, sheet.draft.base, typed)
    commands.keep_draft(place, draft, by=reader.user, at=reader.at)
    return JsonResponse({"kept": True})


def _revision(reader: Reader, file_id: UUID, form: str) -> int:
    """The revision that somebody begins to write on. A form may show earlier answers, so opening one leaves a row."""
    how = commands.opened_with(form)
    return commands.read("form.opened", file_id, by=reader.user, at=reader.at, action=how, form=form).revision


def _leave_row(reader: Reader, file_id: UUID | None, form: str, *, verb: str = "form.opened") -> None:
    """A form that comes back after it was sent shows the file as one that is opened does."""
    if file_id:
        how = commands.opened_with(form)
        commands.read(verb, file_id, by=reader.user, at=reader.at, action=how, form=form)


def _take(request: HttpRequest, reader: Reader, place: Place) -> HttpResponse:
    sent = id_from(request.POST.get("entry_id"))
    form = commands.form_for(place.form, file_id=place.file, by=reader.user, at=reader.at, sent=sent)
    sheet = _posted(request, place, form)
    answers, wrong = with_files(
        request,
        reader,
        sheet.form,
        sheet.answers,
        version=sheet.form.version,
        entry_id=sheet.draft.entry_id,
        file_id=place.file,
    )
    sheet = replace(sheet, answers=answers)
    try:
        if wrong:
            raise Refused(*wrong)
        moment = moment_of(sheet.happened_at, precision=sheet.precision, reader=reader)
        submitted = commands.submit(
            Submission(
                form=place.form, file=place.file, answers=sheet.answers, entry_id=sheet.draft.entry_id,
                version=sheet.form.version, base=sheet.draft.base, happened_at=moment,
                precision="day" if sheet.precision == "day" else "minute", about=place.about, amends=place.amends,
            ),
            by=reader.user, at=reader.at,
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refused:
        commands.form_for(
            place.form, file_id=place.file, by=reader.user, at=reader.at
        )  # may they see it by now?
        _leave_row(reader, place.file, place.form, verb="form.refused")
        return _show(request, reader, _up_to_date(sheet, refused, reader), refused=refused)
    messages.success(
        request, gettext("Saved: {form}.").format(form=in_language(form.title, request.LANGUAGE_CODE))
    )
    for warning in submitted.warnings:
        messages.warning(request, spoken(warning))
    if coaching := coaching_after(place.form, submitted.file_id):
        messages.info(request, coaching)
    if sheet.answers.get("safeguarding_wish") == "wishes":
        messages.info(
            request, gettext("What the survivor wishes is told from the page People, and not by itself.")
        )
    still_open = _still_open(submitted.file_id, reader)
    if not still_open:
        return redirect("today")
    return redirect(_SHOWN_ON.get(place.form, "file"), file_id=submitted.file_id)


def _still_open(file_id: UUID, reader: Reader) -> bool:
    """Whether the file is the reader's to read after what they sent, be it in an emergency only."""
    own = files_of(reader.user, day=reader.day).filter(id=file_id)
    return own.exists() or in_emergency(reader.user, at=reader.at).filter(file_id=file_id).exists()


def _chosen(request: HttpRequest, form: Form) -> dict[str, str]:
    """What the link that led here chose already: codes of lists only, so that no address carries an answer in words."""
    codes = {
        one.name: {option.code for option in one.options} for one in form.questions if one.type == "choice"
    }
    return {name: code for name, known in codes.items() if (code := request.GET.get(name, "")) in known}


def _opened(reader: Reader, place: Place, form: Form, revision: int, *, chosen: Mapping[str, str]) -> _Sheet:
    """The sheet as somebody left it, or a fresh one; a correction starts from what was written."""
    kept = draft_at(place, by=reader.user)
    if kept and kept.typed:
        form = commands.form_in_version(kept.version, code=place.form)
        return _Sheet(
            place, form, kept, kept.typed["answers"], kept.typed["happened_at"], kept.typed["precision"]
        )
    draft = fresh_draft(form.version, base=revision)
    if place.amends and place.file:
        classes = commands.readable_classes(place.file, by=reader.user, at=reader.at)
        entry = entry_of(place.amends, file_id=place.file, classes=classes)
        return _Sheet(
            place, form, draft, dict(entry.answers), local_text(entry.happened_at, reader), entry.precision
        )
    begun = {**commands.answers_to_begin_with(place, by=reader.user, at=reader.at), **chosen}
    return _Sheet(place, form, draft, begun, local_text(reader.at, reader), "minute")


def _posted(request: HttpRequest, place: Place, form: Form) -> _Sheet:
    posted = request.POST
    version = posted.get("version") or form.version
    form = form if version == form.version else commands.form_in_version(version, code=place.form)
    base = posted.get("base", "")
    draft = OpenDraft(
        id_from(posted.get("entry_id")),
        version,
        int(base) if base.isdecimal() and len(base) < 10 else 0,
        {},
    )
    precision = "day" if posted.get("happened_precision") == "day" else "minute"
    return _Sheet(
        place, form, draft, read_posted(form, dict(posted.lists())), posted.get("happened_at", ""), precision
    )


def _show(
    request: HttpRequest, reader: Reader, sheet: _Sheet, *, refused: Refused | None = None
) -> HttpResponse:
    place = sheet.place
    unmet = list(refused.unmet) if refused else []
    known = {question.name for question in sheet.form.questions}
    at_questions = {
        one.question: one.words for one in unmet if one.question.partition(".")[0] in known | {"happened_at"}
    }
    back = reverse("file", kwargs={"file_id": place.file}) if place.file else reverse("today")
    locked = isinstance(refused, Unavailable)
    asked = with_colleagues(sheet.form, reader, file_id=place.file)
    asked = asked if locked else with_what_is_known(asked, sheet.answers, place, request, reader)
    first = "" if locked else what_comes_first(place, sheet.answers, request, reader)
    context = {
        "form": asked, "answers": sheet.answers, "problems": at_questions, "language": request.LANGUAGE_CODE,
        "about": _about(place, reader, refused), "whom": _whom(place, reader, refused), "first": first,
        "look": gettext("What do our criteria say?") if place.form == "intake.screening" else "",
        "action": _address("form", place), "draft_url": _address("draft", place),
        "hidden": {
            "entry_id": sheet.draft.entry_id, "version": sheet.form.version, "base": sheet.draft.base,
            "writer": reader.user.id,
        },
        "attach_url": _address("attachment", place), "today": reader.day.isoformat(),
        "happened_at": sheet.happened_at, "happened_precision": "day" if sheet.precision == "day" else "exact",
        "happened_problem": at_questions.get("happened_at"), "back_url": back, "sign_in_url": reverse("account_login"),
        "unmet": [one for one in unmet if one.question not in at_questions],
        "kept_at": sheet.draft.kept_at,
    }  # fmt: skip
    return show(request, reader, "pages/form_page.html", context, status=refused.status if refused else 200)


def _up_to_date(sheet: _Sheet, refused: Refused, reader: Reader) -> _Sheet:
    """After somebody was shown what changed meanwhile, the sheet stands on the newest revision and can be sent again."""
    if sheet.place.file is None or not any(one.code == "stale" for one in refused.unmet):
        return sheet
    newest = file_within_reach(sheet.place.file, by=reader.user, day=reader.day).revision
    return replace(sheet, draft=replace(sheet.draft, base=newest))


def _about(place: Place, reader: Reader, refused: Refused | None) -> dict[str, Any] | None:
    """Whose file it is; nothing where files cannot be opened just now, so that what was typed still comes back."""
    if place.file is None or isinstance(refused, Unavailable):
        return None
    return child_lines([place.file], reader=reader)[place.file]


def _whom(place: Place, reader: Reader, refused: Refused | None) -> str:
    """Whom of those around the child the sheet is about: nobody answers for somebody else by mistake (R8)."""
    if place.form in _OF_ONE_PERSON and place.about is None:
        return gettext("The child")
    if place.file is None or place.about is None or isinstance(refused, Unavailable):
        return ""
    person = current_person(place.file, place.about)
    if person is None:
        return ""
    file = commands.read("person.read", place.file, by=reader.user, at=reader.at, person=str(place.about))
    pack = pack_in_force(file.agency_id, reader.day)
    relation = term(pack, "person_relationship", person.contents.get("relationship", ""))
    return " · ".join(filter(None, (person.contents.get("name", ""), relation)))


def moment_of(written: str, *, precision: str, reader: Reader) -> datetime:
    """When it happened, in the time of the place of work. Of a day without a time, its beginning. Raises Refused."""
    try:
        moment = datetime.fromisoformat(written).replace(tzinfo=reader.zone)
    except ValueError:
        raise Refused(
            Unmet("malformed", say("Enter the date and the time when it happened."), question="happened_at")
        ) from None
    return (
        datetime.combine(moment.date(), datetime.min.time(), tzinfo=reader.zone)
        if precision == "day"
        else moment
    )


def _address(name: str, place: Place) -> str:
    named: dict[str, object] = {"file_id": place.file} if place.file else {}
    if name == "attachment":
        return reverse("file_attachment" if place.file else "attachment", kwargs=named)
    named["code"] = place.form
    query = {key: str(value) for key, value in (("about", place.about), ("amends", place.amends)) if value}
    address = reverse(f"file_{name}" if place.file else name, kwargs=named)
    return f"{address}?{urlencode(query)}" if query else address


def local_text(moment: datetime, reader: Reader) -> str:
    """A moment as the field for it takes it."""
    return moment.astimezone(reader.zone).strftime(_MOMENT)


def _uuid(request: HttpRequest, name: str) -> UUID | None:
    value = request.GET.get(name)
    return id_from(value) if value else None
