"""What a password must not be made of, beside what Django knows: words of this place, which are guessed first."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from tutela.access.models import Agency, Team

_LEFT = 8  # letters, digits and signs that are of nowhere
_WORD = re.compile(r"\w{4,}")


class WordsOfThePlace:
    """Refuses a password that is little else than the names of the installation, its agencies and their teams."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError."""
        left = password.casefold()
        for word in _words():
            left = left.replace(word, "")
        if len(left) < min(_LEFT, len(password)):
            raise ValidationError(gettext("This is made of words of your office. Choose others."))

    def get_help_text(self) -> str:
        """Said beside the question."""
        return gettext("Your password can’t be made of the names of your office and its teams.")


def _words() -> set[str]:
    """The longer words of those names, in small letters."""
    names = [
        "tutela", settings.INSTALLATION_NAME, *Agency.objects.values_list("name", flat=True),
        *Team.objects.values_list("name", flat=True),
    ]  # fmt: skip
    return {word for name in names for word in _WORD.findall(name.casefold())}
