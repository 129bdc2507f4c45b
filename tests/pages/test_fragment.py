"""The fragment of a form: the contract that the browser's scripts rely on."""

import json
from typing import Any

import pytest
from django.utils.translation import override

from tests.pages.rendering import Element, piece
from tutela.forms.definition import Form, Option, Question, Section
from tutela.foundation.words import say
from tutela.pages import styleguide

_TAG = "{% form_fragment form answers problems language %}"
_TWO = [{"code": "one", "label": "One"}, {"code": "two", "label": "Two", "hint": "The other"}]


def _form(**question: Any) -> Form:
    asked = Question.model_validate({"name": "it", "label": "How is it?", **question})
    section = Section(name="only", label={"en": "Only part"}, questions=(asked,))
    return Form(code="example.one", title={"en": "One"}, sections=(section,))


def _fragment(form: Form, answers: Any = None, problems: Any = None, language: str = "en") -> Element:
    return piece(_TAG, form=form, answers=answers or {}, problems=problems or {}, language=language)


def _question(answer: Any = None, problems: Any = None, **question: Any) -> Element:
    answers = {} if answer is None else {"it": answer}
    return _fragment(_form(**question), answers, problems).one("div", data_question="it")


def test_the_fragment_says_which_form_and_version_it_is() -> None:
    form = _form(type="text")
    assert _fragment(form).one("div", data_form="example.one")["data-version"] == form.version


def test_it_holds_no_address_no_token_and_no_form_of_its_own() -> None:
    fragment = _fragment(styleguide.form(), styleguide.answers())
    assert not fragment.all("a")
    assert not fragment.all("form")
    assert not fragment.all("input", type="hidden")
    assert not [one for one in fragment if {"href", "action", "formaction", "src"} & set(one.attributes)]


def test_sections_have_a_heading_and_a_place_marker_where_there_are_several() -> None:
    several = _fragment(styleguide.form())
    assert [section["data-section"] for section in several.all("section")] == ["child", "concerns", "next"]
    assert several.all("p", _class="place-marker")[1].text == "Part 2 of 3"
    alone = _fragment(_form(type="text"))
    assert alone.one("h2").text == "Only part"
    assert not alone.all("p", _class="place-marker")


@pytest.mark.parametrize(
    ("question", "tag", "attributes"),
    [
        ({"type": "text"}, "input", {"type": "text", "dir": "auto"}),
        ({"type": "place"}, "input", {"type": "text", "dir": "auto"}),
        ({"type": "phone"}, "input", {"type": "tel", "dir": "ltr"}),
        ({"type": "integer"}, "input", {"type": "text", "inputmode": "numeric"}),
        ({"type": "decimal"}, "input", {"type": "text", "inputmode": "decimal"}),
        ({"type": "range", "minimum": "0", "maximum": "240"}, "input", {"inputmode": "decimal"}),
        ({"type": "date"}, "input", {"type": "date"}),
        ({"type": "time"}, "input", {"type": "time"}),
        ({"type": "datetime"}, "input", {"type": "datetime-local"}),
        ({"type": "long_text"}, "textarea", {"dir": "auto"}),
        ({"type": "calculate", "calculation": ["today"]}, "output", {}),
    ],
)
def test_a_single_control_has_the_name_and_the_id_of_its_question(
    question: dict[str, Any], tag: str, attributes: dict[str, str]
) -> None:
    asked = _question(**question)
    control = asked.one(tag)
    assert asked["data-type"] == question["type"]
    assert (control["name"], control["id"]) == ("it", "q-it")
    assert asked.one("label", _for="q-it").text == "How is it?"
    assert control.attributes.items() >= attributes.items()


@pytest.mark.parametrize(
    ("question", "type_"),
    [
        ({"type": "choice", "options": _TWO}, "radio"),
        ({"type": "choices", "options": _TWO}, "checkbox"),
        ({"type": "yes_no"}, "radio"),
        ({"type": "range", "minimum": "1", "maximum": "2"}, "radio"),
    ],
)
def test_several_controls_stand_in_a_fieldset_that_links_can_lead_to(
    question: dict[str, Any], type_: str
) -> None:
    group = _question(**question).one("fieldset", id="q-it", tabindex="-1")
    assert group.one("legend").text == "How is it?"
    controls = group.all("input", type=type_)
    assert [control["name"] for control in controls] == ["it", "it"]
    assert all(group.all("label", _for=control["id"]) for control in controls)


