"""Pages for requests that Django itself refuses."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from this site, or a session that ended while it was open."""
    return render(request, "403_csrf.html", status=403)
