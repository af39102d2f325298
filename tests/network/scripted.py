"""How does a scripted network run beside the desk? In a process of its own, which nothing that befalls the desk harms.

It plays the server of the contract tests. A network is added with a `Peer` of its own (peer_x.py) and a line in `PEERS`
(peers.py).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from domain.brand import Watch
from services import brands, intake
from services.context import Context
from tests.network.engines import die_with_parent
from tests.network.network import Quirk, Written

CUSTOMERS = ("mara", "ugo", "lena", "piero", "sofia")


class Peer(Protocol):
    """One scripted network. Built, and asked, in the process of the network; the others are asked of its class."""

    channel: str
    handle: str
    secret: str
    fixes_beforehand: bool
    quirks: frozenset[Quirk]
    url: str

    def __init__(self, folder: Path) -> None: ...

    def ask(self, author: str, words: str) -> str:
        """Somebody writes to us; returns the native id."""
        ...

    def out(self) -> list[Written]: ...

    def behave(self, quirk: Quirk | None) -> None: ...

    @staticmethod
    def writes(method: str, path: str) -> bool: ...

    @staticmethod
    def hurry() -> None:
        """In this process the channel waits half a second for an answer, and no longer."""
        ...


class Scripted:
    """A ``Network`` whose server is a process."""

    of_one_desk = True

    def __init__(self, kind: type[Peer], pipe: Connection) -> None:
        self.channel, self.handle, self.secret = kind.channel, kind.handle, kind.secret
        self.fixes_beforehand, self.quirks = kind.fixes_beforehand, kind.quirks
        self.writes, self.hurry = kind.writes, kind.hurry
        self._pipe = pipe
        self.url: str = pipe.recv()

    def ask(self, ctx: Context, watch: Watch, words: Mapping[int, str]) -> list[str]:
        """The desk hears them through its own channel."""
        native_ids = [str(self._told("ask", CUSTOMERS[number], said)) for number, said in words.items()]
        [account] = brands.list_accounts(ctx, watch.brand_id)
        collector, cursor, more = ctx.channels.collector(self.channel, account), None, True
        while more:
            page = collector.fetch(watch, cursor)
            intake.store(ctx, watch, page)
            cursor, more = page.next_cursor, page.has_more
        return native_ids

    def out(self) -> list[Written]:
        return list(self._told("out"))

    def read_under(self, native_id: str) -> list[str]:
        return [written.text for written in self.out() if written.parent_id == native_id]

    def behave(self, quirk: Quirk | None) -> None:
        self._told("behave", quirk)

    def moves_into(self, folder: Path) -> None:
        """Nothing of it is shared."""

    def _told(self, name: str, *given: object) -> Any:
        self._pipe.send((name, given))
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


@contextmanager
def scripted(kind: type[Peer], folder: Path) -> Iterator[Scripted]:
    """That network, for as long as it lasts, with nothing on it yet."""
    here, there = Pipe()
    child = os.fork()
    if child == 0:
        try:
            die_with_parent()
            _play(kind, folder, there)
        finally:
            os._exit(1)
    there.close()
    try:
        yield Scripted(kind, here)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        here.close()


def _play(kind: type[Peer], folder: Path, pipe: Connection) -> None:
    """Until it is killed: do what is asked."""
    peer = kind(folder)
    pipe.send(peer.url)
    while True:
        name, given = pipe.recv()
        try:
            pipe.send(getattr(peer, name)(*given))
        except Exception as error:
            pipe.send(error)
