"""How does an order for an export stand in the store and come back from there? As codes, ids and moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.errors import Invalid, NotAllowed
from domain.export import ExportFilter, ExportFormat, ExportOrder, Meaning, Style, Subject
from domain.people import Right
from domain.text import clean, one_line
from services.context import Context

#: What says why somebody needs names is a sentence, not a dot.
SHORTEST_PURPOSE_CHARS, LONGEST_PURPOSE_CHARS = 8, 500


def require_order(ctx: Context, order: ExportOrder) -> str | None:
    """The purpose of an order, clean; None where nobody is named.

    Raises NotAllowed for names without Right.IDENTIFY and for the cases of one colleague who is not the asker, Invalid
    for names without a purpose, and for an empty window.
    """
    asked = order.filter
    if not is_own(asked, ctx.actor.user_id):
        raise NotAllowed("Nobody takes the cases of a colleague away by themselves.", action="export.owner")
    if asked.since is not None and asked.until is not None and asked.since >= asked.until:
        raise Invalid("The period ends before it begins.", field="period", what="period")
    if not order.identified:
        return None
    if order.subject is Subject.TRENDS:
        raise Invalid("Trends name nobody.", field="identified", what="trends_identified")
    if Right.IDENTIFY not in ctx.actor.rights:
        raise NotAllowed(action="export.identified", needs=str(Right.IDENTIFY))
    return require_purpose(order.purpose)


def is_own(filter: ExportFilter, user_id: int | None) -> bool:
    """Whether this is about nobody's cases by themselves but the asker's own."""
    return filter.owner_id is None or filter.owner_id == user_id


def require_purpose(given: str | None) -> str:
    """Why somebody needs names, as one clean line; Invalid without one."""
    purpose = one_line(clean(given or ""), max_chars=LONGEST_PURPOSE_CHARS)
    if len(purpose) < SHORTEST_PURPOSE_CHARS:
        raise Invalid("Names leave only for a purpose: say which, in a few words.", field="purpose", what="purpose")
    return purpose


def stored(order: ExportOrder, *, purpose: str | None) -> dict[str, Any]:
    """The order as values of its row."""
    return {
        "brand_id": order.brand_id,
        "subject": order.subject,
        "format": order.format,
        "filter": stored_filter(order.filter),
        "style": asdict(order.style),
        "words": [[line.column, line.words] for line in order.meanings],
        "identified": order.identified,
        "purpose": purpose,
    }


def stored_filter(filter: ExportFilter) -> dict[str, Any]:
    """A filter as JSON; what asks for everything is left out."""
    plain = {name: value for name, value in asdict(filter).items() if value not in ((), None, "", False)}
    found = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in plain.items()}
    return found | {"snoozed": filter.snoozed}


def read_filter(known: Mapping[str, Any]) -> ExportFilter:
    """A filter as it was stored."""
    found: dict[str, Any] = dict(known)
    for name in ("since", "until"):
        if name in found:
            found[name] = datetime.fromisoformat(found[name])
    lists: dict[str, Any] = {name: tuple(v) for name, v in found.items() if isinstance(v, list)}
    return ExportFilter(**(found | lists))


def read_order(
    *,
    brand_id: int,
    subject: str,
    format: str,
    filter: Mapping[str, Any],
    style: Mapping[str, Any],
    words: Sequence[Sequence[str]],
    identified: bool,
    purpose: str | None,
) -> ExportOrder:
    """An order as it was stored."""
    return ExportOrder(
        brand_id=brand_id,
        subject=Subject(subject),
        format=ExportFormat(format),
        filter=read_filter(filter),
        style=Style(**style),
        identified=identified,
        purpose=purpose,
        meanings=tuple(Meaning(*line) for line in words),
    )
