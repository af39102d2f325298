"""Every pair of ink and paper can be read, in light and in dark (WCAG 2.2: text 4.5, shapes and edges 3)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WIDGETS = Path(__file__).parents[2] / "desk" / "widgets"
TOKEN = re.compile(r"--sp-(?P<name>[a-z0-9-]+): light-dark\((?P<light>#[0-9a-f]{6}), (?P<dark>#[0-9a-f]{6})\)")
PAPERS = ("bg", "bg2", "sel", "us")
TEXTS = [
    *((ink, paper) for ink in ("text", "muted", "link", "u3", "u2", "u1", "u0") for paper in PAPERS),
    *((f"u{level}", f"u{level}b") for level in range(4)),
    ("note-t", "note"),
    ("text", "note"),
    ("ok", "okb"),
    ("ok", "us"),
    ("pr", "prb"),
    ("warn", "warnb"),
    ("u2", "us"),
    ("u3", "us"),
    ("muted", "u0b"),
    ("text", "side"),
]
SHAPES = [("note-l", "note"), ("note-l", "bg"), ("link", "bg2"), ("line", "bg"), ("ok", "bg"), ("pr", "bg")]


def tokens(theme: str) -> dict[str, str]:
    """Name → colour in one theme."""
    css = (WIDGETS / "tokens.css").read_text(encoding="utf-8")
    return {found["name"]: found[theme] for found in TOKEN.finditer(css)}


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_itself_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), TEXTS)
def test_text_can_be_read(theme: str, ink: str, paper: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[ink], colours[paper]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), SHAPES)
def test_shapes_and_edges_can_be_seen(theme: str, ink: str, paper: str) -> None:
    colours = tokens(theme)
    assert contrast(colours[ink], colours[paper]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("paper", ["prim", "prim-over"])
def test_white_on_the_primary_button_can_be_read(theme: str, paper: str) -> None:
    assert contrast("#ffffff", tokens(theme)[paper]) >= 4.5


def test_every_colour_named_in_a_style_is_a_token() -> None:
    known = set(re.findall(r"(--sp-[a-z0-9-]+):", (WIDGETS / "tokens.css").read_text(encoding="utf-8")))
    used = {
        name
        for sheet in WIDGETS.glob("*.css")
        for name in re.findall(r"var\((--sp-[a-z0-9-]+)\)", sheet.read_text("utf-8"))
    }
    assert len(known) > 30
    assert used - known == set()


def test_streamlits_theme_and_the_tokens_name_the_same_colours() -> None:
    config = (WIDGETS.parents[1] / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    for theme in ("light", "dark"):
        colours, section = tokens(theme), config.split(f"[theme.{theme}]")[1].split("\n[")[0]
        named = dict(re.findall(r'^(\w+) = "(#[0-9a-f]{6})"', section, re.MULTILINE))
        pairs = {
            "backgroundColor": "bg",
            "secondaryBackgroundColor": "bg2",
            "textColor": "text",
            "primaryColor": "prim",
        }
        assert {key: named[key] for key in pairs} == {key: colours[token] for key, token in pairs.items()}
