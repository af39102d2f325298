"""What stands beside the rows of an export: the watches and cases of its posts, and whom their words may name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, collate, func, select

from db.export_rows import plain_columns
from db.tables import accounts, authors, brands, case_mentions, cases, mention_matches, mentions, users, watches


def watches_of(tx: Connection, mention_ids: Sequence[int], watch_ids: Collection[int]) -> tuple[list[int], list[int]]:
    """Which of these watches each of these posts (in order) matched: posts, and beside each one watch."""
    query = select(mention_matches.c.mention_id, mention_matches.c.watch_id).where(
        _among(mention_matches.c.mention_id, mention_ids), mention_matches.c.watch_id.in_(watch_ids)
    )
    found = plain_columns(tx, query.order_by(mention_matches.c.mention_id))
    return (found[0], found[1]) if found else ([], [])


def cases_of(tx: Connection, mention_ids: Sequence[int], brand_id: int) -> dict[int, int]:
    """The brand's case each of these posts (in order) belongs to."""
    query = select(case_mentions.c.mention_id, case_mentions.c.case_id).join(
        cases, cases.c.id == case_mentions.c.case_id
    )
    query = query.where(_among(case_mentions.c.mention_id, mention_ids), cases.c.brand_id == brand_id)
    found = plain_columns(tx, query)
    return dict(zip(*found, strict=True)) if found else {}


def _among(column: ColumnElement[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """A range where the ids stand close together, as they do in an export of everything; else each by itself."""
    close = len(ids) * 4 >= ids[-1] - ids[0]
    return column.between(ids[0], ids[-1]) if close else column.in_(ids)


def owners_of_handles(tx: Connection, channel: str, handles: Iterable[str]) -> dict[str, int]:
    """Whose handles these are: from the handle in small letters to the customer; unknown ones are missing."""
    lowered = sorted({handle.lower() for handle in handles})
    plain = authors.c.handle
    folded = collate(plain, "NOCASE") if tx.dialect.name == "sqlite" else func.lower(plain)
    query = select(plain, authors.c.customer_id).where(folded.in_(lowered), authors.c.channel == channel)
    return {str(row[0]).casefold(): row[1] for row in tx.execute(query)}


def watch_names(tx: Connection, brand_id: int) -> dict[int, str]:
    """Every watch of a brand by its id, resting and competitors' ones too."""
    query = select(watches.c.id, watches.c.name).where(watches.c.brand_id == brand_id)
    return {row[0]: row[1] for row in tx.execute(query.order_by(watches.c.id))}


def people_in(tx: Connection, conversation_ids: Collection[int], *, most: int) -> list[tuple[int, int, str, str]]:
    """Who wrote in these conversations beside us: conversation, customer, name and handle; ``most`` lines."""
    query = (
        select(mentions.c.conversation_id, authors.c.customer_id, authors.c.name, authors.c.handle)
        .join(authors, authors.c.id == mentions.c.author_id)
        .where(mentions.c.conversation_id.in_(conversation_ids), ~mentions.c.is_own)
        .distinct()
        .order_by(mentions.c.conversation_id, authors.c.customer_id, authors.c.name, authors.c.handle)
    )
    return [(row[0], row[1], row[2], row[3]) for row in tx.execute(query.limit(most))]


def brand_words(tx: Connection, brand_id: int) -> list[str]:
    """What a brand and its watches listen for: names of the firm and its things, not of people."""
    name = tx.execute(select(brands.c.name).where(brands.c.id == brand_id)).scalar_one()
    terms = tx.execute(select(watches.c.terms).where(watches.c.brand_id == brand_id)).scalars()
    return [str(name), *(str(term) for found in terms for term in found)]


def our_handles(tx: Connection, brand_id: int) -> list[str]:
    """The handles of a brand's own accounts."""
    return [str(h) for h in tx.execute(select(accounts.c.handle).where(accounts.c.brand_id == brand_id)).scalars()]


def colleagues(tx: Connection) -> list[str]:
    """The names of everybody who works or has worked here."""
    return [str(name) for name in tx.execute(select(users.c.name).order_by(users.c.id)).scalars()]
