"""How is Bluesky played? A server on this machine that speaks its JSON; the channel reaches it through its library."""

from __future__ import annotations

import json
import weakref
from pathlib import Path

from collectors.bluesky.collector import BlueskyCollector
from collectors.bluesky.publisher import BlueskyPublisher
from collectors.protocol import ChannelSetup, Collector, Publisher
from collectors.registry import channel, manifest
from domain.brand import Account
from domain.reply import OutgoingReply
from tests.contract.bluesky_server import OUR_DID, OUR_HANDLE, Server
from tests.contract.harness import SECRET
from tests.contract.scripted import Answer, Troubled
from tests.fakes import MovableClock

PUT = "com.atproto.repo.putRecord"


class BlueskyHarness(Troubled):
    """Plays Bluesky for one account of ours."""

    name = "bluesky"
    writes = PUT
    page_items = 6
    lengths = {"ciao": 4, "perché 👍🏽": 8, "a\nb": 3, "নমস্কার": 4, "👨‍👩‍👧‍👦" * 12: 30}

    def __init__(self, folder: Path, clock: MovableClock) -> None:
        self.server = Server(clock, SECRET, page_items=self.page_items)
        weakref.finalize(self, self.server.close)
        self._folder, self._clock, self._began_at = folder, clock, clock()
        self.url = self.server.url
        self.manifest = manifest("bluesky")

    def arrive(self, text: str, *, author: str = "mara", own: bool = False, repost: bool = False) -> str:
        did = OUR_DID if own else f"did:plc:author{sum(map(ord, author))}"
        return self.server.add(text, author=author, did=did).view["uri"]

    def arrive_unreadable(self) -> None:
        self.server.find(self.arrive("nobody wrote this")).view["author"] = None

    def edit(self, native_id: str, text: str) -> None:
        self.server.edit(native_id, text)

    def delete(self, native_id: str) -> None:
        self.server.find(native_id).deleted = True

    def setup(self) -> ChannelSetup:
        account = Account(1, 1, "bluesky", OUR_HANDLE, base_url=self.url, secret_ref="BLUESKY")
        return ChannelSetup(account=account, data_dir=str(self._folder), clock=self._clock, secret=SECRET)

    def collector(self) -> Collector:
        built = channel("bluesky").collector(self.setup())
        assert isinstance(built, BlueskyCollector)
        return built

    def publisher(self) -> Publisher:
        built = channel("bluesky").publisher(self.setup())
        assert isinstance(built, BlueskyPublisher)
        return built

    def reply(self, text: str) -> OutgoingReply:
        parent = self.server.posts[0].view if self.server.posts else self.server.find(self.arrive("BAD parcel")).view
        ends = {"uri": parent["uri"], "cid": parent["cid"]}
        ref = json.dumps({"root": ends, "parent": ends})
        # Handed in once, whenever it is tried again.
        return OutgoingReply(
            *(7, "bluesky", "atproto", OUR_HANDLE, parent["uri"], parent["uri"], text, "it", self._began_at),
            parent_ref=ref,
        )

    def published(self) -> list[str]:
        return [record["text"] for record in self.server.records.values()]

    def _limit(self) -> None:
        self.server.headers = {"retry-after": "120", "ratelimit-limit": "30", "ratelimit-remaining": "0"}
        self.server.before = lambda method: (429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"})

    def _refuse_sign_in(self) -> None:
        self.server.before = lambda method: (401, {"error": "AuthenticationRequired", "message": "Invalid sign-in"})

    def _refuse_reply(self) -> None:
        no: Answer = (400, {"error": "InvalidRequest", "message": "No"})
        self.server.before = lambda method: no if method == PUT else None

    def _repeat_page(self) -> None:
        self.server.after = lambda method, answer: (answer[0], answer[1] | {"cursor": "99"})
