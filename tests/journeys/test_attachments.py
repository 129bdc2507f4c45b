"""A photo taken in the app, a signature on the screen, a voice note on a bad line, and no script at all."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import soundfile
from PIL import Image
from playwright.sync_api import Browser, Response, Route, expect

from tests.attachments.made import photo
from tests.journeys.conftest import ARGUMENTS, CHROMIUM
from tests.journeys.looking import PHONE, Watch
from tests.journeys.people import TOMAS, Person
from tests.server import Server

pytestmark = pytest.mark.browser

DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
LONG = 60_000  # milliseconds: a busy machine makes things anew slowly


@pytest.fixture
def amara(browser: Browser, server: Server) -> Iterator[Callable[..., Person]]:
    """She comes with a phone that has a camera and a microphone, which show and play what Chromium makes up."""
    phone = browser.browser_type.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *DEVICES])
    with ExitStack() as stack:
        stack.callback(phone.close)

        def come(*, script: bool = True) -> Person:
            context = phone.new_context(
                viewport=PHONE, java_script_enabled=script, timezone_id="Africa/Nairobi"
            )
            context.grant_permissions(["camera", "microphone"] if script else [], origin=server.url)
            watch = Watch(server.url)
            watch.over(context)
            somebody = Person(context.new_page(), watch, script=script)
            somebody.open()
            somebody.sign_in("amara")
            return somebody

        yield come


def to_the_file(amara: Person) -> None:
    amara.follow("Cases")
    amara.follow(TOMAS)


def begin(amara: Person, form: str) -> None:
    to_the_file(amara)
    amara.unfold("Write something else")
    amara.follow(form)


def fetched(she: Person, link: str) -> bytes:
    """What a link leads to."""
    address = she.page.get_by_role("link", name=link).first.get_attribute("href")
    response = she.page.request.get(f"{she.watch.origin}{address}")
    assert response.status == 200
    return response.body()


@pytest.mark.covers("R119")
def test_a_paper_is_photographed_in_the_app(amara: Callable[..., Person]) -> None:
    she = amara()
    begin(she, "Document")
    she.fill_in({"What it is": "Medical, such as a report or a prescription"})
    she.page.get_by_role("button", name="Take a photo").click()
    expect(she.page.get_by_label("What the camera sees")).to_be_visible()
    she.page.get_by_role("button", name="Take it now").click()
    expect(she.page.get_by_label("Photo 1")).to_be_checked(timeout=LONG)
    she.sees("Added. It is sealed with your key until you save the form.")
    expect(she.page.get_by_label("What the camera sees")).to_have_count(0)
    she.press("Save")
    she.follow("Documents")
    she.sees("Medical, such as a report or a prescription")
    shown = fetched(she, "A photo")
    with Image.open(io.BytesIO(shown)) as picture:
        assert picture.format == "JPEG"
        assert max(picture.size) <= 1_600
    she.page.get_by_role("link", name=re.compile("What was written with it")).first.click()
    image = she.page.get_by_role("img", name="A photo")
    expect(image).to_be_visible()
    expect(image).not_to_have_js_property("naturalWidth", 0)


def test_a_chosen_photo_is_made_small_before_it_is_sent(amara: Callable[..., Person], tmp_path: Path) -> None:
    she = amara()
    begin(she, "Document")
    Image.effect_noise((2_400, 1_800), 60).convert("RGB").save(tmp_path / "large.jpg", quality=90)
    sent: list[int] = []
    she.page.on("requestfinished", lambda one: sent.append(int(one.all_headers().get("content-length", "0"))))
    she.page.get_by_label("Choose a photo").set_input_files(tmp_path / "large.jpg")
    expect(she.page.get_by_label("Photo 1")).to_be_checked(timeout=LONG)
    assert 0 < sum(sent) < (tmp_path / "large.jpg").stat().st_size
    she.page.get_by_label("Photo 1").uncheck()
    she.fill_in({"What it is": "Something else"})
    she.press("Save")
    she.sees("Something else")


@pytest.mark.covers("R119")
def test_somebody_signs_on_the_screen(amara: Callable[..., Person]) -> None:
    she = amara()
    begin(she, "Consent or assent")
    she.fill_in({"Given": "Signed"})
    she.page.get_by_role("button", name="Sign on this screen").click()
    board = she.page.get_by_role("img", name="Draw the signature here with a finger").bounding_box()
    assert board is not None
    she.page.mouse.move(board["x"] + 20, board["y"] + 100)
    she.page.mouse.down()
    she.page.mouse.move(board["x"] + 200, board["y"] + 60, steps=9)
    she.page.mouse.up()
    she.page.get_by_role("button", name="Keep this signature").click()
    expect(she.page.get_by_label("Signature 1")).to_be_checked(timeout=LONG)
    she.page.get_by_role("button", name="Sign on this screen").click()
    she.page.get_by_role("button", name="Leave it").click()
    expect(she.page.get_by_label("Signature 2")).to_have_count(0)


@pytest.mark.covers("R118")
def test_a_voice_note_goes_on_where_the_line_broke(amara: Callable[..., Person], server: Server) -> None:
    """The line drops in the middle, then the server is killed: what was sent stays, and nobody speaks twice."""
    she = amara()
    begin(she, "Voice note")
    asked: list[str] = []
    have: list[int] = []

    def weak_line(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) in (2, 3):
            if len(asked) == 3:
                server.kill("web")
            route.abort()
        else:
            route.continue_()

    def answered(response: Response) -> None:
        if response.url.endswith("/attachments") and response.ok:
            have.append(response.json()["have"])

    she.page.on("response", answered)
    she.page.route("**/attachments", weak_line)
    she.page.get_by_role("button", name="Record", exact=True).click()
    expect(she.page.get_by_text(re.compile(r"Recording: (1[89]|2\d) seconds"))).to_be_visible(timeout=LONG)
    she.page.get_by_role("button", name="Stop and keep").click()
    she.sees("No connection. It is kept on this page and sent when there is one. Keep the page open.")
    expect(she.page.get_by_label("Recording 1")).to_be_checked(timeout=2 * LONG)
    assert len(asked) >= 4
    assert len(have) == 2, "it began again from the beginning"
    assert have[0] == 262_144 < have[1]
    server.wait_until_ready()
    she.watch.faults.clear()  # that it could not connect was said above
    she.press("Save")
    she.follow("Documents")
    heard, _ = soundfile.read(io.BytesIO(fetched(she, "A recording")))
    assert abs(heard).max() > 0.05, "there is nothing to hear"


def test_a_form_is_not_sent_while_something_is_on_its_way(amara: Callable[..., Person]) -> None:
    she = amara()
    begin(she, "Document")
    she.page.route("**/attachments", lambda route: None)  # it never arrives
    she.page.get_by_role("button", name="Take a photo").click()
    she.page.get_by_role("button", name="Take it now").click()
    expect(she.page.get_by_text("Sending: 0 %")).to_be_visible(timeout=LONG)  # the camera takes its time
    address = she.page.url
    she.page.get_by_role("button", name="Save", exact=True).click()
    she.sees("Wait until it is sent, then save.")
    assert she.page.url == address


def test_without_script_a_photo_comes_with_the_form(amara: Callable[..., Person], tmp_path: Path) -> None:
    she = amara(script=False)
    (tmp_path / "page.jpg").write_bytes(photo())
    begin(she, "Document")
    expect(she.page.get_by_role("button", name="Take a photo")).to_have_count(0)
    she.fill_in({"What it is": "A letter or a drawing"})
    she.page.get_by_label("Choose a photo").set_input_files(tmp_path / "page.jpg")
    she.press("Save")
    she.follow("Documents")
    she.sees("A letter or a drawing")
