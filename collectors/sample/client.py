"""What does the sample "network" show at this moment? The story so far, reactions to our replies, deletions.

It lives in ``sample/`` inside the data directory: ``start.json`` says when the story began and
``published.jsonl`` holds our replies. Everything else follows from these two, the clock and the bundled
content, so the same moment always shows the same items.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from collectors.sample.publish_log import LoggedReply, PublishLog, locked, sync_folder
from collectors.sample.story import Person, Post, Reaction, Story, load_story
from domain.clock import Clock, require_aware
from domain.errors import Misconfigured, Unavailable

_REACTION_ID = re.compile(r"-r\d+$")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the network's stream: the moment, then the item where several share it."""

    at: datetime
    item: str


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item as the network tells it: JSON text, and its place in the stream."""

    position: Position
    body: str


@dataclass(frozen=True, slots=True)
class RawPage:
    """Items in order of time; ``seen_at`` is the moment that was looked at."""

    items: tuple[RawItem, ...]
    has_more: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class _Event:
    position: Position
    post: Post
    reply: LoggedReply | None = None
    reaction: Reaction | None = None
    is_deletion: bool = False


class SampleNetwork:
    """The sample's side of the wire, for one data directory."""

    def __init__(self, data_dir: str, clock: Clock, *, story: Story | None = None) -> None:
        self._folder = Path(data_dir) / "sample"
        self._clock = clock
        self._story = story
        self.log = PublishLog(self._folder / "published.jsonl")

    @property
    def story(self) -> Story:
        """The bundled story, read when first asked for."""
        return self._story or load_story()

    def now(self) -> datetime:
        """The network's own clock."""
        return self._clock()

    def started_at(self) -> datetime:
        """When the story began here; asking for the first time begins it.

        Raises Unavailable when the folder cannot be used, Misconfigured when the file in it is damaged.
        """
        path = self._folder / "start.json"
        with locked(self._folder / "start.lock"):
            try:
                if not path.exists():
                    _write_whole(path, json.dumps({"started_at": self._clock().isoformat()}))
                return require_aware(datetime.fromisoformat(json.loads(path.read_text("utf-8"))["started_at"]))
            except OSError as error:
                raise Unavailable(f"The sample's folder cannot be used: {error.strerror}.") from error
            except (ValueError, KeyError, TypeError) as error:
                raise Misconfigured("start.json in the sample's folder is damaged; reset the sample.") from error

    def page(self, after: Position | None, *, limit: int) -> RawPage:
        """The next ``limit`` items after a position, as far as their time has come."""
        started_at, now = self.started_at(), self._clock()
        due = sorted(
            (e for e in self._events(started_at, now) if e.position.at <= now and (not after or e.position > after)),
            key=lambda event: event.position,
        )
        items = tuple(RawItem(event.position, json.dumps(_told(event, started_at))) for event in due[:limit])
        return RawPage(items, has_more=len(due) > limit, seen_at=now)

    def is_deleted(self, post_id: str) -> bool:
        """Whether the author has deleted that post by now."""
        post = self.story.post(post_id)
        if post is None or post.deleted_offset is None:
            return False
        return self.started_at() + post.deleted_offset <= self._clock()

    def restart(self) -> None:
        """Forget the start and all replies; the next look begins the story again."""
        with locked(self._folder / "start.lock"):
            (self._folder / "start.json").unlink(missing_ok=True)
        self.log.clear()

    def _events(self, started_at: datetime, now: datetime) -> Iterator[_Event]:
        for post in self.story.posts:
            gone_at = None if post.deleted_offset is None else started_at + post.deleted_offset
            if gone_at is not None and gone_at <= now:
                yield _Event(Position(gone_at, f"{post.id}-deleted"), post, is_deletion=True)
            else:
                yield _Event(Position(started_at + post.offset, post.id), post)
        yield from self._reactions()

    def _reactions(self) -> Iterator[_Event]:
        turns: Counter[str] = Counter()
        for reply in self.log.replies():
            # A reply to a reaction goes on with the same customer about the same post.
            post = self.story.post(_REACTION_ID.sub("", reply.parent_id))
            if post is None:
                continue
            turns[post.id] += 1
            reaction = self.story.reaction(post, turns[post.id])
            if reaction is not None:
                position = Position(reply.published_at + reaction.after, f"{post.id}-r{turns[post.id]}")
                yield _Event(position, post, reply, reaction)


def _told(event: _Event, started_at: datetime) -> dict[str, Any]:
    post, reply, reaction = event.post, event.reply, event.reaction
    published_at = started_at + post.offset
    if event.is_deletion:
        return _deletion_told(post, published_at)
    told = {"type": "post", "conversation_id": post.root, "author": _person_told(post.author)}
    if reply is not None and reaction is not None:
        return told | {
            "id": event.position.item,
            "created_at": event.position.at.isoformat(),
            "text": reaction.text,
            "language": reaction.language,
            "in_reply_to": reply.remote_id,
        }
    return told | {
        "id": post.id,
        "created_at": published_at.isoformat(),
        "text": post.text,
        "language": post.language,
        "in_reply_to": post.in_reply_to,
        "repost_of": post.repost_of,
        "media": [{"type": p.type, "url": f"/sample/media/{p.file}", "alt": p.alt} for p in post.pictures],
    }


def _deletion_told(post: Post, published_at: datetime) -> dict[str, Any]:
    return {
        "type": "deletion",
        "id": post.id,
        "created_at": published_at.isoformat(),
        "conversation_id": post.root,
        "author": {"id": post.author.id},
    }


def _person_told(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "handle": person.handle,
        "name": person.name,
        "bio": person.bio,
        "followers": person.followers,
        "location": person.location,
        "own": person.own,
    }


def _write_whole(path: Path, text: str) -> None:
    # Written aside and renamed, so that a kill leaves the old file or the new one, never half of one.
    aside = path.with_suffix(".new")
    with open(aside, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)
    sync_folder(path.parent)
