"""The form script in a real browser, under a policy at least as strict as that of the real pages."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect, sync_playwright

from tests.browser.form_page import ANSWERS, Site, running_site

pytestmark = pytest.mark.browser

READ = """async () => (await import("/static/tutela/form.js")).read(document.querySelector("[data-form]"))"""
FILL = """async (answers) => {
  const { fill } = await import("/static/tutela/form.js");
  const { review } = await import("/static/tutela/rules.js");
  fill(document.querySelector("[data-form]"), answers);
  review(document.querySelector("[data-form]"), "2026-03-02");
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as one:
        yield one


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Iterator[Page]:
    """The form page, its clock in the hands of the test. What throws or breaks the policy fails the test."""
    faults: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda said: (
            faults.append(said.text) if said.type == "error" and "Failed to load" not in said.text else None
        ),
    )
    page.clock.install()
    page.goto(site.url)
    # From here on time passes in `pass_seconds` only.
    page.clock.pause_at(page.evaluate("Date.now()") + 60_000)
    expect(page.locator("[data-remove-row]").first).to_be_visible()
    yield page
    assert faults == []


def asked(page: Page, name: str) -> Any:
    return page.locator(f'[data-question="{name}"]')


def status(page: Page) -> Any:
    return page.locator("[data-draft-status]")


def pass_seconds(page: Page, seconds: int) -> None:
    page.clock.run_for(seconds * 1000)


# --- Reading and filling ------------------------------------------------------------------------------------


def test_what_is_filled_in_is_read_back(page: Page) -> None:
    page.evaluate(FILL, ANSWERS)
    assert page.evaluate(READ) == ANSWERS


def test_filling_empties_what_has_no_answer(page: Page) -> None:
    page.evaluate(FILL, ANSWERS)
    page.evaluate(FILL, {"age": "9"})
    assert page.evaluate(READ) == {"age": "9"}


def test_what_somebody_types_is_read(page: Page) -> None:
    page.locator("[name=urgent][value=yes]").check()
    page.locator("[name=threats][value=violence]").check()
    page.locator("[name=age]").fill("007")
    page.locator("[name=story]").fill(" Zoe\u0301 \n ")
    page.locator("[name=place]").select_option("home")
    page.locator("[name='people.0.name']").fill("Amal")
    assert page.evaluate(READ) == {
        "urgent": "yes",
        "threats": ["violence"],
        "age": "7",
        "story": "Zo\u00e9",
        "place": "home",
        "people": [{"name": "Amal"}],
    }


@pytest.mark.parametrize(("typed", "kept"), [("١٢", "12"), ("۱۲", "12"), ("১২", "12"), ("12", "12")])
def test_digits_of_every_script_become_those_that_are_kept(page: Page, typed: str, kept: str) -> None:
    page.locator("[name=age]").fill(typed)
    page.locator("[name=phone]").fill(typed)
    assert page.evaluate(READ) == {"age": kept, "phone": kept}
    page.locator("[name=phone]").blur()
    expect(page.locator("[name=phone]")).to_have_value(kept)


def test_digits_in_a_story_stay_as_they_were_typed(page: Page) -> None:
    page.locator("[name=story]").fill("٣ أطفال")
    page.locator("[name=story]").blur()
    assert page.evaluate(READ) == {"story": "٣ أطفال"}


# --- Which questions apply ----------------------------------------------------------------------------------


def test_a_question_shows_when_it_applies_and_keeps_its_answer_when_not(page: Page) -> None:
    expect(asked(page, "threats")).to_be_hidden()
    page.locator("[name=urgent][value=yes]").check()
    expect(asked(page, "threats")).to_be_visible()
    page.locator("[name=threats][value=other]").check()
    expect(asked(page, "which")).to_be_visible()
    page.locator("[name=which]").fill("something")
    page.locator("[name=urgent][value=no]").check()
    expect(asked(page, "threats")).to_be_hidden()
    expect(asked(page, "threats")).to_have_attribute("data-off", "")
    expect(page.locator("[name=threats][value=other]")).to_be_checked()
    expect(page.locator("[name=threats][value=other]")).to_be_enabled()


def test_an_answer_that_does_not_apply_counts_as_empty(page: Page) -> None:
    page.evaluate(FILL, ANSWERS)
    page.locator("[name=urgent][value=no]").check()
    expect(asked(page, "which")).to_be_hidden()
    page.locator("[name=urgent][value=yes]").check()
    expect(asked(page, "which")).to_be_visible()
    expect(asked(page, "which")).not_to_have_attribute("data-off", "")


def test_a_section_with_nothing_to_ask_is_hidden(page: Page) -> None:
    section = page.locator("[data-section=later]")
    expect(section).to_be_hidden()
    page.locator("[name=age]").fill("10")
    expect(section).to_be_visible()
    expect(asked(page, "since")).to_be_hidden()


