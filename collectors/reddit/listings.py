"""What stands in a listing of Reddit, and where does it go on?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from collectors.reddit.meaning import Reply
from domain.errors import Malformed


def listed(reply: Reply) -> list[Mapping[str, Any]]:
    """The things of a listing, each with its kind. Raises Malformed for another shape."""
    try:
        found = reply.body["data"]["children"]
        if not isinstance(found, list):
            raise TypeError
    except (KeyError, TypeError):
        raise Malformed("Reddit answered without a listing.") from None
    return [_thing(each) for each in found if not (isinstance(each, dict) and each.get("kind") == "more")]


def listed_in(view: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The answers that stand inside a comment."""
    return listed(Reply(view["replies"])) if isinstance(view.get("replies"), dict) else []


def following(reply: Reply) -> str | None:
    """Where the page after this one begins; None behind the last."""
    after = reply.body["data"].get("after")
    return after if isinstance(after, str) and after else None


def _thing(told: Any) -> Mapping[str, Any]:
    if isinstance(told, dict) and isinstance(told.get("data"), dict):
        return {**told["data"], "kind": told.get("kind")}
    return {"unreadable": json.dumps(told)[:400]}
