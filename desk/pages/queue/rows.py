"""What does one row say? Who and how long, what they say, why it stands here, and whose it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from desk import words
from desk.i18n import _
from desk.numbers import due_words, since_words, until_words, waiting_words
from desk.pages.queue.listing import Listed
from desk.widgets.rows import ChipKind, QueueRow
from domain.states import RANKED_STATES, CaseState
from services.queue import QueueEntry

#: At most so many reasons on a row: the weightiest say why it stands here, the rest stands in the case.
REASONS = 3
_ENDED = (CaseState.WAITING, CaseState.RESOLVED, CaseState.DISMISSED)


def queue_rows(listed: Listed, *, me: int, timezone: str, now: datetime) -> list[QueueRow]:
    """The rows of a list, in its order."""
    entries = (_as_it_stands(entry, listed) for entry in listed.entries)
    return [_row(entry, entry.case_id in listed.gone, me, timezone, now) for entry in entries]


def _as_it_stands(entry: QueueEntry, listed: Listed) -> QueueEntry:
    """A row that left the list keeps its place and its words, but says where the case stands now."""
    where = listed.where.get(entry.case_id)
    if where is None:
        return entry
    return replace(
        entry,
        state=where.state,
        owner_id=where.owner_id,
        owner_name=where.owner_name,
        snoozed_until=where.snoozed_until,
        lock_user_id=None,
        promise_due_at=None,
    )


def first_name(name: str | None) -> str:
    """What colleagues call each other."""
    return (name or "").split(" ")[0]


def _upper(said: str) -> str:
    return said[:1].upper() + said[1:]


def _row(entry: QueueEntry, gone: bool, me: int, timezone: str, now: datetime) -> QueueRow:
    shape, word = words.urgency_head(level=entry.level, judged=entry.judged, unsure=entry.unsure)
    kind, chip = _chip(entry, gone, me, timezone, now)
    return QueueRow(
        case_id=entry.case_id,
        urgency=shape,
        urgency_word=word,
        name=entry.author_name or entry.author_handle,
        channel=_channel(entry),
        waiting=waiting_words(entry.waiting_s),
        waiting_title=_("waiting {since}").format(since=since_words(entry.waiting_since, timezone, now=now)),
        text=entry.text,
        why=words.rank_reasons(entry.reasons, kind=entry.kind, judged=entry.judged)[:REASONS],
        chip=kind,
        chip_text=chip,
        lang=entry.language or "",
        can_claim=entry.owner_id is None and not gone,
        is_away=gone or entry.snoozed_until is not None,
    )


def _channel(entry: QueueEntry) -> str:
    """Where it was written, and for whom, when that is not everybody."""
    parts = (words.channel_word(entry.channel), words.audience_word(entry.audience))
    return ", ".join(part for part in parts if part)


def _chip(entry: QueueEntry, gone: bool, me: int, timezone: str, now: datetime) -> tuple[ChipKind, str]:
    """The one state worth a chip, the most telling first."""
    if gone and entry.state in _ENDED:
        answered = entry.state is CaseState.WAITING
        return ChipKind.DONE, _("Answered") if answered else words.state_word(entry.state).capitalize()
    if entry.lock_user_id is not None and entry.lock_user_id != me:
        said = _("Yours, {name} is on it") if entry.owner_id == me else _("{name} is on it")
        return ChipKind.LOCKED, said.format(name=first_name(entry.lock_name))
    if entry.snoozed_until is not None and entry.snoozed_until > now:
        return ChipKind.SNOOZED, _upper(until_words(entry.snoozed_until, timezone, now=now))
    if entry.promise_due_at is not None:
        return ChipKind.PROMISE, _("Promised: {time}").format(time=due_words(entry.promise_due_at, timezone, now=now))
    if entry.wrote_again and entry.state in RANKED_STATES:
        return ChipKind.AGAIN, _whose_again(entry, me)
    if entry.owner_id == me:
        return ChipKind.YOURS, _("Yours")
    if entry.owner_id is not None:
        return ChipKind.OWNED, _("{name}’s").format(name=first_name(entry.owner_name))
    if not entry.judged:
        return ChipKind.UNJUDGED, words.state_word(CaseState.NEW).capitalize()
    return ChipKind.FREE, words.state_word(CaseState.NEW).capitalize()


def _whose_again(entry: QueueEntry, me: int) -> str:
    """The customer wrote after our answer; whose turn that makes it stands beside."""
    if entry.owner_id == me:
        return _("Yours, wrote again")
    if entry.owner_id is not None:
        return _("{name}’s, wrote again").format(name=first_name(entry.owner_name))
    return _("Wrote again")