def test_a_condition_in_a_row_looks_at_that_row_and_around_it(page: Page) -> None:
    page.evaluate(FILL, {**ANSWERS, "people": [{"lives_here": "yes"}, {"lives_here": "no"}]})
    addresses = asked(page, "address")
    expect(addresses.nth(0)).to_be_hidden()
    expect(addresses.nth(1)).to_be_visible()
    page.locator("[name=urgent][value=no]").check()
    expect(addresses.nth(1)).to_be_hidden()


def test_calculations_are_worked_out(page: Page) -> None:
    expect(page.locator("output[name=many]")).to_have_text("0")
    expect(page.locator("output[name=days]")).to_have_text("")
    page.evaluate(FILL, ANSWERS)
    expect(page.locator("output[name=many]")).to_have_text("2")
    expect(page.locator("output[name=days]")).to_have_text("6")


# --- Rows ---------------------------------------------------------------------------------------------------


def test_spare_rows_go_and_rows_are_never_renumbered(page: Page) -> None:
    rows = page.locator("[data-row]")
    add = page.locator("[data-add-row]")
    expect(rows).to_have_count(1)
    add.click()
    add.click()
    expect(page.locator("[name='people.2.name']")).to_be_visible()
    page.locator("#row-1 [data-remove-row]").click()
    page.locator("#row-2 [data-remove-row]").click()
    add.click()
    assert rows.evaluate_all("rows => rows.map((row) => row.dataset.row)") == ["0", "3"]
    expect(page.locator("[name='people.3.name']")).to_be_focused()


def test_a_new_row_follows_its_rules_and_counts_once_it_says_something(page: Page) -> None:
    page.locator("[name=urgent][value=yes]").check()
    page.locator("[data-add-row]").click()
    expect(asked(page, "address").nth(1)).to_be_hidden()
    expect(page.locator("output[name=many]")).to_have_text("0")
    page.locator("[name='people.1.lives_here'][value=no]").check()
    expect(asked(page, "address").nth(1)).to_be_visible()
    expect(page.locator("output[name=many]")).to_have_text("1")
    page.locator("#row-1 [data-remove-row]").click()
    expect(page.locator("output[name=many]")).to_have_text("0")
    expect(page.locator("[data-add-row]")).to_be_focused()


# --- Drafts -------------------------------------------------------------------------------------------------


