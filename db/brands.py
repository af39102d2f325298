"""Brands, their watches and their accounts: read, add, remove."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from db import alike, problems, turns
from db.tables import (
    accounts,
    brands,
    case_mentions,
    cases,
    changes,
    joined_cases,
    mention_matches,
    mentions,
    watches,
)
from domain.brand import Account, Brand, Watch
from domain.errors import NotFound, StaleVersion

_BRAND = [brands.c[name] for name in Brand.__slots__]
_WATCH = [watches.c[name] for name in Watch.__slots__]
_ACCOUNT = [accounts.c[name] for name in Account.__slots__]


def _watch(row: Row[Any]) -> Watch:
    values: dict[str, Any] = dict(row._mapping)
    return Watch(**values | {name: tuple(values[name]) for name in ("terms", "exclusions", "languages", "channels")})


# Statements of every click are built once: putting one together costs more than running it.
_BY_ID = select(*_BRAND).where(brands.c.id == bindparam("wanted"))
_ALL = select(*_BRAND).order_by(brands.c.id)
_VOICES = select(*_ACCOUNT).where(accounts.c.active).order_by(accounts.c.id)
_VOICES_OF = _VOICES.where(accounts.c.brand_id == bindparam("wanted"))


def all_brands(tx: Connection) -> list[Brand]:
    """Every brand, oldest first."""
    return [Brand(**row._mapping) for row in tx.execute(_ALL)]


def get(tx: Connection, brand_id: int) -> Brand:
    """The brand; NotFound when there is none."""
    row = tx.execute(_BY_ID, {"wanted": brand_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no brand {brand_id}.", entity="brand", id=brand_id)
    return Brand(**row._mapping)


def add(tx: Connection, *, name: str, slug: str, timezone: str, is_sample: bool, at: datetime) -> Brand:
    """Insert a brand, its change counter and the turns of its clock."""
    values = {"name": name, "slug": slug, "timezone": timezone, "is_sample": is_sample}
    brand_id = tx.execute(insert(brands).values(**values, created_at=at).returning(brands.c.id)).scalar_one()
    tx.execute(insert(changes).values(brand_id=brand_id, version=1))
    turns.put(tx, brand_id, timezone)
    return Brand(id=brand_id, **values)  # type: ignore[arg-type]


def remove(tx: Connection, brand_id: int) -> None:
    """Delete a brand with its cases, watches, accounts and imports, and the posts no other brand was interested in."""
    heard = select(mention_matches.c.mention_id).join(watches).where(watches.c.brand_id == brand_id)
    worked = select(case_mentions.c.mention_id).join(cases).where(cases.c.brand_id == brand_id)
    ids = set(tx.execute(heard).scalars()) | set(tx.execute(worked).scalars())
    mine = select(cases.c.id).where(cases.c.brand_id == brand_id)
    # Their numbers may be given again.
    alike.forget(tx, brand_id)
    problems.forget_messages(tx, brand_id)
    tx.execute(delete(joined_cases).where(joined_cases.c.case_id.in_(mine)))
    tx.execute(delete(cases).where(cases.c.brand_id == brand_id))
    tx.execute(delete(changes).where(changes.c.brand_id == brand_id))
    tx.execute(delete(brands).where(brands.c.id == brand_id))
    _remove_unheard(tx, sorted(ids))


def _remove_unheard(tx: Connection, ids: list[int]) -> None:
    """Delete those mentions that neither match a watch nor belong to a case any more."""
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        kept = select(mention_matches.c.mention_id).union(select(case_mentions.c.mention_id))
        tx.execute(delete(mentions).where(mentions.c.id.in_(chunk), mentions.c.id.not_in(kept)))


def watches_of(tx: Connection, brand_id: int | None = None, *, inactive: bool = False) -> list[Watch]:
    """The active watches of a brand, or of all; with ``inactive`` those too that rest."""
    query = select(*_WATCH).order_by(watches.c.id)
    if not inactive:
        query = query.where(watches.c.active)
    if brand_id is not None:
        query = query.where(watches.c.brand_id == brand_id)
    return [_watch(row) for row in tx.execute(query)]


def watch(tx: Connection, watch_id: int) -> Watch:
    """The watch; NotFound when there is none."""
    row = tx.execute(select(*_WATCH).where(watches.c.id == watch_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no watch {watch_id}.", entity="watch", id=watch_id)
    return _watch(row)


def add_watch(tx: Connection, values: dict[str, Any]) -> int:
    """Insert a watch; returns its id."""
    return int(tx.execute(insert(watches).values(**values).returning(watches.c.id)).scalar_one())


def change_watch(tx: Connection, watch_id: int, *, version: int, **values: Any) -> None:
    """Change a watch; StaleVersion when somebody else did since ``version`` was read."""
    mine = update(watches).where(watches.c.id == watch_id, watches.c.version == version)
    if tx.execute(mine.values(version=version + 1, **values)).rowcount != 1:
        raise StaleVersion(entity="watch", id=watch_id)


def accounts_of(tx: Connection, brand_id: int | None = None) -> list[Account]:
    """The active accounts of a brand, or of all."""
    found = tx.execute(_VOICES) if brand_id is None else tx.execute(_VOICES_OF, {"wanted": brand_id})
    return [Account(**row._mapping) for row in found]


def account(tx: Connection, account_id: int) -> Account:
    """The account, active or not; NotFound when there is none."""
    row = tx.execute(select(*_ACCOUNT).where(accounts.c.id == account_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no account {account_id}.", entity="account", id=account_id)
    return Account(**row._mapping)


def accounts_on(tx: Connection, brand_id: int, *, channel: str) -> tuple[Account, ...]:
    """The brand's active accounts on a channel, oldest first."""
    return tuple(a for a in accounts_of(tx, brand_id) if a.channel == channel)


def inactive_account(tx: Connection, brand_id: int, *, channel: str, handle: str) -> int | None:
    """An account that was removed and may be revived."""
    query = select(accounts.c.id).where(
        accounts.c.brand_id == brand_id,
        accounts.c.channel == channel,
        accounts.c.handle == handle,
        ~accounts.c.active,
    )
    return tx.execute(query).scalar_one_or_none()


def add_account(tx: Connection, values: dict[str, Any]) -> int:
    """Insert an account, silent; returns its id."""
    return int(tx.execute(insert(accounts).values(**values, publishing=False).returning(accounts.c.id)).scalar_one())


def change_account(tx: Connection, account_id: int, **values: Any) -> None:
    """Change an account."""
    tx.execute(update(accounts).where(accounts.c.id == account_id).values(**values))


def name_taken(tx: Connection, *, name: str, slug: str) -> bool:
    """Whether a brand of that name or slug exists."""
    query = select(func.count()).select_from(brands)
    return bool(tx.execute(query.where((func.lower(brands.c.name) == name.lower()) | (brands.c.slug == slug))).scalar())
