"""Do the pages *Channels* and *Watches* show what is true and do what the roles allow, in both languages?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

import bootstrap
from collectors.protocol import GapReason, Page
from db import gaps, imports
from db import streams as streams_db
from db.tables import heartbeats, polls, streams
from desk.words import channel_word
from domain.brand import Brand
from services import brands, coverage, health, intake, losing, team, watches
from services.context import Context
from tests.fakes import a_post

DrawPage = Callable[[str, str], AppTest]
Visit = Callable[..., AppTest]


def shown(test: AppTest) -> str:
    """Every word on the page."""
    pieces = [*test.get("html"), *test.markdown, *test.caption, *test.text, *test.subheader, *test.get("toast")]
    words = [str(getattr(piece, "value", "") or getattr(piece.proto, "body", "")) for piece in pieces]
    return "\n".join([*words, *(button.label for button in test.button), *(each.label for each in test.expander)])


def as_(desk: bootstrap.Backend, login: str) -> Context:
    return desk.for_member(team.find(desk.ctx, login))


def button(test: AppTest, label: str):
    return next(each for each in test.button if each.label == label)


@pytest.fixture
def brand(desk: bootstrap.Backend) -> Brand:
    """The sample brand, just read, with a living worker."""
    health.beat(desk.ctx, "worker")
    brand = brands.resolve_brand(desk.ctx, None)
    intake.poll(desk.ctx, "sample", watches.list_watches(desk.ctx, brand.id)[0].id)
    return brand


def break_sample(desk: bootstrap.Backend) -> None:
    """The sample's folder is damaged: the channel stops."""
    (desk.ctx.settings.data_path / "sample" / "start.json").write_text("{", "utf-8")
    intake.poll(desk.ctx, "sample", watches.list_watches(desk.ctx)[0].id)


@pytest.mark.parametrize(("login", "words"), [("paolo", "in ascolto"), ("aoife", "heard"), ("mark", "heard")])
def test_a_channel_that_is_heard_says_up_to_when(desk, brand, draw_page: DrawPage, login: str, words: str) -> None:
    page = shown(draw_page(login, "channels"))
    assert words in page
    assert ("Nessuna lacuna" if login == "paolo" else "No gap is known") in page
    assert "LumenEnergia" in page


CAUSES = (GapReason.TOO_LARGE, GapReason.CIRCLE, GapReason.QUOTES_REFUSED)


def test_gaps_quota_silence_and_stream_are_told_in_words(desk, brand, draw_page: DrawPage) -> None:
    now = desk.ctx.clock()
    with desk.ctx.store.write() as tx:
        watch_id = watches.list_watches(desk.ctx)[0].id
        hour = timedelta(hours=1)
        for reason in (GapReason.TOO_MANY, f"{GapReason.FORGOTTEN}: Forum", "the moon was full", *CAUSES):
            gaps.note(tx, "sample", watch_id=watch_id, from_at=now - 3 * hour, to_at=now - hour, reason=reason, now=now)
        tx.execute(update(polls).values(quota_left=12, quota_limit=300, quota_resets_at=now + hour, silence_s=25200))
        tx.execute(streams.insert().values(channel="sample", connected_at=now, last_event_at=now))
        assert streams_db.of(tx, ["sample"])["sample"].failing_since is None
    page = shown(draw_page("aoife", "channels"))
    for words in (
        "(2 hours)",
        "than the network hands out",
        "Forum: the network no longer shows",
        "the moon was full",
        "one post is too large to be read",
        "pages lead in a circle",
        "does not let us search for who quotes us; we ask again once a day",
        "12 of 300",
        "7 hours of silence",
    ):
        assert words in page
    assert "live, last event" in page


