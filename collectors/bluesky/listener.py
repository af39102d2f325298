"""Which of the network's posts concern us, as they are written? The stream, sieved by the words of all watches.

The sieve is coarse and quick, for hundreds of posts a second; the desk matches exactly what passes it. The stream names
authors by id only, so what passes is read from the network once more, complete. A post that the network does not show
yet is waited for a moment, and then taken as the stream told it.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from collectors.bluesky.client import BlueskyNetwork
from collectors.bluesky.normalize import normalize, raw_text, repository, tombstone
from collectors.bluesky.stream import Event, lots
from collectors.protocol import BadItem, Cursor, Page
from domain.brand import Account, Watch
from domain.errors import DeskError, Malformed
from domain.mention import Mention
from domain.text import search_form

#: How long a post is waited for that the network does not show yet.
WAIT_S = 1.5
#: An empty page at least this often moves the cursor on.
QUIET_S = 1.0


class Sieve:
    """Lets through what may match any watch, names one of our accounts, or answers one of them.

    A watch without terms takes whatever is addressed to us, here as in a poll; never all that a network says.
    """

    def __init__(self, watches: Sequence[Watch], accounts: Sequence[Account], own_ids: Sequence[str]) -> None:
        terms = {search_form(word) for watch in watches for term in watch.terms if (word := _rarest(term))}
        terms |= {search_form(account.handle) for account in accounts}
        self._words = re.compile("|".join(sorted(map(re.escape, terms), key=len, reverse=True)) or r"(?!)")
        self._own = tuple(f"at://{did}/" for did in own_ids if did)

    def lets_through(self, event: Event) -> bool:
        """Whether the desk should look at it. Edits always: they may be of a post it knows."""
        record = event.record
        if record is None or event.operation == "update":
            return True
        text = record.get("text")
        if isinstance(text, str) and self._words.search(search_form(text)):
            return True
        return bool(self._own) and _answers(record).startswith(self._own)


@dataclass(slots=True)
class _Waiting:
    """Events whose posts are not shown yet, and until when they are waited for."""

    events: dict[str, Event] = field(default_factory=dict)
    until_s: dict[str, float] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        self.events[event.uri] = event
        self.until_s.setdefault(event.uri, time.monotonic() + WAIT_S)

    def drop(self, uri: str) -> Event | None:
        self.until_s.pop(uri, None)
        return self.events.pop(uri, None)

    def oldest_us(self) -> int | None:
        return min((event.seen_us for event in self.events.values()), default=None)


class BlueskyListener:
    """One connection for all watches; see ``collectors.protocol.Listener``."""

    def __init__(
        self, network: BlueskyNetwork, accounts: Sequence[Account], *, stream: str, private: bool = False
    ) -> None:
        self._network, self._accounts, self._stream, self._private = network, accounts, stream, private

    def batches(
        self, watches: Sequence[Watch], cursor: Cursor | None, *, stopped: Callable[[], bool]
    ) -> Iterator[Page]:
        """What passes the sieve, some at a time; deletions of any post, which the desk knows or not."""
        sieve = Sieve(watches, self._accounts, self._own_ids())
        waiting, up_to_us, told_at = _Waiting(), _decode(cursor), 0.0
        for lot in lots(self._stream, after_us=up_to_us, stopped=stopped, private=self._private):
            gone = [event.uri for event in lot.events if event.record is None]
            for uri in gone:
                waiting.drop(uri)
            for event in lot.events:
                if event.record is not None and sieve.lets_through(event):
                    waiting.add(event)
            up_to_us = max(filter(None, (up_to_us, lot.up_to_us)), default=None)
            items, bad = self._shown(waiting)
            is_quiet = not (items or bad or gone or lot.unreadable)
            if is_quiet and time.monotonic() - told_at < QUIET_S:
                continue
            told_at = time.monotonic()
            unreadable = tuple(BadItem(raw, "Not an event of the stream.") for raw in lot.unreadable)
            yield _page((*items, *map(tombstone, gone)), (*bad, *unreadable), waiting, up_to_us)

    def _shown(self, waiting: _Waiting) -> tuple[list[Mention], list[BadItem]]:
        """The posts that can be handed over now, and what of them cannot be read."""
        if not waiting.events:
            return [], []
        views = {str(view.get("uri")): view for view in self._network.posts(list(waiting.events))}
        late = [uri for uri, end_s in waiting.until_s.items() if uri not in views and end_s <= time.monotonic()]
        ready = {uri: view for uri, view in views.items() if uri in waiting.events}
        profiles = self._network.profiles(sorted({repository(uri) for uri in (*ready, *late)})) if ready or late else {}
        ready |= {uri: _as_told(waiting.events[uri], profiles.get(repository(uri))) for uri in late}
        items: list[Mention] = []
        bad: list[BadItem] = []
        for uri, view in ready.items():
            waiting.drop(uri)
            try:
                items.append(normalize(view, own_id=self._network.own_id, profile=profiles.get(repository(uri))))
            except Malformed as error:
                bad.append(BadItem(raw_text(view), str(error)))
        return items, bad

    def _own_ids(self) -> list[str]:
        """Whose posts are ours; an account the network does not know just now is found by its name."""
        found = []
        for account in self._accounts:
            try:
                body = self._network.ask("com.atproto.identity.resolveHandle", handle=account.handle).body
                found.append(str(body.get("did") or ""))
            except DeskError:
                continue
        return found


def _as_told(event: Event, profile: Mapping[str, Any] | None) -> dict[str, Any]:
    """The post as the stream told it, in the shape of a shown one."""
    did = repository(event.uri)
    author = {"did": did, "handle": "handle.invalid"} | dict(profile or {})
    at = datetime.fromtimestamp(event.seen_us / 1_000_000, UTC).isoformat()
    return {"uri": event.uri, "cid": event.cid, "author": author, "record": event.record, "indexedAt": at}


def _page(items: Sequence[Mention], bad: Sequence[BadItem], waiting: _Waiting, up_to_us: int | None) -> Page:
    """The cursor never passes a post that is still waited for."""
    oldest_us = waiting.oldest_us()
    safe_us = up_to_us if oldest_us is None or up_to_us is None else min(up_to_us, oldest_us - 1)
    cursor = None if safe_us is None else Cursor(json.dumps({"us": safe_us}))
    complete = None if safe_us is None else datetime.fromtimestamp(safe_us / 1_000_000, UTC)
    return Page(tuple(items), cursor, complete_up_to=complete, bad=tuple(bad))


def _decode(cursor: Cursor | None) -> int | None:
    try:
        return None if cursor is None else int(json.loads(cursor)["us"])
    except (ValueError, KeyError, TypeError):
        return None


def _answers(record: Mapping[str, Any]) -> str:
    reply = record.get("reply")
    parent = reply.get("parent") if isinstance(reply, dict) else None
    uri = parent.get("uri") if isinstance(parent, dict) else None
    return uri if isinstance(uri, str) else ""


def _rarest(term: str) -> str:
    """The longest word of a phrase: whoever has the phrase has it."""
    return max(term.lstrip("@#").split(), key=len, default="")
