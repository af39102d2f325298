"""How does a Mastodon server look from outside? A small one that speaks its documented JSON and does what a test says.

Only what the channel asks for (docs.joinmastodon.org, methods): who we are, the instance, notifications, hashtag
timelines, search, posts with their talk and source, our own posts, and publishing with its Idempotency-Key. As on the
real one, ids of posts are made of when they were written, those of notifications of when they came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import unquote

from tests.contract.scripted import Answer, Asked, Scripted

Given = Mapping[str, list[str]]
OUR_ID, OUR_NAME = "42", "aurora"
NOT_FOUND: Answer = (404, {"error": "Record not found"})


@dataclass
class Shown:
    """A post on the server: as readers get it, as it was written, and its notification, which a policy may filter."""

    view: dict[str, Any]
    raw: str
    noted: int | None = None
    noted_at: str = ""
    kind: str = "mention"
    is_filtered: bool = False


@dataclass
class Server(Scripted):
    """One server on this machine.

    ``keeps_keys``: an Idempotency-Key counts for an hour. ``searches``: it finds posts by their words. ``strips``: it
    takes spaces off the ends of a text. ``stuck``: it shows the newest page whatever page is asked for. ``instance``:
    what it says of itself. Methods are named as ``GET /api/v1/statuses/:id``.
    """

    token: str
    page_items: int = 6
    posts: dict[str, Shown] = field(default_factory=dict)
    keys: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: list[Given] = field(default_factory=list)
    keeps_keys: bool = True
    searches: bool = True
    stuck: bool = False
    knows_sources: bool = True
    strips: bool = False
    instance: dict[str, Any] = field(
        default_factory=lambda: {
            "domain": "piazza.test",
            "version": "4.5.0",
            "api_versions": {"mastodon": 7},
            "configuration": {"statuses": {"max_characters": 500, "characters_reserved_per_url": 23}},
        }
    )

    def __post_init__(self) -> None:
        self._number = 0
        self.paged: list[tuple[int, Shown]] = []
        super().__post_init__()

    def behave(self) -> None:
        super().behave()
        self.stuck = False

    def call_of(self, asked: Asked) -> str:
        return f"{asked.verb} {_named(asked.path)[0]}"

    def noted(self, call: str, asked: Asked) -> None:
        self.asked.append(call)
        self.paged = []

    def refused(self, call: str, asked: Asked) -> Answer | None:
        is_ours = asked.headers.get("authorization") == f"Bearer {self.token}"
        return None if is_ours else (401, {"error": "The access token is invalid"})

    def beside(self, asked: Asked) -> dict[str, str]:
        """Links to the pages beside the one that was just made."""
        if not self.paged:
            return {}
        newest, oldest = self.paged[0][0], self.paged[-1][0]
        base = f"{self.url}{asked.path}?limit=40"
        return {"link": f'<{base}&max_id={oldest}>; rel="next", <{base}&min_id={newest}>; rel="prev"'}

    def add(
        self, text: str, *, author: str, to_us: bool = True, written_at: datetime | None = None, **view: Any
    ) -> dict[str, Any]:
        """A post that comes in now; ``view`` adds to it, for instance what it answers."""
        # A network of UTF-8 holds no half of a pair.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        now, at = self.clock(), written_at or self.clock()
        self._number += 1
        native_id = str((int(at.timestamp() * 1000) << 16) + self._number)
        post = {
            "id": native_id,
            "created_at": _written(at),
            "edited_at": None,
            "in_reply_to_id": None,
            "in_reply_to_account_id": None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": "public",
            "language": "it",
            "uri": f"{self.url}/users/{author}/statuses/{native_id}",
            "url": f"{self.url}/@{author}/{native_id}",
            "reblog": None,
            "content": html_of(text),
            "account": self.account(author),
            "media_attachments": [],
            "mentions": [],
            "tags": [],
            "filtered": [],
            **view,
        }
        noted = self._number if to_us and author != OUR_NAME else None
        self.posts[native_id] = Shown(post, text, noted, _written(now))
        return post

    def account(self, name: str) -> dict[str, Any]:
        """An account of this server, or of another one (``name@server``)."""
        user, _, _domain = name.partition("@")
        digest = int(hashlib.sha256(name.encode()).hexdigest()[:12], 16)
        return {
            "id": OUR_ID if name == OUR_NAME else str(digest),
            "username": user,
            "acct": name,
            "display_name": user.title(),
            "note": f"<p>Qui scrive {escape(user)}</p>",
            "url": f"{self.url}/@{name}",
            "avatar_static": f"{self.url}/avatars/{user}.png",
            "followers_count": 12,
            "bot": False,
        }

    def edit(self, native_id: str, text: str) -> None:
        post = self.posts[native_id]
        post.raw = text
        post.view |= {"content": html_of(text), "edited_at": _written(self.clock())}

    def own(self) -> list[Shown]:
        """What our account published, oldest first."""
        return [post for post in self._by_age() if _author(post.view) == OUR_ID]

    def answered(self, method: str, asked: Asked) -> Answer:
        name, key = _named(asked.path)[1], asked.headers.get("idempotency-key", "")
        given: Given = asked.form if asked.verb == "POST" else asked.query
        known: dict[str, Callable[[], Answer]] = {
            "GET /api/v1/accounts/verify_credentials": lambda: (200, self.account(OUR_NAME)),
            "GET /api/v2/instance": lambda: (200, self.instance),
            "GET /api/v1/notifications": lambda: self._notifications(given),
            "GET /api/v1/timelines/tag/:name": lambda: self._timeline(self._tagged(name), given),
            "GET /api/v2/search": lambda: self._found(given),
            "GET /api/v1/statuses": lambda: self._together(given),
            "GET /api/v1/statuses/:id": lambda: (200, self.posts[name].view) if name in self.posts else NOT_FOUND,
            "GET /api/v1/statuses/:id/context": lambda: self._context(name),
            "GET /api/v1/statuses/:id/source": lambda: self._source(name),
            "GET /api/v1/accounts/:id/statuses": lambda: self._timeline(self.own(), given),
            "POST /api/v1/statuses": lambda: self._publish(given, key),
        }
        return known[method]() if method in known else (404, {"error": "Not Found"})

    def _by_age(self) -> list[Shown]:
        return sorted(self.posts.values(), key=lambda post: int(post.view["id"]))

    def _tagged(self, tag: str) -> list[Shown]:
        return [p for p in self._by_age() if f"#{tag.lower()}" in p.raw.lower() and p.view["visibility"] == "public"]

    def _timeline(self, there: list[Shown], given: Given) -> Answer:
        return 200, [post.view for post in self._page([(int(p.view["id"]), p) for p in there], given)]

    def _notifications(self, given: Given) -> Answer:
        wanted = [p for p in self.posts.values() if not p.is_filtered or given.get("include_filtered") == ["true"]]
        there = [(p.noted, p) for p in wanted if p.noted is not None and p.kind in given["types[]"]]
        shown = self._page(sorted(there, key=lambda each: each[0]), given)
        return 200, [
            {
                "id": str(post.noted),
                "type": post.kind,
                "created_at": post.noted_at,
                "account": post.view["account"],
                "status": post.view,
            }
            for post in shown
        ]

    def _page(self, there: list[tuple[int, Shown]], given: Given) -> list[Shown]:
        """Newest first; right after ``min_id``, else the newest before ``max_id``, as Mastodon pages."""
        limit = min(self.page_items, int(given.get("limit", ["20"])[0]))
        if self.stuck:
            given = {}
        if "max_id" in given:
            there = [each for each in there if each[0] < int(given["max_id"][0])]
        if "since_id" in given:
            there = [each for each in there if each[0] > int(given["since_id"][0])]
        if "min_id" in given:
            there = [each for each in there if each[0] > int(given["min_id"][0])][:limit]
        self.paged = there = there[-limit:][::-1]
        return [post for _, post in there]

    def _found(self, given: Given) -> Answer:
        words = given["q"][0].strip('"').lower()
        there = [p for p in self._by_age() if words in p.raw.lower() and p.view["visibility"] == "public"]
        _, found = self._timeline(there if self.searches else [], given)
        self.paged = []
        return 200, {"accounts": [], "statuses": found, "hashtags": []}

    def _together(self, given: Given) -> Answer:
        ids = given["id[]"]
        if len(ids) > 20:
            return 422, {"error": "Too many statuses"}
        return 200, [self.posts[name].view for name in ids if name in self.posts]

    def _context(self, name: str) -> Answer:
        if name not in self.posts:
            return NOT_FOUND
        above, at = [], self.posts[name].view["in_reply_to_id"]
        while at in self.posts:
            above.insert(0, self.posts[at].view)
            at = above[0]["in_reply_to_id"]
        below, todo = [], [name]
        while todo:
            answers = [p.view for p in self._by_age() if p.view["in_reply_to_id"] == todo[0]]
            below, todo = below + answers, todo[1:] + [view["id"] for view in answers]
        return 200, {"ancestors": above, "descendants": below}

    def _source(self, name: str) -> Answer:
        if name not in self.posts or not self.knows_sources or _author(self.posts[name].view) != OUR_ID:
            return NOT_FOUND
        return 200, {"id": name, "text": self.posts[name].raw, "spoiler_text": ""}

    def _publish(self, given: Given, key: str) -> Answer:
        self.sent.append(given)
        told = self.keys.get(key)
        if self.keeps_keys and key and told is not None and self.clock() - told[1] < timedelta(hours=1):
            return 200, self.posts[told[0]].view
        text, parent = given["status"][0], given.get("in_reply_to_id", [None])[0]
        if parent is not None and parent not in self.posts:
            return 404, {"error": "The post you are trying to reply to does not appear to exist."}
        text = text.strip() if self.strips else text
        more: dict[str, Any] = {"visibility": given["visibility"][0]} if "visibility" in given else {}
        more |= {"spoiler_text": given["spoiler_text"][0]} if "spoiler_text" in given else {}
        view = self.add(text, author=OUR_NAME, in_reply_to_id=parent, mentions=[{"acct": "somebody"}], **more)
        self.keys[key] = view["id"], self.clock()
        return 200, view


def html_of(text: str) -> str:
    """A text as the server shows it: escaped, in paragraphs, with breaks."""
    paragraphs = text.replace("\r\n", "\n").strip().split("\n\n")
    return "".join(f"<p>{escape(each)}</p>".replace("\n", "<br />") for each in paragraphs)


def _author(view: dict[str, Any]) -> str:
    return view["account"]["id"] if isinstance(view["account"], dict) else ""


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _named(path: str) -> tuple[str, str]:
    """A path with its id as a word, and the id."""
    parts = path.rstrip("/").split("/")
    if parts[3:4] == ["statuses"] and len(parts) > 4:
        return "/".join([*parts[:4], ":id", *parts[5:]]), parts[4]
    if parts[3:5] == ["timelines", "tag"]:
        return "/".join([*parts[:5], ":name"]), unquote(parts[5])
    if parts[3:4] == ["accounts"] and len(parts) == 6:
        return "/".join([*parts[:4], ":id", parts[5]]), parts[4]
    return "/".join(parts), ""
