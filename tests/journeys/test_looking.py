"""Whether those who look on every page would see what is wrong with one."""

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.looking import PHONE, Watch, look

pytestmark = pytest.mark.browser

SOUND = (
    '<!doctype html><html lang="en"><head><title>Sound</title><meta name="viewport" content="width=device-width">{}'
    "</head><body><main><h1>Sound</h1>{}</main></body></html>"
)


@pytest.fixture
def watch() -> Watch:
    return Watch("http://127.0.0.1")


@pytest.fixture
def page(browser: Browser, watch: Watch) -> Page:
    context = browser.new_context(viewport=PHONE)
    watch.over(context)
    return context.new_page()


def test_a_sound_page_passes(page: Page, watch: Watch) -> None:
    page.set_content(SOUND.format("", "<p>Nothing is wrong.</p>"))
    look(page, watch)
    assert page.viewport_size == PHONE


@pytest.mark.parametrize(
    "wrong",
    [
        "<p>Nothing is wrong.</p><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>",
        "<p class='pale'>Nothing is wrong.</p><style>.pale { color: #bbb; background: #fff }</style>",
        "<p>Nothing is wrong.</p><h4>A heading of its own</h4><h2>Another</h2>",
    ],
)
def test_what_is_new_on_a_page_that_was_seen_is_looked_at(page: Page, watch: Watch, wrong: str) -> None:
    page.set_content(SOUND.format("", "<p>Nothing is wrong.</p>"))
    look(page, watch)
    page.set_content(SOUND.format("", wrong))
    with pytest.raises(AssertionError, match="about:blank:"):
        look(page, watch)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>", "image-alt"),
        ("<p style='color:#bbb;background:#fff'>Too pale</p>", "color-contrast"),
        ("<details><summary>More</summary><input></details>", "label"),
        ("<p style='width:30rem'>Wide</p>", "runs over"),
        ("<script>console.error('Oh')</script>", "Oh"),
        ("<script>throw new Error('Oh')</script>", "Oh"),
        ("<img alt='' src='http://127.0.0.2/pixel'>", "asked elsewhere"),
    ],
)
def test_a_page_with_a_fault_does_not(page: Page, watch: Watch, wrong: str, named: str) -> None:
    page.set_content(SOUND.format("", wrong))
    with pytest.raises(AssertionError, match=named):
        look(page, watch)


def test_what_the_policy_forbids_is_heard(page: Page, watch: Watch) -> None:
    policy = """<meta http-equiv="Content-Security-Policy" content="style-src 'none'">"""
    page.set_content(SOUND.format(policy, "<p style='color:red'>Styled</p>"))
    with pytest.raises(AssertionError, match="Content Security Policy"):
        look(page, watch)


def test_a_name_in_a_title_is_noticed(page: Page, watch: Watch) -> None:
    page.set_content(SOUND.format("", "").replace("Sound</title>", "Naserian</title>"))
    look(page, watch)
    watch.never_told("Grace")
    with pytest.raises(AssertionError, match="Naserian"):
        watch.never_told("naserian")