def test_yes_and_no_are_said_in_the_language_of_the_form() -> None:
    fragment = _fragment(_form(type="yes_no"), language="ar")
    assert [label.text for label in fragment.all("label")] == ["نعم", "لا"]
    assert (fragment.inside[0]["lang"], fragment.inside[0]["dir"]) == ("ar", "rtl")


def test_a_note_is_a_paragraph_without_a_control() -> None:
    note = _question(type="note")
    assert note.one("p").text == "How is it?"
    assert not note.all("input")


def test_more_than_seven_options_become_a_list_to_open() -> None:
    options = [{"code": f"code_{n}", "label": f"Label {n}"} for n in range(8)]
    select = _question("code_3", type="choice", options=options).one("select")
    assert (select["name"], select["id"]) == ("it", "q-it")
    assert [option["value"] for option in select.all("option")] == ["", *(one["code"] for one in options)]
    assert [option["value"] for option in select.all("option", selected="")] == ["code_3"]


def test_a_scale_can_be_left_unanswered() -> None:
    scale = _question(type="range", minimum="0", maximum="10")
    assert [radio["value"] for radio in scale.all("input", type="radio")] == [str(n) for n in range(11)]
    assert not scale.all("input", checked="")


def test_a_long_range_says_what_its_ends_are() -> None:
    wide = _question(type="range", minimum="0", maximum="240")
    assert wide.one("div", id="q-it-hint").text == "From 0 to 240."
    assert wide.one("input")["aria-describedby"] == "q-it-hint"


def test_text_is_as_wide_as_what_it_holds() -> None:
    assert _question(type="text", max_length=12).one("input")["size"] == "12"
    assert _question(type="text", max_length=200).one("input")["size"] == "40"
    assert "size" not in _question(type="text").one("input").attributes


def test_conditions_stand_on_the_question_as_json() -> None:
    tree = ["=", ["q", "who's"], '<a> & "b"']
    asked = _question(
        type="text", required=True, show_if=tree, check=tree, check_words="Look again.", calculation=tree
    )
    for name in ("data-show-if", "data-check", "data-calculation"):
        assert json.loads(asked[name]) == tree
    assert asked["data-required"] == ""
    assert asked["data-check-words"] == "Look again."


def test_a_question_without_conditions_carries_none() -> None:
    assert set(_question(type="text").attributes) == {"class", "data-question", "data-type"}


def test_only_a_needed_question_says_so() -> None:
    asked = _question(type="text", required=True)
    assert asked.one("label").text == "How is it? needed"
    assert asked.one("input")["aria-required"] == "true"
    assert "needed" not in _question(type="text").text


def test_hint_and_problem_stand_between_the_label_and_the_control_and_are_announced() -> None:
    words = say("This is {number}; the largest possible is {most}.", number="99", most="17")
    asked = _question("99", {"it": words}, type="integer", hint="In years")
    assert [one.tag for one in asked.inside] == ["label", "div", "div", "input"]
    assert [one["id"] for one in asked.inside[1:3]] == ["q-it-hint", "q-it-problem"]
    assert asked.inside[2].text == "This is 99; the largest possible is 17."
    control = asked.one("input")
    assert control["aria-describedby"] == "q-it-hint q-it-problem"
    assert control["aria-invalid"] == "true"
    assert control["value"] == "99"


@pytest.mark.parametrize("type_", ["choice", "yes_no"])
def test_a_problem_with_radios_is_told_of_their_group(type_: str) -> None:
    options = _TWO if type_ == "choice" else []
    group = _question(None, {"it": "This answer is needed."}, type=type_, options=options).one("fieldset")
    assert (group["role"], group["aria-invalid"]) == ("radiogroup", "true")
    assert group["aria-describedby"] == "q-it-problem"


def test_a_problem_with_checkboxes_is_told_of_each_since_a_group_cannot_be_invalid() -> None:
    asked = _question(None, {"it": "Choose again."}, type="choices", options=_TWO)
    assert "aria-invalid" not in asked.one("fieldset").attributes
    assert all(box["aria-invalid"] == "true" for box in asked.all("input"))


