"""What would this watch catch? Counts and posts with the words that decided, on stored posts and on the networks."""

from __future__ import annotations

import streamlit as st

from desk.attempt import attempt, complain
from desk.coverage_words import channel_error_words
from desk.i18n import _, ngettext
from desk.numbers import moment_words, number
from desk.session import Seat, timezone
from desk.widgets.markup import Markup, html_tag, icon, join_markup
from desk.widgets.states import alert_html
from desk.words import channel_word
from domain.brand import Watch
from domain.errors import DeskError
from services import watch_preview
from services.watch_preview import Example, LivePreview, Preview

_LIVE = "sp_watch_live"


def forget() -> None:
    """Another watch: what the networks showed for the last one is no longer of interest."""
    st.session_state.pop(_LIVE, None)


def draw(found: Seat, watch: Watch, *, live: bool) -> None:
    """The stored posts first; the networks when they are asked. Nothing is stored."""
    st.subheader(_("What it would catch"), anchor=False)
    if not watch.terms:
        st.html(
            html_tag("div", _("Write a word and try it: what is stored shows what it would catch."), cls="sp s muted")
        )
        return
    try:
        stored = watch_preview.preview(found.ctx, watch)
    except DeskError as err:
        complain(err)
        return
    head = ngettext("{matched} of the newest {n} post", "{matched} of the newest {n} posts", stored.looked_at)
    _show(found, stored, head.format(matched=number(stored.matched)), _("Nothing is stored yet to try it on."))
    if live:
        _ask(found, watch)
    for each in _asked(watch):
        _show_live(found, each)


def _ask(found: Seat, watch: Watch) -> None:
    answers: list[LivePreview] = []
    with st.spinner(_("Asking the networks")):
        attempt(lambda: answers.extend(watch_preview.preview_live(found.ctx, watch)))
    st.session_state[_LIVE] = (_query(watch), tuple(answers))


def _asked(watch: Watch) -> tuple[LivePreview, ...]:
    """What the networks showed for exactly these words; nothing once the words have changed."""
    query, answers = st.session_state.get(_LIVE, (None, ()))
    return answers if query == _query(watch) else ()


def _query(watch: Watch) -> tuple[object, ...]:
    return watch.brand_id, watch.terms, watch.exclusions, watch.languages, watch.channels


def _show_live(found: Seat, each: LivePreview) -> None:
    name = channel_word(each.channel)
    st.subheader(_("On {channel} now").format(channel=name), anchor=False)
    if each.error is not None:
        st.html(alert_html(channel_error_words(each.error.key), tone="err"))
    if each.error is None or each.preview.looked_at:
        head = ngettext("{matched} of {n} post", "{matched} of {n} posts", each.preview.looked_at)
        _show(
            found, each.preview, head.format(matched=number(each.preview.matched)), _("The network shows no post now.")
        )


def _show(found: Seat, tried: Preview, head: str, nothing: str) -> None:
    if not tried.looked_at:
        st.html(html_tag("div", nothing, cls="sp s muted"))
        return
    parts = [html_tag("p", html_tag("b", head, cls="sp-figure"))]
    kept_out = [_("{n} kept out by “{term}”").format(n=number(posts), term=term) for term, posts in tried.excluded]
    if tried.other_language:
        kept_out.append(_("{n} in another language").format(n=number(tried.other_language)))
    if kept_out:
        parts.append(html_tag("p", " · ".join(kept_out), cls="s muted"))
    posts = [_post(found, example) for example in (*tried.examples, *tried.excluded_examples)]
    st.html(html_tag("div", *parts, html_tag("ul", *posts, cls="sp-caught"), cls="sp sp-trial"))


def _post(found: Seat, example: Example) -> Markup:
    when = moment_words(example.at, timezone(), now=found.ctx.clock())
    meta = f"{example.author} · {channel_word(example.channel)} · {when}"
    mark: list[Markup] = []
    if example.excluded_by is not None:
        mark = [icon("no_ask", size="sm"), html_tag("span", _("kept out"), cls="out")]
    return html_tag(
        "li",
        html_tag("p", _marked(example), dir="auto"),
        html_tag("p", *mark, html_tag("span", meta, dir="auto"), cls="xs muted row-flex"),
        cls="out" if example.excluded_by is not None else "",
    )


def _marked(example: Example) -> Markup:
    """The text with its deciding words marked by their offsets; nothing of it is ever read as markup."""
    pieces: list[str | Markup] = []
    at = 0
    for start, end in example.marks:
        pieces += [example.text[at:start], html_tag("mark", example.text[start:end])]
        at = end
    return join_markup([*pieces, example.text[at:]])
