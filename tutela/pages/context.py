"""What every page knows about its installation, whoever asks for it."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_bidi, gettext


def installation(request: HttpRequest | None) -> dict[str, object]:
    """The name of the installation (R125), whether it is a demonstration, the direction of the text, and
    after how many idle seconds a page covers itself.

    `page_title` is what the browser's tab says where a page gives no title of its own. Titles are read over
    shoulders and kept in histories, so none ever carries a child's data.
    """
    return {
        "installation_name": settings.INSTALLATION_NAME,
        "demonstration": settings.DEMONSTRATION,
        "idle": settings.SESSION_IDLE,
        "direction": "rtl" if get_language_bidi() else "ltr",
        "page_title": gettext("Page"),
    }
