"""What do the small signs of the top line say? How complete we listen, and who is here."""

from __future__ import annotations

from datetime import datetime

from desk import words
from desk.i18n import _, ngettext
from desk.numbers import since_words, up_to_words
from desk.widgets.markup import Markup, avatar, html_tag, icon, join_markup
from services.health import ChannelCoverage
from services.queue import Online

FACES = 5


def coverage_html(
    covered: tuple[ChannelCoverage, ...], *, gone_since: datetime | None, timezone: str, now: datetime
) -> Markup:
    """How complete we listen: a worker that is gone, the channel that stands still, or up to when all was read."""
    if gone_since is not None:
        said = _("No worker is running {since}.").format(since=since_words(gone_since, timezone, now=now))
        return _cover(said, _("Nothing is read or sent."), ok=False)
    behind = [each for each in covered if each.failing_since is not None or each.blind is not None]
    if not covered:
        return _cover(_("No channel is being read") + ".", _("Only what is imported shows here."), ok=False)
    if behind:
        return _behind(behind, len(covered), timezone=timezone, now=now)
    oldest = min((each.complete_up_to for each in covered if each.complete_up_to), default=None)
    if oldest is None:
        return _cover(_("Listening starts in a moment"), "", ok=True)
    return _cover("", _("complete {up_to}").format(up_to=up_to_words(oldest, timezone, now=now)), ok=True)


def _behind(behind: list[ChannelCoverage], all_count: int, *, timezone: str, now: datetime) -> Markup:
    worst = min(behind, key=lambda each: each.heard_until or each.failing_since or now)
    since, channel = worst.heard_until or worst.failing_since, words.channel_word(worst.channel)
    read = ngettext("{n} of {all} watches is read.", "{n} of {all} watches are read.", all_count - len(behind))
    rest = read.format(all=all_count)
    if since is None:
        return _cover(_("{channel} has not been read yet.").format(channel=channel), rest, ok=False)
    when = since_words(since, timezone, now=now)
    return _cover(_("{channel} not read {since}.").format(channel=channel, since=when), rest, ok=False)


def _cover(head: str, text: str, *, ok: bool) -> Markup:
    rest = [" ", html_tag("span", text, cls="sp-cover-rest")] if head and text else [text]
    said = html_tag("span", html_tag("b", head), *rest, cls="cut")
    sign = icon("check_circle" if ok else "warning", size="sm")
    return html_tag(
        "div", html_tag("span", sign, said, cls="sp-cover ok" if ok else "sp-cover", role="status"), cls="sp"
    )


def faces_html(online: tuple[Online, ...], *, me: int) -> Markup:
    """Colleagues who are here now, as squares with a green dot; the title says what they look at."""
    others = [each for each in online if each.user_id != me]
    shown = [_face(each) for each in others[:FACES]]
    more = [html_tag("span", f"+{len(others) - FACES}", cls="xs muted")] if len(others) > FACES else []
    return html_tag("div", html_tag("span", join_markup([*shown, *more]), cls="faces"), cls="sp")


def _face(who: Online) -> Markup:
    title = _("{name} is here").format(name=who.name)
    face = avatar(who.name, kind="team", size="sm")
    return html_tag(
        "span", face, html_tag("span", "", cls="dot"), cls="sp-face", title=title, aria_label=title, role="img"
    )


def hints_html(*, is_silent: bool, shows_keys: bool) -> Markup:
    """Quiet hints at the end of the line: that nothing goes out, and which key shows all keys."""
    off = html_tag("span", icon("lock", size="sm"), " ", _("Publishing is off"), cls="xs muted sp-silent")
    keys = html_tag("span", _("Keys"), " ", html_tag("kbd", "?"), cls="xs muted")
    parts = [part for part, holds in ((off, is_silent), (keys, shows_keys)) if holds]
    return html_tag("div", html_tag("span", join_markup(parts), cls="row-flex"), cls="sp")
