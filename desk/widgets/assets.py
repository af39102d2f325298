"""Where the widgets' style and script files are read from."""

from __future__ import annotations

from pathlib import Path

from desk.widgets.icons import icon_css

_HERE = Path(__file__).parent


def read_asset(name: str) -> str:
    """Text of a file beside this module; read once, when the widget's module is imported."""
    return (_HERE / name).read_text(encoding="utf-8")


def widget_css(name: str) -> str:
    """Style of one component: the shared words and icons, then its own rules."""
    return "\n".join((read_asset("tokens.css"), icon_css(), read_asset("base.css"), read_asset(name)))


def widget_js(name: str) -> str:
    """Script of one component: the shared drawing functions, then its own default export."""
    return "\n".join((read_asset("dom.js"), read_asset(name)))
