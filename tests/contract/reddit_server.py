"""How does Reddit look from outside? A small server that speaks its documented JSON and does what a test says.

Only what the channel asks for (reddit.com/dev/api): tokens, our account, the inbox, search, the listings of subreddits,
things by name, profiles, our own comments, the comments below something, and a comment of ours. It pages from the
newest backwards, a listing ends after a thousand things, and whoever is deleted leaves an empty place behind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.contract.scripted import Answer, Asked, Scripted

OUR_NAME, OUR_ID = "aurora_care", "t2_0urs"
TOKEN = "POST /api/v1/access_token"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
NOT_FOUND: Answer = (404, {"message": "Not Found", "error": 404})
#: What one listing holds, and a search.
LISTED, FOUND = 1000, 250


@dataclass
class Shown:
    """A comment or post on the server; ``note``: how it stands in our inbox, None where it does not."""

    number: int
    kind: str
    view: dict[str, Any]
    note: str | None = None

    @property
    def name(self) -> str:
        return str(self.view["name"])


@dataclass
class Server(Scripted):
    """One server on this machine. ``keys``: what it grants a token for; ``unlisted``: own comments not shown yet."""

    keys: tuple[str, ...]
    page_items: int = 100
    things: list[Shown] = field(default_factory=list)
    by_name: dict[str, Shown] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    token: str = "issued-hush-1"
    scope: str = "*"
    unlisted: int = 0
    tells_nothing: bool = False
    window: int = LISTED
    used: int = 0

    def noted(self, call: str, asked: Asked) -> None:
        self.used += 1
        told = {name: values[0] for name, values in asked.form.items()} if asked.verb == "POST" else asked.given
        self.asked.append((call, told))
        self.agents.append(asked.headers.get("user-agent", ""))

    def call_of(self, asked: Asked) -> str:
        return f"{asked.verb} {asked.path.rstrip('/')}"

    def calls(self, call: str) -> int:
        """How often that was asked."""
        return sum(each == call for each, _ in self.asked)

    def refused(self, call: str, asked: Asked) -> Answer | None:
        if call == TOKEN or asked.headers.get("authorization", "").lower() == f"bearer {self.token}":
            return None
        return 401, {"message": "Unauthorized", "error": 401}

    def beside(self, asked: Asked) -> dict[str, str]:
        return {"x-ratelimit-used": str(self.used), "x-ratelimit-remaining": "598.0", "x-ratelimit-reset": "300"}

    def add(self, text: str, *, author: str, under: str | None = None, note: str | None = "username_mention") -> Shown:
        """A comment written now under the standing post, or under another thing; ``note``: why it is in our inbox."""
        parent = self.by_name[under] if under else self.standing()
        root = parent.name if parent.kind == "t3" else parent.view["link_id"]
        shown = self._made("t1", author, {"body": _held(text), "parent_id": parent.name, "link_id": root})
        shown.view["permalink"] = f"/r/spedizioni/comments/{root[3:]}/pacchi/{shown.view['id']}/"
        shown.note = note
        return shown

    def post(self, title: str, *, author: str, text: str = "", **more: Any) -> Shown:
        """A post of its own written now; ``more`` adds to it."""
        shown = self._made("t3", author, {"title": _held(title), "selftext": _held(text), "is_self": True})
        shown.view |= {"permalink": f"/r/spedizioni/comments/{shown.view['id']}/pacchi/", "archived": False, **more}
        return shown

    def standing(self) -> Shown:
        """The post that comments stand under when nobody says which."""
        posts = [shown for shown in self.things if shown.kind == "t3"]
        return posts[0] if posts else self.post("Pacchi di oggi", author="vale", text="Scrivete qui.")

    def _made(self, kind: str, author: str, more: dict[str, Any]) -> Shown:
        number = len(self.things) + 36**4
        name = f"{kind}_{_base36(number)}"
        view = {
            "id": name[3:],
            "name": name,
            "author": author,
            "author_fullname": OUR_ID if author == OUR_NAME else f"t2_{_base36(sum(map(ord, author)))}",
            "created_utc": float(int(self.clock().timestamp())),
            "edited": False,
            "locked": False,
            "subreddit": "spedizioni",
            "subreddit_name_prefixed": "r/spedizioni",
            **more,
        }
        self.things.append(Shown(number, kind, view))
        self.by_name[name] = self.things[-1]
        return self.things[-1]

    def edit(self, name: str, text: str) -> None:
        shown = self.by_name[name]
        key = "body" if shown.kind == "t1" else "selftext"
        shown.view |= {key: text, "edited": float(int(self.clock().timestamp()))}

    def delete(self, name: str, *, words: str = "[deleted]") -> None:
        """As Reddit shows it afterwards: the place stays, author and words are gone."""
        shown = self.by_name[name]
        shown.view.pop("author_fullname", None)
        shown.view |= {"author": "[deleted]", "body" if shown.kind == "t1" else "selftext": words}

    def own(self) -> list[Shown]:
        """What our account wrote, oldest first."""
        return [shown for shown in self.things if shown.view["author"] == OUR_NAME]

    def answered(self, call: str, asked: Asked) -> Answer:
        given, parts = asked.given, call.split("/")
        if call == TOKEN:
            return self._token(asked)
        if call == "GET /api/v1/me":
            return 200, {"name": OUR_NAME, "id": OUR_ID[3:]}
        if call == "GET /message/inbox":
            return self._listing([_note(s) for s in self._newest() if s.note], given, self.window)
        if call == "GET /search":
            return self._listing([_full(s) for s in self._newest() if _is_found(given["q"], s)], given, FOUND)
        if call == "GET /api/info":
            names = [name for name in given["id"].split(",") if name in self.by_name]
            return 200, _listed([_full(self.by_name[name]) for name in names], None)
        if call == "POST /api/comment":
            return self._comment({name: values[0] for name, values in asked.form.items()})
        if call == f"GET /user/{OUR_NAME}/comments":
            own = [_full(s) for s in self._newest() if s.view["author"] == OUR_NAME and s.kind == "t1"]
            return self._listing(own[self.unlisted :], given, self.window)
        if parts[1:2] == ["user"] and parts[3:] == ["about"]:
            return 200, {"kind": "t2", "data": _profile(parts[2])}
        if parts[1:2] == ["comments"]:
            return self._tree(f"t3_{parts[2]}", given)
        if parts[1:2] == ["r"] and parts[3:] in (["new"], ["comments"]):
            kind = "t3" if parts[3] == "new" else "t1"
            return self._listing([_full(s) for s in self._newest() if s.kind == kind], given, self.window)
        return NOT_FOUND

    def _newest(self) -> list[Shown]:
        """Newest first by when they were written, as listings are."""
        return sorted(self.things, key=lambda s: (s.view["created_utc"], s.number), reverse=True)

    def _token(self, asked: Asked) -> Answer:
        told = [values[0] for values in asked.form.values()]
        if asked.headers.get("authorization") is None or not all(key in told for key in self.keys):
            return 400, {"message": "Bad Request", "error": "invalid_grant"}
        return 200, {"access_token": self.token, "token_type": "bearer", "expires_in": 86400, "scope": self.scope}

    def _listing(self, there: list[dict[str, Any]], given: dict[str, str], window: int) -> Answer:
        there = there[:window]
        names = [each["data"]["name"] for each in there]
        # A name that is not there any more begins anew, as an unknown one does on the real one.
        start = names.index(given["after"]) + 1 if given.get("after") in names else 0
        shown = there[start : start + min(self.page_items, int(given["limit"]))]
        is_more = start + len(shown) < len(there)
        return 200, _listed(shown, shown[-1]["data"]["name"] if shown and is_more else None)

    def _tree(self, link: str, given: dict[str, str]) -> Answer:
        if link not in self.by_name:
            return NOT_FOUND
        top = f"t1_{given['comment']}" if "comment" in given else ""
        shown = [
            s for s in self._newest() if s.kind == "t1" and (s.name == top if top else s.view["parent_id"] == link)
        ]
        answers = {s.name: [_full(a) for a in self._newest() if a.view.get("parent_id") == s.name] for s in shown}
        full = [_full(s) for s in shown]
        for each in full:
            below = answers[each["data"]["name"]]
            each["data"] |= {"replies": _listed(below, None) if below else ""}
        more = {"kind": "more", "data": {"count": 0, "name": "t1__", "children": []}}
        return 200, [_listed([_full(self.by_name[link])], None), _listed([*full, more], None)]

    def _comment(self, form: dict[str, str]) -> Answer:
        parent = self.by_name.get(form["thing_id"])
        if parent is None or parent.view["author"] == "[deleted]":
            return refused("DELETED_COMMENT", "that comment has been deleted", "parent")
        if parent.view["locked"]:
            return refused("THREAD_LOCKED", "Comments are locked.", "parent")
        if len(form["text"]) > 10_000:
            return refused("TOO_LONG", "this is too long (max: 10000)", "text")
        done = self.add(form["text"], author=OUR_NAME, under=parent.name, note=None)
        things = [] if self.tells_nothing else [_full(done)]
        return 200, {"json": {"errors": [], "data": {"things": things}}}


def refused(word: str, said: str, of: str, **more: Any) -> Answer:
    """A definite no, in the shape Reddit gives it."""
    return 200, {"json": {"errors": [[word, said, of]], **more}}


def _listed(children: list[dict[str, Any]], after: str | None) -> dict[str, Any]:
    data = {"after": after, "dist": len(children), "modhash": None, "geo_filter": "", "children": children}
    return {"kind": "Listing", "data": {**data, "before": None}}


def _full(shown: Shown) -> dict[str, Any]:
    return {"kind": shown.kind, "data": dict(shown.view)}


def _note(shown: Shown) -> dict[str, Any]:
    """In the inbox stands less of it: how it was, without its link and its post."""
    kept = {
        key: shown.view.get(key) for key in ("id", "name", "author", "body", "created_utc", "subreddit", "parent_id")
    }
    told = {"type": shown.note, "was_comment": True, "new": True, "subject": "menzione", "dest": OUR_NAME}
    return {"kind": "t1", "data": {**kept, **told, "context": f"{shown.view.get('permalink')}?context=3"}}


def _profile(name: str) -> dict[str, Any]:
    about = {"title": name.title(), "public_description": f"Qui scrive {name}", "subscribers": 0}
    return {"name": name, "icon_img": f"https://styles.example/{name}.png", "subreddit": about, "comment_karma": 12}


def _is_found(query: str, shown: Shown) -> bool:
    words = f"{shown.view.get('title')} {shown.view.get('selftext')}".lower()
    terms = [term.strip('"').lower() for term in query.split(" OR ")]
    return shown.kind == "t3" and any(re.search(rf"(?<!\w){re.escape(term)}(?!\w)", words) for term in terms)


def _held(text: str) -> str:
    # A network of UTF-8 holds no half of a pair.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _base36(number: int) -> str:
    found = ""
    while number:
        number, digit = divmod(number, 36)
        found = DIGITS[digit] + found
    return found or "0"
