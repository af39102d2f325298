"""How is X played? A server on this machine that speaks its JSON; the channel reaches it through its library."""

from __future__ import annotations

import json
import weakref
from pathlib import Path

from collectors.protocol import ChannelSetup, Collector, Publisher
from collectors.registry import channel, manifest
from collectors.x.collector import XCollector
from collectors.x.publisher import XPublisher
from domain.brand import Account
from domain.reply import OutgoingReply
from tests.contract.as_the_outbox import AsTheOutbox
from tests.contract.harness import SECRET
from tests.contract.scripted import Answer, Troubled
from tests.contract.x_server import OUR_HANDLE, OUR_ID, Server, refused
from tests.fakes import MovableClock

POST = "POST /2/tweets"


class XHarness(Troubled):
    """Plays X for one account of ours."""

    name = "x"
    writes = POST
    page_items = 6
    lengths = {
        "ciao": 4,
        "perché 👍🏽": 9,
        "a\nb": 3,
        "漢字": 4,
        "👨‍👩‍👧‍👦" * 12: 24,
        "vedi https://aurora.example/un/posto/molto/lontano e www.aurora.it.": 55,
    }

    def __init__(self, folder: Path, clock: MovableClock) -> None:
        self.server = Server(clock, SECRET, page_items=self.page_items)
        weakref.finalize(self, self.server.close)
        self._folder, self._clock, self._began_at = folder, clock, clock()
        self.url = self.server.url
        self._stored: dict[str, str] = {}
        self.manifest = manifest("x")

    def arrive(self, text: str, *, author: str = "mara", own: bool = False, repost: bool = False) -> str:
        # The number of posts a page holds may be set after the server was made.
        self.server.page_items = self.page_items
        user_id = OUR_ID if own else str(1000 + sum(map(ord, author)))
        told = {"referenced_tweets": [{"type": "retweeted", "id": "1"}]} if repost else {}
        return str(self.server.add(text, author=author, user_id=user_id, **told).view["id"])

    def arrive_unreadable(self) -> None:
        self.server.by_id[self.arrive("nobody wrote this")].view["author_id"] = None

    def edit(self, native_id: str, text: str) -> None:
        self.server.edit(native_id, text)

    def delete(self, native_id: str) -> None:
        self.server.by_id[native_id].deleted = True

    def setup(self) -> ChannelSetup:
        account = Account(1, 1, "x", OUR_HANDLE, base_url=self.url, secret_ref="X_KEYS")
        return ChannelSetup(account=account, data_dir=str(self._folder), clock=self._clock, secret=SECRET)

    def collector(self) -> Collector:
        built = channel("x").collector(self.setup())
        assert isinstance(built, XCollector)
        return built

    def publisher(self) -> Publisher:
        built = channel("x").publisher(self.setup())
        assert isinstance(built, XPublisher)
        return AsTheOutbox(built, self._stored)

    def reply(self, text: str) -> OutgoingReply:
        parent = self.server.posts[0].view["id"] if self.server.posts else self.arrive("BAD parcel")
        # Handed in once, whenever it is tried again.
        return OutgoingReply(
            *(7, "x", "x.com", OUR_HANDLE, parent, parent, text, "it", self._began_at),
            parent_ref=json.dumps({"id": parent, "summoned": True}),
        )

    def published(self) -> list[str]:
        return [post.view["said"] for post in self.server.own() if "said" in post.view]

    def _limit(self) -> None:
        told = {"limit": "300", "remaining": "0", "reset": str(int(self._clock().timestamp()) + 120)}
        self.server.headers = {f"x-rate-limit-{name}": said for name, said in told.items()}
        self.server.before = lambda call: (429, {"title": "Too Many Requests", "status": 429, "type": "about:blank"})

    def _refuse_sign_in(self) -> None:
        self.server.before = lambda call: (401, {"title": "Unauthorized", "status": 401, "detail": "Unauthorized"})

    def _refuse_reply(self) -> None:
        no = refused("You are not permitted to perform this action.")
        self.server.before = lambda call: no if call == POST else None

    def _repeat_page(self) -> None:
        self.server.after = _same_page


def _same_page(call: str, answer: Answer) -> Answer:
    status, body = answer
    return (status, body | {"meta": {**body["meta"], "next_token": str(1 << 62)}}) if "meta" in body else answer
