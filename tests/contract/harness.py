"""How does a contract test speak for the other side of a channel? One harness per channel plays its network."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from collectors.protocol import Collector, Manifest, Publisher
from domain.brand import Account
from domain.reply import OutgoingReply

#: What every channel is set up with; it must show nowhere.
SECRET = "hush-5d41402abc4b2a76"


class Trouble(StrEnum):
    """What a network does to us while the harness says so."""

    DOWN = "down"  # no connection: nothing reaches it
    LIMITED = "limited"  # it asks us to slow down (429)
    SIGN_IN = "sign_in"  # it no longer takes our sign-in (401)
    NO = "no"  # it refuses this reply for good
    LOST = "lost"  # it takes the reply, and its answer never arrives
    VANISHED = "vanished"  # it takes nothing, and nobody tells us so
    SAME_PAGE = "same_page"  # it names the same page as the next one for ever


class Harness(Protocol):
    """The network of one channel, as seen from behind. Times are those of the clock it was built with."""

    name: str
    manifest: Manifest
    #: How many posts this harness lets a page hold; small, so that bursts are cheap.
    page_items: int
    #: Texts with the length the network's own rules give them.
    lengths: Mapping[str, int]

    def arrive(self, text: str, *, author: str = "mara", own: bool = False, repost: bool = False) -> str:
        """Somebody posts now; returns the native id. The author's name, not the id, holds ``author``."""
        ...

    def arrive_unreadable(self) -> None:
        """An item without the documented shape appears now."""
        ...

    def edit(self, native_id: str, text: str) -> None: ...

    def delete(self, native_id: str) -> None: ...

    def collector(self) -> Collector:
        """A collector as after a restart of the desk, built with SECRET."""
        ...

    def publisher(self) -> Publisher: ...

    def reply(self, text: str) -> OutgoingReply:
        """A reply to a post that exists, with these words."""
        ...

    def published(self) -> list[str]:
        """The words of every reply the public can read, in order."""
        ...

    def trouble(self, kind: Trouble) -> AbstractContextManager[None]:
        """The network behaves like that until the context ends."""
        ...


@dataclass(frozen=True, slots=True)
class OneChannel:
    """The door to one harness, as ``Context.channels``."""

    harness: Harness

    def names(self) -> tuple[str, ...]:
        return (self.harness.name,)

    def manifest(self, name: str) -> Manifest:
        return self.harness.manifest

    def collector(self, name: str, account: Account | None = None, *, accounts: tuple[Account, ...] = ()) -> Collector:
        return self.harness.collector()

    def publisher(self, name: str, account: Account | None = None) -> Publisher:
        return self.harness.publisher()

    def restart(self, name: str) -> None:
        raise NotImplementedError
