"""How is the sample's network played? A story written as it goes, and its log seen from the disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from collectors.protocol import ChannelSetup
from collectors.registry import manifest
from collectors.sample.client import Position, RawPage, SampleNetwork
from collectors.sample.collector import SampleCollector
from collectors.sample.publisher import SamplePublisher
from collectors.sample.story import Person, Post, Story
from domain.reply import OutgoingReply
from tests.contract.harness import SECRET, Trouble
from tests.fakes import MovableClock


class _Stuck(SampleNetwork):
    """A network that begins again with every page."""

    def page(self, after: Position | None, *, limit: int) -> RawPage:
        return super().page(None, limit=limit)


class SampleHarness:
    """Plays the sample's network in a folder of its own."""

    name = "sample"
    page_items = 3
    lengths = {"ciao": 4, "perché 👍🏽": 9, "a\nb": 3, "https://lumen.example/x": 23}

    def __init__(self, folder: Path, clock: MovableClock) -> None:
        folder.mkdir()
        self._folder = folder / "sample"
        self._clock = clock
        self._setup = ChannelSetup(account=None, data_dir=str(folder), clock=clock, secret=SECRET)
        self._posts: list[Post] = []
        self._kind: type[SampleNetwork] = SampleNetwork
        self._start = self._network().started_at()
        self.manifest = manifest("sample")

    def arrive(self, text: str, *, author: str = "mara", own: bool = False, repost: bool = False) -> str:
        number = f"p{len(self._posts) + 1:03}"
        writer = Person(f"author-{sum(map(ord, author))}", author, author.title(), "", 10, None, "it", own)
        post = Post(number, writer, text, "it", self._now(), None, None, number, (), None, None)
        self._posts.append(replace(post, repost_of="elsewhere") if repost else post)
        return number

    def arrive_unreadable(self) -> None:
        self.arrive("nobody wrote this")
        nobody = replace(self._posts[-1].author, id=None)  # type: ignore[arg-type]
        self._posts[-1] = replace(self._posts[-1], author=nobody)

    def edit(self, native_id: str, text: str) -> None:
        raise NotImplementedError("nobody in the story edits a post")

    def delete(self, native_id: str) -> None:
        self._change(native_id, deleted_offset=self._now())

    def collector(self) -> SampleCollector:
        return SampleCollector(self._network(), page_items=self.page_items)

    def publisher(self) -> SamplePublisher:
        return SamplePublisher(self._network())

    def reply(self, text: str) -> OutgoingReply:
        parent = self._posts[0].id if self._posts else self.arrive("BAD parcel")
        return OutgoingReply(7, "sample", "sample", "LumenEnergia", parent, parent, text, "it", self._clock())

    def published(self) -> list[str]:
        log = self._folder / "published.jsonl"
        return [json.loads(line)["text"] for line in log.read_bytes().splitlines()] if log.exists() else []

    @contextmanager
    def trouble(self, kind: Trouble) -> Iterator[None]:
        if kind == Trouble.DOWN:
            with self._folder_gone():
                yield
        elif kind == Trouble.NO:
            self.delete(self._posts[0].id)
            yield
            self._change(self._posts[0].id, deleted_offset=None)
        elif kind == Trouble.SAME_PAGE:
            self._kind = _Stuck
            yield
            self._kind = SampleNetwork
        else:
            with self._disk_unsure(forgets=kind == Trouble.VANISHED):
                yield

    def _network(self) -> SampleNetwork:
        return self._kind(self._setup.data_dir, self._clock, story=Story(tuple(self._posts), ()))

    def _now(self) -> timedelta:
        return self._clock() - self._start

    def _change(self, native_id: str, **values: object) -> None:
        at = next(index for index, post in enumerate(self._posts) if post.id == native_id)
        self._posts[at] = replace(self._posts[at], **values)  # type: ignore[arg-type]

    @contextmanager
    def _folder_gone(self) -> Iterator[None]:
        aside = self._folder.with_name("aside")
        self._folder.rename(aside)
        self._folder.write_text("a file where the folder should be")
        yield
        self._folder.unlink()
        aside.rename(self._folder)

    @contextmanager
    def _disk_unsure(self, *, forgets: bool) -> Iterator[None]:
        """Nobody knows whether the log is on disk; ``forgets``: it was not, and the power went."""
        log = self._folder / "published.jsonl"
        log.touch(mode=0o600)
        before = log.read_bytes()
        with patch("collectors.sample.publish_log.os.fsync", side_effect=OSError(5, "Input/output error")):
            yield
        if forgets:
            log.write_bytes(before)
