"""Pages for requests that Django itself refuses."""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render


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
