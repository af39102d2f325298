"""Does a watch find the words that people mean, however they are written, and refuse those that could find nothing?"""

from __future__ import annotations

import time

import pytest

from collectors.bluesky.collector import _query
from collectors.bluesky.listener import Sieve
from collectors.bluesky.stream import Event
from domain.brand import Watch
from domain.errors import Invalid
from services import watches
from services.match_marks import look
from services.matching import matches

SAME = [
    ("istanbul", "Ho comprato a İSTANBUL"),
    ("İstanbul", "saluti da istanbul"),
    ("ışık", "IŞIK sönük"),
    ("straße", "Die STRASSE ist zu"),
    ("strasse", "Die Straße ist zu"),
    ("dell'energia", "il prezzo dell’energia"),
    ("aurora luce", "l’Aurora\n LUCE non va"),
    ("ＡＵＲＯＲＡ", "aurora!"),
    ("⚡", "ciao⚡mondo"),
    ("❤️", "vi amo ❤ tanto"),
    ("👍", "bene 👍🏽"),
    ("aurora", "vedi https://aurora.example/guasti?x=1"),
    ("aurora", "scrivi a info@aurora.example"),
    ("aurora", "che bello #aurora"),
    ("#aurora", "che bella aurora"),
    ("@aurora", "grazie @Aurora!"),
    ("C++", "scrivo in c++ da anni"),
]
OTHER = [
    ("aurora", "l’auroraboreale"),
    ("aurora", "#auroraluce"),
    ("aurora luce", "#auroraluce"),
    ("caffe", "un caffè"),
    ("⚡", "nessun lampo"),
    ("ss", "Straße"),
]


def found(term: str, text: str) -> bool:
    watch = Watch(1, 1, "w", terms=(term,))
    is_found = matches(watch, text, channel="fake")
    assert look(watch, text).matched is is_found, "the preview says what the desk does"
    return is_found


@pytest.mark.parametrize(("term", "text"), SAME)
def test_what_people_take_for_the_same_is_found(term: str, text: str) -> None:
    assert found(term, text)


@pytest.mark.parametrize(("term", "text"), OTHER)
def test_what_is_another_word_is_not_found(term: str, text: str) -> None:
    assert not found(term, text)


@pytest.mark.parametrize(("term", "text"), SAME)
def test_a_stream_lets_through_whatever_the_desk_would_find(term: str, text: str) -> None:
    event = Event("at://did:plc:x/app.bsky.feed.post/1", "create", "cid", {"text": text}, 1)
    assert Sieve([Watch(1, 1, "w", terms=(term,))], [], []).lets_through(event)


def test_marks_cover_the_words_as_they_are_written() -> None:
    text = "A İSTANBUL ❤️ in Straße"
    seen = look(Watch(1, 1, "w", terms=("istanbul", "❤", "strasse")), text)
    assert [text[start:end] for start, end in seen.marks] == ["İSTANBUL", "❤", "Straße"]


def test_quotation_marks_around_a_phrase_are_left_away_and_a_phrase_is_searched_for_as_one() -> None:
    assert watches.words(('"aurora luce"', "«aurora luce»", "“Aurora Luce”", '"', "  ")) == ["aurora luce"]
    assert _query("aurora luce") == '"aurora luce"' and _query('dice "aurora"') == '"dice aurora"'


@pytest.mark.parametrize("term", ["!!!", "#", "@", "...", "x" * 121])
def test_a_term_that_could_find_nothing_is_refused(term: str) -> None:
    with pytest.raises(Invalid, match="cannot be searched for"):
        watches.words((term,))


def test_an_emoji_and_a_long_phrase_in_quotes_are_terms() -> None:
    assert watches.words(("🔥", f'"{"x" * 120}"')) == ["🔥", "x" * 120]


@pytest.mark.parametrize("exclusion", ["aurora", "#Aurora", "AURORA", "luce"])
def test_an_exclusion_that_stands_in_a_term_is_refused_because_nothing_could_match(ctx, brand, exclusion) -> None:
    with pytest.raises(Invalid) as refused:
        watches.add_watch(ctx, brand.id, name="w", terms=("altro", "aurora luce", "aurora"), exclusions=(exclusion,))
    assert refused.value.values["what"] == "watch_excluded"
    watches.add_watch(ctx, brand.id, name="w", terms=("aurora",), exclusions=("aurora boreale", "auror"))


def test_two_hundred_terms_are_looked_for_in_a_page_of_posts_in_no_time(ctx, brand) -> None:
    terms = tuple(f"parola{number} rara" for number in range(199)) + ("🔥",)
    watch = watches.add_watch(ctx, brand.id, name="many", terms=terms)
    posts = [f"una riga qualunque numero {number} " * 8 for number in range(100)] + ["parola198 rara", "brucia🔥"]
    began_s = time.perf_counter()
    assert sum(matches(watch, post, channel="fake") for post in posts) == 2
    assert time.perf_counter() - began_s < 5, "a page of a hundred posts"
    with pytest.raises(Invalid):
        watches.add_watch(ctx, brand.id, name="more", terms=(*terms, "one too many"))
