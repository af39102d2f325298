"""Which wording of a post stands, when several come together, come back, or come too late?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, update

from collectors.http_connector.normalize import normalize
from collectors.protocol import Page
from db import schema
from db.past_wordings import AHEAD, MOST_NAMES
from db.tables import judgements, mentions, past_wordings
from domain.mention import Mention
from services import intake
from tests.fakes import a_post


@pytest.fixture
def wording(clock):
    """A wording of one post, as a source of the firm names it: by a text, or by a number that grows."""
    first_at = clock()

    def make(version: str | int, text: str, *, edited: int | None = None):
        return replace(
            a_post(text, native_id="p1", at=first_at),
            version=str(version),
            wording_no=version if isinstance(version, int) else None,
            is_named_once=True,
            edited_at=None if edited is None else first_at + timedelta(minutes=edited),
            worded_at=None if edited is None else first_at + timedelta(minutes=edited),
        )

    return make


@pytest.fixture
def come(ctx, watch, clock):
    """Wordings that come on one page, some minutes after the page before."""

    def take(*posts) -> None:
        clock.move(minutes=30)
        intake.store(ctx, watch, Page(posts, None))

    return take


@pytest.fixture
def row(ctx):
    def read():
        with ctx.store.read() as tx:
            return tx.execute(select(mentions)).one()

    return read


def names(ctx) -> set[str]:
    with ctx.store.read() as tx:
        return set(tx.execute(select(past_wordings.c.version)).scalars())


@pytest.mark.parametrize("known", [False, True])
def test_of_two_numbered_wordings_on_one_page_the_higher_counts_in_either_order(come, row, wording, known) -> None:
    if known:
        come(wording(1, "old"))
    come(wording(3, "newest"), wording(2, "older"))
    assert (row().text, row().version) == ("newest", "3")
    come(wording(5, "five"), wording(4, "four"))
    assert (row().text, row().version) == ("five", "5")


def test_copy_that_is_tried_again_beside_a_new_wording_does_not_hide_it(ctx, come, row, wording) -> None:
    come(wording("a", "one"))
    come(wording("b", "two"))
    come(wording("c", "BAD three"), wording("a", "one"))
    assert (row().text, row().version, row().sentiment) == ("BAD three", "c", "negative")
    assert names(ctx) == {"a", "b"}


def test_wordings_that_come_together_with_the_first_are_followed_too(ctx, come, row, wording) -> None:
    come(wording("a", "one"), wording("b", "two"), wording("c", "BAD three"))
    assert (row().text, row().edited_at, names(ctx)) == ("BAD three", None, {"a", "b"})
    come(wording("b", "two"))
    assert row().text == "BAD three"
    with ctx.store.read() as tx:
        assert len(tx.execute(select(judgements.c.id)).all()) == 1


def test_words_that_come_back_with_a_later_time_count_and_their_late_copies_do_not(come, row, wording) -> None:
    """A name that is a sum of the words comes back with them; a copy carries the time of its own wording."""
    first, other, again = wording("a", "one", edited=1), wording("b", "two", edited=2), wording("a", "one", edited=3)
    for post, stands in ((first, "one"), (other, "two"), (first, "two"), (again, "one"), (other, "one")):
        come(post)
        assert row().text == stands
    come(wording("b", "two", edited=4), wording("a", "one", edited=5), again)
    assert (row().text, row().edited_at) == ("one", wording("a", "", edited=5).edited_at)


def test_of_numbered_wordings_the_higher_counts_whatever_the_times_say(ctx, come, row, wording) -> None:
    low, high = wording(4, "four", edited=1), wording(5, "five", edited=2)
    again, higher = wording(4, "four", edited=60), wording(6, "six", edited=1)
    for post, stands in (
        (low, "four"),
        (high, "five"),
        (again, "five"),
        (high, "five"),
        (higher, "six"),
        (again, "six"),
    ):
        come(post)
        assert row().text == stands
    come(wording(7, "seven", edited=3), wording(6, "six", edited=90))
    assert (row().text, row().version, names(ctx)) == ("seven", "7", set())


@pytest.mark.parametrize("versions", [(1, 2), ("one", "two")])
def test_old_call_of_a_source_whose_clock_is_ahead_turns_nothing_back(come, row, clock, versions) -> None:
    def call(version: int | str, *, ahead: int) -> Mention:
        told = {"published_at": "2026-03-02T08:00:00Z", "edited_at": (clock() + timedelta(hours=ahead)).isoformat()}
        item = {"id": "p1", "author": {"name": "Ugo"}, "text": f"words {version}", "version": version} | told
        # It comes half an hour on, and is read then: a time still to come is cut to that moment.
        return normalize(item, origin="shop", heard_at=clock() + timedelta(minutes=30))

    old, new = versions
    come(call(old, ahead=9))
    come(call(new, ahead=9))
    for _ in range(2):
        come(call(old, ahead=9))
        assert (row().text, row().version) == (f"words {new}", str(new))


def test_old_call_whose_time_lay_ahead_and_has_passed_turns_nothing_back(come, row, clock) -> None:
    """A source that takes its local time for UTC: an hour later its old times look like later ones."""

    def call(name: str, edited_at: datetime) -> Mention:
        item = {"id": "p1", "author": {"name": "Ugo"}, "text": f"words {name}", "version": name}
        told = {"published_at": "2026-03-02T08:00:00Z", "edited_at": edited_at.isoformat()}
        return normalize(item | told, origin="shop", heard_at=clock() + timedelta(minutes=30))

    began_at = clock()
    first = began_at + timedelta(minutes=90)
    come(call("one", first))
    come(call("two", began_at + timedelta(minutes=120)))
    for _ in range(4):
        come(call("one", first))
        assert (row().text, row().version) == ("words two", "two")
    # Somebody really went back to the words of before.
    come(call("one", clock()))
    assert (row().text, row().version) == ("words one", "one")


@pytest.fixture
def ahead(clock):
    """A call of a source that takes its local time for UTC, as it is read when it comes."""

    def call(words: str, edited_at: datetime, *, version: str | None = None) -> Mention:
        item = {"id": "p1", "author": {"name": "Ugo"}, "text": words, "published_at": "2026-03-02T08:00:00Z"}
        named = {} if version is None else {"version": version}
        told = {"edited_at": edited_at.isoformat()}
        return normalize(item | named | told, origin="shop", heard_at=clock() + timedelta(minutes=30))

    return call


def test_old_call_without_a_name_whose_time_lay_ahead_turns_nothing_back(come, row, clock, ahead) -> None:
    """The source gives no version at all: its words and the time it told say which wording it is."""
    began_at = clock()
    first = began_at + timedelta(minutes=90)
    come(ahead("words one", first))
    come(ahead("words two", began_at + timedelta(minutes=120)))
    for _ in range(5):
        come(ahead("words one", first))
        assert row().text == "words two"
    # Somebody really went back to the words of before, and a really new wording counts as well.
    come(ahead("words one", clock()))
    assert row().text == "words one"
    come(ahead("words three", clock()))
    assert row().text == "words three"


def test_times_that_lie_ahead_make_no_name_forgotten(ctx, come, row, clock, ahead) -> None:
    """A source that tells another time, ahead of us, at every delivery, though nothing has changed."""
    for number in range(3):
        come(ahead(f"words {number}", clock() + timedelta(minutes=90), version=f"v{number}"))
    for _ in range(MOST_NAMES + 5):
        come(ahead("words 2", clock() + timedelta(minutes=90), version="v2"))
    found = names(ctx)
    assert {name for name in found if not name.startswith(AHEAD)} == {"v0", "v1"}
    assert len(found) == 2 + MOST_NAMES


def test_copy_whose_time_lies_ahead_is_written_down_once(ctx, come, clock, ahead) -> None:
    first = clock() + timedelta(hours=5)
    come(ahead("words", first, version="v1"))
    with ctx.store.read() as tx:
        known = tx.execute(select(past_wordings)).all()
    come(ahead("words", first, version="v1"))
    with ctx.store.read() as tx:
        assert len(known) == 1 and tx.execute(select(past_wordings)).all() == known


def test_late_copy_with_its_old_time_turns_nothing_back(come, row, wording) -> None:
    come(wording("a", "one", edited=1))
    come(wording("b", "two"))  # Its time is not told: it is when we saw it.
    come(wording("a", "one", edited=1))
    assert row().text == "two"


def test_no_more_names_are_kept_of_a_post_than_are_needed(ctx, come, row, wording) -> None:
    for number in range(MOST_NAMES + 5):
        come(wording(f"v{number}", f"text {number}"))
    assert names(ctx) == {f"v{number}" for number in range(4, MOST_NAMES + 4)}
    come(*(wording(f"w{number}", f"words {number}") for number in range(MOST_NAMES + 5)))
    assert len(names(ctx)) == MOST_NAMES and f"w{MOST_NAMES + 3}" in names(ctx)
    come(wording(f"w{MOST_NAMES + 3}", "an old one"))
    assert row().text == f"words {MOST_NAMES + 4}"


def test_where_wordings_are_counted_no_name_is_kept(ctx, come, row, wording) -> None:
    for number in (1, 2, 7):
        come(wording(number, f"text {number}"))
    assert (row().text, names(ctx)) == ("text 7", set())


def test_nothing_made_of_the_words_stays_when_the_post_is_deleted(ctx, come, row, wording) -> None:
    for name in ("a", "b"):
        come(wording(name, f"text {name}"))
    assert (row().version, names(ctx)) == ("b", {"a"})
    come(wording("c", "three"), replace(wording("c", ""), version=None, is_named_once=False, deleted=True))
    gone = row()
    assert (gone.text, gone.version, gone.reply_ref, names(ctx)) == ("", None, None, set())
    come(wording("a", "text a"))  # And it does not come back.
    assert (row().text, row().deleted_at, row().version, names(ctx)) == ("", gone.deleted_at, None, set())


def test_names_that_were_kept_before_are_cleared_once(ctx, come, wording, clock) -> None:
    """Of deleted posts none is left, of others the last twenty."""
    come(wording("a", "text a"), replace(wording("x", "gone"), native_id="p2"))
    old = [(number, f"v{number}") for number in range(MOST_NAMES + 3)]
    with ctx.store.write() as tx:
        ids = dict(tx.execute(select(mentions.c.native_id, mentions.c.id)).all())
        tx.execute(update(mentions).where(mentions.c.id == ids["p2"]).values(deleted_at=clock(), text=""))
        rows = [
            {"mention_id": mention_id, "version": name, "followed_at": clock() + timedelta(minutes=minute)}
            for mention_id in ids.values()
            for minute, name in old
        ]
        tx.execute(insert(past_wordings), rows)
        scripts = ScriptDirectory(str(schema.SCRIPTS))
        with Operations.context(MigrationContext.configure(tx)):
            scripts.get_revision("0015").module.upgrade()
    with ctx.store.read() as tx:
        left = tx.execute(select(past_wordings.c.mention_id, past_wordings.c.version)).all()
        assert set(left) == {(ids["p1"], name) for _, name in old[3:]}
        versions = dict(tx.execute(select(mentions.c.native_id, mentions.c.version)).all())
    assert versions == {"p1": "a", "p2": None}
