"""Which rows leave the desk, page by page? Mentions, cases and replies by keyset, as plain as writing them needs.

No page is counted from the start and none is held in one long transaction: a million rows are read in pages by id,
each its own short look at the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    String,
    bindparam,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from db import export_flags
from db.heard_posts import about, spoken
from db.tables import authors, case_mentions, cases, mention_matches, mentions, promises, replies
from domain.states import ReplyState


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows, in the words of the tables; empty and None: all. ``watch_ids`` are those of the brand, or fewer."""

    brand_id: int
    watch_ids: tuple[int, ...]
    channels: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    kinds: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    language: str | None = None
    languages: tuple[str, ...] = ()
    theme: str = ""
    search: str = ""
    people: str = ""
    states: tuple[str, ...] = ()
    owner_id: int | None = None
    promised: bool = False
    awake_at: datetime | None = None


class _Stamp(FunctionElement[str]):
    """A moment as ``2026-03-02T09:00:00Z``, written by the database: a program would take longer over it."""

    inherit_cache = True
    type = String()


@compiles(_Stamp, "sqlite")
def _on_sqlite(element: _Stamp, compiler: SQLCompiler, **options: Any) -> str:
    return f"replace(substr({compiler.process(element.clauses, **options)}, 1, 19), ' ', 'T') || 'Z'"


