"""The components, each by what it promises to people."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from tests.pages.rendering import Element, piece
from tutela.foundation.refusals import Unmet
from tutela.foundation.words import say
from tutela.pages import styleguide


@pytest.mark.parametrize(
    ("level", "words"),
    [("high", "High risk"), ("medium", "Medium risk"), ("low", "Low risk"), ("none", "No risk found")],
)
def test_a_risk_level_is_a_word_and_a_shape_of_its_own(level: str, words: str) -> None:
    tag = piece("{% risk_tag level %}", level=level).one("span")
    assert tag.text == words
    assert tag["class"] == f"tag risk-{level}"
    assert tag.one("svg")["aria-hidden"] == "true"


def test_every_risk_level_has_another_shape() -> None:
    drawn = {
        piece("{% risk_tag level %}", level=one).one("path")["d"] for one in ("high", "medium", "low", "none")
    }
    assert len(drawn) == 4


@pytest.mark.parametrize("level", ["", None, "unheard_of"])
def test_a_level_that_is_not_set_says_so(level: str | None) -> None:
    assert piece("{% risk_tag level %}", level=level).text == "Risk not set yet"


def test_while_someone_is_beside_the_reader_risk_names_threats_and_numbers_are_covered() -> None:
    one = {"beside_me": True, "person": styleguide.people()[2], "entry": styleguide.entries()[0]}
    shown = piece(
        "{% risk_tag 'high' %}{% person person %}{% entry entry %}{% task_list tasks %}",
        **one,
        tasks=styleguide.tasks(),
    )
    assert "High risk" not in shown.text
    assert "suspected" not in shown.text
    assert "+252" not in shown.text
    assert "The new bag" not in shown.text
    assert "The risk is high" not in shown.text


def test_lateness_is_a_word_a_shape_and_the_date() -> None:
    late = piece("{% late_tag day %}", day=timezone.localdate() - timedelta(days=3))
    assert late.one("span", _class="tag late").text == "3 days late"
    assert late.one("time")
    assert not piece("{% late_tag nothing %}").text


def test_a_case_code_reads_from_left_to_right_in_every_language() -> None:
    with override("ar"):
        assert piece("{% code_chip '7QK-42MR-X' %}").one("span", _class="code")["dir"] == "ltr"


def test_a_task_says_why_with_its_source_in_a_line_that_opens() -> None:
    task = piece("{% task_list tasks %}", tasks=styleguide.tasks()).all("li")[0]
    why = task.one("details")
    assert "two contacts are expected" in why.text
    assert "§2.1.1.d" in why.text
    assert task.one("a").text == "Start : Visit at home"  # whoever hears only the link hears which one


def test_a_task_may_say_why_it_was_set_aside() -> None:
    assert "Set aside: the road is closed" in piece("{% task_list tasks %}", tasks=styleguide.tasks()).text


def test_a_missing_value_is_said_rather_than_left_blank() -> None:
    rows = [{"label": "School", "value": ""}]
    assert piece("{% summary_list rows %}", rows=rows).one("dd").text == "Not recorded"


def test_a_number_is_a_link_only_where_calling_is_known_to_be_safe() -> None:
    people = [piece("{% person one %}", one=one) for one in styleguide.people()]
    assert people[1].one("a", dir="ltr")["href"] == "tel:+252615550102"
    assert not people[2].all("a")
    assert not people[3].all("a")


def test_a_number_nobody_asked_about_says_to_ask_first() -> None:
    assert "Ask first." in piece("{% person one %}", one=styleguide.people()[3]).text


def test_a_safety_mark_stands_before_the_number() -> None:
    text = piece("{% person one %}", one=styleguide.people()[2]).text
    assert text.index("Person suspected of harm") < text.index("+252")


def test_the_way_to_reach_somebody_stands_beside_the_number() -> None:
    card = piece("{% person one %}", one=styleguide.people()[1])
    contact = card.one("div", _class="contact")
    for words in ("Safe to call", "Never text", "Between ten and noon", "Only she", "Last confirmed"):
        assert words in contact.text


def _entry(number: int) -> Element:
    return piece("{% entry one %}", one=styleguide.entries()[number])


def test_an_entry_is_dated_and_authored() -> None:
    assert _entry(0).one("time")
    assert "Hana W." in _entry(0).text
    assert "Hana W. , written by Data entry 2" in _entry(2).text


def test_a_corrected_entry_shows_before_and_after_side_by_side() -> None:
    sides = _entry(1).one("div", _class="before-after")
    assert sides.one("del").text == "In the evening"
    assert sides.one("ins").text == "Between ten and noon"


def test_what_people_wrote_takes_its_own_direction() -> None:
    assert _entry(1).one("div", _class="reading")["dir"] == "auto"


def test_a_closed_entry_shows_nothing_of_its_content() -> None:
    closed = {**styleguide.entries()[0], "closed": True}
    assert "yard" not in piece("{% entry one %}", one=closed).text


def test_the_step_rail_names_the_present_step() -> None:
    rail = piece("{% step_rail steps %}", steps=styleguide.steps())
    assert rail.one("li", aria_current="step").text == "Plan"
    assert rail.one("p", _class="step-here").text == "Step 3 of 6: Plan"


def test_tabs_are_plain_links() -> None:
    tabs = piece("{% tabs tabs 'Parts of the file' %}", tabs=styleguide.tabs())
    assert len(tabs.all("a")) == 8
    assert tabs.one("a", aria_current="page").text == "Story"


def test_a_pager_has_no_link_where_there_is_no_page() -> None:
    first = piece("{% pager pages %}", pages={"number": 1, "total": 2, "next": "?page=2"})
    assert [link["rel"] for link in first.all("a")] == ["next"]
    assert not piece("{% pager pages %}", pages={"number": 1, "total": 1}).inside


def test_a_table_stays_a_table_for_those_who_listen() -> None:
    guide = styleguide.context()["table"]
    table = piece("{% table t.caption t.columns t.rows %}", t=guide)
    assert [cell["data-column"] for cell in table.all("td", role="cell")][:2] == ["What", "Due"]
    assert len(table.all("th", scope="row")) == len(guide["rows"])


def test_a_search_is_posted_and_not_remembered() -> None:
    box = piece("{% search_box search %}", search={"url": "/find", "label": "Find"}, csrf_token="token")
    assert box.one("form")["method"] == "post"
    assert box.one("input", name="csrfmiddlewaretoken")["value"] == "token"
    assert box.one("input", type="search")["autocomplete"] == "off"


@pytest.mark.parametrize(
    ("kind", "words"),
    [("info", "Note"), ("warning", "Attention"), ("confidential", "Confidential"), ("success", "Done")],
)
def test_a_notice_says_in_a_word_what_its_colour_says(kind: str, words: str) -> None:
    notice = piece("{% notice kind %}<p>Look.</p>{% endnotice %}", kind=kind)
    assert notice.text == f"{words} Look."
    assert notice.one("svg")


def test_sentences_are_said_in_the_language_of_the_reader_and_filled_in() -> None:
    said = say(
        "Ask {who} by {day}.", who=say("the supervisor"), day=timezone.localdate().replace(2026, 11, 22)
    )
    assert piece("{{ said|spoken }}", said=said).text == "Ask the supervisor by Sun 22 Nov 2026."
    with override("ar"):
        assert piece("{{ said|spoken }}", said=say("Yes")).text == "نعم"


def test_an_unmet_is_said_by_its_words() -> None:
    assert piece("{{ one|spoken }}", one=Unmet("code", say("Ask first."))).text == "Ask first."


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><b>'])
def test_nothing_that_people_wrote_becomes_markup(hostile: str) -> None:
    everything: dict[str, Any] = {
        "tasks": [{"title": hostile, "why": hostile, "citation": hostile, "url": hostile, "action": hostile}],
        "rows": [{"label": hostile, "value": hostile, "note": hostile}],
        "entry": {
            "kind": hostile,
            "by": hostile,
            "lead": hostile,
            "parts": [{"label": hostile, "text": hostile}],
        },
        "person": {
            "name": hostile,
            "relation": hostile,
            "marks": [hostile],
            "contacts": [{"number": hostile, "whose": hostile}],
        },
    }
    shown = piece(
        "{% task_list tasks %}{% summary_list rows %}{% entry entry %}{% person person %}"
        "{% notice 'info' tasks.0.title %}{{ tasks.0.title }}{% endnotice %}{% tag tasks.0.title %}",
        **everything,
    )
    assert hostile in shown.text
    assert not shown.all("script")
