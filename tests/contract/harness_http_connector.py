"""How is a firm's own source played? A server on this machine; the channel asks it as it asks any other."""

from __future__ import annotations

import weakref
from dataclasses import replace
from pathlib import Path

from collectors.http_connector.collector import HttpCollector
from collectors.http_connector.publisher import HttpPublisher
from collectors.protocol import ChannelSetup, Collector, Publisher
from collectors.registry import channel, manifest
from domain.brand import Account
from domain.reply import OutgoingReply
from tests.contract.harness import SECRET
from tests.contract.http_connector_server import ROOT, Source
from tests.contract.scripted import Answer, Troubled
from tests.fakes import MovableClock

POST = "POST /replies"


class HttpConnectorHarness(Troubled):
    """Plays a source that is asked and takes replies."""

    name = "http_connector"
    writes = POST
    path = ROOT
    page_items = 6
    lengths = {"ciao": 4, "perché 👍🏽": 9, "a\nb": 3, "👨‍👩‍👧‍👦": 7}

    def __init__(self, folder: Path, clock: MovableClock) -> None:
        self.server = Source(clock, secret=SECRET, page_items=self.page_items)
        weakref.finalize(self, self.server.close)
        self._folder, self._clock, self._began_at = folder, clock, clock()
        self.url = self.server.url + ROOT
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

    def _limit(self) -> None:
        self.server.headers = {"Retry-After": "120"}
        self.server.before = lambda call: (429, {"error": {"code": "slow_down"}})

    def _refuse_sign_in(self) -> None:
        self.server.before = lambda call: (401, {"error": {"message": "The secret has changed"}})

    def _refuse_reply(self) -> None:
        no: Answer = (422, {"error": {"code": "not_allowed", "message": "This review is closed"}})
        self.server.before = lambda call: no if call == POST else None

    def _repeat_page(self) -> None:
        self.server.stuck = True
