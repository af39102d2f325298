"""What did somebody change in a text? Word by word: what went is struck through, what came is underlined."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from desk.widgets.markup import Markup, html_tag, join_markup

_WORDS = re.compile(r"\s+|[^\s]+")


def changes_html(before: str, after: str) -> Markup:
    """Both texts in one, as escaped HTML; a reader of the screen hears which words went and which came."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    parts: list[Markup] = []
    for move, from_old, to_old, from_new, to_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        went, came = "".join(old[from_old:to_old]), "".join(new[from_new:to_new])
        if move == "equal":
            parts.append(html_tag("span", went))
            continue
        if went:
            parts.append(html_tag("del", went))
        if came:
            parts.append(html_tag("ins", came))
    return html_tag("p", join_markup(parts), cls="sp-said sp-changes", dir="auto")
