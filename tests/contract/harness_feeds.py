"""How is a forum's feed played? An Atom feed on a server of this machine, written from what people post."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch
from xml.sax.saxutils import escape

from collectors.feeds.bookmark import FeedMark
from collectors.feeds.collector import FeedsCollector
from collectors.protocol import ChannelSetup, Publisher
from collectors.registry import channel, manifest
from domain.brand import Account
from domain.reply import OutgoingReply
from tests.contract.harness import SECRET, Trouble
from tests.fakes import MovableClock
from tests.peers.web_server import Asked, Told, WebServer

#: What no XML document may hold (XML 1.0, 2.2); a server that writes one leaves it out.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TROUBLES = {
    Trouble.DOWN: Told(drop_after=0),
    Trouble.LIMITED: Told(429, headers={"Retry-After": "120"}),
    Trouble.SIGN_IN: Told(401),
}


@dataclass(frozen=True, slots=True)
class Posted:
    """One post of the forum; ``author`` None: an entry without a word."""

    native_id: str
    author: str | None
    text: str
    at: datetime
    updated_at: datetime | None = None

    def atom(self) -> str:
        if self.author is None:
            return f"<entry><id>{self.native_id}</id></entry>"
        person = sha256(self.author.encode()).hexdigest()[:8]
        text = escape(
            NOT_XML.sub("", self.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")), {"\r": "&#13;"}
        )
        return (
            f"<entry><id>{self.native_id}</id><link href='/t/{self.native_id}'/>"
            f"<published>{self.at.isoformat()}</published><updated>{(self.updated_at or self.at).isoformat()}</updated>"
            f"<author><name>{self.author.title()}</name><uri>https://forum.example/u/{person}</uri></author>"
            f"<title/><content type='text'>{text}</content></entry>"
        )


@dataclass
class Forum:
    """A forum behind its feed: ``window`` entries at most, the newest first."""

    window: int = 10_000
    posts: list[Posted] = field(default_factory=list)
    trouble: Told | None = None

    def answer(self, asked: Asked) -> Told:
        if self.trouble is not None:
            return self.trouble
        shown = "".join(post.atom() for post in self.posts[::-1][: self.window])
        body = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Forum</title>{shown}</feed>".encode()
        etag = f'"{sha256(body).hexdigest()}"'
        if asked.headers.get("if-none-match") == etag:
            return Told(304, headers={"ETag": etag})
        return Told(200, body, {"ETag": etag, "Content-Type": "application/atom+xml"})


class FeedsHarness:
    """Plays a forum with one feed that shows everything."""

    name = "feeds"
    page_items = 3
    lengths: dict[str, int] = {}

    def __init__(self, folder: Path, clock: MovableClock) -> None:
        self._clock = clock
        self._arrived = 0
        self.forum = Forum()
        self.server = WebServer(self.forum.answer)
        account = Account(1, 1, "feeds", "Forum", base_url=f"{self.server.url}/feed.xml")
        self._setup = ChannelSetup(account, str(folder), clock, secret=SECRET, accounts=(account,))
        self.manifest = manifest("feeds")

    def close(self) -> None:
        self.server.close()

    def arrive(self, text: str, *, author: str = "mara", own: bool = False, repost: bool = False) -> str:
        self._arrived += 1
        number = f"p{self._arrived:03}"
        self.forum.posts.append(Posted(number, author, text, self._clock()))
        return number

    def arrive_unreadable(self) -> None:
        number = self.arrive("")
        self.forum.posts[-1] = Posted(number, None, "", self._clock())

    def edit(self, native_id: str, text: str) -> None:
        for at, post in enumerate(self.forum.posts):
            if post.native_id == native_id:
                self.forum.posts[at] = replace(post, text=text, updated_at=self._clock())

    def delete(self, native_id: str) -> None:
        self.forum.posts = [post for post in self.forum.posts if post.native_id != native_id]

    def collector(self) -> FeedsCollector:
        made = channel("feeds").collector(self._setup)
        assert isinstance(made, FeedsCollector)
        made._page_items = self.page_items
        return made

    def publisher(self) -> Publisher:
        raise NotImplementedError("nothing can be published into a feed")

    def reply(self, text: str) -> OutgoingReply:
        raise NotImplementedError("nothing can be published into a feed")

    def published(self) -> list[str]:
        return []

    @contextmanager
    def trouble(self, kind: Trouble) -> Iterator[None]:
        if kind == Trouble.SAME_PAGE:
            # No server can do that to a reader that remembers; so it forgets.
            with patch.object(FeedMark, "with_known", lambda mark, *_, **__: mark):
                yield
            return
        self.forum.trouble = TROUBLES[kind]
        yield
        self.forum.trouble = None
