"""When do we no longer hear a channel? Pure rules: how patient we are, and how long a silence is ordinary."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

#: A channel may fail this long, or for this many of its own polls if that is longer, before anybody is told:
#: a restart of the network or one slow answer is no news.
PATIENCE = timedelta(minutes=5)
PATIENCE_POLLS = 3
#: Silence is learned from these last days; a week would not hold two ordinary weekends.
LEARN_FROM = timedelta(days=14)
#: With fewer posts, or posts of fewer days, nothing ordinary can be told from them.
LEARN_POSTS, LEARN_DAYS = 20, timedelta(days=3)
#: What is longer than so many times the longest silence of those days is no longer ordinary, and never
#: less than the floor: an evening without a post is no reason to wake anybody.
SILENCE_TIMES, SILENCE_FLOOR = 3, timedelta(hours=6)


class Blindness(StrEnum):
    """Why a channel is not heard."""

    STOPPED = "stopped"  # it refuses us: nobody asks until a person has changed something
    FAILING = "failing"  # it has not answered for longer than our patience
    NOT_POLLED = "not_polled"  # nobody asks it: the worker is gone, or stuck
    SILENT = "silent"  # it answers, yet brings nothing for far longer than it ever did


def patience(poll_interval_s: float) -> timedelta:
    """How long a channel may go unheard before that is news.

    >>> patience(15)
    datetime.timedelta(seconds=300)
    >>> patience(900)
    datetime.timedelta(seconds=2700)
    """
    return max(PATIENCE, PATIENCE_POLLS * timedelta(seconds=poll_interval_s))


def ordinary_silence(published: Sequence[datetime]) -> timedelta | None:
    """How long the posts of the last days let us expect to hear nothing; None while that is too few to say.

    ``published``: when they were, in any order. Three times the longest pause between two of them, six hours
    at least.
    """
    moments = sorted(published)
    if len(moments) < LEARN_POSTS or moments[-1] - moments[0] < LEARN_DAYS:
        return None
    longest = max(later - earlier for earlier, later in pairwise(moments))
    return max(SILENCE_FLOOR, SILENCE_TIMES * longest)


def blindness(
    *,
    now: datetime,
    patience: timedelta,
    stopped: bool,
    failing_since: datetime | None,
    due_since: datetime | None,
    last_post_at: datetime | None,
    last_success_at: datetime | None,
    expected_silence: timedelta | None,
) -> Blindness | None:
    """Why this channel is not heard, the gravest reason; None while it is.

    ``due_since``: from when on it should have been asked and was not, None when it is not due. How silent it is
    counts up to ``last_success_at``: while nobody asked, nobody can tell.
    """
    if stopped:
        return Blindness.STOPPED
    if due_since is not None and now - due_since > patience:
        return Blindness.NOT_POLLED
    if failing_since is not None and now - failing_since > patience:
        return Blindness.FAILING
    asked_at = now if last_success_at is None else min(now, last_success_at)
    if expected_silence is not None and last_post_at is not None and asked_at - last_post_at > expected_silence:
        return Blindness.SILENT
    return None
