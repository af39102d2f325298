"""What does somebody of the public do on the real network? Posts, edits, closes a thread, reads what was answered."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from collectors.bluesky.client import BlueskyNetwork
from collectors.bluesky.richtext import facets
from collectors.bluesky.tid import tid
from domain.clock import utc_now

POSTS = "app.bsky.feed.post"


@dataclass(frozen=True)
class Somebody:
    """One account of the public."""

    network: BlueskyNetwork
    handle: str

    def post(self, text: str, *, answering: dict[str, Any] | None = None, **record: Any) -> dict[str, Any]:
        """Write a post; returns its address and wording."""
        written = {"$type": POSTS, "text": text, "createdAt": utc_now().isoformat(), "langs": ["it"], **record}
        if found := facets(text, self._who):
            written["facets"] = found
        if answering is not None:
            root = answering.get("root", answering)
            ends = {
                name: {"uri": end["uri"], "cid": end["cid"]} for name, end in (("root", root), ("parent", answering))
            }
            written["reply"] = ends
        rkey = tid(utc_now(), text)
        done = self.network.put(rkey, json.dumps(written))
        return {"uri": done["uri"], "cid": done["cid"], "rkey": rkey, "record": written}

    def edit(self, post: dict[str, Any], text: str) -> None:
        """Write other words under the same address."""
        self._write("com.atproto.repo.putRecord", rkey=post["rkey"], record=post["record"] | {"text": text})

    def delete(self, post: dict[str, Any]) -> None:
        self._write("com.atproto.repo.deleteRecord", rkey=post["rkey"])

    def close(self, post: dict[str, Any]) -> None:
        """Nobody may answer this post any more."""
        gate = {
            "$type": "app.bsky.feed.threadgate",
            "post": post["uri"],
            "allow": [],
            "createdAt": utc_now().isoformat(),
        }
        self._write("com.atproto.repo.putRecord", "app.bsky.feed.threadgate", rkey=post["rkey"], record=gate)

    def answers(self, post: dict[str, Any]) -> list[dict[str, Any]]:
        """What stands under a post, as this account reads it."""
        thread = self.network.ask("app.bsky.feed.getPostThread", uri=post["uri"], depth=6).body["thread"]
        return [reply["post"] for reply in thread.get("replies", ())]

    def told_of(self) -> list[dict[str, Any]]:
        """What the network notifies this account of."""
        told = self.network.ask("app.bsky.notification.listNotifications", limit=50).body
        return list(told["notifications"])

    def records(self) -> list[dict[str, Any]]:
        """Everything this account has posted, from its own server."""
        body = self.network.ask(
            "com.atproto.repo.listRecords", repo=self.network.own_id, collection=POSTS, limit=100
        ).body
        return list(body["records"])

    def _who(self, handle: str) -> str:
        return str(self.network.ask("com.atproto.identity.resolveHandle", handle=handle).body["did"])

    def _write(self, method: str, collection: str = POSTS, **values: Any) -> None:
        content = json.dumps({"repo": self.network.own_id, "collection": collection, **values}).encode()
        self.network._procedure(method, content)
