"""The settings of an installation whose language runs from right to left, before there is a translation into it."""

from tutela.site.settings import *  # noqa: F403 an installation, with nothing left out

LANGUAGE_CODE = "ar"
LANGUAGES = [("ar", "العربية")]
