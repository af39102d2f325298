"""With which searches do we listen, and what do they bring? The watches of a brand, with a week's yield and noise."""

from __future__ import annotations

import streamlit as st

from desk.attempt import attempt, fetch
from desk.going import follow
from desk.i18n import _, ngettext
from desk.numbers import number
from desk.page_parts import empty, line, title
from desk.pages import watch_editor
from desk.session import Seat, acting, seat
from desk.widgets.markup import Markup, chip, html_tag, join_markup
from desk.words import channel_word, language_word
from domain.brand import Brand, Watch
from domain.people import Right
from services import watch_yield, watches
from services.watch_yield import WatchYield

TERMS_SHOWN = 12


def draw(_found: Seat, brand: Brand | None) -> None:
    """The list, or the form of the one that is being written."""
    title(
        _("Watches"),
        _("What we look for. Our own posts, plain reposts and spam are counted and kept out of the queue."),
    )
    if brand is None:
        empty(_("There is no watch"), _("There is no brand yet."), key="no_brand", is_well=False)
        return
    _room(brand)


@st.fragment(key="watches")
def _room(brand: Brand) -> None:
    follow()
    found = seat()
    if watch_editor.is_open(brand):
        watch_editor.draw(found, brand)
        return
    known = fetch(lambda: watches.list_watches(found.ctx, brand.id, inactive=True))
    brought = fetch(lambda: watch_yield.yields(found.ctx, brand.id))
    if found.may(Right.SETUP):
        st.button(
            _("New watch"),
            key="sp_watch_new",
            type="primary",
            icon=":material/add:",
            on_click=watch_editor.open_form,
            args=(brand.id, None),
        )
    if not known:
        text = _("Without one, nothing is looked for: only imports show here.")
        empty(_("There is no watch"), text, key="watches", is_well=False)
    for watch in sorted(known, key=lambda each: (not each.active, each.is_competitor, each.name.casefold())):
        _row(found, watch, brought.get(watch.id, WatchYield(watch.id)))


def _row(found: Seat, watch: Watch, brought: WatchYield) -> None:
    with st.container(border=True, key=f"sp_row_watch_{watch.id}"):
        with st.container(horizontal=True, vertical_alignment="top", gap="small", key=f"sp_row_watch_head_{watch.id}"):
            st.html(line(watch.name, _words(watch), _reach(watch), marks=_marks(watch)))
            if found.may(Right.SETUP):
                _buttons(watch)
        st.html(yield_html(brought, is_competitor=watch.is_competitor))


def _buttons(watch: Watch) -> None:
    st.button(
        _("Change"), key=f"sp_watch_change_{watch.id}", on_click=watch_editor.open_form, args=(watch.brand_id, watch)
    )
    label = _("Let it rest") if watch.active else _("Wake it")
    st.button(label, key=f"sp_watch_switch_{watch.id}", type="tertiary", on_click=_switch, args=(watch,))


def _switch(watch: Watch) -> None:
    found = acting()
    if watch.active:
        done = _("{name} rests. What it matched stays.").format(name=watch.name)
        attempt(lambda: watches.remove_watch(found.ctx, watch.id, version=watch.version), done=done)
    else:
        done = _("{name} listens again, from where it stopped.").format(name=watch.name)
        attempt(lambda: watches.restore_watch(found.ctx, watch.id, version=watch.version), done=done)


def _marks(watch: Watch) -> list[Markup]:
    marks = []
    if not watch.active:
        marks.append(chip("snoozed", _("resting"), "moon"))
    if watch.is_competitor:
        marks.append(chip("lock", _("competitor: counted, never queued"), "eye"))
    return marks


def _words(watch: Watch) -> str:
    terms = _quoted(watch.terms) or _("everything the channel hands over")
    return (
        _("{terms} · without {exclusions}").format(terms=terms, exclusions=_quoted(watch.exclusions))
        if (watch.exclusions)
        else terms
    )


def _quoted(terms: tuple[str, ...]) -> str:
    shown = ", ".join(_("“{term}”").format(term=term) for term in terms[:TERMS_SHOWN])
    more = len(terms) - TERMS_SHOWN
    return ngettext("{terms} and {n} more", "{terms} and {n} more", more).format(terms=shown) if more > 0 else shown


def _reach(watch: Watch) -> str:
    channels = ", ".join(channel_word(name) for name in watch.channels) or _(
        "every channel the brand has an account on"
    )
    languages = ", ".join(language_word(code) for code in watch.languages) or _("every language")
    return f"{channels} · {languages}"


def yield_html(brought: WatchYield, *, is_competitor: bool = False) -> Markup:
    """A week in one line: matched, queued, and each kind of noise with its number; a bar shows the shares."""
    if not brought.matched:
        return html_tag("div", _("Nothing matched in the last 7 days."), cls="sp s muted")
    noise = (
        (brought.own, _("our own")),
        (brought.reposts, _("reposts")),
        (brought.spam, _("spam")),
        (brought.noise, _("set aside as noise")),
        (brought.older, _("older, not queued")),
    )
    parts = [_("Last 7 days: {n} matched").format(n=number(brought.matched))]
    if not is_competitor:
        parts.append(_("{n} in the queue").format(n=number(brought.queued)))
    parts += [f"{number(count)} {word}" for count, word in noise if count]
    if is_competitor:
        return html_tag("div", " · ".join(parts), cls="sp s muted")
    noisy = sum(count for count, _word in noise) - brought.older
    bar = html_tag(
        "span",
        _share("q", brought.queued, brought.matched),
        _share("n", noisy, brought.matched),
        cls="sp-share",
        role="img",
        aria_label=_("{queued} of {all} in the queue, {noise} noise").format(
            queued=number(brought.queued), all=number(brought.matched), noise=number(noisy)
        ),
    )
    return html_tag("div", bar, html_tag("span", " · ".join(parts), cls="muted"), cls="sp s row-flex sp-yield")


def _share(cls: str, part: int, whole: int) -> Markup:
    return html_tag("i", join_markup([]), cls=cls, style=f"width:{100 * part / whole:.1f}%")
