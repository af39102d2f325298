"""Does a preview show what a watch would catch, why, and what it would not, without storing anything?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from collectors.protocol import Cursor, Page
from db.tables import mentions, polls
from domain.brand import Watch
from domain.errors import Invalid, NotAllowed, Unauthorized
from domain.text import search_form
from services import watch_preview, watches
from services.match_marks import look
from services.matching import matches
from tests.fakes import FakeChannel, FakeChannels, a_post


@pytest.fixture
def draft(brand):
    """A watch that is not saved yet: ``draft("parcel", without="parcels")``."""

    def make(*terms, without=(), **fields):
        return Watch(0, brand.id, "", terms, tuple([without] if isinstance(without, str) else without), **fields)

    return make


def words(example):
    return [example.text[start:end] for start, end in example.marks]


def test_matches_exclusions_and_languages_are_told_apart_with_their_words(ctx, say, draft):
    say("The late   PARCEL of Aurora", author="a")
    say("late parcel, a joke", author="b")
    say("pacco: late parcel", author="c", language="it")
    say("parcel", author="d")
    found = watch_preview.preview(ctx, draft("late parcel", without="a joke", languages=("en",)))
    assert (found.looked_at, found.matched, found.other_language) == (4, 1, 1)
    assert found.excluded == (("a joke", 1),)
    assert [words(e) for e in found.examples] == [["late   PARCEL"]]
    assert [(words(e), e.excluded_by) for e in found.excluded_examples] == [(["a joke"], "a joke")]


def test_the_words_are_marked_in_a_long_post_wherever_they_stand(ctx, say, draft):
    say("x " * 900 + "the parcel\nis late " + "y " * 900)
    [example] = watch_preview.preview(ctx, draft("parcel is")).examples
    assert words(example) == ["parcel is"] and len(example.text) <= watch_preview.EXAMPLE_CHARS + 2


def test_our_own_posts_plain_reposts_and_the_samples_are_not_tried_on(ctx, brand, network, say, draft):
    both = replace(ctx, channels=FakeChannels(network, FakeChannel("sample")))
    from services import intake

    watch = watches.add_watch(both, brand.id, name="w", terms=(), channels=("fake",))
    posts = (
        a_post("aurora", native_id="1"),
        a_post("aurora news", native_id="2", is_own=True),
        a_post("aurora", native_id="4", is_repost=True),
    )
    intake.store(both, watch, Page((*posts, a_post("aurora", channel="sample", native_id="3")), None))
    assert watch_preview.preview(both, draft("aurora")).looked_at == 1


def test_only_the_chosen_channels_are_tried(ctx, say, draft):
    say("parcel")
    assert watch_preview.preview(ctx, draft("parcel", channels=("fake",))).matched == 1
    assert watch_preview.preview(ctx, draft("parcel", channels=("elsewhere",))).looked_at == 0


def test_a_live_preview_asks_each_channel_and_stores_nothing(ctx, draft, network, clock):
    network.pages = [Page((a_post(f"parcel {n}", native_id=str(n)),), None) for n in range(9)]
    refuses = FakeChannel("refuses", clock=clock)
    refuses.fetch_failures = [Unauthorized("The token has expired.")]
    both = replace(ctx, channels=FakeChannels(network, refuses))
    fake, other = watch_preview.preview_live(both, draft("parcel", channels=("fake", "refuses")))
    assert (fake.channel, fake.preview.looked_at, fake.preview.matched, fake.error) == ("fake", 3, 3, None)
    assert (other.preview.looked_at, str(other.error)) == (0, "The token has expired.")
    with ctx.store.read() as tx:
        for table in (mentions, polls):
            assert tx.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_a_network_that_hangs_holds_the_preview_only_so_long(ctx, draft, network, monkeypatch):
    import threading

    over = threading.Event()
    network.fetch = lambda watch, cursor: over.wait(5) and Page((), None)
    monkeypatch.setattr(watch_preview, "LIVE_S", 0.1)
    [slow] = watch_preview.preview_live(ctx, draft("x", channels=("fake",)))
    over.set()
    assert slow.error is not None and "in time" in str(slow.error)


def test_an_answer_nobody_foresaw_and_a_competitors_watch_are_previewed_as_they_are(ctx, draft, network):
    asked = []
    fetch = network.fetch
    network.fetch = lambda watch, cursor: asked.append(watch.is_competitor) or fetch(watch, cursor)
    network.fetch_failures = [KeyError("x")]
    [told] = watch_preview.preview_live(ctx, draft("parcel", channels=("fake",), is_competitor=True))
    assert asked == [True] and "KeyError" in str(told.error)


def test_a_page_that_names_itself_ends_the_live_preview(ctx, draft, network):
    network.fetch = lambda watch, cursor: Page((a_post("x"),), Cursor("same"), has_more=True)
    [found] = watch_preview.preview_live(ctx, draft("x", channels=("fake",)))
    assert found.preview.looked_at == 2


def test_a_preview_shows_words_and_costs_quota_so_rights_are_asked(ctx, draft, acting):
    assert watch_preview.preview(acting("olga"), draft("x")).matched == 0
    with pytest.raises(NotAllowed):
        watch_preview.preview_live(acting("anna"), draft("x"))
    with pytest.raises(Invalid):
        watch_preview.preview(ctx, draft("!!"))


@pytest.mark.parametrize(
    ("term", "text", "marked"),
    [
        ("aurora", "L’AURORA, #aurora e @Aurora!", ["AURORA", "#aurora", "@Aurora"]),
        ("straße", "In der STRASSE", ["STRASSE"]),
        ("strasse", "die Straße hier", ["Straße"]),
        ("fine", "ﬁne", ["ﬁne"]),
        ("caffè", "un caffe\u0300 qui", ["caffe\u0300"]),
        ("東京", "東京 タワー", ["東京"]),
        ("👍🏽 top", "👍🏽 top", ["👍🏽 top"]),
    ],
)
def test_marks_are_places_in_the_text_as_it_was_written(term, text, marked):
    assert [text[a:b] for a, b in look(Watch(0, 0, "", (term,)), text).marks] == marked


@given(st.text(max_size=40), st.sampled_from(["a", "ab c", "é", "ß"]), st.sampled_from(["", "b", "à"]))
def test_looking_says_the_same_as_matching_and_marks_lie_inside(text, term, exclusion):
    watch = Watch(0, 0, "", (term,), (exclusion,) if exclusion else ())
    seen = look(watch, text)
    if "".join(search_form(c) for c in text) == search_form(text):
        assert seen.matched == matches(watch, text, channel="x")
    assert all(0 <= a < b <= len(text) for a, b in seen.marks)
    assert sorted(seen.marks) == list(seen.marks)


def test_the_newest_posts_stand_first(ctx, say, draft, clock):
    say("parcel old", author="a", at=clock.now - timedelta(hours=2))
    say("parcel new", author="b", at=clock.now - timedelta(hours=1))
    assert [e.text for e in watch_preview.preview(ctx, draft("parcel")).examples] == ["parcel new", "parcel old"]
