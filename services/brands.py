"""Whom do we listen for, with which searches, and with which voice? Brands, watches, accounts."""

from __future__ import annotations

from dataclasses import dataclass

from domain.brand import Account, Brand, Watch
from services.context import Context


@dataclass(frozen=True, slots=True)
class WatchPreview:
    """What a watch would have matched among the posts already stored."""

    looked_at: int
    matched: int
    examples: tuple[str, ...]


def list_brands(ctx: Context) -> list[Brand]:
    """All brands by name, the sample last."""
    raise NotImplementedError


def add_brand(ctx: Context, name: str, *, timezone: str | None = None) -> Brand:
    """A new brand with one watch for its name. Needs Right.SETUP."""
    raise NotImplementedError


def remove_brand(ctx: Context, brand_id: int) -> None:
    """Remove a brand with everything heard for it alone. Needs Right.SETUP."""
    raise NotImplementedError


def resolve_brand(ctx: Context, name_or_slug: str | None) -> Brand:
    """The brand of that name or slug; None: the first one, the sample only when there is no other."""
    raise NotImplementedError


def list_watches(ctx: Context, brand_id: int | None = None) -> list[Watch]:
    """The watches of a brand, or of all."""
    raise NotImplementedError


def add_watch(
    ctx: Context,
    brand_id: int,
    *,
    name: str,
    terms: tuple[str, ...],
    exclusions: tuple[str, ...] = (),
    languages: tuple[str, ...] = (),
    channels: tuple[str, ...] = (),
    is_competitor: bool = False,
) -> Watch:
    """A saved query. Needs Right.SETUP."""
    raise NotImplementedError


def preview_watch(ctx: Context, terms: tuple[str, ...], *, exclusions: tuple[str, ...] = ()) -> WatchPreview:
    """Try a watch on the newest stored posts."""
    raise NotImplementedError


def list_accounts(ctx: Context, brand_id: int | None = None) -> list[Account]:
    """Our accounts, active ones only."""
    raise NotImplementedError


def add_account(
    ctx: Context,
    brand_id: int,
    *,
    channel: str,
    handle: str,
    base_url: str | None = None,
    secret_ref: str | None = None,
) -> Account:
    """Our own voice on a channel, silent until publishing is switched on. Needs Right.SETUP."""
    raise NotImplementedError


def remove_account(ctx: Context, account_id: int) -> None:
    """Silence and hide an account; what it sent stays. Needs Right.SETUP."""
    raise NotImplementedError


def set_publishing(ctx: Context, account_id: int, *, on: bool) -> None:
    """Turn an account's own switch. Needs Right.SETUP."""
    raise NotImplementedError


def publishing_allowed(ctx: Context, account: Account) -> bool:
    """Whether a reply through this account may go out: the desk is live and its switch is on, or nobody hears it."""
    raise NotImplementedError
