"""How does X look from outside? A small server that speaks its documented JSON and does what a test says.

Only what the channel asks for: our account, what names it, recent search, posts by id, our own posts, and a reply
(docs.x.com, API reference of version 2). It pages from the newest backwards, its ids tell the time, an edit is a new
post, a post of ours comes back with names before it and its addresses shortened, and 800 mentions are all it shows.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.contract.scripted import Answer, Asked, Scripted

OUR_ID, OUR_HANDLE = "900100200", "aurora_test"
MENTIONS_SHOWN = 800
EPOCH_MS = 1_288_834_974_657
Given = dict[str, str]
INVALID: Answer = (400, {"title": "Invalid Request", "detail": "One or more parameters are invalid.", "status": 400})
PROBLEMS = "https://api.twitter.com/2/problems"


@dataclass
class Shown:
    """A post on the server; ``versions`` are its wordings, the present one last. ``author`` None: it tells nobody."""

    author: dict[str, Any] | None
    versions: list[dict[str, Any]]
    to_us: bool = True
    deleted: bool = False

    @property
    def view(self) -> dict[str, Any]:
        return self.versions[-1]

    @property
    def number(self) -> int:
        return int(self.view["id"])


@dataclass
class Server(Scripted):
    """One server on this machine."""

    token: str
    page_items: int = 100
    posts: list[Shown] = field(default_factory=list)
    by_id: dict[str, Shown] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, Given]] = field(default_factory=list)
    signed: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    #: How many posts of ours its own timeline does not show yet.
    unshown: int = 0
    refuses_duplicates: bool = False
    _given: int = 0

    def noted(self, call: str, asked: Asked) -> None:
        self.asked.append((call, asked.given))
        self.signed.append(asked.headers.get("authorization", ""))
        if asked.verb == "POST":
            self.bodies.append(asked.json)

    def refused(self, call: str, asked: Asked) -> Answer | None:
        signed = asked.headers.get("authorization", "")
        if signed == f"Bearer {self.token}" or signed.startswith("OAuth "):
            return None
        return 401, {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}

    def add(self, text: str, *, author: str, user_id: str, to_us: bool = True, **more: Any) -> Shown:
        """A post written now; ``more`` adds to it, for instance what it answers."""
        native_id = self._new_id()
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        view = {
            "id": native_id,
            "text": escaped(text),
            "author_id": user_id,
            "created_at": _written(self.clock()),
            "conversation_id": native_id,
            "edit_history_tweet_ids": [native_id],
            "lang": "it",
            "reply_settings": "everyone",
            "entities": {"mentions": [{"start": 0, "end": 1, "username": OUR_HANDLE, "id": OUR_ID}]} if to_us else {},
            **more,
        }
        self.posts.append(Shown(_user(author, user_id), [view], to_us))
        self.by_id[native_id] = self.posts[-1]
        return self.posts[-1]

    def edit(self, native_id: str, text: str) -> None:
        """A new post in place of the old one, which keeps its history."""
        post, new_id = self.by_id[native_id], self._new_id()
        history = [*post.view["edit_history_tweet_ids"], new_id]
        post.versions.append(post.view | {"id": new_id, "text": escaped(text), "created_at": _written(self.clock())})
        for version in post.versions:
            version["edit_history_tweet_ids"] = history
        self.by_id[new_id] = post

    def own(self) -> list[Shown]:
        return [post for post in self.posts if post.view["author_id"] == OUR_ID and not post.deleted]

    def _new_id(self) -> str:
        """Of two posts of one millisecond the later one has the higher id."""
        self._given += 1
        return str(((round(self.clock().timestamp() * 1000) - EPOCH_MS) << 22) + self._given % (1 << 22))

    def answered(self, call: str, asked: Asked) -> Answer:
        given = asked.given
        if call == "GET /2/users/me":
            return 200, {"data": {"id": OUR_ID, "name": "Aurora", "username": OUR_HANDLE}}
        if call == f"GET /2/users/{OUR_ID}/mentions":
            return self._page([p for p in self._newest() if p.to_us][:MENTIONS_SHOWN], given, "pagination_token")
        if call == "GET /2/tweets/search/recent":
            week_ago_ms = round((self.clock() - timedelta(days=7)).timestamp() * 1000) - EPOCH_MS
            if len(given["query"]) > 512 or int(given.get("since_id", 1 << 62)) >> 22 < week_ago_ms:
                return INVALID
            found = self._quotes if "is:quote" in given["query"] else _found
            return self._page([p for p in self._newest() if found(given["query"], p)], given, "next_token", least=10)
        if call == "GET /2/tweets":
            return self._some(given["ids"].split(","))
        if call == f"GET /2/users/{OUR_ID}/tweets":
            return self._page([p for p in self._newest() if p in self.own()][self.unshown :], given, "pagination_token")
        if call == "POST /2/tweets":
            return self._reply(asked.json)
        return 404, {"title": "Not Found", "detail": "Not Found", "type": "about:blank", "status": 404}

    def _quotes(self, query: str, post: Shown) -> bool:
        """Who holds an address with these words anywhere in it, is not ours, and does not name us."""
        urls = [_tokens(each["expanded_url"]) for each in post.view["entities"].get("urls", ())]
        is_quote = any(ref["type"] == "quoted" for ref in post.view.get("referenced_tweets", ()))
        [address] = re.findall(r'url:"([^"]*)"', query)
        assert {f"-@{OUR_HANDLE}", f"-from:{OUR_HANDLE}"} <= set(query.split())
        return is_quote and any(_tokens(address) <= url for url in urls) and post not in self.own() and not post.to_us

    def quote(self, text: str, of: Shown, *, author: str, user_id: str, to_us: bool = False) -> Shown:
        """A post that holds another one; its address stands among the addresses of the text."""
        handle = (of.author or {"username": "i"})["username"]
        urls = [{"url": "https://t.co/q", "expanded_url": f"https://twitter.com/{handle}/status/{of.view['id']}"}]
        told = self.add(f"{text} https://t.co/q", author=author, user_id=user_id, to_us=to_us)
        told.view["entities"] |= {"urls": urls}
        told.view["referenced_tweets"] = [{"type": "quoted", "id": of.view["id"]}]
        return told

    def _newest(self) -> list[Shown]:
        return sorted((p for p in self.posts if not p.deleted), key=lambda post: post.number, reverse=True)

    def _page(self, there: list[Shown], given: Given, token: str, *, least: int = 5) -> Answer:
        if not least <= int(given["max_results"]) <= 100:
            return INVALID
        there = [p for p in there if p.number > int(given.get("since_id", 0))]
        below = min(int(given.get(name, 1 << 63)) for name in (token, "until_id"))
        there = [p for p in there if p.number < below]
        limit = min(self.page_items, int(given["max_results"]))
        shown = there[:limit]
        if not shown:
            return 200, {"meta": {"result_count": 0}}
        ids = {"newest_id": shown[0].view["id"], "oldest_id": shown[-1].view["id"]}
        more = {"next_token": str(shown[-1].number)} if len(there) > limit else {}
        meta = {"result_count": len(shown), **ids, **more}
        return 200, {"data": [p.view for p in shown], "includes": self._includes(shown), "meta": meta}

    def _some(self, ids: list[str]) -> Answer:
        found = [(each, self.by_id[each]) for each in ids if each in self.by_id and not self.by_id[each].deleted]
        views = [next(v for v in post.versions if v["id"] == each) for each, post in found]
        gone = [each for each in ids if each not in {name for name, _ in found}]
        body: dict[str, Any] = {"data": views, "includes": self._includes([p for _, p in found])} if views else {}
        return 200, body | ({"errors": [_not_there(each) for each in gone]} if gone else {})

    def _includes(self, shown: list[Shown]) -> dict[str, Any]:
        told = [ref["id"] for p in shown for ref in p.view.get("referenced_tweets", ())]
        along = [
            self.by_id[each] for each in dict.fromkeys(told) if each in self.by_id and not self.by_id[each].deleted
        ]
        users = {p.author["id"]: p.author for p in (*shown, *along) if p.author is not None}
        keys = [key for p in shown for key in p.view.get("attachments", {}).get("media_keys", ())]
        parts = {"users": list(users.values()), "tweets": [p.view for p in along]}
        parts["media"] = [self.media[key] for key in keys]
        return {name: part for name, part in parts.items() if part}

    def _reply(self, body: dict[str, Any]) -> Answer:
        parent = self.by_id.get(body["reply"]["in_reply_to_tweet_id"])
        if parent is None or parent.deleted:
            return refused("You attempted to reply to a Tweet that is deleted or not visible to you.")
        if self.refuses_duplicates and any(p.view["said"] == body["text"] for p in self.own() if "said" in p.view):
            return refused("You are not allowed to create a Tweet with duplicate content.")
        user, said = parent.author or {"username": "somebody"}, body["text"]
        text, urls = _shortened(said)
        done = self.add(f"@{user['username']} {text}", author=OUR_HANDLE, user_id=OUR_ID, to_us=False)
        done.view.update(
            said=said,
            conversation_id=parent.view["conversation_id"],
            referenced_tweets=[{"type": "replied_to", "id": body["reply"]["in_reply_to_tweet_id"]}],
            entities={"urls": urls},
        )
        return 201, {
            "data": {"id": done.view["id"], "text": done.view["text"], "edit_history_tweet_ids": [done.view["id"]]}
        }


def refused(detail: str, *, kind: str = "about:blank") -> Answer:
    """A definite no, in the shape the network gives it."""
    return 403, {"detail": detail, "type": kind, "title": "Forbidden", "status": 403}


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shortened(text: str) -> tuple[str, list[dict[str, Any]]]:
    urls: list[dict[str, Any]] = []

    def short(match: re.Match[str]) -> str:
        address = match.group() if "://" in match.group() else f"http://{match.group()}"
        urls.append(
            {"url": f"https://t.co/{len(urls):010}", "expanded_url": address, "display_url": match.group()[:26]}
        )
        return urls[-1]["url"]

    return re.sub(r"https?://\S+|www\.\S+", short, text), urls


def _tokens(address: str) -> set[str]:
    return set(re.findall(r"\w+", address.lower()))


def _found(query: str, post: Shown) -> bool:
    """As the network reads a query: words in brackets any of which is enough, and what must not be there."""
    needed, _, rest = query.partition(") ")
    words = json.dumps(post.view["text"], ensure_ascii=False).lower()
    is_repost = any(ref["type"] == "retweeted" for ref in post.view.get("referenced_tweets", ()))
    if is_repost or any(f" {word} " in f" {words} " for word in re.findall(r'-"([^"]*)"', rest.lower())):
        return False
    for term in needed.removeprefix("(").split(" OR "):
        if term == f"@{OUR_HANDLE}" and post.to_us:
            return True
        if re.search(rf"(?<!\w){re.escape(term.strip(chr(34)).lower())}(?!\w)", words):
            return True
    return False


def _user(author: str, user_id: str) -> dict[str, Any]:
    counts = {"followers_count": 10, "following_count": 5, "tweet_count": 100, "listed_count": 0}
    picture = {"profile_image_url": f"https://pbs.example/{user_id}.jpg", "description": "", "public_metrics": counts}
    return {"id": user_id, "name": author.title(), "username": author, **picture}


def _not_there(native_id: str) -> dict[str, Any]:
    detail = f"Could not find tweet with ids: [{native_id}]."
    about = {"resource_type": "tweet", "resource_id": native_id, "parameter": "ids", "value": native_id}
    return {"title": "Not Found Error", "detail": detail, "type": f"{PROBLEMS}/resource-not-found", **about}


def _written(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
