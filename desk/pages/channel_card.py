"""What stands on the card of one channel? Its state, each watch, what is missing, our accounts, what was unreadable."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from db.gaps import GapRow
from desk import backend
from desk.attempt import attempt, fetch, tell_done
from desk.coverage_words import (
    blind_words,
    channel_error_words,
    gap_words,
    quota_words,
    silence_words,
    stretch_of,
)
from desk.i18n import _, ngettext
from desk.money_words import spent_words
from desk.numbers import moment_words, since_words
from desk.page_parts import line
from desk.pages import account_care, older_posts
from desk.session import Seat, acting, timezone
from desk.widgets.markup import Markup, chip, html_tag, join_markup
from desk.widgets.states import alert_html
from desk.words import channel_word
from domain.brand import Account, Brand
from domain.people import Right
from services import account_secrets, brands, coverage
from services.account_secrets import Kept
from services.channel_view import AsideItem, ChannelView
from services.coverage import ChannelCoverage

GAPS_SHOWN = 8


def draw(found: Seat, brand: Brand, view: ChannelView) -> None:
    """The card, with its buttons for those who may use them."""
    kept = fetch(lambda: account_secrets.kept(found.ctx, view.accounts))
    with st.container(border=True, key=f"sp_card_{view.channel}"):
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", key=f"sp_row_channel_{view.channel}"
        ):
            st.html(_head(found, view, is_ended=any(each.ended for each in kept.values())))
            _ask_button(found, brand, view)
        _errors(view)
        if view.covered:
            st.html(_table(found, view.covered))
        _missing(found, view.covered)
        older_posts.draw(found, brand, view)
        _accounts(found, view, kept)
        _aside(found, view.aside)


def _head(found: Seat, view: ChannelView, *, is_ended: bool) -> Markup:
    zone, now = timezone(), found.ctx.clock()
    name = channel_word(view.channel, title=view.title)
    if not view.covered:
        return line(name, "", _("No watch listens here."), marks=[chip("lock", _("not listened to"), "no_ask")])
    worst = next((each for each in view.covered if each.blind is not None), view.covered[0])
    mark = chip("done", blind_words(worst, zone, now=now), "check")
    if all(each.last_poll_at is None for each in view.covered):
        mark = chip("snoozed", _("not asked yet"), "")
    elif worst.blind is None and all(each.error is not None for each in view.covered):
        mark = chip("warn", _("no answer just now"), "warning")
    if worst.blind is not None:
        mark = chip("warn", blind_words(worst, zone, now=now), "warning")
    marks = [mark, chip("warn", _("sign-in ended"), "warning")] if is_ended else [mark]
    return line(name, "", " · ".join(_facts(view, zone, now)), marks=marks)


def _facts(view: ChannelView, zone: str, now: datetime) -> list[str]:
    asked = max((each.last_poll_at for each in view.covered if each.last_poll_at), default=None)
    limits = [each for each in view.covered if each.quota is not None]
    tightest = min(limits, key=lambda each: each.quota.left if each.quota else 0, default=None)
    parts = [_("last asked {time}").format(time=moment_words(asked, zone, now=now))] if asked else []
    if tightest is not None:
        parts.append(quota_words(tightest, zone, now=now))
    if spent := spent_words(view.spent):
        parts.append(spent)
    if view.stream is not None:
        parts.append(_stream_words(view, zone, now))
    return parts


def _stream_words(view: ChannelView, zone: str, now: datetime) -> str:
    stream = view.stream
    assert stream is not None
    if stream.failing_since is not None:
        since = since_words(stream.failing_since, zone, now=now)
        return _("live connection broken {since}: polls go on").format(since=since)
    if stream.last_event_at is not None:
        return _("live, last event {time}").format(time=moment_words(stream.last_event_at, zone, now=now))
    if stream.connected_at is not None:
        return _("live {since}").format(since=since_words(stream.connected_at, zone, now=now))
    return _("live connection not made yet")


def _ask_button(found: Seat, brand: Brand, view: ChannelView) -> None:
    if not view.covered or not found.may(Right.CHANNELS):
        return
    stopped = any(each.stopped for each in view.covered)
    st.button(
        _("Start again") if stopped else _("Ask now"),
        key=f"sp_ask_{view.channel}",
        type="primary" if stopped else "secondary",
        icon=":material/play_arrow:" if stopped else ":material/refresh:",
        on_click=_ask,
        args=(brand.id, view.channel),
    )


def _ask(brand_id: int, channel: str) -> None:
    found = acting()
    lives: list[bool] = []
    if attempt(lambda: lives.append(coverage.begin_again(found.ctx, brand_id, channel))):
        said = _("The worker asks {channel} within seconds.")
        if not lives[0]:
            said = _("No worker is running: {channel} is asked once one is.")
        tell_done(said.format(channel=channel_word(channel)))


def _errors(view: ChannelView) -> None:
    """Each error once, however many watches met it: our sentence, then what the network said."""
    met = dict.fromkeys((each.error_key, each.error) for each in view.covered if each.error)
    for key, said in met:
        st.html(alert_html(channel_error_words(key), tone="err"))
        st.html(html_tag("div", _("What it said: {text}").format(text=said), cls="sp xs muted sp-indent"))


def _table(found: Seat, covered: tuple[ChannelCoverage, ...]) -> Markup:
    heads = (_("Watch"), _("Complete up to"), _("Last answer"), _("Newest post"))
    head = html_tag("tr", *[html_tag("th", each, scope="col") for each in heads])
    body = join_markup([_row(found, each) for each in covered])
    table = html_tag("table", html_tag("thead", head), html_tag("tbody", body), cls="sp-table sp-covered")
    return html_tag("div", table, cls="sp sp-scroll-x")


def _row(found: Seat, each: ChannelCoverage) -> Markup:
    zone, now = timezone(), found.ctx.clock()

    def when(moment: datetime | None) -> str:
        return moment_words(moment, zone, now=now) if moment else _("never")

    blind = html_tag("div", blind_words(each, zone, now=now), cls="xs sp-warn") if each.blind else Markup("")
    silence = html_tag("div", silence_words(each), cls="xs muted")
    return html_tag(
        "tr",
        html_tag("td", html_tag("b", each.watch, dir="auto"), blind),
        html_tag("td", when(each.complete_up_to)),
        html_tag("td", when(each.last_success_at)),
        html_tag("td", when(each.last_post_at), silence),
    )


def _missing(found: Seat, covered: tuple[ChannelCoverage, ...]) -> None:
    holes = _holes(covered)
    heading = html_tag("h3", _("What is missing"), cls="sp-h3")
    if not holes:
        said = html_tag("p", _("No gap is known."), cls="s muted")
        st.html(html_tag("div", heading, said, cls="sp"))
        return
    zone, now = timezone(), found.ctx.clock()
    rows = [
        html_tag(
            "li",
            html_tag("b", stretch_of(gap.from_at, gap.to_at, zone, now=now)),
            html_tag("span", f"{names} · {gap_words(gap.reason)}", cls="muted", dir="auto"),
            html_tag("span", _known(gap, zone, now), cls="muted xs"),
        )
        for gap, names in holes[:GAPS_SHOWN]
    ]
    lasts = _("A gap closes by itself if the network shows that stretch again; what it no longer hands out stays one.")
    more = len(holes) - GAPS_SHOWN
    rest = html_tag("p", ngettext("And {n} more.", "And {n} more.", more), cls="xs muted") if more > 0 else Markup("")
    st.html(
        html_tag(
            "div", heading, html_tag("ul", *rows, cls="sp-gaps"), rest, html_tag("p", lasts, cls="xs muted"), cls="sp"
        )
    )


def _holes(covered: tuple[ChannelCoverage, ...]) -> list[tuple[GapRow, str]]:
    """Each stretch once, the newest first, with the names of the watches that miss it."""
    found: dict[tuple[datetime, datetime, str], tuple[GapRow, list[str]]] = {}
    for each in covered:
        for gap in each.gaps:
            found.setdefault((gap.to_at, gap.from_at, gap.reason), (gap, []))[1].append(each.watch)
    return [(gap, ", ".join(names)) for _key, (gap, names) in sorted(found.items(), reverse=True)]


def _known(gap: GapRow, zone: str, now: datetime) -> str:
    noted = _("noted {time}").format(time=moment_words(gap.noted_at, zone, now=now))
    if gap.known_at is None:
        return noted
    return f"{noted} · " + _("known {since}").format(since=since_words(gap.known_at, zone, now=now))


def _accounts(found: Seat, view: ChannelView, kept: dict[int, Kept]) -> None:
    if not view.accounts:
        return
    heading = _("Our accounts") if view.answers else _("What is read")
    st.html(html_tag("div", html_tag("h3", heading, cls="sp-h3"), cls="sp"))
    for account in view.accounts:
        mine = kept.get(account.id) if found.may(Right.SETUP) else None
        if mine is not None and mine.ended:
            account_care.draw_ended(account)
        _account(found, view, account, mine)


def _account(found: Seat, view: ChannelView, account: Account, kept: Kept | None) -> None:
    if not view.answers:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"sp_account_{account.id}"):
            st.html(html_tag("div", account.handle, cls="sp s", dir="auto"))
            account_care.draw(found, view, account, kept)
        return
    if view.exempt:
        said = _("Nothing here reaches the public: replies go into a log.")
        st.html(html_tag("div", html_tag("b", f"@{account.handle}"), " ", said, cls="sp s"))
        return
    key = f"sp_publishing_{account.id}"
    st.session_state[key] = account.publishing
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"sp_account_{account.id}"):
        st.html(html_tag("div", html_tag("b", f"@{account.handle}"), " ", _publishing_words(account), cls="sp s"))
        if found.may(Right.SETUP):
            st.toggle(_("Publishing"), key=key, on_change=_switch, args=(account.id, key))
            account_care.draw(found, view, account, kept)


def _publishing_words(account: Account) -> str:
    live = backend.settings().publishing_live
    if not account.publishing:
        return _("publishing is off: nothing goes out through this account")
    if not live:
        return _("is switched on, yet the whole desk is silent until SPORTELLO_PUBLISH=live is set")
    return _("publishes what is handed in")


def _switch(account_id: int, key: str) -> None:
    found, on = acting(), bool(st.session_state[key])
    attempt(lambda: brands.set_publishing(found.ctx, account_id, on=on), done=_("Saved."))


def _aside(found: Seat, items: tuple[AsideItem, ...]) -> None:
    if not items:
        return
    zone, now = timezone(), found.ctx.clock()
    label = ngettext("{n} item could not be used", "{n} items could not be used", len(items))
    with st.expander(label):
        lead = _("Put aside with the reason; the channel went on. The last seven days.")
        rows = [
            html_tag(
                "li",
                html_tag("span", moment_words(item.at, zone, now=now), cls="muted"),
                html_tag("span", item.reason, dir="auto"),
                html_tag("pre", item.raw, cls="quote", dir="auto") if item.raw is not None else Markup(""),
            )
            for item in items
        ]
        st.html(html_tag("div", html_tag("p", lead, cls="s muted"), html_tag("ul", *rows, cls="sp-aside"), cls="sp"))
