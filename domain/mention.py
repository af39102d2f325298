"""A public post that matched a watch, who wrote it, and what hangs on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.clock import require_aware
from domain.text import identifier, storable

#: Longest origin, id and name of a wording that a store keeps.
ORIGIN_CHARS, ID_CHARS, VERSION_CHARS = 200, 300, 120
#: The origin of posts that came in files: no network knows them under their id.
FROM_FILES = "file"
#: A count beyond this is no count of people; every database holds it.
MOST_FOLLOWERS = 2**31 - 1


_IDS = (
    ("origin", ORIGIN_CHARS),
    ("native_id", ID_CHARS),
    ("conversation_id", ID_CHARS),
    ("parent_id", ID_CHARS),
    ("version", VERSION_CHARS),
)


class Audience(StrEnum):
    """Who may read a post. Only what everybody may read is ever handed on with its author's name."""

    PUBLIC = "public"  # everybody
    FOLLOWERS = "followers"  # those who follow its author
    NAMED = "named"  # those it names: us alone, as a rule


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A picture or video kept as a reference; it is loaded only when somebody asks to see it."""

    type: str
    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """An account that wrote a post, as its network shows it to anybody.

    ``native_id`` is the network's stable id, never the handle, which people change.
    """

    native_id: str
    handle: str
    name: str
    bio: str = ""
    location: str = ""
    followers: int | None = None
    avatar_url: str | None = None
    profile_url: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "native_id", identifier(self.native_id, max_chars=ID_CHARS))
        _make_storable(self, ("avatar_url", "profile_url"))
        if self.followers is not None:
            object.__setattr__(self, "followers", max(0, min(self.followers, MOST_FOLLOWERS)))


@dataclass(frozen=True, slots=True)
class Mention:
    """One public post, normalised.

    ``(channel, origin, native_id)`` names it for good; ``origin`` is the server or feed it came from.
    ``conversation_id`` is the native id of the root post; ``parent_id`` of the post it answers.
    ``is_own`` marks what we wrote ourselves, ``is_repost`` a plain repost; both are counted, never queued.
    ``deleted`` makes it a tombstone: text and author are to be purged.
    ``version`` changes whenever its author edits it, on networks that name versions (a CID, an edit id);
    ``reply_ref`` is what its channel needs to answer exactly this post, opaque to everybody else.
    ``worded_at``: since when it reads so, where the network tells and its clock is not ahead; of two the later counts.
    ``ahead_at``: that moment as it was told, where that clock is ahead; a copy may come once it has passed.
    ``wording_no``: the number of this wording, where they are counted; a higher one is later, whatever the times say.
    ``is_named_once``: no ``version`` of it comes back, so one that was followed by another is older for good, unless
    both tell when they were edited.
    ``to_us``: it names, answers or quotes our own account, so it is heard whatever its words.
    ``audience``: who may read it; networks that know no difference are public.
    Not ``is_dated``: its network does not say when it was published, and the moment we saw it stands in for that.
    Ids are as their network gives them; one that no store could keep becomes one that it can, always the same.
    """

    channel: str
    origin: str
    native_id: str
    author: Author
    text: str
    published_at: datetime
    conversation_id: str
    parent_id: str | None = None
    url: str | None = None
    language: str | None = None
    edited_at: datetime | None = None
    media: tuple[MediaRef, ...] = field(default=())
    is_own: bool = False
    is_repost: bool = False
    deleted: bool = False
    version: str | None = None
    reply_ref: str | None = None
    to_us: bool = False
    worded_at: datetime | None = None
    ahead_at: datetime | None = None
    wording_no: int | None = None
    is_named_once: bool = False
    is_dated: bool = True
    audience: Audience = Audience.PUBLIC

    def __post_init__(self) -> None:
        object.__setattr__(self, "published_at", require_aware(self.published_at))
        if self.edited_at is not None:
            object.__setattr__(self, "edited_at", require_aware(self.edited_at))
        for name, longest in _IDS:
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, identifier(given, max_chars=longest))
        _make_storable(self, ("url", "language", "reply_ref"))
        if not self.native_id or not self.channel:
            raise ValueError("a mention needs a channel and a native id")


def _make_storable(of: object, names: tuple[str, ...]) -> None:
    for name in names:
        given = getattr(of, name)
        if given is not None:
            object.__setattr__(of, name, storable(given))
