"""What is said of a channel that is not heard, of a hole in what was heard, and of the network's last answer?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from db.gaps import GapRow
from desk import words
from desk.i18n import N_, _, ngettext
from desk.numbers import clock_time, due_words, local, moment_words, number, since_words, stretch_words
from domain.hearing import Blindness
from services.coverage import ChannelCoverage
from services.losing import BACK, LOST
from services.renewing import CONNECT_AGAIN

#: Why posts may be missing, by the word a channel or the desk has noted.
GAPS = {
    "too_many": N_("more posts came at once than the network hands out"),
    "too_large": N_("one post is too large to be read, and what stood behind it could not be reached"),
    "circle": N_("the network’s pages lead in a circle, and what stood behind them could not be reached"),
    "quotes_refused": N_("the network does not let us search for who quotes us; we ask again once a day"),
    "forgotten": N_("the network no longer shows posts that old"),
    "stream_lost": N_("the live connection skipped this stretch"),
    "no_answer": N_("the network did not answer for longer than it lets us look back"),
    "refused": N_("the network refused us for longer than it lets us look back"),
    "not_polled": N_("nobody asked: the desk or the watch was off for longer than the network lets us look back"),
}
#: What went wrong at the last question, by the key of its error.
ERRORS = {
    "unauthorized": N_("The network no longer accepts our sign-in. An administrator has to renew it."),
    "misconfigured": N_("A setting of this channel is missing or wrong. An administrator has to look at it."),
    "unavailable": N_("The network does not answer. We ask again by ourselves."),
    "rate_limited": N_("The network asks us to slow down. We go on by ourselves."),
    "retriable": N_("The network does not answer. We ask again by ourselves."),
    "fatal": N_("This will not work until somebody changes something."),
}
#: Notices about a channel rather than a case.
CHANNEL_NOTICES = frozenset({LOST, BACK, CONNECT_AGAIN})
_SEVERAL = N_("{channel} and {other}")


def gap_words(reason: str) -> str:
    """Why posts may be missing, and where if it says so; what no word of ours says stays as the channel said it."""
    word, _colon, where = reason.partition(": ")
    if word not in GAPS:
        return reason
    return f"{where}: {_(GAPS[word])}" if where else _(GAPS[word])


def channel_error_words(key: str | None) -> str:
    """What went wrong when a channel was last asked."""
    return _(ERRORS.get(key or "", ERRORS["unavailable"]))


def stretch_of(from_at: datetime, to_at: datetime, timezone: str, *, now: datetime) -> str:
    """From when to when, and how long that is: "20 Nov, 18:02 – 21:30 (3 hours)"."""
    same_day = local(from_at, timezone).date() == local(to_at, timezone).date()
    # With its day even today: a time alone beside another day would be taken for one of that day.
    begin = due_words(from_at, timezone, now=now)
    end = clock_time(to_at, timezone) if same_day else due_words(to_at, timezone, now=now)
    return f"{begin} – {end} ({stretch_words(to_at - from_at)})"


def banner_words(blind: Sequence[ChannelCoverage], timezone: str, *, now: datetime) -> str:
    """One calm line: which channels are not heard, since when, and what that means for what one sees."""
    names = _list_of(list(dict.fromkeys(words.channel_word(each.channel) for each in blind)))
    moments = [each.heard_until for each in blind if each.heard_until is not None]
    if not moments:
        return _("**{channel}** has not been heard yet: its posts are missing here.").format(channel=names)
    since = since_words(min(moments), timezone, now=now)
    if all(each.blind is Blindness.SILENT for each in blind):
        text = _("**{channel}** has brought nothing {since}, far longer than usual: posts may be missing here.")
    elif all(each.blind is Blindness.NOT_POLLED for each in blind):
        text = _("No worker has asked **{channel}** {since}; later posts are missing here.")
    else:
        text = _("**{channel}** has not been heard {since}; later posts are missing here.")
    return text.format(channel=names, since=since)


def worker_banner_words(gone_since: datetime, timezone: str, *, now: datetime) -> str:
    """Nobody asks, judges and sends: since when, what that means, and that nothing is lost by it."""
    since = since_words(gone_since, timezone, now=now)
    text = _("**No worker is running** {since}: nothing is read, judged or sent. What you write is kept.")
    return text.format(since=since)


def gaps_banner_words(news: Sequence[tuple[ChannelCoverage, GapRow]], timezone: str, *, now: datetime) -> str:
    """Which stretch went past us, said until somebody knows of it."""
    each, gap = news[0]
    stretch = stretch_of(gap.from_at, gap.to_at, timezone, now=now)
    others = len({(other.channel, hole.from_at, hole.to_at) for other, hole in news}) - 1
    text = _("**{channel}**: posts of {stretch} may be missing.")
    said = text.format(channel=words.channel_word(each.channel), stretch=stretch)
    more = ngettext("One more gap is new.", "{n} more gaps are new.", others)
    return f"{said} {more}" if others > 0 else said


def _list_of(names: list[str]) -> str:
    said = names[0]
    for name in names[1:]:
        said = _(_SEVERAL).format(channel=said, other=name)
    return said


def blind_words(each: ChannelCoverage, timezone: str, *, now: datetime) -> str:
    """The state of one channel in a few words, for its chip."""
    if each.blind is None:
        return _("heard")
    if each.heard_until is None:
        return _("not heard yet")
    since = since_words(each.heard_until, timezone, now=now)
    if each.blind is Blindness.SILENT:
        return _("silent {since}").format(since=since)
    return _("not heard {since}").format(since=since)


def quota_words(each: ChannelCoverage, timezone: str, *, now: datetime) -> str:
    """What the network still lets us ask, and when that is full again; empty when it has not said."""
    quota = each.quota
    if quota is None:
        return ""
    if quota.resets_at is not None and quota.resets_at <= now:
        return _("the network’s limit is full again")
    left = (
        _("{left} of {limit} questions left").format(left=number(quota.left), limit=number(quota.limit))
        if quota.limit is not None
        else _("{left} questions left").format(left=number(quota.left))
    )
    if quota.resets_at is None:
        return left
    return _("{left} until {time}").format(left=left, time=moment_words(quota.resets_at, timezone, now=now))


def silence_words(each: ChannelCoverage) -> str:
    """Which silence is ordinary there."""
    if each.expected_silence_s is None:
        return _("not known yet which silence is ordinary")
    return _("up to {stretch} of silence is ordinary").format(
        stretch=stretch_words(timedelta(seconds=each.expected_silence_s))
    )


def lost_or_back(kind: str, channel: str, since: str, timezone: str, *, now: datetime) -> str:
    """The notice that a channel was lost, or is back; ``since`` as the notice keeps it, ISO 8601 or empty."""
    name = words.channel_word(channel)
    if kind == BACK:
        return _("{channel} is heard again.").format(channel=name)
    if kind == CONNECT_AGAIN:
        return _("The sign-in of an account on {channel} has ended: connect it again.").format(channel=name)
    if not since:
        return _("{channel} is not heard.").format(channel=name)
    when = since_words(datetime.fromisoformat(since), timezone, now=now)
    return _("{channel} has not been heard {since}.").format(channel=name, since=when)
