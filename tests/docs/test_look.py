"""Can every colour of the desk be read on what lies behind it, and does docs/look.md give the measured contrasts?"""

import re
import tomllib

import pytest

from desk.i18n import LANGUAGES
from desk.screenshots import SHOTS, SHOTS_WITH_A_LOSS, SIGN_IN
from tests.docs.commands import ROOT

LOOK = ROOT / "docs" / "look.md"
TOKENS = ROOT / "desk" / "widgets" / "tokens.css"
THEMES = ("light", "dark")
# WCAG 2.2: 4.5 for text (criterion 1.4.3), 3 for shapes that carry meaning (1.4.11).
TEXT_AT_LEAST, SHAPE_AT_LEAST = 4.5, 3.0
# Text token and the tokens it is written on.
TEXTS = {
    "text": ("bg", "bg2", "side", "sel", "us"),
    "muted": ("bg", "bg2", "side", "sel", "us"),
    "link": ("bg", "bg2", "us"),
    "u3": ("u3b", "bg"),
    "u2": ("u2b", "bg"),
    "u1": ("u1b", "bg"),
    "u0": ("u0b", "bg"),
    "note-t": ("note",),
    "ok": ("okb", "bg"),
    "pr": ("prb", "bg"),
    "warn": ("warnb",),
}
SHAPES = {"note-l": ("note",), "line": ("bg",), "prim": ("bg",)}


def tokens(theme: str) -> dict[str, str]:
    """Every colour token of one theme, as #rrggbb."""
    pairs = re.findall(r"--sp-([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS.read_text(encoding="utf-8"))
    return {name: (light, dark)[THEMES.index(theme)] for name, light, dark in pairs}


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio by WCAG 2.2, from 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lowest(theme: str, name: str, grounds: tuple[str, ...]) -> float:
    colours = tokens(theme)
    return min(contrast(colours[name], colours[ground]) for ground in grounds)


def contrast_table() -> list[str]:
    """The rows of docs/look.md: token, what it lies on, lowest contrast in light and dark."""
    every = {**TEXTS, **SHAPES}
    return [
        f"| `{name}` | {', '.join(f'`{ground}`' for ground in grounds)} "
        f"| {lowest('light', name, grounds):.1f} | {lowest('dark', name, grounds):.1f} |"
        for name, grounds in every.items()
    ]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", TEXTS)
def test_text_can_be_read_on_everything_it_is_written_on(theme: str, name: str) -> None:
    assert lowest(theme, name, TEXTS[name]) >= TEXT_AT_LEAST


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", SHAPES)
def test_shape_that_means_something_can_be_seen(theme: str, name: str) -> None:
    assert lowest(theme, name, SHAPES[name]) >= SHAPE_AT_LEAST


@pytest.mark.parametrize("theme", THEMES)
def test_white_can_be_read_on_the_primary_button(theme: str) -> None:
    assert contrast("#ffffff", tokens(theme)["prim"]) >= TEXT_AT_LEAST


@pytest.mark.parametrize("theme", THEMES)
def test_widgets_of_streamlit_and_our_own_have_the_same_colours(theme: str) -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"][theme]
    ours = tokens(theme)
    pairs = {"primaryColor": "prim", "backgroundColor": "bg", "secondaryBackgroundColor": "bg2", "textColor": "text"}
    pairs |= {"linkColor": "link", "redTextColor": "u3", "orangeTextColor": "u2", "blueTextColor": "u1"}
    assert {key: config[key] for key in pairs} == {key: ours[token] for key, token in pairs.items()}


def test_page_gives_the_contrasts_as_measured() -> None:
    page = LOOK.read_text(encoding="utf-8").splitlines()
    assert [row for row in contrast_table() if row not in page] == []


def test_measure_agrees_with_known_contrasts() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_picture_is_there_in_both_languages_and_themes() -> None:
    shots = (*SHOTS, *SHOTS_WITH_A_LOSS)
    names = [SIGN_IN, *(shot.name for shot in shots), *(f"{shot.name}-narrow" for shot in shots if shot.narrow)]
    wanted = {f"{name}-{language}-{theme}.png" for name in names for language in LANGUAGES for theme in THEMES}
    there = {path.name for path in (ROOT / "docs" / "screenshots").glob("*.png")}
    assert not wanted - there
