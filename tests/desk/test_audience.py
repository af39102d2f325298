"""A post that is not for everybody: is it marked wherever it is shown, counted alike, and answered as privately?"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from db.tables import mentions
from desk import i18n, words
from desk.pages.queue.answer import labels
from desk.pages.queue.listing import Listed
from desk.pages.queue.rows import queue_rows
from desk.pages.queue.thread_items import thread_items
from domain.mention import Audience
from services import cases, queue
from services.queue import QueueFilter


@pytest.mark.parametrize("audience", Audience)
def test_who_may_read_a_post_is_stored_and_said_in_row_thread_and_composer(audience, acting, account, ctx, say, clock):
    giulia = acting("giulia")
    case_id = say("BAD parcel", audience=audience)
    with ctx.store.read() as tx:
        assert tx.execute(select(mentions.c.audience)).scalar_one() == audience
    page = queue.page(giulia, QueueFilter(1))
    assert [entry.audience for entry in page.entries] == [audience], "a private post is counted like any other"
    view = cases.view(giulia, case_id)
    assert view.route.audience == audience
    with i18n.speaking("en"):
        said = words.audience_word(audience)
        [row] = queue_rows(
            Listed(QueueFilter(1), page.entries, frozenset(), (None,), None, 1),
            me=1,
            timezone="Europe/Rome",
            now=clock(),
        )
        whens = [item.when for item in thread_items(view, timezone="Europe/Rome", now=clock()) if item.when]
        composer = labels(audience)
    if audience is Audience.PUBLIC:
        assert said == "" and ", public ·" in whens[-1] and composer.anyone == "Anyone can read it"
        assert composer.public == "Public reply" and "," not in row.channel
    else:
        assert said and said in row.channel and said in whens[-1] and said in composer.anyone
        assert composer.public == "Private reply" and composer.public_icon != "globe"


def test_the_next_public_post_makes_the_case_public_again_and_history_keeps_the_mark(acting, account, ctx, say, clock):
    giulia = acting("giulia")
    case_id = say("BAD parcel", audience=Audience.NAMED)
    clock.move(minutes=5)
    assert say("BAD and now for everybody") == case_id
    view = cases.view(giulia, case_id)
    assert view.route.audience == Audience.PUBLIC
    assert [post.audience for post in view.posts] == [Audience.NAMED, Audience.PUBLIC]
