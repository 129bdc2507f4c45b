"""Questions that are answered with something attached: written, drawn, read and checked like every other."""

from datetime import date
from typing import Any

import pytest

from tests.pages.rendering import Element, piece
from tutela.forms.answers import check, read_posted, split_by_seal
from tutela.forms.compiling import BadForm, compile_form
from tutela.forms.definition import Form

TODAY = date(2026, 3, 2)
ONE, TWO = "0197b1a0-0000-7000-8000-000000000001", "0197b1a0-0000-7000-8000-000000000002"


def form(*questions: dict[str, Any]) -> Form:
    written = {
        "code": "example.one", "title": "One",
        "sections": [{"name": "only", "label": "Only part", "questions": [{"label": "It", **one} for one in questions]}],
    }  # fmt: skip
    return compile_form(Form.model_validate(written), options_of={})


PAGE = {"name": "page", "type": "photo", "seal": "identity"}


def drawn(answers: dict[str, Any], **question: Any) -> Element:
    about = {"form": form({**PAGE, **question}), "answers": answers, "problems": {}, "language": "en"}
    return piece("{% form_fragment form answers problems language %}", **about).one(
        "div", data_question="page"
    )


def test_an_answer_is_a_list_of_ids_each_once() -> None:
    asked = form(PAGE)
    given = read_posted(asked, {"page": [ONE, "", ONE.upper(), TWO]})
    assert given == {"page": [ONE, ONE.upper(), TWO]}
    checked = check(asked, given, today=TODAY)
    assert (checked.answers, checked.problems) == ({"page": [ONE, TWO]}, ())
    assert split_by_seal(asked, checked.answers) == {"identity": {"page": [ONE, TWO]}}


def test_a_condition_can_ask_whether_something_was_attached() -> None:
    asked = form(PAGE, {"name": "lies", "type": "text", "show_if": "${page} != ''"})
    assert not check(asked, {"page": [ONE], "lies": "the cupboard"}, today=TODAY).problems
    (problem,) = check(asked, {"lies": "the cupboard"}, today=TODAY).problems
    assert (problem.question, problem.code) == ("lies", "does_not_apply")


def test_what_is_needed_and_not_there_is_said_at_its_question() -> None:
    (problem,) = check(form({**PAGE, "required": True}), {}, today=TODAY).problems
    assert (problem.question, problem.code) == ("page", "needed")


@pytest.mark.parametrize(("type_", "most"), [("photo", 5), ("file", 3), ("audio", 1), ("signature", 1)])
def test_there_can_be_so_many_of_each(type_: str, most: int) -> None:
    asked = form({**PAGE, "type": type_})
    ids = [f"0197b1a0-0000-7000-8000-{number:012}" for number in range(most + 1)]
    assert not check(asked, {"page": ids[:most]}, today=TODAY).problems
    (problem,) = check(asked, {"page": ids}, today=TODAY).problems
    assert (problem.question, problem.code) == ("page", "too_many")


def test_nothing_is_attached_inside_rows() -> None:
    with pytest.raises(BadForm, match="stands outside rows only"):
        form({"name": "rows", "type": "repeat", "questions": [{"label": "It", **PAGE}]})


def test_what_is_kept_stands_there_as_a_ticked_box_and_more_can_be_chosen() -> None:
    question = drawn({"page": [ONE, TWO]}, maximum="3")
    boxes = question.all("input", type="checkbox")
    assert [(box["name"], box["value"]) for box in boxes] == [("page", ONE), ("page", TWO)]
    assert all("checked" in box.attributes for box in boxes)
    assert [label.text for label in question.all("label")][:2] == ["Photo 1", "Photo 2"]
    field = question.one("input", type="file")
    assert field["accept"] == "image/jpeg,image/png,image/webp"
    assert "multiple" in field.attributes
    assert question.one("label", _for=field["id"]).text == "Choose a photo"
    assert question.one("div", data_add="photo")["data-most"] == "3"


def test_one_signature_is_chosen_alone() -> None:
    question = drawn({}, type="signature")
    assert not question.all("input", type="checkbox")
    assert "multiple" not in question.one("input", type="file").attributes
