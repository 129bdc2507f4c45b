"""What the house answers when it says no, whatever page was asked for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tutela.foundation.refusals import Refused

_PAGES = {403: "403.html", 404: "404.html", 503: "503.html"}


class AnswerRefusals:
    """Turns a refusal into its page, with its status: never a stack trace, never a 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of a refusal that no view answered in a better place."""
        if not isinstance(exception, Refused):
            return None
        template = _PAGES.get(exception.status, "400.html")
        return render(request, template, {"unmet": exception.unmet}, status=exception.status)