def test_a_question_may_have_several_problems() -> None:
    asked = _question("x", {"it": ["One.", say("Two.")]}, type="text")
    assert [one.text for one in asked.one("div", id="q-it-problem").all("p")] == ["One.", "Two."]


def test_what_was_answered_is_shown_again_and_never_as_markup() -> None:
    hostile = "</textarea><b>&amp;"
    assert _question(hostile, type="long_text").one("textarea").text == hostile
    assert _question('">' + hostile, type="text").one("input")["value"] == '">' + hostile


def test_the_first_line_of_an_answer_may_be_empty() -> None:
    text = _question("\nsecond line", type="long_text").one("textarea").own_text
    assert text == "\n\nsecond line"  # a browser leaves the first line break out


def test_chosen_options_are_ticked() -> None:
    boxes = _question(["two"], type="choices", options=_TWO)
    assert [box["value"] for box in boxes.all("input", checked="")] == ["two"]
    radios = _question("no", type="yes_no")
    assert [radio["value"] for radio in radios.all("input", checked="")] == ["no"]


@pytest.mark.parametrize("type_", ["choice", "choices"])
def test_a_retired_option_shows_only_where_it_was_chosen(type_: str) -> None:
    options = [*_TWO, {"code": "old", "label": "Old", "retired": True}]
    answer: Any = "old" if type_ == "choice" else ["old"]
    assert "Old" not in _question(type=type_, options=options).text
    assert "Old" in _question(answer, type=type_, options=options).text


def _repeat(answer: Any = None, problems: Any = None) -> Element:
    inner = [
        {"name": "text", "type": "text", "label": "What?", "required": True},
        {"name": "how", "type": "choices", "label": "How?", "options": _TWO, "show_if": ["q", "text"]},
    ]
    return _question(answer, problems, type="repeat", questions=inner)


def test_a_repeat_shows_its_rows_and_two_spare_ones() -> None:
    repeat = _repeat([{"text": "First", "how": ["one"]}, {"text": "Second"}])
    assert repeat["data-type"] == "repeat"
    rows = repeat.one("div", data_rows="").inside
    assert [(row.tag, row["data-row"]) for row in rows] == [("fieldset", str(n)) for n in range(4)]
    assert ["data-spare" in row.attributes for row in rows] == [False, False, True, True]
    values = [row.one("input", type="text").attributes.get("value") for row in rows]
    assert values == ["First", "Second", None, None]
    assert [box["id"] for box in repeat.all("input", checked="")] == ["q-it-0-how-one"]


def test_controls_in_a_row_are_named_after_repeat_row_and_question() -> None:
    row = _repeat([{"text": "First"}]).one("fieldset", data_row="0")
    control = row.one("input", type="text")
    assert (control["name"], control["id"]) == ("it.0.text", "q-it-0-text")
    assert [question["data-question"] for question in row.all("div", _class="question")] == ["text", "how"]
    assert {box["name"] for box in row.all("input", type="checkbox")} == {"it.0.how"}


def test_the_row_to_copy_has_a_mark_where_its_index_goes_and_is_empty() -> None:
    template = _repeat([{"text": "First"}]).one("template", data_row_template="")
    row = template.one("fieldset", data_row="__row__")
    assert row.one("input", type="text")["name"] == "it.__row__.text"
    assert row.one("input", type="text")["id"] == "q-it-__row__-text"
    assert "data-spare" not in row.attributes
    assert not [one for one in row.all("input", type="text") if "value" in one.attributes]


def test_the_buttons_of_a_repeat_wait_for_a_script() -> None:
    repeat = _repeat()
    for name in ("data_add_row", "data_remove_row"):
        for button in repeat.all("button", **{name: ""}):
            assert (button["type"], button["hidden"]) == ("button", "")
    assert len(repeat.all("button", data_add_row="")) == 1


def test_a_problem_in_a_row_stands_in_that_row() -> None:
    repeat = _repeat([{"text": "First"}, {"how": ["one"]}], {"it.1.text": "This answer is needed."})
    assert repeat.one("div", id="q-it-1-text-problem").text == "This answer is needed."
    assert repeat.one("input", id="q-it-1-text")["aria-invalid"] == "true"
    assert "aria-invalid" not in repeat.one("input", id="q-it-0-text").attributes


