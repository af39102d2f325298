"""How is Mastodon played? A server on this machine that speaks its JSON; the channel reaches it through its library."""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from collectors.mastodon.collector import MastodonCollector
from collectors.mastodon.publisher import MastodonPublisher
from collectors.protocol import ChannelSetup, Collector, Publisher
from collectors.registry import channel, manifest
from domain.brand import Account
from domain.reply import OutgoingReply
from tests.contract.harness import SECRET, Trouble
from tests.contract.mastodon_http import Answer, Drop
from tests.contract.mastodon_server import OUR_NAME, Server
from tests.fakes import MovableClock

POST = "POST /api/v1/statuses"
#: Nobody listens there.
CLOSED = "http://127.0.0.1:9"


class MastodonHarness:
    """Plays Mastodon for one account of ours."""

    name = "mastodon"
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

    @contextmanager
    def trouble(self, kind: Trouble) -> Iterator[None]:
        server = self.server
        if kind == Trouble.DOWN:
            self.url = CLOSED
        elif kind == Trouble.LIMITED:
            resets_at = (self._clock() + timedelta(minutes=5)).isoformat(timespec="microseconds")
            server.headers = {
                "x-ratelimit-limit": "300",
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": resets_at.replace("+00:00", "Z"),
            }
            server.before = lambda method: (429, {"error": "Too many requests"})
        elif kind == Trouble.SIGN_IN:
            server.before = lambda method: (401, {"error": "The access token was revoked"})
        elif kind == Trouble.NO:
            no = {"error": "Validation failed: Text can't be blank"}
            server.before = lambda method: (422, no) if method == POST else None
        elif kind == Trouble.SAME_PAGE:
            server.stuck = True
        else:
            server.before = _vanish if kind == Trouble.VANISHED else server.before
            server.after = _lose if kind == Trouble.LOST else server.after
        try:
            yield
        finally:
            server.before, server.after, server.headers, self.url = _nothing, _as_it_is, {}, server.url
            server.stuck = False


def _nothing(method: str) -> Answer | None:
    return None


def _as_it_is(method: str, answer: Answer) -> Answer:
    return answer


def _vanish(method: str) -> Answer | None:
    if method == POST:
        raise Drop
    return None


def _lose(method: str, answer: Answer) -> Answer:
    if method == POST:
        raise Drop
    return answer
