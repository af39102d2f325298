"""How is the model taught, from how many posts, and what came of the last lesson? The panel under the figures."""

from __future__ import annotations

import streamlit as st

from desk.i18n import _, ngettext
from desk.lesson_words import head_word, outcome_words
from desk.numbers import moment_words, number, percent
from desk.session import seat, timezone
from desk.widgets.markup import Markup, html_tag
from domain.brand import Brand
from services.lesson_record import HeadOutcome, LastLesson
from services.trust import Trust

_COMMAND = "./sportello train --from-corrections"
_UNDO = "./sportello train --undo"


def draw(brand: Brand, seen: Trust) -> None:
    """The lesson takes minutes of a processor, so it is a command and never a click in the desk's own process."""
    st.subheader(_("Teach it your corrections"), anchor=False)
    with st.container(border=True):
        if seen.is_missing:
            st.html(html_tag("div", html_tag("p", _missing(seen)), cls="sp sp-lesson"))
            return
        if not seen.can_learn:
            st.html(html_tag("div", html_tag("p", _another(seen)), cls="sp sp-lesson"))
            return
        parts = [html_tag("p", _state(seen)), html_tag("p", _how(), cls="s muted")]
        # The sample is invented: it teaches only when somebody names it.
        command = f"{_COMMAND} --brand '{brand.name}'" if brand.is_sample else _COMMAND
        parts.append(html_tag("p", html_tag("code", command, cls="sp-code")))
        if seen.learned_posts:
            undo = _("Taken back with:")
            parts.append(html_tag("p", undo, " ", html_tag("code", _UNDO, cls="sp-code"), cls="s muted"))
        if seen.last_lesson is not None:
            parts.append(_last(seen.last_lesson, seen.needed_posts))
        st.html(html_tag("div", *parts, cls="sp sp-lesson"))


def _last(lesson: LastLesson, needed: int) -> Markup:
    """Head by head what came of it, also of those that were left as they were."""
    when = moment_words(lesson.at, timezone(), now=seat().ctx.clock())
    said = _("Last lesson: {moment}.").format(moment=when)
    if lesson.installed and not lesson.judges:
        undone = _("It does not judge any more: it was taken back.")
        said = f"{said} {undone}"
    means = _("Before and after: how often it agreed with corrected posts that it had not seen.")
    heads = ("", _("Before"), _("After"), _("What came of it"))
    top = html_tag("tr", *[html_tag("th", each, scope="col") for each in heads])
    body = html_tag("tbody", *[_row(each, needed) for each in lesson.heads])
    table = html_tag("table", html_tag("thead", top), body, cls="sp-table sp-learned")
    return html_tag("div", html_tag("p", f"{said} {means}", cls="s muted"), table, cls="sp-scroll-x")


def _row(each: HeadOutcome, needed: int) -> Markup:
    shares = ["–" if share is None else percent(share) for share in (each.before, each.after)]
    cells = [html_tag("td", text) for text in (*shares, outcome_words(each, needed=needed))]
    return html_tag("tr", html_tag("th", head_word(each.head), scope="row"), *cells)


def _state(seen: Trust) -> str:
    if seen.learned_posts:
        learned = ngettext(
            "The model has learned from {n} post.", "The model has learned from {n} posts.", seen.learned_posts
        )
        return learned.format(n=number(seen.learned_posts))
    if seen.lapsed_posts:
        return _lapsed(seen.lapsed_posts)
    have = seen.teaching_posts
    if have < seen.needed_posts:
        said = _("{n} of the {needed} corrected posts are there from which it can begin to learn.")
        return said.format(n=number(have), needed=seen.needed_posts)
    said = ngettext("{n} corrected post is there to learn from.", "{n} corrected posts are there to learn from.", have)
    return said.format(n=number(have))


def _another(seen: Trust) -> str:
    """A model from elsewhere judges: what is kept, and with which model it counts again."""
    said = _(
        "The model in use is not the one that comes with Sportello and cannot be taught here. Corrections are kept: "
        "Sportello’s own model can learn from them."
    )
    if not seen.lapsed_posts:
        return said
    kept = ngettext(
        "What that one learned from {n} post is kept too and does not judge meanwhile.",
        "What that one learned from {n} posts is kept too and does not judge meanwhile.",
        seen.lapsed_posts,
    )
    return f"{said} {kept.format(n=number(seen.lapsed_posts))}"


def _missing(seen: Trust) -> str:
    """Nothing is judged by the model; the simple rules still look at what comes in."""
    said = _(
        "The files of Sportello’s own model cannot be read on this computer, so it does not judge. Whoever looks after "
        "this computer has to bring them back."
    )
    if not (seen.learned_posts or seen.lapsed_posts):
        return said
    kept = _("What it learned from your corrections is kept.")
    return f"{said} {kept}"


def _lapsed(posts: int) -> str:
    said = ngettext(
        "What it learned from {n} post does not fit the model that judges now and is left aside. Teach it "
        "again: no correction is lost.",
        "What it learned from {n} posts does not fit the model that judges now and is left aside. Teach it "
        "again: no correction is lost.",
        posts,
    )
    return said.format(n=number(posts))


def _how() -> str:
    return _(
        "Whoever looks after this computer runs the command below. It tries what it learned on corrected posts it has "
        "not seen, shows before and after, and keeps it only when it is better."
    )
