"""One visit to three children of a family, written once and filed on each child’s file, on a phone and at a desk (R115)."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.looking import PHONE
from tests.journeys.people import Person

pytestmark = [pytest.mark.browser, pytest.mark.covers("R115")]


def test_one_visit_to_three_children_of_a_family(arrive: Arrive) -> None:
    amara = arrive(size=PHONE)
    amara.open()
    amara.sign_in("amara")
    ages = ["5 years", "7 years", "9 years"]
    names = dict(zip(ages, ("Lekishon", "Nasieku", "Saruni"), strict=True))
    files = {age: _hear_of(amara, name, age) for age, name in names.items()}
    _link(amara, files[ages[2]], ages[:2])
    _visit(amara, ages)
    _each_has_a_part_of_their_own(amara, files)
    _note_quickly(amara)
    amara.watch.never_told(*names.values())


def _hear_of(amara: Person, name: str, age: str) -> str:
    """Record an identification, and say where the file is."""
    amara.open()
    amara.follow("Record an identification")
    amara.fill_in({
        "Name or nickname": name, "Girl or boy": "Boy", "Age in years": age.split()[0], "Who told us": "A school",
        "Priority until the child is seen": "Medium",
    })  # fmt: skip
    amara.press("Save")
    expect(amara.heading(f"Boy, {age}")).to_be_visible()
    return amara.page.url.removeprefix(amara.watch.origin)


def _link(amara: Person, file: str, others: list[str]) -> None:
    amara.open(f"{file}people")
    amara.sees("No other file is linked.")
    for other in others:
        amara.follow("Link the file of a brother or sister")
        question = amara.question("Which file")
        if question.locator("select").count():
            label = question.locator("option", has_text=f"Boy, {other}").last.inner_text()
            question.locator("select").select_option(label=label)
        else:
            question.get_by_label(f"Boy, {other}").last.check()
        amara.press("Save")
    expect(
        amara.section("Brothers and sisters").get_by_role("listitem").filter(has_text="Boy, ")
    ).to_have_count(2)


def _visit(amara: Person, ages: list[str]) -> None:
    """The household once; then each child. What is missing is said at the child whom it is about."""
    amara.follow("Write one visit for the family")
    amara.fill_in({
        "How": "Home visit, arranged",
        "The household": "The roof was mended; they eat twice a day.",
    })  # fmt: skip
    amara.press("Go on to each child")
    youngest, middle, oldest = parts = [
        amara.page.locator("section").filter(has=amara.page.get_by_role("heading", name=f"Boy, {age}")).last
        for age in ages
    ]
    for part in parts:
        field = amara.field("The household, as it concerns this child", within=part)
        expect(field).to_have_value("The roof was mended; they eat twice a day.")
    for age, part in zip(ages, parts, strict=True):
        amara.fill_in({"How this child is": f"Words about the boy of {age}."}, within=part)
    for part in (oldest, youngest):
        amara.fill_in({"Whom you reached": "The child, alone"}, within=part)
    amara.press("Save for each child", status=422)
    amara.sees("One thing to mend before this can be saved")
    expect(middle.locator(".problem")).to_have_count(1)
    expect(oldest.locator(".problem")).to_have_count(0)
    amara.fill_in({"Whom you reached": "The child, with others there"}, within=middle)
    amara.press("Save for each child")
    amara.sees("Saved on 3 children’s files.")


def _each_has_a_part_of_their_own(amara: Person, files: dict[str, str]) -> None:
    for age, file in files.items():
        amara.open(file)
        amara.sees(f"Words about the boy of {age}.")
        for other in files.keys() - {age}:
            expect(amara.page.get_by_text(f"Words about the boy of {other}.")).to_have_count(0)


def _note_quickly(amara: Person) -> None:
    """From the day page, and found there again until it is completed."""
    amara.follow("Today")
    amara.follow("Quick note")
    question = amara.question("Which child")
    if question.locator("select").count():
        question.locator("select").select_option(index=1)
    else:
        question.get_by_role("radio").first.check()
    amara.fill_in(
        {"Whom you saw or spoke with": "The child, alone", "In a few words": "Waved from the gate."}
    )
    amara.press("Save")
    amara.sees("Saved. Complete it when there is time.", "To complete")
    amara.follow("Start: Complete the quick note", within=amara.section("To complete"))
    expect(amara.field("How the child is")).to_have_value("Waved from the gate.")
    amara.fill_in({"How": "Meeting somewhere else"})
    amara.press("Save")
    amara.follow("Today")
    expect(amara.heading("To complete")).to_have_count(0)
