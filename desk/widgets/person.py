"""Who is writing: the person pane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from desk.widgets.markup import Markup, avatar, html_tag, icon, join_markup


class Mark(StrEnum):
    """Small sign before a line of the pane."""

    NONE = ""
    KEPT = "kept"
    BROKEN = "broken"
    PROMISE = "promise"
    LINK = "link"
    BRIEFING = "briefing"
    GESTURE = "gesture"


@dataclass(frozen=True, slots=True)
class PaneLine:
    """One line: text on the left, a short state or date on the right."""

    text: str
    end: str = ""
    mark: Mark = Mark.NONE
    strong: str = ""


@dataclass(frozen=True, slots=True)
class PaneSection:
    """A titled list, with an optional sentence under it."""

    title: str
    lines: Sequence[PaneLine] = ()
    text: str = ""
    foot: str = ""


@dataclass(frozen=True, slots=True)
class KnownBy:
    """The colleague who knows this person."""

    title: str
    name: str
    detail: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Everything the pane shows, in the operator's language; "don't ask again" always comes first."""

    name: str
    about: str = ""
    known_since: str = ""
    dont_ask_title: str = ""
    dont_ask: str = ""
    known_by: KnownBy | None = None
    sections: tuple[PaneSection, ...] = field(default_factory=tuple)


_MARK_ICONS = {
    Mark.KEPT: ("check", "good"),
    Mark.BROKEN: ("cross", "bad"),
    Mark.PROMISE: ("promise", "prom"),
    Mark.LINK: ("link", ""),
    Mark.BRIEFING: ("megaphone", ""),
    Mark.GESTURE: ("heart", ""),
}


def person_html(person: Person) -> Markup:
    """The pane as escaped HTML for ``st.html``."""
    parts = [_head(person)]
    if person.dont_ask:
        title = html_tag("h3", icon("no_ask", size="sm"), person.dont_ask_title)
        parts.append(html_tag("div", title, html_tag("p", person.dont_ask, dir="auto"), cls="ask"))
    if person.known_by:
        parts.append(_known_by(person.known_by))
    parts.extend(_section(section) for section in person.sections)
    return html_tag("div", join_markup(parts), cls="sp sp-person")


def _head(person: Person) -> Markup:
    about = html_tag("p", person.about, cls="muted", dir="auto") if person.about else Markup("")
    words = html_tag("div", html_tag("h2", person.name, dir="auto"), about, cls="grow")
    known = html_tag("p", person.known_since, cls="muted") if person.known_since else Markup("")
    return html_tag("div", html_tag("div", avatar(person.name, size="lg"), words, cls="who"), known, cls="head")


def _known_by(known: KnownBy) -> Markup:
    words = html_tag("div", html_tag("b", known.name), html_tag("div", known.detail, cls="xs muted"), cls="grow")
    warning = html_tag("p", icon("pass", size="sm"), known.warning, cls="xs turned") if known.warning else Markup("")
    colleague = html_tag("div", avatar(known.name, kind="team", size="sm"), words, cls="row-flex")
    return html_tag("div", html_tag("h3", known.title), colleague, warning)


def _section(section: PaneSection) -> Markup:
    lines = html_tag("ul", join_markup([_line(line) for line in section.lines])) if section.lines else Markup("")
    text = html_tag("p", section.text, dir="auto", cls="said") if section.text else Markup("")
    foot = html_tag("p", section.foot, cls="xs muted") if section.foot else Markup("")
    return html_tag("div", html_tag("h3", section.title), lines, text, foot)


def _line(line: PaneLine) -> Markup:
    name, ink = _MARK_ICONS.get(line.mark, ("", ""))
    sign = icon(name, size="sm", cls=ink) if name else Markup("")
    strong = html_tag("b", line.strong, dir="auto") if line.strong else Markup("")
    gap = " " if line.strong and line.text else ""
    end = html_tag("span", line.end, cls="end") if line.end else Markup("")
    return html_tag("li", sign, html_tag("span", line.text, gap, strong, cls="grow"), end)
