"""Every page: that it renders, what it never carries, and that its words can be translated."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils.translation import override

from tests.pages.rendering import TEMPLATES, page
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say
from tutela.pages import styleguide

pytestmark = pytest.mark.urls("tests.pages.urls")

ALL = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
WHOLE = [
    name
    for name in ALL
    if "<!doctype" in Path(TEMPLATES, name).read_text() or "{% extends" in Path(TEMPLATES, name).read_text()
]
OF_A_FORM = {"pages/form_page.html", "pages/styleguide.html"}  # nothing without their form
SECRET = "Xenia-the-secret"


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in WHOLE if name not in OF_A_FORM])
def test_every_page_stands_with_nothing_in_it(name: str) -> None:
    shown = page(name)
    assert shown.one("main")
    assert shown.one("html")["lang"] == "en"
    assert shown.one("html")["dir"] == "ltr"


@pytest.mark.parametrize("name", [name for name in WHOLE if name.startswith("pages/")])
def test_the_tab_of_the_browser_never_names_a_child(name: str) -> None:
    who = {"label": SECRET, "name": SECRET, "code": SECRET}
    context: dict[str, Any] = {
        "who": who,
        "about": who,
        "heading": SECRET,
        "form": styleguide.form(),
        "search": {"value": SECRET},
    }
    assert SECRET not in page(name, context).one("title").text


@pytest.mark.parametrize("name", ALL)
def test_no_template_has_inline_style_or_script(name: str) -> None:
    source = Path(TEMPLATES, name).read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", source)


@pytest.mark.parametrize("name", [name for name in ALL if name != "pages/styleguide.html"])
def test_every_word_of_a_template_can_be_translated(name: str) -> None:
    source = Path(TEMPLATES, name).read_text()
    source = re.sub(r"{% comment %}.*?{% endcomment %}", "", source, flags=re.S)
    source = re.sub(r"{% block (?:file_)?layout %}[\w-]*{% endblock %}", "", source)  # names of classes
    source = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", source, flags=re.S)
    bare = re.sub(r"{%.*?%}|{{.*?}}", "", source, flags=re.S)
    assert not re.search(r"(?:aria-label|title|placeholder|alt)=\"[^\"]*[a-z]", bare)
    left = re.sub(r"<[^>]*>|&[a-z]+;", "", bare, flags=re.S)
    assert not re.search(r"[A-Za-z]", left), left.strip()


def test_a_page_in_arabic_runs_from_right_to_left() -> None:
    with override("ar"):
        html = page("pages/styleguide.html", styleguide.context()).one("html")
    assert (html["lang"], html["dir"]) == ("ar", "rtl")


def test_the_style_guide_shows_every_component() -> None:
    source = Path(TEMPLATES, "pages/styleguide.html").read_text()
    library = Path(TEMPLATES.parent, "templatetags", "components.py").read_text()
    tags = re.findall(r"@register\.(?:inclusion_tag|simple_block_tag).*?\ndef (\w+)", library, flags=re.S)
    for tag in set(tags) - {"plain_field"}:  # it belongs to the sign-in pages
        assert f"{{% {tag}" in source, tag


def test_the_style_guide_shows_every_type_of_question() -> None:
    from typing import get_args

    from tutela.forms.definition import QuestionType

    shown = page("pages/styleguide.html", styleguide.context())
    types = {one["data-type"] for one in shown if "data-type" in one.attributes}
    assert types == set(get_args(QuestionType))


def test_the_style_guide_gives_no_id_twice() -> None:
    ids = [one["id"] for one in page("pages/styleguide.html", styleguide.context()) if "id" in one.attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("demonstration", [True, False])
def test_a_demonstration_says_so_on_every_page(demonstration: bool) -> None:
    with override_settings(DEMONSTRATION=demonstration):
        assert ("invented children" in page("404.html").text) is demonstration


def test_an_installation_can_have_another_name() -> None:
    with override_settings(INSTALLATION_NAME="Umbrella"):
        shown = page("pages/today.html")
    assert shown.one("title").text == "Today – Umbrella"
    assert shown.one("p", _class="brand").text == "Umbrella"
    assert "Tutela" not in shown.text


def test_the_menu_has_the_entries_it_was_given_and_no_others() -> None:
    menu = [
        {"words": "Today", "url": "/", "current": True},
        {"words": "Intake", "url": "/intake", "count": 2},
    ]
    shown = page("pages/today.html", {"menu": menu}).one("nav", aria_label="Main menu")
    assert [link.text for link in shown.all("a")] == ["Today", "Intake 2 waiting"]
    assert shown.one("a", aria_current="page").text == "Today"


def test_the_first_thing_on_a_page_leads_past_the_menu() -> None:
    first = page("pages/today.html").all("a")[0]
    assert (first["class"], first["href"]) == ("skip", "#main")
    assert page("pages/today.html").one("main")["id"] == "main"


def test_the_switch_says_whether_somebody_is_beside_the_reader() -> None:
    context = {"account": {"name": "Hana W.", "sign_out_url": "/out"}, "beside_url": "/beside"}
    assert page("pages/today.html", context).one("button", _class="switch")["aria-pressed"] == "false"
    covered = page("pages/today.html", {**context, "beside_me": True})
    assert covered.one("button", _class="switch")["aria-pressed"] == "true"


def _form_page(**context: Any) -> Any:
    given = {"form": styleguide.form(), "language": "en", "action": "/send", "happened_at": "", **context}
    return page("pages/form_page.html", given)


def test_a_form_page_has_one_main_button() -> None:
    buttons = [
        one
        for one in _form_page(main="Save the visit").one("form").all("button")
        if one.attributes.get("type") != "button"
    ]
    assert [one.text for one in buttons] == ["Save the visit"]


def test_a_form_page_carries_what_the_scripts_need() -> None:
    shown = _form_page(
        draft_url="/draft", sign_in_url="/in", back_url="/file", today="2026-11-22", hidden={"entry_id": "1"}
    )
    form = shown.one("form", method="post")
    assert (form["data-draft-url"], form["data-today"], form["novalidate"]) == ("/draft", "2026-11-22", "")
    assert form.one("input", type="hidden", name="entry_id")["value"] == "1"
    status = form.one("p", role="status")
    for name in ("saving", "saved", "unsent", "signed-out", "other-tab"):
        assert status[f"data-{name}"]
    assert form.one("a", data_sign_in="")["hidden"] == ""
    assert form.one("a", data_come_back="")["href"] == "/file"


def test_a_form_page_says_in_its_title_that_something_is_to_be_mended() -> None:
    assert _form_page(problems=styleguide.problems()).one("title").text.startswith("To mend")


def test_a_form_about_nothing_that_happened_does_not_ask_when() -> None:
    assert not _form_page(happened_at=None).all("input", name="happened_at")
    assert _form_page(happened_at="").one("input", name="happened_at")["type"] == "datetime-local"


def test_a_problem_with_the_time_stands_at_the_time() -> None:
    shown = _form_page(happened_problem=say("This day has not come yet."))
    field = shown.one("input", name="happened_at")
    assert field["aria-invalid"] == "true"
    assert shown.one("p", id="happened_at-problem").text == "This day has not come yet."
    assert "happened_at-problem" in field["aria-describedby"].split()


def test_a_refusal_says_what_is_missing_and_where_it_is_written() -> None:
    shown = page("403.html", {"unmet": [Unmet("x", say("Ask the supervisor first."), "S2 §3.4")]})
    assert "Ask the supervisor first. S2 §3.4" in shown.text


def test_the_page_for_what_broke_needs_no_request_and_no_context() -> None:
    from django.template.loader import get_template

    assert "Something went wrong" in get_template("500.html").render()


def test_too_many_attempts_say_how_long_it_takes() -> None:
    from datetime import timedelta

    shown = page("account/locked_out.html", {"cooloff_timedelta": timedelta(hours=0.25), "username": SECRET})
    assert "15 minutes" in shown.text
    assert SECRET not in shown.text


@pytest.mark.django_db
def test_no_page_of_the_sign_in_library_is_ever_shown_in_its_own_clothes() -> None:
    for name in (
        "account/login.html",
        "account/password_reset.html",
        "account/email.html",
        "account/signup.html",
    ):
        assert page(name, {"form": None}).one("header", _class="top")


def test_a_problem_with_the_time_stands_in_the_summary_too() -> None:
    words = say("Enter the date and the time when it happened.")
    shown = _form_page(problems={"happened_at": words}, happened_problem=words)
    assert shown.one("div", id="problems").one("a")["href"] == "#happened_at"
    assert shown.one("input", id="happened_at")


def test_a_form_page_says_what_is_missing_beside_its_questions() -> None:
    shown = _form_page(unmet=[Unmet("x", say("Ask the supervisor first."), "S2 §3.4")])
    assert "This was not saved Ask the supervisor first. S2 §3.4" in shown.text
    assert shown.one("title").text.startswith("To mend")


def test_an_entry_on_its_own_page_folds_nothing() -> None:
    shown = page("pages/entry_page.html", {"entry": styleguide.entries()[0]})
    assert not shown.one("main").all("details")
    assert "The aunt cooks for six." in shown.text
