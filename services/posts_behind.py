"""Which posts stand behind a point of a chart, or behind a figure of the trends?"""

from __future__ import annotations

from dataclasses import dataclass

from db import heard_posts
from db.heard_posts import HeardPost, Place, Sought
from domain.people import Right
from services.act import require
from services.context import Context

__all__ = ["HeardPost", "Place", "PostsPage", "Sought", "posts_behind"]

PAGE_POSTS, MOST_POSTS = 25, 200


@dataclass(frozen=True, slots=True)
class PostsPage:
    """Some posts, the newest first; ``next_place`` None: those were the last."""

    posts: tuple[HeardPost, ...]
    next_place: Place | None


def posts_behind(ctx: Context, sought: Sought, *, below: Place | None = None, posts: int = PAGE_POSTS) -> PostsPage:
    """One page of the posts that were counted, ``posts`` at most. Needs Right.TRENDS and Right.READ."""
    for needs in (Right.TRENDS, Right.READ):
        require(ctx, needs, action="trends.read", entity="brand")
    asked = max(1, min(posts, MOST_POSTS))
    with ctx.store.read() as tx:
        found = heard_posts.page(tx, sought, below=below, posts=asked + 1)
    more = len(found) > asked
    last = found[asked - 1] if more else None
    return PostsPage(tuple(found[:asked]), None if last is None else (last.published_at, last.mention_id))