@compiles(_Stamp, "postgresql")
def _on_postgresql(element: _Stamp, compiler: SQLCompiler, **options: Any) -> str:
    inner = compiler.process(element.clauses, **options)
    return f"""to_char({inner} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""


def _stamp(column: Any) -> ColumnElement[str]:
    return _Stamp(type_coerce(column, String()))


#: Of a post, without whatever says where else it could be found.
_HIDDEN = (
    *(mentions.c[name] for name in ("id", "channel", "conversation_id")),
    *(authors.c[name] for name in ("customer_id", "name", "handle", "followers")),
    *(mentions.c[name] for name in ("text", "language")),
    _stamp(mentions.c.published_at),
    *(mentions.c[name] for name in ("audience", "sentiment", "kind", "urgency", "judged_by")),
    export_flags.PACKED,
)
_PACKED_AT = len(_HIDDEN) - 1
_MENTIONS = (*_HIDDEN, mentions.c.url, mentions.c.origin, mentions.c.native_id)
_sent = select(replies.c.id, replies.c.sent_at, replies.c.case_id).where(replies.c.sent_at.is_not(None)).subquery()
_posted = mentions.alias("posted")
_first_post = (
    select(func.min(_posted.c.published_at))
    .join(case_mentions, case_mentions.c.mention_id == _posted.c.id)
    .where(case_mentions.c.case_id == cases.c.id, ~_posted.c.is_own)
)
_CASES = (
    cases.c.id,
    cases.c.channel,
    cases.c.customer_id,
    authors.c.name,
    authors.c.handle,
    cases.c.state,
    cases.c.resolution,
    cases.c.kind,
    cases.c.sentiment,
    cases.c.urgency,
    cases.c.urgency_level,
    cases.c.unsure,
    cases.c.judged,
    _stamp(cases.c.opened_at),
    _stamp(cases.c.last_mention_at),
    _stamp(select(func.min(_sent.c.sent_at)).where(_sent.c.case_id == cases.c.id).scalar_subquery()),
    _stamp(cases.c.last_reply_at),
    _stamp(cases.c.waiting_since),
    _stamp(cases.c.closed_at),
    select(func.count()).where(case_mentions.c.case_id == cases.c.id).scalar_subquery(),
    select(func.count()).where(_sent.c.case_id == cases.c.id).scalar_subquery(),
    cases.c.contacts,
    cases.c.hand_overs,
    select(func.count()).where(promises.c.case_id == cases.c.id, promises.c.status == "open").scalar_subquery(),
    mentions.c.text,
    mentions.c.language,
    mentions.c.audience,
    mentions.c.url,
    _stamp(_first_post.scalar_subquery()),
    mentions.c.conversation_id,
)
_REPLIES = (
    replies.c.id,
    replies.c.case_id,
    replies.c.mention_id,
    replies.c.channel,
    authors.c.customer_id,
    authors.c.name,
    authors.c.handle,
    replies.c.text,
    replies.c.status,
    _stamp(mentions.c.published_at),
    _stamp(replies.c.sent_at),
    _stamp(replies.c.confirmed_at),
    mentions.c.audience,
    replies.c.url,
    mentions.c.conversation_id,
)
_PUBLIC = (ReplyState.SENT, ReplyState.DELETED)
_AUTHORED = mentions.join(authors, authors.c.id == mentions.c.author_id)
_OF_CASES = cases.join(mentions, mentions.c.id == cases.c.last_mention_id).join(
    authors, authors.c.id == mentions.c.author_id
)
_OF_REPLIES = (
    replies.join(cases, cases.c.id == replies.c.case_id)
    .join(mentions, mentions.c.id == replies.c.mention_id)
    .join(authors, authors.c.id == mentions.c.author_id)
)
#: So many rows are turned into columns at once: fewer than the garbage collector takes for worth a walk.
_TURNED = 500
#: Of each subject: what is read, from which tables, by which key.
_SUBJECTS: dict[str, tuple[Sequence[Any], FromClause, Any]] = {
    "mentions": (_MENTIONS, _AUTHORED, mentions.c.id),
    "cases": (_CASES, _OF_CASES, cases.c.id),
    "replies": (_REPLIES, _OF_REPLIES, replies.c.id),
}


def page(
    tx: Connection, subject: str, want: Wanted, *, after: int, upto: int, rows: int, hidden: bool = False
) -> list[list[Any]]:
    """The columns of up to ``rows`` rows with ids above ``after`` and not above ``upto``, by id; the ids come first.

    As the driver gives them: what is true or false may be 1 or 0. No columns where there are no rows. ``hidden``: of
    posts, neither their link nor their origin nor their number there.
    """
    found = plain_columns(tx, _query(subject, want, hidden), {"after": after, "upto": upto, "rows": rows})
    if found and subject == "mentions":
        found[_PACKED_AT : _PACKED_AT + 1] = export_flags.unpacked(found[_PACKED_AT])
    return found


@lru_cache(maxsize=64)
def _query(subject: str, want: Wanted, hidden: bool) -> Select[Any]:
    """The statement of every page of one export: writing it anew for each takes as long as a tenth of its rows."""
    columns, tables, key = _SUBJECTS[subject]
    columns = _HIDDEN if hidden and columns is _MENTIONS else columns
    query = select(*columns).select_from(tables).where(*_conditions(subject, want))
    within = (key > bindparam("after", type_=key.type), key <= bindparam("upto", type_=key.type))
    return query.where(*within).order_by(key).limit(bindparam("rows", type_=Integer))


def plain_columns(tx: Connection, query: Select[Any], values: Mapping[str, int] | None = None) -> list[list[Any]]:
    """All columns of a query as the driver gives them: making a row of ours of each takes longer than reading it."""
    result = tx.execute(query, values or {})
    found: list[list[Any]] = []
    while result.cursor is not None and (part := result.cursor.fetchmany(_TURNED)):
        found = found or [[] for _ in part[0]]
        for column, cells in zip(found, zip(*part, strict=True), strict=True):
            column.extend(cells)
    result.close()
    return found


def count(tx: Connection, subject: str, want: Wanted, *, upto: int) -> int:
    """How many rows there are up to that id."""
    _, tables, key = _SUBJECTS[subject]
    if tables is _AUTHORED and not (want.search or want.people):
        tables = mentions  # Each post has its author, who need not be looked up to be counted.
    query = select(func.count()).select_from(tables).where(key <= upto, *_conditions(subject, want))
    return int(tx.execute(query).scalar_one())


def last_id(tx: Connection, subject: str) -> int:
    """The highest id there is now: what comes later belongs to the next export."""
    key = _SUBJECTS[subject][2]
    return int(tx.execute(select(func.coalesce(func.max(key), 0))).scalar_one())


def _conditions(subject: str, want: Wanted) -> list[ColumnElement[bool]]:
    made = {"mentions": _of_mentions, "cases": _of_cases, "replies": _of_replies}
    return made[subject](want)


def _of_mentions(want: Wanted) -> list[ColumnElement[bool]]:
    # A value and no EXISTS: looked up for each post. PostgreSQL makes a join of the other, and with every page it reads
    # the matches from their beginning.
    matched = select(mention_matches.c.mention_id).where(
        mention_matches.c.mention_id == mentions.c.id, mention_matches.c.watch_id.in_(want.watch_ids)
    )
    found: list[ColumnElement[bool]] = [
        matched.limit(1).scalar_subquery().is_not(None),
        mentions.c.deleted_at.is_(None),
    ]
    found += _within(mentions.c.published_at, want)
    if want.languages:
        found.append(spoken(want.languages))
    if want.theme:
        found.append(about(want.theme))
    return found + _labels(mentions.c, want) + _words(want)


def _of_cases(want: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [cases.c.brand_id == want.brand_id, *_within(cases.c.opened_at, want)]
    if want.states:
        found.append(cases.c.state.in_(want.states))
    if want.owner_id is not None:
        found.append(cases.c.owner_id == want.owner_id)
    if want.promised:
        found.append(select(promises.c.id).where(promises.c.case_id == cases.c.id, _IS_OPEN).exists())
    if want.awake_at is not None:
        found.append(or_(cases.c.snoozed_until.is_(None), cases.c.snoozed_until <= want.awake_at))
    return found + _labels(cases.c, want) + _words(want)


_IS_OPEN = promises.c.status == "open"


def _of_replies(want: Wanted) -> list[ColumnElement[bool]]:
    found = [cases.c.brand_id == want.brand_id, replies.c.status.in_(_PUBLIC), *_within(replies.c.sent_at, want)]
    if want.channels:
        found.append(replies.c.channel.in_(want.channels))
    return found + _words(want)


def _within(column: ColumnElement[Any], want: Wanted) -> list[ColumnElement[bool]]:
    found = []
    if want.since is not None:
        found.append(column >= want.since)
    if want.until is not None:
        found.append(column < want.until)
    return found


def _labels(columns: Any, want: Wanted) -> list[ColumnElement[bool]]:
    asked = {
        "channel": want.channels,
        "kind": want.kinds,
        "sentiment": want.sentiments,
        "urgency_level": want.levels,
    }
    found = [columns[name].in_(values) for name, values in asked.items() if values]
    return [*found, mentions.c.language == want.language] if want.language else found


def _words(want: Wanted) -> list[ColumnElement[bool]]:
    names = (authors.c.name, authors.c.handle)
    asked = (((*names, mentions.c.text), want.search), (names, want.people))
    found = []
    for columns, words in asked:
        if words:  # SQLite folds only ASCII, hence the variants.
            variants = sorted({words, words.lower(), words.upper(), words.capitalize()})
            found.append(or_(*(c.icontains(v, autoescape=True) for v in variants for c in columns)))
    return found
