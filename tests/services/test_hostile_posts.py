"""Does a post with ids, links and numbers that no database can hold come in, once, on every database?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from collectors.protocol import BadItem, Page
from db.tables import authors, mentions, quarantine
from domain.mention import Author
from services import intake
from tests.fakes import a_post

LONG = "x" * 5000


def hostile():
    """Posts that differ from a good one in one place each."""
    good = a_post("BAD parcel")
    author = good.author
    yield replace(good, native_id=f"{LONG}1")
    yield replace(good, native_id=f"{LONG}2")
    yield replace(good, native_id="a\x00b\ud800", conversation_id=LONG, parent_id=LONG, origin=LONG)
    yield replace(good, native_id="1", author=replace(author, native_id=LONG, followers=10**30))
    yield replace(
        good, native_id="2", author=Author("o\x00o", "h\x00" * 400, "n\ud800" * 400, "b\x00", LONG, -5, LONG, LONG)
    )
    yield replace(good, native_id="3", url="https://x/\x00" + LONG, language="it\x00" * 9, text="a\x00b\ud800c")
    yield replace(good, native_id="4", version="v\x00" * 300, reply_ref="r\x00")


@pytest.mark.parametrize("together", [True, False])
def test_hostile_posts_are_stored_once_each(ctx, watch, together) -> None:
    posts = tuple(hostile())
    pages = [Page(posts, None)] if together else [Page((post,), None) for post in posts]
    for page in [*pages, *pages]:
        intake.store(ctx, watch, page)
    with ctx.store.read() as tx:
        assert tx.execute(select(func.count()).select_from(mentions)).scalar_one() == len(posts)
        assert tx.execute(select(func.max(authors.c.followers))).scalar_one() == 2**31 - 1


def test_a_hostile_raw_item_is_put_aside(ctx, watch) -> None:
    page = Page((a_post("BAD"),), None, bad=(BadItem("raw \x00 \ud800 " + LONG * 20, "why \x00 " + LONG),))
    assert intake.store(ctx, watch, page, channel="fake").quarantined == 1
    with ctx.store.read() as tx:
        assert tx.execute(select(func.count()).select_from(quarantine)).scalar_one() == 1