@pytest.mark.parametrize(("login", "sees_raw"), [("aoife", True), ("mark", False)])
def test_what_could_not_be_read_is_shown_with_its_reason_and_raw_only_to_administrators(
    desk, brand, draw_page: DrawPage, login: str, sees_raw: bool
) -> None:
    with desk.ctx.store.write() as tx:
        imports.put_aside(tx, "sample", [("<script>alert(1)</script>", "no <b>id</b>")], at=desk.ctx.clock())
    page = shown(draw_page(login, "channels"))
    assert "1 item could not be used" in page and "no &lt;b&gt;id&lt;/b&gt;" in page
    assert ("&lt;script&gt;" in page) is sees_raw and "<script>" not in page


def test_a_stopped_channel_is_named_and_started_again_by_a_manager(desk, brand, draw_page: DrawPage) -> None:
    break_sample(desk)
    test = draw_page("paolo", "channels")
    assert "fermo" in shown(test) and "Manca o è sbagliata" in shown(test) and "damaged" in shown(test)
    button(test, "Riavvia").click().run()
    assert not test.exception
    assert not coverage.coverage(desk.ctx, brand.id)[0].stopped


def test_who_may_not_ask_sees_no_button(desk, brand, draw_page: DrawPage) -> None:
    test = draw_page("mark", "channels")
    assert not [each for each in test.button if each.label in ("Ask now", "Start again")]
    assert not test.toggle


@pytest.mark.parametrize("page", ["channels", "promises"])
def test_every_page_says_in_one_line_that_a_channel_is_blind(desk, brand, visit: Visit, page: str) -> None:
    assert "i post successivi" not in shown(visit("paolo", page))
    break_sample(desk)
    words = shown(visit("paolo", page))
    assert words.count("qui mancano i post successivi") == 1
    assert ("Vedi i canali" in words) is (page != "channels")


def test_the_bell_says_once_that_a_channel_was_lost_and_once_that_it_is_back(desk, brand, visit: Visit) -> None:
    start = desk.ctx.settings.data_path / "sample" / "start.json"
    kept = start.read_text("utf-8")
    break_sample(desk)
    losing.tell_changes(desk.ctx)
    start.write_text(kept, "utf-8")
    intake.poll(desk.ctx, "sample", watches.list_watches(desk.ctx)[0].id)
    losing.tell_changes(desk.ctx)
    words = shown(visit("aoife", "promises"))
    assert words.count("Sample has not been heard since") == 1 and words.count("Sample is heard again.") == 1
    assert "Sample has not been heard" not in shown(visit("sara", "promises")), "she cannot do anything about it"


