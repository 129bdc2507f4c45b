"""The style sheets: small, mirrored for free, readable in light and dark, and asking nobody else for anything."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "tutela" / "pages" / "static" / "tutela"
SHEETS = sorted(STATIC.glob("*.css"))
_TEXT, _EDGE = 4.5, 3.0  # least contrast of words, and of what surrounds a field


def _bare(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_nothing_is_said_in_left_and_right(sheet: Path) -> None:
    sides = "(?:left|right|top|bottom)"
    assert not re.search(
        rf"(?:margin|padding|border)-{sides}|[;{{\s]{sides}\s*:|:\s*(?:left|right)\b", _bare(sheet)
    )
    assert not re.search(
        r"[;{\s](?:max-|min-)?(?:width|height)\s*:", _bare(sheet).replace("@media (min-width:", "")
    )
    for value in re.findall(r"(?:margin|padding)\s*:\s*([^;]+);", _bare(sheet)):
        assert len(re.sub(r"\([^)]*\)", "", value).split()) < 4, f"four sides tell left from right: {value}"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_nothing_is_fetched(sheet: Path) -> None:
    assert not re.search(r"url\(|@import|@font-face", _bare(sheet))


def test_all_of_it_is_small() -> None:
    assert sum(len(sheet.read_bytes()) for sheet in SHEETS) < 25_600


def test_colours_are_written_in_one_file() -> None:
    for sheet in SHEETS:
        if sheet.name not in ("tokens.css", "print.css"):
            assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", _bare(sheet))) <= {"#fff"}, sheet.name


def _palettes() -> dict[str, dict[str, str]]:
    light, dark = _bare(STATIC / "tokens.css").split("@media", 1)
    tokens = {
        name: dict(re.findall(r"--([\w-]+):\s*(#\w+)", part))
        for name, part in (("light", light), ("dark", dark))
    }
    return {"light": tokens["light"], "dark": tokens["light"] | tokens["dark"]}


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(letter * 2 for letter in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("words", "behind", "least"),
    [
        ("ink", "paper", _TEXT), ("ink", "ground", _TEXT), ("soft", "paper", _TEXT), ("soft", "ground", _TEXT),
        ("act", "paper", _TEXT), ("act", "ground", _TEXT), ("act-deep", "act-wash", _TEXT), ("on-act", "act", _TEXT),
        ("on-act", "act-deep", _TEXT), ("on-risk", "risk-high", _TEXT), ("on-medium", "risk-medium", _TEXT),
        ("on-risk", "risk-low", _TEXT), ("on-risk", "risk-none", _TEXT), ("late", "late-wash", _TEXT),
        ("late", "paper", _TEXT), ("today", "today-wash", _TEXT), ("confidential", "confidential-wash", _TEXT),
        ("confidential", "paper", _TEXT), ("ink", "late-wash", _TEXT), ("ink", "confidential-wash", _TEXT),
        ("edge", "paper", _EDGE), ("act", "ground", _EDGE),
    ],
)  # fmt: skip
def test_words_and_edges_stand_out_enough(scheme: str, words: str, behind: str, least: float) -> None:
    tokens = _palettes()[scheme]
    assert _contrast(tokens[words], tokens[behind]) >= least