def test_somebody_who_never_pauses_is_kept_every_three_seconds(page: Page, site: Site) -> None:
    story = page.locator("[name=story]")
    for second in range(1, 8):
        story.press("a")
        pass_seconds(page, 1)
        if second % 3 == 0:
            expect(status(page)).to_have_text("Saved")
            _wait_for(page, lambda wanted=second // 3: len(site.drafts) == wanted)
    assert [draft["story"] for draft in site.drafts] == ["aaa", "aaaaaa"]
    assert site.drafts[0]["csrfmiddlewaretoken"] == "first-token"


def test_it_keeps_at_once_when_the_page_is_left(page: Page, site: Site) -> None:
    page.locator("[name=story]").press("a")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{site.url}/elsewhere")
    _wait_for(page, lambda: len(site.drafts) == 1)
    assert site.drafts[0]["story"] == "a"


def test_it_warns_before_leaving_while_something_is_not_kept(page: Page, site: Site) -> None:
    warnings: list[str] = []

    def warned(dialog: Dialog) -> None:
        warnings.append(dialog.type)
        dialog.accept()

    page.on("dialog", warned)
    page.locator("[name=story]").press("a")
    pass_seconds(page, 3)
    expect(status(page)).to_have_text("Saved")
    page.goto(f"{site.url}/elsewhere")
    assert warnings == []
    page.goto(site.url)
    page.locator("[name=story]").press("a")
    page.goto(f"{site.url}/elsewhere")
    assert warnings == ["beforeunload"]


def test_a_lost_connection_keeps_the_page_and_tries_again(
    page: Page, site: Site, context: BrowserContext
) -> None:
    context.set_offline(True)
    page.locator("[name=story]").press("a")
    pass_seconds(page, 3)
    expect(status(page)).to_have_text("Unsent")
    expect(page.locator("[name=story]")).to_have_value("a")
    context.set_offline(False)
    expect(status(page)).to_have_text("Saved")
    assert [draft["story"] for draft in site.drafts] == ["a"]


def test_it_tries_again_after_growing_pauses(page: Page, site: Site) -> None:
    site.answer = (502, "text/html")
    asks: list[str] = []
    page.on("request", lambda request: asks.append(request.url) if request.method == "POST" else None)
    page.locator("[name=story]").press("a")
    counts = []
    for _ in range(8):  # after 3 seconds, then 6 and 12 later
        pass_seconds(page, 3)
        page.wait_for_timeout(150)
        counts.append(len(asks))
    assert counts == [1, 1, 2, 2, 2, 2, 3, 3]
    expect(status(page)).to_have_text("Unsent")


@pytest.mark.parametrize("answer", [(200, "text/html"), (302, "text/html"), (500, "application/json")])
def test_a_page_that_is_no_answer_of_ours_keeps_nothing(
    page: Page, site: Site, answer: tuple[int, str]
) -> None:
    site.answer = answer
    page.locator("[name=story]").press("a")
    pass_seconds(page, 3)
    expect(status(page)).to_have_text("Signed out" if answer[0] == 302 else "Unsent")


def test_who_is_signed_out_signs_in_beside_the_page_and_goes_on(page: Page, site: Site) -> None:
    site.answer = (401, "application/json")
    page.locator("[name=story]").press("a")
    pass_seconds(page, 3)
    expect(status(page)).to_have_text("Signed out")
    expect(page.locator("[data-sign-in]")).to_be_visible()
    expect(page.locator("[name=story]")).to_have_value("a")
    site.answer, site.token = (200, "application/json"), "token-after-signing-in"
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(status(page)).to_have_text("Saved")
    expect(page.locator("[data-sign-in]")).to_be_hidden()
    expect(page.locator("[name=csrfmiddlewaretoken]")).to_have_value("token-after-signing-in")
    assert [draft["story"] for draft in site.drafts] == ["a"]


def test_a_second_tab_says_so_and_keeps_nothing(page: Page, site: Site, context: BrowserContext) -> None:
    second = context.new_page()
    second.clock.install()
    second.on("dialog", lambda dialog: dialog.accept())
    second.goto(site.url)
    expect(status(second)).to_have_text("Other tab")
    second.locator("[name=story]").press("b")
    pass_seconds(second, 60)
    page.locator("[name=story]").press("a")
    pass_seconds(page, 3)
    expect(status(page)).to_have_text("Saved")
    assert [draft["story"] for draft in site.drafts] == ["a"]
    page.close()
    second.reload()
    second.locator("[name=story]").press("c")
    pass_seconds(second, 3)
    expect(status(second)).to_have_text("Saved")


def test_the_same_tab_is_its_own_after_every_reload(page: Page, site: Site) -> None:
    for _ in range(10):
        page.reload()
        expect(page.locator("[data-remove-row]").first).to_be_visible()
        page.wait_for_timeout(100)
        expect(status(page)).to_have_text("")


def test_save_and_come_back_leaves_once_it_is_kept(page: Page, site: Site) -> None:
    page.locator("[name=story]").press("a")
    site.answer = (502, "text/html")
    page.locator("[data-come-back]").click()
    expect(status(page)).to_have_text("Unsent")
    site.answer = (200, "application/json")
    page.locator("[data-come-back]").click()
    page.wait_for_url(f"{site.url}/elsewhere")
    assert [draft["story"] for draft in site.drafts] == ["a"]


# --- Sending ------------------------------------------------------------------------------------------------


def test_a_form_is_sent_once_however_often_the_button_is_pressed(page: Page, site: Site) -> None:
    press_twice = "(button) => { button.click(); button.click(); }"
    site.hold.clear()
    page.locator("[name=story]").fill("all of it")
    page.locator("[name=main]").evaluate(press_twice)
    pass_seconds(page, 1)
    expect(status(page)).to_have_text("Saving")
    expect(page.locator("[name=main]")).to_be_disabled()
    site.hold.set()
    page.wait_for_url(f"{site.url}/sent")
    page.go_back()
    page.locator("[name=main]").evaluate(press_twice)
    page.wait_for_url(f"{site.url}/sent")
    assert [(sent["story"], sent["main"]) for sent in site.sent] == [("all of it", "yes")] * 2
    assert [draft["story"] for draft in site.drafts] == ["all of it"]


def test_a_form_that_cannot_be_sent_stays_and_can_be_sent_later(
    page: Page, site: Site, context: BrowserContext
) -> None:
    page.locator("[name=story]").fill("all of it")
    context.set_offline(True)
    page.locator("[name=main]").click()
    expect(status(page)).to_have_text("Unsent")
    expect(page.locator("[name=main]")).to_be_enabled()
    context.set_offline(False)
    expect(status(page)).to_have_text("Saved")
    page.locator("[name=main]").click()
    page.wait_for_url(f"{site.url}/sent")
    assert [sent["story"] for sent in site.sent] == ["all of it"]


def test_a_server_that_keeps_no_drafts_still_takes_the_form(page: Page, site: Site) -> None:
    site.answer = (500, "text/html")
    page.locator("[name=story]").fill("all of it")
    page.locator("[name=main]").click()
    page.wait_for_url(f"{site.url}/sent")
    assert [sent["story"] for sent in site.sent] == ["all of it"]


def test_the_button_works_again_when_somebody_comes_back(page: Page, site: Site) -> None:
    page.locator("[name=main]").click()
    page.wait_for_url(f"{site.url}/sent")
    page.go_back()
    expect(page.locator("[name=main]")).to_be_enabled()
    page.locator("[name=main]").click()
    page.wait_for_url(f"{site.url}/sent")
    assert len(site.sent) == 2


def _wait_for(page: Page, reached: Any) -> None:
    for _ in range(100):
        if reached():
            return
        page.wait_for_timeout(50)
    pytest.fail("The server never got it.")