def test_an_account_of_a_real_network_is_switched_by_who_sets_the_desk_up(
    desk, brand, draw_page: DrawPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.registry.manifest", _not_exempt())
    test = draw_page("aoife", "channels")
    assert "nothing goes out through this account" in shown(test)
    test.toggle[0].set_value(True).run()
    assert not test.exception
    assert brands.list_accounts(desk.ctx, brand.id)[0].publishing
    assert "SPORTELLO_PUBLISH=live" in shown(test)


def _not_exempt():
    from dataclasses import replace

    from collectors.registry import manifest

    return lambda name: replace(manifest(name), exempt_from_publish_switch=False)


def test_without_a_channel_the_page_says_what_that_means(empty_desk, draw_page: DrawPage) -> None:
    assert "There is no brand yet." in shown(draw_page("aoife", "channels"))
    brands.add_brand(empty_desk.ctx, "Borea")
    page = shown(draw_page("aoife", "channels"))
    assert "Only what is imported shows" in page and "Connect an account" in page


def test_raw_items_and_words_of_networks_are_never_markup(desk, brand, draw_page: DrawPage) -> None:
    with desk.ctx.store.write() as tx:
        tx.execute(update(polls).values(last_error="<img src=x>", error_key="unavailable"))
    page = shown(draw_page("aoife", "channels"))
    assert "<img" not in page and "&lt;img" in page
    assert json.dumps(page)


def worker_is_gone(desk: bootstrap.Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker died a while ago, and the desk has been up for longer."""
    with desk.ctx.store.write() as tx:
        tx.execute(update(heartbeats).values(at=desk.ctx.clock() - timedelta(seconds=40)))
    monkeypatch.setattr("desk.backend.running_s", lambda: 60.0)


@pytest.mark.parametrize("page", ["channels", "promises"])
def test_every_page_says_that_no_worker_is_running(desk, brand, visit: Visit, monkeypatch, page: str) -> None:
    assert "worker" not in shown(visit("paolo", page))
    worker_is_gone(desk, monkeypatch)
    words = shown(visit("paolo", page))
    assert words.count("non si legge, non si valuta e non si invia nulla") == 1
    assert words.count("Nessun worker è attivo") == 2, "in the line over the page and in the top line"
    health.beat(desk.ctx, "worker")
    assert "Nessun worker" not in shown(visit("paolo", page))


def test_a_desk_that_has_just_started_gives_its_worker_time(desk, brand, visit: Visit, monkeypatch) -> None:
    worker_is_gone(desk, monkeypatch)
    monkeypatch.setattr("desk.backend.running_s", lambda: 5.0)
    assert "No worker" not in shown(visit("aoife", "promises"))


def test_a_gap_is_told_on_every_page_until_somebody_knows_of_it(desk, brand, visit: Visit) -> None:
    now, hour = desk.ctx.clock(), timedelta(hours=1)
    with desk.ctx.store.write() as tx:
        watch_id = watches.list_watches(desk.ctx)[0].id
        gaps.note(tx, "sample", watch_id=watch_id, from_at=now - 3 * hour, to_at=now - hour, reason="x", now=now)
    assert "We know" not in shown(visit("mark", "promises")), "he cannot do anything about it"
    test = visit("aoife", "promises")
    assert shown(test).count("may be missing") == 1
    button(test, "We know").click().run()
    assert not test.exception
    assert "may be missing" not in shown(visit("aoife", "promises"))
    assert "known since" in shown(visit("aoife", "channels")), "it stays on record"


def test_older_posts_are_counted_shown_and_queued_by_who_may(desk, brand, draw_page: DrawPage) -> None:
    now = desk.ctx.clock()
    watch = watches.list_watches(desk.ctx)[0]
    old = tuple(
        a_post(f"<b>old</b> {n}", author=f"a{n}", channel="sample", at=now - timedelta(days=2, minutes=n))
        for n in range(12)
    )
    intake.store(desk.ctx, watch, Page(old, None, first_read_at=now), channel="sample")
    page = shown(draw_page("paolo", "channels"))
    assert "12 post più vecchi letti, non in coda" in page and "&lt;b&gt;old" in page and "E altri 4 post" in page
    assert "in coda" not in [each.label for each in draw_page("mark", "channels").button]
    test = draw_page("aoife", "channels")
    button(test, "Queue all 12 after all").click().run()
    assert not test.exception
    assert "older posts read" not in shown(draw_page("aoife", "channels"))


def test_feeds_have_their_name_in_the_readers_language(empty_desk, draw_page: DrawPage) -> None:
    brands.add_brand(empty_desk.ctx, "Borea")
    assert channel_word("feeds") == "Feeds"
    assert "Feeds" in shown(draw_page("aoife", "channels"))


def test_who_sets_the_desk_up_reads_how_a_worker_is_started_again(desk, brand, draw_page, monkeypatch) -> None:
    worker_is_gone(desk, monkeypatch)
    assert "./sportello run" in shown(draw_page("aoife", "channels"))
    assert "./sportello run" not in shown(draw_page("mark", "channels"))


def test_a_gap_that_two_watches_share_is_told_once_with_both_names(desk, brand, draw_page: DrawPage) -> None:
    now, hour = desk.ctx.clock(), timedelta(hours=1)
    second = watches.add_watch(desk.ctx, brand.id, name="Gas", terms=("gas",), channels=("sample",))
    first = watches.list_watches(desk.ctx)[0]
    with desk.ctx.store.write() as tx:
        for each in (first, second):
            gaps.note(tx, "sample", watch_id=each.id, from_at=now - 2 * hour, to_at=now - hour, reason="x", now=now)
    page = shown(draw_page("aoife", "channels"))
    assert page.count("(1 hour)") == 1 and f"{second.name}, {first.name}" in page
