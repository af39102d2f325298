"""Does listening on Reddit lose nothing, say what it cannot see, and forget what people take away?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from collectors.protocol import Cursor, Kept, Page
from collectors.reddit import client
from collectors.reddit.collector import LATE, LATE_FOUND, PACE, PROFILES
from domain.brand import Watch
from domain.errors import Malformed, Misconfigured, Unavailable
from domain.mention import Mention
from tests.contract.harness_reddit import RedditHarness
from tests.contract.reddit_server import OUR_NAME
from tests.contract.test_listening import WATCH

SEARCH = replace(WATCH, terms=("pacco rotto",))
INFO, INBOX = "GET /api/info", "GET /message/inbox"


@pytest.fixture(autouse=True)
def nobody_has_signed_in(monkeypatch) -> None:
    for name in ("_TOKENS", "_SCOPES", "_OWN_NAMES"):
        monkeypatch.setattr(client, name, {})


@pytest.fixture
def played(tmp_path, clock) -> RedditHarness:
    return RedditHarness(tmp_path / "network", clock)


def rounds(
    played: RedditHarness, cursor: Cursor | None = None, *, watch: Watch = WATCH
) -> tuple[list[Mention], list[Page], Cursor | None]:
    """One round; the desk restarts between any two pages."""
    pages: list[Page] = []
    while not pages or pages[-1].has_more:
        pages.append(played.collector().fetch(watch, cursor))
        cursor = pages[-1].next_cursor
        assert len(pages) < 200, "paging does not end"
    return [post for page in pages for post in page.items], pages, cursor


def names(posts: list[Mention]) -> set[str]:
    return {post.native_id for post in posts}


def test_posts_are_searched_and_what_addresses_us_is_heard_whatever_its_words(played) -> None:
    found = played.server.post("Un pacco rotto", author="ugo", text="e nessuno risponde")
    played.server.post("Il pacco è rotto", author="eva")
    named = played.arrive("che dite?", author="mara")
    posts, _, _ = rounds(played, watch=SEARCH)
    assert {post.native_id: post.to_us for post in posts} == {found.name: False, named: True}
    posts, _, _ = rounds(played, watch=replace(SEARCH, is_competitor=True))
    assert names(posts) == {found.name}


def test_subreddit_is_read_with_its_posts_and_comments(played) -> None:
    played.page_items = played.server.page_items = 5
    post = played.server.post("Consegne", author="ugo")
    said = [played.server.add(f"parlo {number}", author="eva", under=post.name, note=None).name for number in range(12)]
    posts, _, cursor = rounds(played, watch=replace(WATCH, terms=("parlo", "r/spedizioni")))
    assert {each.native_id for each in posts if not each.deleted} == {post.name, *said}
    later = played.server.add("parlo ancora", author="eva", under=post.name, note=None).name
    posts, _, _ = rounds(played, cursor, watch=replace(WATCH, terms=("parlo", "r/spedizioni")))
    assert later in names(posts)


@pytest.mark.parametrize("answer", [(404, {"message": "Not Found"}), (302, {}), (403, {"reason": "private"})])
def test_subreddit_that_is_not_shown_is_said_to_be(played, answer) -> None:
    played.server.before = lambda call: answer if call == "GET /r/chiuso/new" else None
    with pytest.raises(Misconfigured) as refused:
        rounds(played, watch=replace(WATCH, terms=("r/chiuso",)))
    assert refused.value.values["field"] == "terms"


def test_own_posts_and_crossposts_are_marked(played) -> None:
    own = played.server.post("Un pacco rotto? Scriveteci", author=OUR_NAME)
    first = played.server.post("Pacco rotto", author="ugo")
    above = [{"name": first.name, "title": "Pacco rotto", "selftext": ""}]
    again = played.server.post("Pacco rotto", author="eva", crosspost_parent_list=above)
    marks = {post.native_id: (post.is_own, post.is_repost) for post in rounds(played, watch=SEARCH)[0]}
    assert marks == {own.name: (True, False), first.name: (False, False), again.name: (False, True)}


def test_comment_that_a_moderator_lets_through_late_is_not_jumped(played, clock) -> None:
    played.page_items = played.server.page_items = 5
    _, _, cursor = rounds(played)
    held = played.arrive("trattenuto")
    played.server.by_name[held].note, note = None, "username_mention"
    for number in range(12):
        clock.move(minutes=1)
        played.arrive(f"subito {number}")
    _, _, cursor = rounds(played, cursor)
    played.server.by_name[held].note = note
    clock.move(minutes=1)
    assert held in names(rounds(played, cursor)[0])
    _, _, cursor = rounds(played, cursor)
    late = played.arrive("molto in ritardo")
    played.server.by_name[late].note = None
    for _ in range(5):
        clock.move(minutes=50)
        played.arrive("nel frattempo")
        _, _, cursor = rounds(played, cursor)
    played.server.by_name[late].note = note
    clock.move(minutes=61)
    assert late in names(rounds(played, cursor)[0])


def test_old_comment_that_stands_on_top_does_not_end_the_round(played, clock) -> None:
    """The newest note of an inbox may be about a comment of yesterday."""
    old = played.arrive("di ieri")
    clock.move(days=10)
    _, _, cursor = rounds(played)
    sent = {played.arrive(f"oggi {number}") for number in range(14)}
    played.server._newest = lambda: sorted(
        played.server.things, key=lambda s: (s.name == old, s.view["created_utc"], s.number), reverse=True
    )
    assert sent <= names(rounds(played, cursor)[0])


def test_what_a_full_listing_no_longer_shows_is_told_as_a_gap(played, clock) -> None:
    played.page_items = 100
    _, _, cursor = rounds(played)
    began_at = clock()
    for _ in range(103):
        clock.move(seconds=30)
        for number in range(10):
            played.arrive(f"tanti {number}")
    posts, pages, cursor = rounds(played, cursor)
    [gap] = [gap for page in pages for gap in page.gaps]
    shown_from = min(post.published_at for post in posts)
    assert len(posts) == 1000 and gap.reason == "too_many"
    assert gap.from_at <= began_at and gap.to_at == shown_from > began_at
    assert [gap for page in rounds(played, cursor)[1] for gap in page.gaps] == []


def test_gap_closes_once_the_list_reaches_below_it_again(played, clock) -> None:
    """Moderators take a wave of spam away: what it had pushed out of the list stands there again."""
    played.page_items = 100
    for number in range(60):
        played.arrive(f"di ieri {number}")
    clock.move(days=1)
    _, _, cursor = rounds(played)
    missed = [played.arrive(f"prima {number}") for number in range(40)]
    clock.move(minutes=20)
    wave = [played.arrive(f"tanti {number}") for number in range(1000)]
    posts, pages, cursor = rounds(played, cursor)
    [gap] = [gap for page in pages for gap in page.gaps]
    assert not names(posts) & set(missed) and pages[-1].complete_from > gap.to_at - timedelta(seconds=1)
    # Reading on proves nothing of what lies below.
    clock.move(minutes=1)
    _, pages, cursor = rounds(played, cursor)
    assert pages[-1].complete_from is None or pages[-1].complete_from >= gap.to_at - timedelta(seconds=1)
    for name in wave:
        played.server.by_name[name].note = None
    clock.move(minutes=61)
    posts, pages, cursor = rounds(played, cursor)
    assert set(missed) <= names(posts)
    assert pages[-1].complete_from <= gap.from_at and pages[-1].complete_up_to >= gap.to_at


def hidden(call: str, answer: tuple[int, object]) -> tuple[int, object]:
    """Reddit says, for a while and wrongly, that there is nothing."""
    return (200, {"kind": "Listing", "data": {"children": [], "after": None}}) if call == INBOX else answer


@pytest.mark.parametrize("empty", [1, 2, 3])
def test_list_that_shows_nothing_for_a_while_closes_no_gap(played, clock, empty) -> None:
    """Were it believed, a gap over posts that nobody has read would be forgotten for good."""
    played.page_items = 100
    _, pages, cursor = rounds(played)
    assert pages[-1].complete_from == clock() - PACE.first_look
    for number in range(30):
        played.arrive(f"pochi {number}")
    _, _, cursor = rounds(played, cursor)
    for _ in range(empty):
        clock.move(minutes=1)
        played.server.after = hidden
        _, pages, cursor = rounds(played, cursor)
        assert pages[-1].complete_from is None and not pages[-1].gaps
    clock.move(minutes=1)
    played.server.behave()
    played.arrive("ancora uno")
    _, pages, _ = rounds(played, cursor)
    assert pages[-1].complete_from is not None and not [gap for page in pages for gap in page.gaps]


def test_list_that_never_held_anything_is_whole_in_every_round(played, clock) -> None:
    cursor: Cursor | None = None
    for _ in range(4):
        _, pages, cursor = rounds(played, cursor, watch=SEARCH)
        assert pages[-1].complete_from is not None and pages[-1].complete_from < clock()
        clock.move(minutes=25)


def test_watch_of_former_days_whose_list_never_held_anything_closes_gaps_by_itself(played, clock) -> None:
    """Its cursor does not name the lists that were empty all the time, but those it saw something of."""
    played.arrive("a noi")
    _, _, cursor = rounds(played, watch=SEARCH)
    kept = json.loads(cursor)
    assert kept.pop("empty")
    clock.move(minutes=25)
    _, pages, cursor = rounds(played, Cursor(json.dumps(kept)), watch=SEARCH)
    assert pages[-1].complete_from is not None
    # One that saw something there does not take its word that there is nothing.
    kept["lows"] = dict.fromkeys(kept["marks"], kept["deep_at"])
    _, pages, _ = rounds(played, Cursor(json.dumps(kept)), watch=SEARCH)
    assert pages[-1].complete_from is None


def test_list_whose_things_have_no_time_has_held_something(played, clock) -> None:
    played.server.by_name[played.arrive("senza data")].view["created_utc"] = 4e9
    _, _, cursor = rounds(played)
    for _ in range(2):
        played.server.after = hidden
        _, pages, cursor = rounds(played, cursor)
        assert pages[-1].complete_from is None


def test_full_listing_after_one_that_showed_nothing_is_told_as_a_gap(played, clock) -> None:
    played.page_items = 100
    played.arrive("prima")
    _, _, cursor = rounds(played)
    clock.move(minutes=40)
    played.server.after = hidden
    _, _, cursor = rounds(played, cursor)
    played.server.behave()
    clock.move(minutes=1)
    for number in range(1010):
        played.arrive(f"tanti {number}")
    _, pages, _ = rounds(played, cursor)
    assert [gap.reason for page in pages for gap in page.gaps] == ["too_many"]


def test_edit_of_a_thing_that_a_surge_pushed_out_of_its_list_is_found(played, clock) -> None:
    played.page_items = 100
    edited = [played.arrive(f"presto {number}") for number in range(3)]
    _, _, cursor = rounds(played)
    for _ in range(12):
        clock.move(seconds=20)
        for number in range(100):
            played.arrive(f"tanti {number}")
    _, _, cursor = rounds(played, cursor)
    for name in edited:
        played.edit(name, "in altre parole")
    found: list[Mention] = []
    for _ in range(3):
        clock.move(minutes=1)
        posts, _, cursor = rounds(played, cursor)
        found += [post for post in posts if post.native_id in edited]
    assert {post.native_id for post in found} == set(edited) and {post.text for post in found} == {"in altre parole"}


def test_few_questions_are_left_to_others_when_few_are_left(played, clock) -> None:
    played.page_items = 100
    for number in range(320):
        played.arrive(f"tanti {number}")
    _, _, cursor = rounds(played)
    asked = played.server.calls(INFO)
    rounds(played, cursor)
    assert played.server.calls(INFO) - asked == 4
    played.server.headers = {"x-ratelimit-remaining": "150.0"}
    asked = played.server.calls(INFO)
    rounds(played, cursor)
    assert played.server.calls(INFO) - asked == 1


def test_what_was_pushed_out_of_a_listing_while_its_pages_were_turned_is_told_as_a_gap(played, clock) -> None:
    """The round reads less than a full listing, and its end is none all the same."""
    played.page_items = 100
    played.arrive("prima")
    _, _, cursor = rounds(played)

    def surge(posts: int) -> None:
        for number in range(posts):
            clock.move(seconds=0.2)
            played.arrive(f"tanti {number}")

    surge(700)
    pages: list[Page] = []
    while not pages or pages[-1].has_more:
        pages.append(played.collector().fetch(WATCH, cursor))
        cursor = pages[-1].next_cursor
        if len(pages) < 5:
            surge(200)
    posts = [post for page in pages for post in page.items]
    [gap] = [gap for page in pages for gap in page.gaps]
    assert 0 < len(posts) < 900 < len(played.server.things) and gap.reason == "too_many"


def test_full_listing_that_reaches_what_was_read_last_is_no_gap_not_even_when_more_is_read_again(played, clock) -> None:
    """Busy, but read in time: the rounds that go six hours back every hour find the list ended long before."""
    played.page_items = 100
    cursor: Cursor | None = None
    found: list[Page] = []
    for _ in range(5):
        for number in range(250):
            clock.move(seconds=10)
            played.arrive(f"tanti {number}")
        _, pages, cursor = rounds(played, cursor)
        found += pages
    assert len(played.server.things) > 1000
    assert [gap for page in found for gap in page.gaps] == []


@pytest.mark.parametrize("minutes", [1, 40, 70])
def test_young_list_of_few_is_whole_whatever_is_taken_away(played, clock, minutes) -> None:
    played.page_items = 2
    first = played.arrive("uno")
    clock.move(minutes=5)
    played.arrive("due")
    _, _, cursor = rounds(played)
    clock.move(minutes=minutes)
    played.delete(first)
    played.arrive("tre")
    _, pages, _ = rounds(played, cursor)
    assert [gap for page in pages for gap in page.gaps] == []


def test_short_listing_that_ends_is_no_gap(played, clock) -> None:
    _, _, cursor = rounds(played)
    clock.move(days=3)
    played.arrive("uno solo")
    _, pages, _ = rounds(played, cursor)
    assert [gap for page in pages for gap in page.gaps] == []


def test_complete_up_to_waits_for_the_search_which_is_slower(played, clock) -> None:
    assert rounds(played)[1][-1].complete_up_to == clock() - LATE
    assert rounds(played, watch=SEARCH)[1][-1].complete_up_to == clock() - LATE_FOUND


@pytest.mark.parametrize("date", ["", "Mon, 02 Mar 2037 09:00:00 GMT", "yesterday"])
def test_date_that_is_wrong_hides_nothing_that_comes_later(played, clock, date) -> None:
    played.server.headers = {"date": date}
    _, _, cursor = rounds(played)
    played.server.headers = {}
    for number in range(2):
        clock.move(minutes=20)
        sent = played.arrive(f"next {number}")
        posts, _, cursor = rounds(played, cursor)
        assert sent in names(posts)


def test_talk_is_read_up_to_its_post(played) -> None:
    post = played.server.post("Consegne", author="ugo")
    first = played.server.add("lente", author="eva", under=post.name, note=None)
    second = played.server.add("lentissime", author="leo", under=first.name, note=None)
    called = played.server.add("u/aurora_care che dite?", author="mara", under=second.name)
    [mention], [page], _ = rounds(played)
    assert (mention.native_id, mention.conversation_id, mention.parent_id) == (called.name, post.name, second.name)
    assert {each.native_id for each in page.around} == {post.name, first.name, second.name}
    assert all(each.conversation_id == post.name for each in page.around)


def test_author_comes_with_what_they_show_of_themselves(played) -> None:
    for number in range(PROFILES + 3):
        played.arrive("ciao", author=f"mara{number}")
    played.page_items = played.server.page_items = 50
    posts, _, _ = rounds(played)
    assert posts[0].author.bio == "Qui scrive mara0" and posts[0].author.avatar_url
    assert sum("/about" in call for call, _ in played.server.asked) == PROFILES
    assert all(post.author.native_id and post.author.handle for post in posts)


@pytest.mark.parametrize("status", [404, 403, 503])
def test_author_who_shows_nothing_holds_nothing_back(played, status) -> None:
    sent = played.arrive("ciao", author="mara")
    played.server.before = lambda call: (status, {"message": "No"}) if call.endswith("/about") else None
    assert names(rounds(played)[0]) == {sent}


def test_comment_is_handed_over_as_it_stands_and_one_that_is_gone_not_at_all(played) -> None:
    kept, gone, hidden = played.arrive("prima"), played.arrive("poi"), played.arrive("nascosto")
    played.edit(kept, "dopo")
    played.delete(gone)
    del played.server.by_name[hidden]
    posts, _, _ = rounds(played)
    assert [(post.native_id, post.text) for post in posts if not post.deleted] == [(kept, "dopo")]


def test_what_is_merely_not_shown_is_no_deletion(played, clock) -> None:
    """A subreddit may be closed for a day."""
    hidden = played.arrive("nascosto")
    _, _, cursor = rounds(played)
    clock.move(minutes=20)
    held = played.server.by_name.pop(hidden)
    posts, _, cursor = rounds(played, cursor)
    assert not any(post.deleted for post in posts)
    played.server.by_name[hidden] = held
    played.server.delete(hidden, words="[removed]")
    clock.move(minutes=20)
    assert [post.native_id for post in rounds(played, cursor)[0] if post.deleted] == [hidden]


def test_edit_that_reddit_does_not_date_is_noticed(played, clock) -> None:
    sent = played.arrive("prima")
    _, _, cursor = rounds(played)
    clock.move(minutes=1)
    played.server.by_name[sent].view["body"] = "subito dopo"
    [again] = rounds(played, cursor)[0]
    assert (again.text, again.edited_at) == ("subito dopo", None)


def test_quiet_round_asks_little(played, clock) -> None:
    for number in range(5):
        played.arrive(f"ciao {number}", author=f"mara{number}")
    _, _, cursor = rounds(played)
    _, _, cursor = rounds(played, cursor)
    clock.move(minutes=1)
    played.server.asked.clear()
    rounds(played, cursor)
    assert [call for call, _ in played.server.asked] == [INBOX, INFO]


@pytest.mark.parametrize("answer", [(503, {}), (200, {"kind": "Listing"}), (200, b"<html>")])
def test_look_at_what_changed_or_was_said_before_never_stops_listening(played, clock, answer) -> None:
    played.server.post("prima un pacco rotto", author="ugo")
    _, _, cursor = rounds(played, watch=replace(SEARCH, is_competitor=True))
    played.server.before = lambda call: answer if call == INFO else None
    for number in range(2):
        clock.move(minutes=10)
        sent = played.server.post(f"pacco rotto {number}", author="eva").name
        posts, _, cursor = rounds(played, cursor, watch=replace(SEARCH, is_competitor=True))
        assert sent in names(posts) and not any(post.deleted for post in posts)


def test_private_message_is_nobodys_public_post(played) -> None:
    def with_message(call: str, answer):
        if call == INBOX:
            told = {"kind": "t4", "data": {"name": "t4_1", "author": "ugo", "body": "privato", "created_utc": 1.0}}
            answer[1]["data"]["children"].append(told)
        return answer

    played.server.after = with_message
    sent = played.arrive("pubblico")
    posts, [page], _ = rounds(played)
    assert names(posts) == {sent} and page.bad == ()


def test_unread_notes_stay_unread_for_people(played) -> None:
    rounds(played)
    assert [given["mark"] for call, given in played.server.asked if call == INBOX] == ["false"]


def test_round_that_rested_overnight_claims_no_more_than_it_heard(played, clock) -> None:
    for number in range(8):
        played.arrive(f"sera {number}")
    began_at = clock()
    cursor = played.collector().fetch(WATCH, None).next_cursor
    clock.move(hours=9)
    _, pages, _ = rounds(played, cursor)
    assert pages[-1].complete_up_to is not None and pages[-1].complete_up_to <= began_at + timedelta(seconds=1)


ODD_THINGS = [
    {"kind": "t1"},
    {"kind": "t1", "data": None},
    {"kind": "t1", "data": {"name": ["t1_x"]}},
    {"kind": "t1", "data": {"name": "t1_zzzz1", "author": {"of": 1}, "created_utc": "soon"}},
    {"kind": "t1", "data": {"name": "t1_zzzz2", "author": "eva", "created_utc": 1e300, "body": "x"}},
    {"kind": "t1", "data": {"name": "t1_zzzz3", "author": "eva", "created_utc": -5, "body": "x" * 5_000_000}},
    {"kind": "t6", "data": {"name": "t6_award"}},
    "nothing",
    None,
    [[[]]],
]


@pytest.mark.parametrize("thing", ODD_THINGS, ids=lambda thing: ascii(thing)[:60])
def test_odd_thing_in_a_listing_keeps_no_other_from_being_heard(played, clock, thing) -> None:
    """Put aside once, however often it is shown again."""

    def with_odd(call: str, answer):
        if call in (INBOX, "GET /r/spedizioni/comments") and answer[0] == 200:
            answer[1]["data"]["children"].insert(0, thing)
        return answer

    played.server.after = with_odd
    told: list[str] = []
    cursor = None
    for number in range(3):
        sent = played.arrive(f"parlo {number}")
        posts, pages, cursor = rounds(played, cursor, watch=replace(WATCH, terms=("parlo", "r/spedizioni")))
        assert sent in names(posts)
        told += [bad.reason for page in pages for bad in page.bad]
        clock.move(minutes=2)
    assert len(told) == len(set(told)) <= 2
    assert all(len(bad.raw) <= 4000 for page in pages for bad in page.bad)


@pytest.mark.parametrize("body", [{"kind": "Listing", "data": {"children": 5}}, [], "x", None, 7, {"data": []}])
def test_answer_that_is_no_listing_is_asked_for_again(played, body) -> None:
    sent = played.arrive("ciao")
    played.server.before = lambda call: (200, body) if call == INBOX else None
    with pytest.raises((Malformed, Unavailable)):
        rounds(played)
    played.server.behave()
    assert sent in names(rounds(played)[0])


def test_edit_of_a_post_that_no_round_looks_at_any_more_is_found_by_the_look_at_everything_kept(played, clock) -> None:
    name, calm = played.arrive("vecchio"), played.arrive("calmo")
    rounds(played)
    clock.move(days=3)
    played.edit(name, "vecchio, corretto")
    found = played.collector().recheck([Kept("reddit.com", each) for each in (name, calm)])
    assert [(post.native_id, post.text) for post in found.changed] == [(name, "vecchio, corretto")]
    assert len(found.asked) == 2
