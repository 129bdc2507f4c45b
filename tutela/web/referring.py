"""What stands on the forms of a referral before anybody writes: services of the directory, what is on file, what was asked.

A published form is the same for everybody. These are suggestions that the page puts into it; the form is checked as published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.translation import gettext

from tutela import commands
from tutela.cases.queries import agency_id_of
from tutela.consent.queries import holds, standing
from tutela.forms.definition import Form, Option, Question
from tutela.planning.queries import plan_actions
from tutela.published.queries import pack_in_force
from tutela.referral.packet import offer
from tutela.referral.queries import referral_of, referrals
from tutela.service_directory.queries import directory, service_of
from tutela.web.frame import Reader, id_from, is_beside

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from tutela.cases.drafts import Place
    from tutela.service_directory.queries import KnownService

_ASKING = frozenset({"referral.referral", "referral.done"})
_KNOWN_OF_A_SERVICE = ("sector", "recipient")
_FOLLOWING = frozenset({"referral.answer", "referral.outcome", "referral.cancel"})


def begun_with(answers: dict[str, Any], place: Place, request: HttpRequest, reader: Reader) -> dict[str, Any]:
    """What is on the form when it opens: the service or the referral from which somebody came here. Raises NotFound."""
    if place.file is None:
        return answers
    if place.form in _ASKING and (service := request.GET.get("service")):
        known = service_of(id_from(service), agency_id=agency_id_of(place.file))
        answers = answers | {"provider": known.words}
    if place.form in _FOLLOWING and (which := request.GET.get("which")):
        answers = answers | {"which": referral_of(id_from(which), file_id=place.file).words}
    if place.form == "referral.referral" and "share" not in answers:
        answers = answers | {"share": ["code"]}  # the least: whose letter it is, for those who know the code
    return answers


def with_what_is_known(
    form: Form, answers: Mapping[str, Any], place: Place, request: HttpRequest, reader: Reader
) -> Form:
    """The form with suggestions in it, for its page only. What the directory knows of the service is not asked again."""
    if place.file is None or place.form not in _ASKING | _FOLLOWING:
        return form
    fill = {"which": _which(place.file)} if place.form in _FOLLOWING else _for_asking(place, request, reader)
    known = {one.code for one in fill.get("provider", {}).get("options", ())}
    left_out = _KNOWN_OF_A_SERVICE if answers.get("provider") in known else ()

    def filled(question: Question) -> Question:
        return question.model_copy(update=fill.get(question.name, {}))

    sections = (
        one.model_copy(
            update={"questions": tuple(filled(each) for each in one.questions if each.name not in left_out)}
        )
        for one in form.sections
    )
    return form.model_copy(update={"sections": tuple(sections)})


def before_sharing(place: Place, request: HttpRequest, reader: Reader) -> str:
    """What must be read before anybody is told anything: what people asked not to share, and how the service stands."""
    if place.file is None or place.form not in _ASKING:
        return ""
    withheld = (
        _withheld(place.file, reader) if place.form == "referral.referral" else []
    )  # else it was told already
    context = {
        "withheld": withheld,
        "beside_me": is_beside(request),
        "service": _service(place, request, reader),
    }
    return render_to_string("pages/before_sharing.html", context)


def _service(place: Place, request: HttpRequest, reader: Reader) -> dict[str, Any] | None:
    if not request.GET.get("service"):
        return None
    agency = agency_id_of(place.file) if place.file else None
    if agency is None:
        return None
    known = service_of(id_from(request.GET["service"]), agency_id=agency)
    fresh = known.freshness(pack=pack_in_force(agency, reader.day), day=reader.day)
    return {
        "words": known.words,
        "concern": known.concern,
        "fresh": fresh.words,
        "warn": fresh.state != "fresh",
        "citation": fresh.citation,
        "how": known.told.get("how_to_refer", ""),
    }


def _which(file_id: UUID) -> dict[str, Any]:
    courses = [one for one in referrals(file_id) if one.stage != "cancelled"]
    return {"type": "choice", "options": tuple(_option(one.words) for one in reversed(courses))}


def _for_asking(place: Place, request: HttpRequest, reader: Reader) -> dict[str, dict[str, Any]]:
    file_id = place.file
    if file_id is None:
        return {}
    agency = agency_id_of(file_id)
    pack = pack_in_force(agency, reader.day)
    fill: dict[str, dict[str, Any]] = {
        "provider": {"options": tuple(_suggested(one) for one in directory(agency, with_contact=False))},
        "action": {"options": tuple(_option(one.contents["what"]) for one in plan_actions(file_id))},
    }
    if place.form == "referral.referral" and not is_beside(request):
        commands.read("packet.offered", file_id, by=reader.user, at=reader.at)
        offered = offer(file_id, about=place.about, pack=pack, day=reader.day)
        fill["share"] = {"options": tuple(_on_file(term, offered) for term in _fields(pack))}
        if withheld := _withheld(file_id, reader):
            words = gettext("As little as it needs in order to help. They asked not to share: {what}")
            fill["share"]["hint"] = {"en": words.format(what="; ".join(withheld))}
    return fill


def _withheld(file_id: UUID, reader: Reader) -> list[str]:
    """What people asked not to share, in their words (R9)."""
    said = [one.contents for one in standing(file_id).values() if holds(one, day=reader.day)]
    return list(dict.fromkeys(one["withheld"] for one in said if one.get("withheld")))


def _fields(pack: Any) -> list[Option]:
    terms = pack.vocabulary("packet_field").terms
    return [Option(code=one.code, label=one.label) for one in terms]


def _on_file(option: Option, offered: dict[str, str]) -> Option:
    """One field of the packet with what would be told."""
    if option.code == "plan_action":
        return option
    told = offered.get(option.code) or gettext("Nothing on file that may be told")
    return option.model_copy(update={"hint": {"en": told}})


def _suggested(service: KnownService) -> Option:
    return _option(service.words, gettext("Do not refer: safety concern") if service.concern else "")


def _option(words: str, label: str = "") -> Option:
    """An option whose code is what people read: it is no code of a list."""
    return Option.model_construct(code=words, label={"en": label or words}, hint={}, retired=False)
