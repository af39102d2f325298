"""What would the figures of a window be, counted in plain Python from the rows themselves? Slow, and by other means."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from db.engine import Store
from db.tables import (
    case_events,
    case_mentions,
    case_rollups,
    cases,
    day_rollups,
    judgements,
    mention_matches,
    mention_rollups,
    mentions,
    model_rollups,
    replies,
    watches,
)
from domain.window import Window
from services.context import Context


@dataclass
class RawPosts:
    """Posts of one voice in a window."""

    labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    unjudged: int = 0
    models: Counter[str] = field(default_factory=Counter)


@dataclass
class RawCases:
    """Cases of a brand in a window."""

    waits_s: list[float] = field(default_factory=list)
    unanswered: int = 0
    closed: int = 0
    solved: int = 0
    reopened: int = 0


@dataclass(frozen=True)
class Rows:
    """Everything that counts, read once."""

    watches: dict[int, object]
    matches: list[object]
    mentions: dict[int, object]
    cases: list[object]
    links: list[object]
    replies: list[object]
    events: list[object]
    themes: dict[int, set[str]]


def read(ctx: Context) -> Rows:
    with ctx.store.read() as tx:
        return Rows(
            {row.id: row for row in tx.execute(select(watches))},
            list(tx.execute(select(mention_matches))),
            {row.id: row for row in tx.execute(select(mentions))},
            list(tx.execute(select(cases))),
            list(tx.execute(select(case_mentions))),
            list(tx.execute(select(replies))),
            list(tx.execute(select(case_events))),
            {row.id: {reason["code"] for reason in row.reasons} for row in tx.execute(select(judgements))},
        )


def _spoken(language: str | None) -> str:
    return (language or "und").lower().split("-")[0]


def _fits(at: datetime | None, channel: str, language: str | None, window: Window, only: tuple[str, str]) -> bool:
    inside = at is not None and window.stretch.from_at <= at < window.stretch.to_at
    return inside and only[0] in ("", channel) and only[1] in ("", _spoken(language))


def posts(
    rows: Rows, brand_id: int, window: Window, *, rival: int = 0, only: tuple[str, str] = ("", ""), theme: str = ""
) -> RawPosts:
    """``rival``: a competitor's watch, 0 for the brand itself. ``only``: one channel, one language, empty for all."""
    speaks = {
        match.mention_id
        for match in rows.matches
        if rows.watches[match.watch_id].brand_id == brand_id
        and (match.watch_id == rival if rival else not rows.watches[match.watch_id].is_competitor)
    }
    found = RawPosts()
    for post in (rows.mentions[n] for n in speaks):
        if not _fits(post.published_at, post.channel, post.language, window, only):
            continue
        if theme and (post.urgency_level == 0 or theme not in rows.themes.get(post.judgement_id, ())):
            continue
        reason = "deleted" if post.deleted_at else "own" if post.is_own else "reposts" if post.is_repost else ""
        if reason:
            found.left_out[reason] += 1
            continue
        if post.judged_by is not None:
            found.models[post.judged_by] += 1
        if (post.judged_by is None and not post.corrected) or not post.kind or not post.sentiment:
            found.unjudged += 1
        else:
            found.labels[post.kind, post.sentiment] += 1
    return found


def answers(rows: Rows, brand_id: int, window: Window, *, only: tuple[str, str] = ("", "")) -> RawCases:
    found = RawCases()
    for case in (case for case in rows.cases if case.brand_id == brand_id):
        linked = [rows.mentions[link.mention_id] for link in rows.links if link.case_id == case.id]
        first = min((p for p in linked if not p.is_own), key=lambda p: (p.published_at, p.id), default=None)
        language = first.language if first else None
        out = [r.sent_at for r in rows.replies if r.case_id == case.id and r.status in ("sent", "deleted")]
        again = [e.at for e in rows.events if e.case_id == case.id and e.kind == "reopened_by_customer"]
        asks = bool(out) or (case.kind in ("complaint", "question") and case.resolution != "no_answer_needed")
        where = case.channel, language, window, only
        if first and asks and case.state != "dismissed" and _fits(first.published_at, *where):
            if out:
                found.waits_s.append((min(out) - first.published_at).total_seconds())
            else:
                found.unanswered += 1
        if case.state == "resolved" and case.resolution != "no_answer_needed" and _fits(case.closed_at, *where):
            found.closed += 1
            found.solved += case.resolution == "customer_confirmed"
        if again and _fits(max(again), *where):
            found.reopened += 1
    return found


def counted(ctx: Context) -> dict[str, list[tuple[object, ...]]]:
    """Every count of a desk."""
    return counts_of(ctx.store)


def counts_of(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every count, without the rows of noughts that what was taken away leaves behind."""
    with store.read() as tx:
        tables = (mention_rollups, day_rollups, model_rollups, case_rollups)
        rows = {t.name: [tuple(r) for r in tx.execute(select(t))] for t in tables}
    widths = {"mention_rollups": 6, "day_rollups": 6, "model_rollups": 4, "case_rollups": 5}
    return {name: sorted(row for row in found if any(row[widths[name] :])) for name, found in rows.items()}
