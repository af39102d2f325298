"""What stands on one page of a source, and how does one go on from it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collectors.fitting import fitting
from collectors.mastodon.answers import Reply
from collectors.mastodon.client import MastodonNetwork, listed
from collectors.mastodon.normalize import moment, named
from collectors.mastodon.sources import Kind, Source
from domain.errors import Malformed, NotFound

#: Servers hand out 40 posts at most (docs.joinmastodon.org, methods/timelines); some hand out fewer.
PAGE_ITEMS = 40


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a page: the post in it, when it came to be there, and its name for paging, where they can be read."""

    view: Mapping[str, Any]
    at: datetime | None
    token: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One page, newest first as servers send it. ``older`` and ``newer`` lead on from it; None where nothing does.

    So many items were asked for as ``most`` says. ``is_hidden``: not even one could be read, so large is the next.
    """

    reply: Reply
    items: tuple[Item, ...]
    older: str | None
    newer: str | None
    most: int = PAGE_ITEMS
    is_hidden: bool = False

    @property
    def is_short(self) -> bool:
        """Shorter than asked for. That may be the end, or a server that hands out smaller pages."""
        return len(self.items) < self.most

    def is_before(self, boundary: datetime) -> bool:
        """Whether it reaches back beyond that: most of it is older. A single post bears what date its server likes."""
        dated = [item.at for item in self.items if item.at is not None]
        return 2 * sum(at < boundary for at in dated) > len(dated)

    @property
    def oldest_at(self) -> datetime | None:
        """When the oldest item came to be there."""
        return min((item.at for item in self.items if item.at is not None), default=None)


def shown(
    network: MastodonNetwork,
    source: Source,
    *,
    older_than: str | None = None,
    newer_than: str | None = None,
    most: int = PAGE_ITEMS,
) -> Shown:
    """A page of that source: the newest, the one before ``older_than``, or the one right after ``newer_than``."""

    def ask(limit: int) -> Reply:
        if source.kind == Kind.TO_US:
            return network.to_us(older_than=older_than, newer_than=newer_than, limit=limit)
        if source.kind == Kind.TAG:
            return network.tagged(source.words, older_than=older_than, newer_than=newer_than, limit=limit)
        return _found(network, source.words, older_than, limit)

    fitted = fitting(ask, most)
    if fitted.answer is None:
        return Shown(Reply([]), (), None, None, fitted.most, is_hidden=True)
    reply = fitted.answer
    items = _items(source, reply)
    # What a search links to are numbers of results, which move.
    links = (None, None) if source.kind == Kind.SEARCH else (reply.older_than, reply.newer_than)
    return Shown(reply, items, _beside(links[0], items[::-1]), _beside(links[1], items), fitted.most)


def id_of(view: Mapping[str, Any]) -> str:
    """The id of a post; empty where it cannot be read."""
    try:
        return named(view.get("id"))
    except Malformed:
        return ""


def _found(network: MastodonNetwork, query: str, older_than: str | None, limit: int) -> Reply:
    try:
        return network.found(query, older_than=older_than, limit=limit)
    except NotFound:
        return Reply({"statuses": []})  # This server does not search at all.


def _items(source: Source, reply: Reply) -> tuple[Item, ...]:
    told = listed(reply, "statuses") if source.kind == Kind.SEARCH else listed(reply)
    if source.kind != Kind.TO_US:
        return tuple(_item(view, view) for view in told)
    # A notification that shows no post stands for itself.
    return tuple(_item(note, note["status"] if isinstance(note.get("status"), dict) else note) for note in told)


def _item(told: Mapping[str, Any], view: Mapping[str, Any]) -> Item:
    try:
        at: datetime | None = moment(told.get("created_at"))
    except Malformed:
        at = None
    return Item(view, at, id_of(told) or None)


def _beside(linked: str | None, items: Sequence[Item]) -> str | None:
    """The page beside this one: where its links lead, else beside the first of ``items`` that has a name."""
    if not items or linked is not None:
        return linked if items else None
    return next((item.token for item in items if item.token is not None), None)
