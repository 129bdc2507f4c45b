"""Pages for requests that Django itself refuses."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.defaults import server_error

from tutela.web.middleware import unreachable


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from this site, or a session that ended while it was open.

    Signing in again changes the token of a page that somebody is still writing on. Where the same person signed in, the
    page is given the new one and goes on; on a shared computer nobody's text is saved under another's name: whoever wrote
    it has to sign in first (401).
    """
    reader = str(request.user.pk)
    writer = request.POST.get("writer", reader)
    if not request.user.is_authenticated or writer != reader:
        return render(request, "403_csrf.html", status=401)
    response = render(request, "403_csrf.html", status=403)
    if "writer" in request.POST:
        response["X-CSRFToken"] = get_token(request)
    return response


def broken(request: HttpRequest) -> HttpResponse:
    """Where something broke outside of any view, such as the session: a database that does not answer has its own page."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        return unreachable(error)
    return server_error(request)
