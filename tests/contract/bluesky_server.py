"""How does a Bluesky server look from outside? A small one that speaks its documented JSON and does what a test says.

Only what the channel asks for: sign-in, notifications, search, posts, profiles, threads, and the records of one account
(atproto.com, lexicons). It pages from the newest backwards, as the network does.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.contract.scripted import Answer, Asked, Scripted

OUR_DID, OUR_HANDLE = "did:plc:ourownaccount", "aurora.test"
COLLECTION = "app.bsky.feed.post"


@dataclass
class Shown:
    """A post on the server; ``view`` is what readers get."""

    number: int
    view: dict[str, Any]
    to_us: bool
    deleted: bool = False
    _read: tuple[Any, str] = (None, "")

    @property
    def words(self) -> str:
        """What a search looks at, made once a wording."""
        record = self.view["record"]
        if self._read[0] is not record:
            self._read = record, json.dumps(record, ensure_ascii=False).lower()
        return self._read[1]


@dataclass
class Server(Scripted):
    """One server on this machine."""

    password: str
    page_items: int = 6
    posts: list[Shown] = field(default_factory=list)
    by_uri: dict[str, Shown] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def call_of(self, asked: Asked) -> str:
        return asked.path.removeprefix("/xrpc/")

    def noted(self, call: str, asked: Asked) -> None:
        self.asked.append(call)

    def add(self, text: str, *, author: str, did: str, to_us: bool = True, **record: Any) -> Shown:
        """A post written now; ``record`` adds to it, for instance what it answers."""
        at = self.clock().isoformat()
        # A network of UTF-8 holds no half of a pair.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        number = len(self.posts) + 1
        written = {"$type": COLLECTION, "text": text, "createdAt": at, "langs": ["it"], **record}
        view = {
            "uri": f"at://{did}/{COLLECTION}/{number:013}",
            "cid": name_of(written),
            "author": {"did": did, "handle": f"{author}.test", "displayName": author.title()},
            "record": written,
            "indexedAt": at,
            "labels": [],
            "viewer": {},
        }
        self.posts.append(Shown(number, view, to_us))
        self.by_uri[view["uri"]] = self.posts[-1]
        return self.posts[-1]

    def find(self, uri: str) -> Shown:
        return self.by_uri[uri]

    def edit(self, uri: str, text: str) -> None:
        view = self.find(uri).view
        view["record"] = view["record"] | {"text": text}
        view["cid"] = name_of(view["record"])
        view["indexedAt"] = self.clock().isoformat()

    def answered(self, method: str, asked: Asked) -> Answer:
        given, body = asked.query, asked.json
        known: dict[str, Callable[[], Answer]] = {
            "com.atproto.server.createSession": lambda: self._sign_in(body),
            "com.atproto.server.refreshSession": lambda: (200, _session()),
            "app.bsky.notification.listNotifications": lambda: self._page("notifications", given, to_us=True),
            "app.bsky.feed.searchPosts": lambda: self._page("posts", given, to_us=False),
            "app.bsky.feed.getPosts": lambda: (200, {"posts": self._some(given["uris"])}),
            "app.bsky.actor.getProfiles": lambda: (200, {"profiles": self._profiles(given["actors"])}),
            "app.bsky.feed.getPostThread": lambda: self._thread(given["uri"][0]),
            "com.atproto.identity.resolveHandle": lambda: self._resolve(given["handle"][0]),
            "com.atproto.repo.getRecord": lambda: self._record(given["rkey"][0]),
            "com.atproto.repo.putRecord": lambda: self._put(body),
        }
        return known[method]() if method in known else (501, {"error": "MethodNotImplemented", "message": method})

    def _sign_in(self, body: dict[str, Any]) -> Answer:
        if body.get("password") != self.password:
            return 401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
        return 200, _session()

    def _page(self, name: str, given: Mapping[str, list[str]], *, to_us: bool) -> Answer:
        below = int(given["cursor"][0]) if "cursor" in given else len(self.posts) + 1
        words = given.get("q", [""])[0].strip('"').lower()
        there = [p for p in reversed(self.posts) if p.number < below and not p.deleted and (p.to_us or not to_us)]
        if not to_us:
            there = [post for post in there if words in post.words]
        limit = min(self.page_items, int(given["limit"][0]))
        shown = [post.view | ({"reason": "mention"} if to_us else {}) for post in there[:limit]]
        more = {"cursor": str(there[limit - 1].number)} if len(there) > limit else {}
        return 200, {name: shown, **more}

    def _some(self, uris: list[str]) -> list[dict[str, Any]]:
        found = [self.by_uri[uri] for uri in set(uris) if uri in self.by_uri]
        return [post.view for post in sorted(found, key=lambda post: post.number) if not post.deleted]

    def _profiles(self, dids: list[str]) -> list[dict[str, Any]]:
        authors = {p.view["author"]["did"]: p.view["author"] for p in self.posts if isinstance(p.view["author"], dict)}
        return [authors[did] | {"followersCount": 10, "description": ""} for did in dids if did in authors]

    def _thread(self, uri: str) -> Answer:
        found = self._some([uri])
        if not found:
            return 400, {"error": "NotFound", "message": f"Post not found: {uri}"}
        return 200, {"thread": {"$type": "app.bsky.feed.defs#threadViewPost", "post": found[0]}}

    def _resolve(self, handle: str) -> Answer:
        dids = {p.view["author"]["handle"]: p.view["author"]["did"] for p in self.posts}
        if handle not in dids:
            return 400, {"error": "InvalidRequest", "message": "Unable to resolve handle"}
        return 200, {"did": dids[handle]}

    def _record(self, rkey: str) -> Answer:
        if rkey not in self.records:
            return 400, {"error": "RecordNotFound", "message": f"Could not locate record: {rkey}"}
        value = self.records[rkey]
        return 200, {"uri": f"at://{OUR_DID}/{COLLECTION}/{rkey}", "cid": name_of(value), "value": value}

    def _put(self, body: dict[str, Any]) -> Answer:
        rkey, record = body["rkey"], body["record"]
        if rkey in self.records and self.records[rkey] != record and body.get("swapRecord", "") is None:
            return 400, {"error": "InvalidSwap", "message": "Record was at another version"}
        self.records[rkey] = record
        return 200, {"uri": f"at://{OUR_DID}/{COLLECTION}/{rkey}", "cid": name_of(record)}


def name_of(record: dict[str, Any]) -> str:
    """Stands in for the CID: another wording, another name."""
    return "bafyrei" + hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:52]


def _session() -> dict[str, Any]:
    token = _token({"exp": 4_102_444_800, "sub": OUR_DID})
    return {"did": OUR_DID, "handle": OUR_HANDLE, "accessJwt": token, "refreshJwt": token, "active": True}


def _token(claims: dict[str, Any]) -> str:
    parts = [{"alg": "none", "typ": "at+jwt"}, claims]
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts), "c2ln"])
