"""How is Reddit played? A server on this machine that speaks its JSON; the channel reaches it through its library."""

from __future__ import annotations

import json
import weakref
from pathlib import Path

from collectors.protocol import ChannelSetup, Collector, Publisher
from collectors.reddit.collector import RedditCollector
from collectors.reddit.publisher import RedditPublisher
from collectors.registry import channel, manifest
from domain.brand import Account
from domain.reply import OutgoingReply
from tests.contract.as_the_outbox import AsTheOutbox
from tests.contract.harness import SECRET
from tests.contract.reddit_server import OUR_NAME, Server, refused
from tests.contract.scripted import Troubled
from tests.fakes import MovableClock

POST = "POST /api/comment"
KEYS = f"app-of-aurora app-{SECRET} granted-{SECRET}"


class RedditHarness(Troubled):
    """Plays Reddit for one account of ours."""

    name = "reddit"
    writes = POST
    page_items = 6
    lengths = {"ciao": 4, "perché 👍🏽": 9, "a\nb": 3, "**漢字**": 6, "https://aurora.example/un/posto": 31}

    def __init__(self, folder: Path, clock: MovableClock) -> None:
        self.server = Server(clock, (f"granted-{SECRET}",), page_items=self.page_items)
        weakref.finalize(self, self.server.close)
        # Who wrote the post above the comments has taken it away: it is no mention beside them.
        self.server.delete(self.server.standing().name)
        self._folder, self._clock, self._began_at = folder, clock, clock()
        self.url = self.server.url
        self._stored: dict[str, str] = {}
        self.manifest = manifest("reddit")

    def close(self) -> None:
        self.server.close()

    def arrive(self, text: str, *, author: str = "mara", own: bool = False, repost: bool = False) -> str:
        # The number of things a page holds may be set after the server was made.
        self.server.page_items = self.page_items
        return self.server.add(text, author=OUR_NAME if own else author).name

    def arrive_unreadable(self) -> None:
        self.server.by_name[self.arrive("nobody wrote this")].view["author"] = 7

    def edit(self, native_id: str, text: str) -> None:
        self.server.edit(native_id, text)

    def delete(self, native_id: str) -> None:
        self.server.delete(native_id)

    def setup(self) -> ChannelSetup:
        account = Account(1, 1, "reddit", OUR_NAME, base_url=self.url, secret_ref="REDDIT_KEYS")
        return ChannelSetup(account=account, data_dir=str(self._folder), clock=self._clock, secret=KEYS)

    def collector(self) -> Collector:
        built = channel("reddit").collector(self.setup())
        assert isinstance(built, RedditCollector)
        return built

    def publisher(self) -> Publisher:
        built = channel("reddit").publisher(self.setup())
        assert isinstance(built, RedditPublisher)
        return AsTheOutbox(built, self._stored)

    def reply(self, text: str) -> OutgoingReply:
        comments = [shown for shown in self.server.things if shown.kind == "t1"]
        parent = comments[0] if comments else self.server.by_name[self.arrive("BAD parcel")]
        root = parent.view["link_id"]
        # Handed in once, whenever it is tried again.
        return OutgoingReply(
            *(7, "reddit", "reddit.com", OUR_NAME, parent.name, root, text, "it", self._began_at),
            parent_ref=json.dumps({"id": parent.name, "link": root}),
        )

    def published(self) -> list[str]:
        return [shown.view["body"] for shown in self.server.own()]

    def _limit(self) -> None:
        self.server.headers = {"retry-after": "120", "x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "120"}
        self.server.before = lambda call: (429, {"message": "Too Many Requests", "error": 429})

    def _refuse_sign_in(self) -> None:
        self.server.before = lambda call: (401, {"message": "Unauthorized", "error": 401})

    def _refuse_reply(self) -> None:
        no = refused("BAD_COMMENT", "this cannot be said here", "text")
        self.server.before = lambda call: no if call == POST else None

    def _repeat_page(self) -> None:
        def after(call: str, answer):
            status, body = answer
            is_listing = isinstance(body, dict) and body.get("kind") == "Listing" and call != "GET /api/info"
            return (status, {**body, "data": {**body["data"], "after": "t1_same"}}) if is_listing else answer

        self.server.after = after
