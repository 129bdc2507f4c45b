"""The form fragment and the list of what is to be mended in it."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from tutela.forms import definition
from tutela.forms.definition import Form
from tutela.pages import fragment

register = template.Library()


@register.simple_tag
def form_fragment(
    form: Form,
    answers: Mapping[str, Any] | None = None,
    problems: Mapping[str, object] | None = None,
    language: str = "",
) -> SafeString:
    """The form as HTML, in `language`. Without answers it holds nothing of any child."""
    language = language or translation.get_language()
    with translation.override(language):
        parts = fragment.parts(form, answers=answers or {}, problems=problems or {}, language=language)
        direction = "rtl" if translation.get_language_bidi() else "ltr"
        about = {"form": form, "parts": parts, "language": language, "direction": direction}
        return render_to_string("pages/fragment/form.html", about)


@register.inclusion_tag("pages/components/error_summary.html")
def error_summary(
    problems: Mapping[str, object] | None,
    form: Form | None = None,
    language: str = "",
) -> dict[str, object]:
    """What is to be mended, each line leading to its field; what belongs to no question stands first."""
    language = language or translation.get_language()
    return {"problems": fragment.summary(form, problems or {}, language=language)}


@register.filter
def in_language(labels: Mapping[str, str], language: str = "") -> str:
    """The words of a pack in `language`, or in that of the page."""
    return definition.in_language(dict(labels), language or translation.get_language())
