"""Are the figures of a window those of the posts themselves? Counted by statements that know nothing of the counts."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection, Text, cast, func, or_, select

from benchmarks.trends_fill import Desk
from db.tables import cases, judgements, mention_matches, mentions, watches
from domain.judgement import Kind, ReasonCode
from domain.window import Window
from services import trends
from services.trends import Trends


def compare(desk: Desk, window: Window, *, only: tuple[str, str], theme: ReasonCode | None) -> None:
    """Raises AssertionError where a figure of the window is another one. ``only``: a channel and a language, or ""."""
    channels, languages = ((name,) if name else () for name in only)
    seen = trends.trends(desk.ctx, desk.brand_id, window, channels=channels, languages=languages, theme=theme)
    with desk.ctx.store.read() as tx:
        told, found = _told(seen), _posts(tx, desk.brand_id, window, only, theme)
        assert told == found, (window, only, theme, told, found)
        answers, raw = seen.answers, _cases(tx, desk.brand_id, window, only)
        counted = (answers.asked, answers.unanswered, answers.solved.n, answers.solved.hits)
        assert counted == raw, (window, only, counted, raw)


def _told(seen: Trends) -> Counter[str]:
    now = seen.now
    beside = {"unjudged": now.unjudged, "repost": now.reposts, "own": now.own, "deleted": now.deleted}
    return +Counter(
        {str(kind): n for kind, n in now.kinds}
        | {str(tone): n for tone, n in now.sentiments}
        | {str(Kind.SPAM): now.spam}
        | beside
    )


def _posts(
    tx: Connection, brand_id: int, window: Window, only: tuple[str, str], theme: ReasonCode | None
) -> Counter[str]:
    heard = (
        select(watches.c.id)
        .join(mention_matches, mention_matches.c.watch_id == watches.c.id)
        .where(mention_matches.c.mention_id == mentions.c.id, watches.c.brand_id == brand_id, ~watches.c.is_competitor)
    )
    columns: list[Any] = [mentions.c.kind, mentions.c.sentiment, mentions.c.judged_by.is_(None), mentions.c.is_own]
    columns += [mentions.c.is_repost, mentions.c.deleted_at.is_not(None)]
    query = select(*columns, func.count()).where(*_within(mentions.c.published_at, window), heard.exists())
    query = query.where(*_only(mentions, only)).group_by(*columns)
    if theme:
        given = cast(judgements.c.reasons, Text).contains(f'"{theme}"')
        query = query.join(judgements, judgements.c.id == mentions.c.judgement_id).where(given)
    found: Counter[str] = Counter()
    for kind, tone, is_unjudged, is_own, is_repost, is_deleted, n in tx.execute(query):
        if is_deleted or is_own or is_repost or is_unjudged:
            found["deleted" if is_deleted else "own" if is_own else "repost" if is_repost else "unjudged"] += n
        else:
            found[kind] += n
            found[tone] += n if kind != Kind.SPAM else 0
    return +found


def _cases(tx: Connection, brand_id: int, window: Window, only: tuple[str, str]) -> tuple[int, int, int, int]:
    """Asked, of them unanswered; closed, of them solved as the customer says."""
    mine = (cases.c.brand_id == brand_id, *_only(cases, only))
    asks = or_(cases.c.answered_at.is_not(None), cases.c.kind.in_([Kind.COMPLAINT, Kind.QUESTION]))
    asked = select(func.count(), func.count(cases.c.answered_at)).where(*mine, *_within(cases.c.asked_at, window), asks)
    total, answered = tx.execute(asked).one()
    query = select(cases.c.resolution, func.count()).where(*mine, *_within(cases.c.closed_at, window))
    ended = {resolution: n for resolution, n in tx.execute(query.group_by(cases.c.resolution))}  # noqa: C416
    return total, total - answered, sum(ended.values()), ended.get("customer_confirmed", 0)


def _within(column: Any, window: Window) -> tuple[Any, Any]:
    return column >= window.stretch.from_at, column < window.stretch.to_at


def _only(table: Any, only: tuple[str, str]) -> list[Any]:
    channel, language = only
    return [table.c.channel == channel] * bool(channel) + [table.c.language == language] * bool(language)
