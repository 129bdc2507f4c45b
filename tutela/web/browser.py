"""What every answer tells the browser, whoever gives it: pages, files, errors, redirects, what scripts fetch."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

_NOTHING = "=(), ".join((
    "accelerometer", "autoplay", "browsing-topics", "display-capture", "encrypted-media",
    "fullscreen", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer",
    "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)) + "=()"  # fmt: skip
_METHODS = ("GET", "HEAD", "OPTIONS", "POST")
_OWN_PAGES = "camera=(self), microphone=(self)"  # what is photographed and recorded in the app (R118, R119)
_KEYS = "publickey-credentials-create=(self), publickey-credentials-get=(self)"
_ALWAYS = {
    "Permissions-Policy": f"{_NOTHING}, {_OWN_PAGES}, {_KEYS}",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    "X-Frame-Options": settings.X_FRAME_OPTIONS,
}


class TellTheBrowser:
    """Headers on every answer. What comes from the server's own files may be kept; nothing else, ever, anywhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = (
            HttpResponseNotAllowed(_METHODS) if request.method == "TRACE" else self.get_response(request)
        )
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith(settings.STATIC_URL) or not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
            response.headers.pop("Expires", None)
        if getattr(request, "signed_out", False):
            response["Clear-Site-Data"] = (
                '"cache", "storage"'  # not cookies: this stays a device that is known
            )
        return response
