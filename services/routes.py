"""By which way can a post be answered, with which voice, and how long may the answer be?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from collectors.protocol import Manifest, origin_through
from db import brands
from domain.brand import Account
from domain.errors import Fatal, NotFound
from domain.mention import Mention
from domain.reply import ReplyLimits, RouteKind
from services.brands import publishing_allowed
from services.context import Context


@dataclass(frozen=True, slots=True)
class Way:
    """How an answer reaches its network. ``reason`` is a stable word or the channel's own, empty for the open way."""

    kind: RouteKind
    reason: str
    limits: ReplyLimits | None
    account: Account | None
    manifest: Manifest
    publishing: bool
    cost_eur: float = 0.0
    cost_with_link_eur: float = 0.0


def way(ctx: Context, mention: Mention, account: Account | None) -> Way:
    """The way to answer this post through this account. No network is touched.

    A channel this desk no longer has, or whose secret is missing, can only be answered by hand: the case
    is shown all the same.
    """
    try:
        manifest = ctx.channels.manifest(mention.channel)
    except NotFound:
        manifest = Manifest(mention.channel, mention.channel, listens=False, answers=False)
    if not manifest.answers:
        return Way(RouteKind.BY_HAND, "no_answers", None, account, manifest, False)
    try:
        publisher = ctx.channels.publisher(mention.channel, account)
    except Fatal:
        return Way(RouteKind.BY_HAND, "not_connected", None, account, manifest, False)
    if account is None and not manifest.exempt_from_publish_switch:
        return Way(RouteKind.BY_HAND, "no_account", publisher.limits, account, manifest, False)
    route = publisher.route(mention)
    return Way(
        route.kind,
        route.reason,
        publisher.limits,
        account,
        manifest,
        may_publish(ctx, manifest, account),
        cost_eur=route.cost_eur,
        cost_with_link_eur=route.cost_with_link_eur,
    )


def may_publish(ctx: Context, manifest: Manifest, account: Account | None) -> bool:
    """Whether a reply may go out this way now."""
    return manifest.exempt_from_publish_switch or (account is not None and publishing_allowed(ctx, account))


def account_for(tx: Connection, brand_id: int, channel: str, *, origin: str) -> Account | None:
    """The voice this brand answers with there: the one that a post of this origin came through, else its first."""
    voices = brands.accounts_on(tx, brand_id, channel=channel)
    return next((each for each in voices if origin_through(each) == origin), next(iter(voices), None))
