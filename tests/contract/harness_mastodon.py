"""How is Mastodon played? A server on this machine that speaks its JSON; the channel reaches it through its library."""

from __future__ import annotations

import json
import weakref
from datetime import timedelta
from pathlib import Path

from collectors.mastodon.collector import MastodonCollector
from collectors.mastodon.publisher import MastodonPublisher
from collectors.protocol import ChannelSetup, Collector, Publisher
from collectors.registry import channel, manifest
from domain.brand import Account
from domain.reply import OutgoingReply
from tests.contract.harness import SECRET
from tests.contract.mastodon_server import OUR_NAME, Server
from tests.contract.scripted import Answer, Troubled
from tests.fakes import MovableClock

POST = "POST /api/v1/statuses"


class MastodonHarness(Troubled):
    """Plays Mastodon for one account of ours."""

    name = "mastodon"
    writes = POST
    page_items = 6
    lengths = {
        "ciao": 4,
        "perché 👍🏽": 8,
        "a\nb": 3,
        "নমস্কার": 4,
        "👨‍👩‍👧‍👦" * 12: 12,
        f"https://aurora.example/{'a' * 90}.": 24,
        "@mara@altrove.example ciao": 10,
    }

    def __init__(self, folder: Path, clock: MovableClock) -> None:
        self.server = Server(clock, SECRET, page_items=self.page_items)
        weakref.finalize(self, self.server.close)
        self._folder, self._clock, self._began_at = folder, clock, clock()
        self.url = self.server.url
        self.manifest = manifest("mastodon")

    def arrive(self, text: str, *, author: str = "mara", own: bool = False, repost: bool = False) -> str:
        return str(self.server.add(text, author=OUR_NAME if own else author)["id"])

    def arrive_unreadable(self) -> None:
        self.server.posts[self.arrive("nobody wrote this")].view["account"] = None

    def edit(self, native_id: str, text: str) -> None:
        self.server.edit(native_id, text)

    def delete(self, native_id: str) -> None:
        del self.server.posts[native_id]

    def setup(self) -> ChannelSetup:
        account = Account(1, 1, "mastodon", f"{OUR_NAME}@piazza.test", base_url=self.url, secret_ref="MASTODON")
        return ChannelSetup(account=account, data_dir=str(self._folder), clock=self._clock, secret=SECRET)

    def collector(self) -> Collector:
        built = channel("mastodon").collector(self.setup())
        assert isinstance(built, MastodonCollector)
        return built

    def publisher(self) -> Publisher:
        built = channel("mastodon").publisher(self.setup())
        assert isinstance(built, MastodonPublisher)
        return built

    def reply(self, text: str) -> OutgoingReply:
        posts = self.server.posts
        parent = next(iter(posts.values())).view if posts else posts[self.arrive("BAD parcel")].view
        ref = {"id": parent["id"], "acct": parent["account"]["acct"], "visibility": parent["visibility"]}
        origin, name = self.url.partition("//")[2], parent["id"]
        # Handed in once, whenever it is tried again.
        return OutgoingReply(
            *(7, "mastodon", origin, OUR_NAME, name, name, text, "it", self._began_at), parent_ref=json.dumps(ref)
        )

    def published(self) -> list[str]:
        """Without the name of who is answered, which the channel puts in front."""
        posts = self.server.posts
        return [
            each.raw.removeprefix(f"@{posts[each.view['in_reply_to_id']].view['account']['acct']} ")
            for each in self.server.own()
        ]

    def _limit(self) -> None:
        resets_at = (self._clock() + timedelta(minutes=5)).isoformat(timespec="microseconds").replace("+00:00", "Z")
        told = {"limit": "300", "remaining": "0", "reset": resets_at}
        self.server.headers = {f"x-ratelimit-{name}": said for name, said in told.items()}
        self.server.before = lambda method: (429, {"error": "Too many requests"})

    def _refuse_sign_in(self) -> None:
        self.server.before = lambda method: (401, {"error": "The access token was revoked"})

    def _refuse_reply(self) -> None:
        no: Answer = (422, {"error": "Validation failed: Text can't be blank"})
        self.server.before = lambda method: no if method == POST else None

    def _repeat_page(self) -> None:
        self.server.stuck = True
