"""What the house answers when it says no, whatever page was asked for."""

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from tutela import commands
from tutela.foundation.clock import now
from tutela.foundation.refusals import Refused, Unavailable, Unmet
from tutela.foundation.words import say
from tutela.vault.errors import NoKeys, Tampered

_PAGES = {403: "403.html", 404: "404.html", 503: "503.html"}
_UNREADABLE = say(
    "A part of this cannot be opened: it was changed from outside, or its key is gone. "
    "Tell the person who looks after this system today, and open nothing else of this file."
)
_WHO_OPENS = say(
    "Ask the person who looks after this system to have them unlocked. It takes two of three custodians."
)

logger = logging.getLogger(__name__)


class AnswerRefusals:
    """Turns a refusal into its page, with its status: never a stack trace, never a 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of a refusal that no view answered in a better place."""
        if isinstance(exception, Tampered | NoKeys):
            _report(request, type(exception).__name__)
            return _page(request, Unavailable(Unmet("unreadable", _UNREADABLE)), "pages/refused.html")
        if isinstance(exception, OperationalError | InterfaceError):
            return unreachable(exception)
        if isinstance(exception, Refused):
            return _page(request, exception, _PAGES.get(exception.status, "400.html"))
        return None


def _report(request: HttpRequest, why: str) -> None:
    """In the server's log for whoever looks after it, and in the log of who read what, where it cannot be removed."""
    logger.error("A sealed value did not open: %s", why)
    file_id = request.resolver_match.kwargs.get("file_id") if request.resolver_match else None
    by = request.user if request.user.is_authenticated else None
    commands.report_unreadable(file_id, by=by, at=now(), why=why)


def unreachable(exception: Exception) -> HttpResponse:
    """A database does not answer, or is too busy: a page that needs none, and says what to do meanwhile."""
    logger.error("A database did not answer: %s", type(exception).__name__)
    response = HttpResponse(render_to_string("unreachable.html"), status=503)
    response["Retry-After"] = "30"
    return response


def _page(request: HttpRequest, refused: Refused, template: str) -> HttpResponse:
    code = refused.unmet[0].code
    words = {"keeper_locked": _WHO_OPENS, "another_root_key": refused.unmet[0].words}.get(code)
    return render(request, template, {"unmet": refused.unmet, "words": words}, status=refused.status)
