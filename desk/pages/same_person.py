"""Is somebody known under two names? A colleague joins the two profiles, with evidence, and can separate them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from desk import going, words
from desk.attempt import attempt, fetch
from desk.i18n import N_, _, ngettext
from desk.numbers import local, moment_words, short_day, since_words
from desk.page_parts import line, title
from desk.sentences import knows_reason, not_possible_words
from desk.session import Seat, acting, timezone
from desk.widgets.first_field import first_field
from desk.widgets.markup import html_tag, join_markup
from domain.mention import Audience
from domain.same_person import NEEDS_POST, Basis
from domain.text import one_line
from services import join_view, profile, same_person
from services.case_view import Identity
from services.join_view import JoinPreview, JoinView, OfferedPost, OneOfTwo
from services.profile import CustomerRow, CustomerView
from services.same_person import Evidence

_JOINING = "sp_joining"
_OPENINGS = "sp_join_openings"
_SEARCH, _OTHER, _OWNER = "sp_join_search", "sp_join_other", "sp_join_owner"
_BASIS, _POST, _WORDS, _NOTE = "sp_join_basis", "sp_join_post", "sp_join_words", "sp_join_note"
FOUND = 6
_EXPLAINED = N_(
    "Nobody is ever joined by the desk: likeness is no evidence. Join two profiles only when they themselves "
    "said or showed that they are one person. It can be taken back at any time."
)


def is_open() -> bool:
    """Whether somebody is choosing whom to join."""
    return st.session_state.get(_JOINING) is not None


def draw_joins(view: CustomerView, *, may_work: bool) -> None:
    """Who was joined with this person, and the ways to join and to separate."""
    for each in view.joins:
        _joined(each, may_work=may_work)
    if may_work:
        st.button(
            _("Same person elsewhere"),
            key="sp_join_open",
            icon=":material/link:",
            on_click=_begin,
            args=(view.customer_id,),
        )


def _joined(each: JoinView, *, may_work: bool) -> None:
    zone, now = timezone(), acting().ctx.clock()
    basis = words.basis_word(each.basis)
    said = _("“{text}”").format(text=each.words) if each.words else ""
    by = _("joined by {name}, {when}").format(name=each.by_name, when=moment_words(each.at, zone, now=now))
    foot = " · ".join(part for part in (basis, said, by) if part)
    with st.container(key=f"sp_join_{each.join_id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(line(each.name or _("a customer"), "", f"{_accounts(each.identities)} · {foot}"))
        if may_work:
            with st.popover(_("Separate"), key=f"sp_separate_{each.join_id}"):
                st.write(_("Posts, cases, promises and notes go back to whom they belong. Nothing is lost."))
                st.button(
                    _("Separate them"),
                    key=f"sp_separate_go_{each.join_id}",
                    type="primary",
                    on_click=_separate,
                    args=(each.join_id,),
                )


def _accounts(identities: Sequence[Identity]) -> str:
    return ", ".join(f"{i.handle} ({words.channel_word(i.channel)})" for i in identities)


def _separate(join_id: int) -> None:
    found = acting()
    attempt(lambda: same_person.separate(found.ctx, join_id), done=_("Two profiles again."))


def _begin(customer_id: int) -> None:
    for key in (_SEARCH, _OTHER, _OWNER, _BASIS, _POST, _WORDS, _NOTE):
        st.session_state.pop(key, None)
    st.session_state[_JOINING] = customer_id
    st.session_state[_OPENINGS] = st.session_state.get(_OPENINGS, 0) + 1


def _end() -> None:
    st.session_state[_JOINING] = None


def draw(found: Seat, customer_id: int) -> None:
    """Search for the other profile, see what becomes one, say why, and join."""
    if st.session_state.get(_JOINING) != customer_id:
        _end()
        return
    view = fetch(lambda: profile.view(found.ctx, customer_id))
    title(_("Who else is {name}?").format(name=view.name), _(_EXPLAINED))
    st.button(_("Back to the profile"), key="sp_join_back", type="tertiary", on_click=_end)
    left, right = st.columns([5, 8], gap="large")
    with left, st.container(key="sp_join_search_place"):
        other_id = _choose(found, view)
    first_field(within="sp_join_search_place", opening=st.session_state.get(_OPENINGS, 0))
    if other_id is None:
        return
    what = fetch(lambda: join_view.preview(found.ctx, customer_id, other_id))
    with right:
        _becomes_one(found, what)
        if what.refused is None:
            _evidence(found, what)
        else:
            known = knows_reason(what.refused)
            st.warning(not_possible_words(what.refused) if known else _("That did not work. Nothing was changed."))


def _choose(found: Seat, view: CustomerView) -> int | None:
    search = st.text_input(
        _("Look for the other profile"),
        key=_SEARCH,
        placeholder=_("Name or handle"),
        icon=":material/search:",
    )
    if not (search or "").strip():
        return None
    rows = fetch(lambda: profile.customers(found.ctx, search=str(search).strip(), limit=FOUND + 1)).customers
    others = {row.customer_id: row for row in rows if row.customer_id != view.customer_id}
    if not others:
        st.caption(_("No customer with this name or handle."))
        return None
    chosen = st.radio(
        _("Which one?"), list(others), index=None, key=_OTHER, format_func=lambda each: _named(found, others[each])
    )
    return chosen if isinstance(chosen, int) else None


def _named(found: Seat, row: CustomerRow) -> str:
    today = local(found.ctx.clock(), timezone()).date()
    seen = _("last seen {day}").format(day=short_day(local(row.last_seen_at, timezone()).date(), today=today))
    channels = ", ".join(words.channel_word(channel) for channel in row.channels)
    return " · ".join((row.name, row.handle, channels, ngettext("{n} case", "{n} cases", row.cases), seen))


def _becomes_one(found: Seat, what: JoinPreview) -> None:
    st.subheader(_("What becomes one"), anchor=False)
    facts = [
        _accounts(what.identities),
        ngettext("{n} case", "{n} cases", what.cases),
        ngettext("{n} open promise", "{n} open promises", what.open_promises),
        ngettext("{n} draft", "{n} drafts", what.drafts),
    ]
    lines = [html_tag("li", fact) for fact in facts]
    lines += [html_tag("li", _pair_words(found, pair)) for pair in what.pairs]
    st.html(html_tag("ul", join_markup(lines), cls="sp sp-list"))
    if what.owners_differ:
        _choose_owner(what)


def _pair_words(found: Seat, pair: tuple[OneOfTwo, OneOfTwo]) -> str:
    urgent = max(pair, key=lambda each: each.urgency_level)
    oldest = min(pair, key=lambda each: each.waiting_since)
    return _("Two open cases become one: {urgency}, waiting {since}.").format(
        urgency=words.urgency_word(urgent.urgency_level).lower(),
        since=since_words(oldest.waiting_since, timezone(), now=found.ctx.clock()),
    )


def _choose_owner(what: JoinPreview) -> None:
    names = {each.owner_id: each.owner_name or "" for pair in what.pairs for each in pair if each.owner_id}
    first = next(each.owner_id for pair in what.pairs for each in pair if each.goes_on)
    options = sorted(names, key=lambda each: each != first)
    st.radio(
        _("Who goes on? Both are told."), options, key=_OWNER, format_func=lambda each: names[each], horizontal=True
    )


def _evidence(found: Seat, what: JoinPreview) -> None:
    st.subheader(_("How do we know?"), anchor=False)
    basis = st.radio(_("Basis"), list(Basis), key=_BASIS, format_func=_basis_option, label_visibility="collapsed")
    public_only = Basis(str(basis)) in NEEDS_POST
    posts = {p.mention_id: p for p in what.posts if p.audience == Audience.PUBLIC or not public_only}
    st.selectbox(
        _("Which post shows it?"),
        list(posts),
        index=None,
        key=_POST,
        placeholder=_("Choose a post"),
        format_func=lambda each: _post_words(found, posts[each]),
    )
    st.text_input(_("The words that say so, copied from the post"), key=_WORDS)
    st.text_area(_("Note for the team, when it is in no post"), key=_NOTE, height=80)
    st.button(
        _("Join the two profiles"),
        key="sp_join_go",
        type="primary",
        on_click=_join,
        args=(what.customer_id, what.other_id),
    )


def _basis_option(basis: Basis) -> str:
    said = words.basis_word(basis)
    return said[:1].upper() + said[1:]


def _post_words(found: Seat, post: OfferedPost) -> str:
    when = moment_words(post.at, timezone(), now=found.ctx.clock())
    return f"{words.channel_word(post.channel)}, {when}: {one_line(post.text, max_chars=90)}"


def _join(customer_id: int, other_id: int) -> None:
    """The fields are read now: as arguments, what was typed just before the click would be lost."""
    state, found = st.session_state, acting()
    evidence = Evidence(
        Basis(state.get(_BASIS) or Basis.SAID_PUBLICLY),
        mention_id=state.get(_POST),
        words=str(state.get(_WORDS) or ""),
        note=str(state.get(_NOTE) or ""),
    )
    owner_id = state.get(_OWNER)
    if attempt(
        lambda: same_person.join(found.ctx, customer_id, other_id, evidence=evidence, owner_id=owner_id),
        done=_("One person now. It can be taken back on the profile."),
    ):
        _end()
        going.to_customer(customer_id)
