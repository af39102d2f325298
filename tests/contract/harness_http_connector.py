"""How is a firm's own source played? A server on this machine; the channel asks it as it asks any other."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from collectors.http_connector.collector import HttpCollector
from collectors.http_connector.publisher import HttpPublisher
from collectors.protocol import ChannelSetup, Collector, Publisher
from collectors.registry import channel, manifest
from domain.brand import Account
from domain.reply import OutgoingReply
from tests.contract.harness import SECRET, Trouble
from tests.contract.http_connector_server import Answer, Drop, Source, as_it_is, nothing
from tests.fakes import MovableClock

POST = "POST /replies"
#: Nobody listens there.
CLOSED = "http://127.0.0.1:9/desk"


class HttpConnectorHarness:
    """Plays a source that is asked and takes replies."""

    name = "http_connector"
    page_items = 6
    lengths = {"ciao": 4, "perché 👍🏽": 9, "a\nb": 3, "👨‍👩‍👧‍👦": 7}

    def __init__(self, folder: Path, clock: MovableClock) -> None:
        self.server = Source(clock, SECRET, page_items=self.page_items)
        weakref.finalize(self, self.server.close)
        self._folder, self._clock, self._began_at = folder, clock, clock()
        self.url = self.server.url
        self.manifest = manifest("http_connector")

    def arrive(self, text: str, *, author: str = "mara", own: bool = False, repost: bool = False) -> str:
        return self.server.add(text, author=author, is_own=own, is_repost=repost)

    def arrive_unreadable(self) -> None:
        self.server.log.append({"id": "bad", "text": "nobody wrote this", "published_at": self.server.now()})

    def edit(self, native_id: str, text: str) -> None:
        self.server.edit(native_id, text)

    def delete(self, native_id: str) -> None:
        self.server.delete(native_id)

    def setup(self, **more: object) -> ChannelSetup:
        account = Account(1, 1, "http_connector", "reviews", base_url=self.url, secret_ref="REVIEWS")
        plain = ChannelSetup(account=account, data_dir=str(self._folder), clock=self._clock, secret=SECRET)
        return replace(plain, **more)  # type: ignore[arg-type]

    def collector(self) -> Collector:
        built = channel("http_connector").collector(self.setup())
        assert isinstance(built, HttpCollector)
        return built

    def publisher(self) -> Publisher:
        built = channel("http_connector").publisher(self.setup())
        assert isinstance(built, HttpPublisher)
        return built

    def reply(self, text: str) -> OutgoingReply:
        parent = next(iter(self.server.items), None) or self.arrive("BAD parcel")
        # Handed in once, whenever it is tried again.
        return OutgoingReply(
            *(7, "http_connector", "account-1", "reviews", parent, parent, text, "it", self._began_at),
            parent_ref=parent,
        )

    def published(self) -> list[str]:
        return [each["text"] for each in self.server.replies]

    @contextmanager
    def trouble(self, kind: Trouble) -> Iterator[None]:
        server = self.server
        if kind == Trouble.DOWN:
            self.url = CLOSED
        elif kind == Trouble.LIMITED:
            server.headers = {"Retry-After": "120"}
            server.before = lambda method: (429, {"error": {"code": "slow_down"}})
        elif kind == Trouble.SIGN_IN:
            server.before = lambda method: (401, {"error": {"message": "The secret has changed"}})
        elif kind == Trouble.NO:
            no = {"error": {"code": "not_allowed", "message": "This review is closed"}}
            server.before = lambda method: (422, no) if method == POST else None
        elif kind == Trouble.SAME_PAGE:
            server.stuck = True
        else:
            server.before = _vanish if kind == Trouble.VANISHED else server.before
            server.after = _lose if kind == Trouble.LOST else server.after
        try:
            yield
        finally:
            server.before, server.after, server.headers, self.url = nothing, as_it_is, {}, server.url
            server.stuck = False


def _vanish(method: str) -> Answer | None:
    if method == POST:
        raise Drop
    return None


def _lose(method: str, answer: Answer) -> Answer:
    if method == POST:
        raise Drop
    return answer
