"""How does the matrix speak with the real Bluesky? Through accounts of the public, and through our own one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from collectors.bluesky import client
from collectors.bluesky.normalize import normalize
from collectors.protocol import Page
from domain.brand import Watch
from services import intake
from services.context import Context
from tests.network.network import Quirk, Written
from tests.network.people import Somebody
from tests.network.sending import soon
from tests.peers import bluesky
from tests.peers.faulty_way import bluesky_writes


@dataclass(frozen=True)
class RealBluesky:
    """The network beside the desk. With one customer alone, every post counts as one of its own author.

    ``session``: where our sign-in is kept, so that all desks share it: the network makes each dear.
    """

    customers: tuple[Somebody, ...]
    ours: Somebody
    url: str
    session: Path | None = None
    channel: str = "bluesky"
    secret: str = bluesky.PASSWORD
    fixes_beforehand: bool = True
    quirks: frozenset[Quirk] = frozenset()
    of_one_desk: bool = False

    @property
    def handle(self) -> str:
        return self.ours.handle

    def ask(self, ctx: Context, watch: Watch, words: Mapping[int, str]) -> list[str]:
        return [self._asked(ctx, watch, number, said) for number, said in words.items()]

    def _asked(self, ctx: Context, watch: Watch, number: int, words: str) -> str:
        by = self.customers[number % len(self.customers)]
        post = by.post(words)
        [view] = soon(lambda: by.network.posts([post["uri"]]))
        mention = normalize(view)
        if len(self.customers) == 1:
            author = replace(mention.author, native_id=f"{mention.author.native_id}-{number}")
            mention = replace(mention, author=author)
        intake.store(ctx, watch, Page((mention,), None))
        return mention.native_id

    def out(self) -> list[Written]:
        records = [(each["uri"], each["value"]) for each in self.ours.records()]
        return [
            Written(uri, value.get("reply", {}).get("parent", {}).get("uri", ""), value["text"], uri.rpartition("/")[2])
            for uri, value in records
        ]

    def read_under(self, native_id: str) -> list[str]:
        return [answer["record"]["text"] for answer in self.customers[0].answers({"uri": native_id})]

    def behave(self, quirk: Quirk | None) -> None:
        assert quirk is None, "nobody tells the real network how to be"

    def hurry(self) -> None:
        client.ANSWER_S = 0.5

    def moves_into(self, folder: Path) -> None:
        if self.session is not None:
            self.session.mkdir(exist_ok=True)
            (folder / "bluesky").symlink_to(self.session)

    def writes(self, method: str, path: str) -> bool:
        return bluesky_writes(method, path)
