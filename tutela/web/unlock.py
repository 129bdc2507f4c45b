"""Where custodians open the files, before anybody signs in (R120): from the networks named in the settings only."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from tutela import commands
from tutela.custody.unlocking import Door, door
from tutela.foundation import clock
from tutela.foundation.refusals import Refused, Unavailable

MOST_BYTES = 10_000  # a custodian's file has a few hundred
_MOST_LETTERS = 1_000
_TOO_SOON = 429


class _Custodian(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Your file"),
        help_text=gettext_lazy("The one that was made for you. It ends in .age."),
        error_messages={"required": gettext_lazy("Choose your file.")},
    )
    passphrase = forms.CharField(
        label=gettext_lazy("Its passphrase"),
        max_length=_MOST_LETTERS,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Enter the passphrase.")},
    )

    def clean_file(self) -> bytes:
        """What the file holds. Only a small one can be a custodian's."""
        given = self.cleaned_data["file"]
        if given.size > MOST_BYTES:
            raise forms.ValidationError(
                gettext_lazy("This file is too large to be a custodian’s. Choose your own.")
            )
        content: bytes = given.read()
        return content


@csrf_exempt  # until it is said below that nothing of what is sent is written to the disk
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Locked or open, and how many custodians are here; nobody learns more. 404 outside the networks."""
    address = _address(request)
    if address is None or not any(address in network for network in settings.UNLOCK_NETWORKS):
        raise Http404
    request.upload_handlers = [MemoryFileUploadHandler(request)]
    return _page(request, str(address))


@csrf_protect
def _page(request: HttpRequest, address: str) -> HttpResponse:
    stands = _door()
    if request.method != "POST" or stands is None or stands.open:
        return _show(request, stands, _Custodian())
    form = _Custodian(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, stands, form, status=422)
    try:
        commands.custodian_comes(
            form.cleaned_data["file"], form.cleaned_data["passphrase"], purpose="open", way="page", place=address,
            at=clock.now(),
        )  # fmt: skip
    except Unavailable:
        raise
    except Refused as refused:
        form.add_error(None, str(refused.unmet[0].words))
        too_soon = refused.unmet[0].code == "too_soon"
        return _show(request, stands, form, status=_TOO_SOON if too_soon else refused.status)
    return redirect("unlock")


def _door() -> Door | None:
    try:
        return door()
    except Unavailable:
        return None


def _show(request: HttpRequest, stands: Door | None, form: Any, *, status: int = 200) -> HttpResponse:
    return render(request, "pages/unlock.html", {"stands": stands, "form": form}, status=status)


def _address(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """Who asks. Behind a proxy, the last one that the proxy itself has written down; whatever a client claims is before it."""
    said = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        said = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2]
    try:
        address = ip_address(said.strip())
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