def test_without_answers_it_holds_nothing_of_any_child() -> None:
    fragment = _fragment(styleguide.form())
    assert not [one for one in fragment.all("input") if one.attributes.get("value") and not _is_tickable(one)]
    assert not [one for one in fragment if {"checked", "selected"} & set(one.attributes)]
    assert not [one for one in fragment.all("textarea") + fragment.all("output") if one.text]


def test_answers_change_values_and_nothing_else() -> None:
    form = styleguide.form()
    adding = {"objectives", "paper"}  # rows, and a box for each thing that is attached
    answers = {name: value for name, value in styleguide.answers().items() if name not in adding}
    answers["concerns"] = ["neglect"]
    assert _skeleton(_fragment(form)) == _skeleton(_fragment(form, answers))


def test_no_control_lets_a_shared_browser_offer_what_was_typed_before() -> None:
    fragment = _fragment(styleguide.form(), styleguide.answers())
    controls = [one for one in fragment if one.tag in ("input", "select", "textarea")]
    assert controls
    assert all(control["autocomplete"] == "off" for control in controls)


def test_ids_are_never_given_twice() -> None:
    fragment = _fragment(styleguide.form(), styleguide.answers(), styleguide.problems())
    ids = [one["id"] for one in fragment if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    described = [one["aria-describedby"] for one in fragment if "aria-describedby" in one.attributes]
    assert {part for parts in described for part in parts.split()} <= set(ids)


def test_labels_fall_back_to_english() -> None:
    with override("ar"):
        fragment = _fragment(styleguide.form(), language="ar")
    assert "ما اسم الطفل؟" in fragment.text
    assert "Age in years" in fragment.text


def test_the_error_summary_leads_to_each_field_in_the_order_of_the_page() -> None:
    summary = piece(
        "{% error_summary problems form %}", form=styleguide.form(), problems=styleguide.problems()
    )
    links = summary.all("a")
    assert [link["href"] for link in links] == ["#q-age", "#q-seen_alone", "#q-objectives-1-text"]
    assert links[0].text == "Age in years"
    fragment = _fragment(styleguide.form(), styleguide.answers(), styleguide.problems())
    assert all(fragment.one(id=link["href"][1:]) for link in links)
    assert "Somebody else has written on this file" in summary.all("li")[0].text


def test_rows_of_a_repeat_stand_in_the_summary_one_after_the_other() -> None:
    problems = {f"objectives.{row}.{name}": "Mend it." for row in (10, 2) for name in ("horizon", "text")}
    summary = piece("{% error_summary problems form %}", form=styleguide.form(), problems=problems)
    assert [link["href"] for link in summary.all("a")] == [
        "#q-objectives-2-text", "#q-objectives-2-horizon", "#q-objectives-10-text", "#q-objectives-10-horizon",
    ]  # fmt: skip


def test_there_is_no_summary_where_nothing_is_wrong() -> None:
    assert not piece("{% error_summary problems form %}", form=styleguide.form(), problems={}).inside


def _is_tickable(control: Element) -> bool:
    return control["type"] in ("radio", "checkbox")


def _skeleton(element: Element) -> object:
    attributes = {
        name: value for name, value in element.attributes.items() if name not in ("checked", "selected")
    }
    if element.tag == "input" and not _is_tickable(element):
        attributes.pop("value", None)
    text = "" if element.tag == "textarea" else element.own_text.strip()
    return (element.tag, tuple(sorted(attributes.items())), text, [_skeleton(one) for one in element.inside])


def test_an_option_may_carry_a_hint() -> None:
    asked = _question(type="choice", options=_TWO)
    radio = asked.one("input", value="two")
    assert asked.one("div", id=radio["aria-describedby"]).text == "The other"


def test_an_option_is_written_as_it_is() -> None:
    options = (Option(code="one", label={"en": "Bread & <water>"}),)
    asked = Question(name="it", type="choice", label={"en": "How?"}, options=options)
    form = Form(
        code="example.one",
        title={"en": "One"},
        sections=(Section(name="only", label={"en": "Only"}, questions=(asked,)),),
    )
    assert "Bread & <water>" in _fragment(form).text
