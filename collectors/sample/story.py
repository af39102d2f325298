"""What does the sample brand's story consist of? Its people, posts and reactions, read from ``content/``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).parent / "content"
#: One customer in this many reacts to a reply although nothing was written for that post; silence is realistic.
GENERIC_REACTION_ONE_IN = 4


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the story; ``own`` is the brand's."""

    id: str
    handle: str
    name: str
    bio: str
    followers: int
    location: str | None
    language: str
    own: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture beside a post, by file name in ``content/media``."""

    type: str
    file: str
    alt: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post of the story; ``offset`` and ``deleted_offset`` count from the first start.

    ``kind`` is a person's judgement, used only to choose a reaction; None for the brand's own posts and reposts.
    """

    id: str
    author: Person
    text: str
    language: str
    offset: timedelta
    in_reply_to: str | None
    repost_of: str | None
    root: str
    pictures: tuple[Picture, ...]
    kind: str | None
    deleted_offset: timedelta | None


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a customer writes after our ``turn``-th reply to one post (``to``), or to any of a kind (``match``)."""

    id: str
    to: str | None
    match: str | None
    turn: int
    after: timedelta
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Story:
    """The whole story, posts in order of time."""

    posts: tuple[Post, ...]
    reactions: tuple[Reaction, ...]

    def post(self, post_id: str) -> Post | None:
        """The post of that id, if it belongs to the story."""
        return next((post for post in self.posts if post.id == post_id), None)

    def reaction(self, post: Post, turn: int) -> Reaction | None:
        """What the author says to our ``turn``-th reply, the same each time; None means silence."""
        own = [reaction for reaction in self.reactions if reaction.to == post.id]
        if own:
            return next((reaction for reaction in own if reaction.turn == turn), None)
        draw = int.from_bytes(hashlib.sha256(post.id.encode()).digest()[:8], "big")
        if turn > 1 or draw % GENERIC_REACTION_ONE_IN:
            return None
        fitting = [r for r in self.reactions if r.to is None and r.match == post.kind and r.language == post.language]
        return fitting[draw // GENERIC_REACTION_ONE_IN % len(fitting)] if fitting else None


@cache
def load_story(folder: Path = CONTENT) -> Story:
    """Read the content once per process. It ships with the desk and is proved by its tests, so it is trusted here."""
    people = {row["id"]: Person(**row) for row in _rows(folder / "authors.jsonl")}
    rows = {row["id"]: row for row in _rows(folder / "posts.jsonl")}
    return Story(
        posts=tuple(_post(row, people[row["author"]], root=_root(row, rows)) for row in rows.values()),
        reactions=tuple(_reaction(row) for row in _rows(folder / "reactions.jsonl")),
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


def _root(row: dict[str, Any], rows: dict[str, dict[str, Any]]) -> str:
    while row["in_reply_to"] is not None:
        row = rows[row["in_reply_to"]]
    return str(row["id"])


def _post(row: dict[str, Any], author: Person, *, root: str) -> Post:
    deleted = row.get("deleted_offset_min")
    return Post(
        id=row["id"],
        author=author,
        text=row["text"],
        language=row["language"],
        offset=timedelta(minutes=row["offset_min"]),
        in_reply_to=row["in_reply_to"],
        repost_of=row["repost_of"],
        root=root,
        pictures=tuple(Picture(**picture) for picture in row["media"]),
        kind=row["expect"]["kind"] if row["expect"] else None,
        deleted_offset=None if deleted is None else timedelta(minutes=deleted),
    )


def _reaction(row: dict[str, Any]) -> Reaction:
    return Reaction(
        id=row["id"],
        to=row["to"],
        match=row["match"],
        turn=row["n"],
        after=timedelta(seconds=row["after_s"]),
        text=row["text"],
        language=row["language"],
    )
