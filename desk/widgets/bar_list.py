"""How do shares beside each other look? Rows of name, bar, figure and what it rests on; and figures as cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from desk.widgets.markup import Markup, html_tag, join_markup


class Tone(StrEnum):
    """What the colour of a bar says; the name beside it says the same."""

    OURS = "ours"
    PLAIN = "plain"
    GOOD = "good"
    LATE = "late"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class BarRow:
    """One row. ``share`` in [0, 1] is the bar's length, None draws none; ``margin`` is the interval around it."""

    name: str
    share: float | None
    value: str
    end: str = ""
    tone: Tone = Tone.PLAIN
    margin: tuple[float, float] | None = None


def bar_list(rows: Sequence[BarRow], *, sentence: str, longest: float | None = None) -> Markup:
    """A list of bars, drawn so that ``longest`` (by default the longest row) fills two thirds of the way."""
    most = longest or max((row.margin[1] if row.margin else row.share or 0.0 for row in rows), default=1.0) or 1.0
    items = [_row(row, most) for row in rows]
    return html_tag("ul", *items, cls="sp-bars", aria_label=sentence)


def _row(row: BarRow, most: float) -> Markup:
    bar = Markup("")
    if row.share is not None:
        fill = html_tag("i", "", cls=f"fill {row.tone}", style=f"width:{row.share / most:.1%}")
        parts = [fill] if row.share else []
        if row.margin is not None:
            low, high = row.margin
            parts.append(html_tag("i", "", cls="span", style=f"left:{low / most:.1%};width:{(high - low) / most:.1%}"))
        bar = html_tag("span", *parts, cls="track", aria_hidden="true")
    name = html_tag("span", row.name, cls="name", dir="auto", title=row.name)
    return html_tag("li", name, bar, html_tag("b", row.value), html_tag("span", row.end, cls="end"))


@dataclass(frozen=True, slots=True)
class Card:
    """A figure: its name, itself, how it was before, and what it rests on. ``few``: said in the place of a figure."""

    name: str
    value: str
    change: str
    rests_on: str
    few: str = ""


def cards(figures: Sequence[Card]) -> Markup:
    """Figures side by side."""
    return html_tag("div", join_markup([_card(card) for card in figures]), cls="sp sp-trend-cards")


def _card(card: Card) -> Markup:
    head = html_tag("h2", card.name, cls="s muted")
    if card.few:
        return html_tag(
            "section", head, html_tag("p", card.few, cls="few"), html_tag("p", card.rests_on, cls="xs muted")
        )
    big = html_tag("p", html_tag("b", card.value), html_tag("span", card.change, cls="muted"), cls="big")
    return html_tag("section", head, big, html_tag("p", card.rests_on, cls="xs muted"))


def table_on_demand(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """The same figures as a table, shown when asked for; the first cell of a row names it."""
    head = html_tag("tr", *[html_tag("th", each, scope="col") for each in headings])
    body = [
        html_tag("tr", html_tag("th", row[0], scope="row"), *[html_tag("td", cell) for cell in row[1:]]) for row in rows
    ]
    table = html_tag("table", html_tag("thead", head), html_tag("tbody", join_markup(body)), cls="sp-table")
    return html_tag("details", html_tag("summary", title), html_tag("div", table, cls="sp-scroll-x"), cls="sp-as-table")
