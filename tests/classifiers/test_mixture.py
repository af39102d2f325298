"""What is drawn: each sentiment of most public sets alike, what a desk gets as it came, and the same by one seed."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from classifiers.training.examples import Example
from classifiers.training.mixture import LEAST, Stream, shares_of
from classifiers.training.own_posts import LEARNED
from classifiers.training.real_posts import REAL

TWEETS = "tweeteval_sentiment"
RARE = [Example(f"rare {at}", TWEETS, sentiment=0) for at in range(40)]
COMMON = [Example(f"common {at}", TWEETS, sentiment=2) for at in range(180)]
OURS = [Example(f"ours {at}", LEARNED, sentiment=int(at % 10 == 0)) for at in range(200)]


def drawn(own_share: float, *, seed: int = 7, batches: int = 96) -> list[Example]:
    posts = [*RARE, *COMMON, *OURS]
    stream = Stream(posts, shares_of(posts, own_share), size=16, seed=seed)
    return [example for batch in islice(stream.batches(pool=8), batches) for example in batch]


def test_each_sentiment_of_a_public_set_is_drawn_alike() -> None:
    counted = Counter(example.sentiment for example in drawn(0.0))

    assert abs(counted[0] - counted[2]) <= 1


def test_a_sentiment_of_a_handful_of_posts_is_not_drawn() -> None:
    handful = [Example(f"handful {at}", TWEETS, sentiment=1) for at in range(LEAST - 1)]
    posts = [*RARE, *COMMON, *handful]

    batches = islice(Stream(posts, shares_of(posts, 0.0), size=16, seed=7).batches(pool=8), 20)

    assert {example.sentiment for batch in batches for example in batch} == {0, 2}


def test_within_a_sentiment_nothing_comes_again_before_all_came() -> None:
    times = Counter(example.text for example in drawn(0.0) if example.sentiment == 2)

    assert len(times) == len(COMMON)
    assert max(times.values()) - min(times.values()) <= 1


def test_our_own_posts_keep_their_proportions_and_their_share() -> None:
    everything = drawn(0.25)
    ours = [example for example in everything if example.source == LEARNED]

    assert 0.2 < len(ours) / len(everything) < 0.3
    assert 0.06 < sum(example.sentiment for example in ours) / len(ours) < 0.14


def test_tweets_to_airlines_are_drawn_as_they_came() -> None:
    angry = [Example(f"late {at}", "airline_us", sentiment=0) for at in range(150)]
    glad = [Example(f"thanks {at}", "airline_us", sentiment=2) for at in range(50)]
    posts = [*angry, *glad]

    batches = islice(Stream(posts, shares_of(posts, 0.0), size=20, seed=7).batches(pool=10), 10)

    assert Counter(example.sentiment for batch in batches for example in batch) == {0: 150, 2: 50}


def test_real_posts_that_press_are_drawn_as_often_as_those_that_wait() -> None:
    waiting = [Example(f"waits {at}", REAL, sentiment=at % 3, urgency=at % 2) for at in range(150)]
    pressing = [Example(f"presses {at}", REAL, sentiment=0, urgency=2 + at % 2) for at in range(40)]
    doubted = [Example(f"doubted {at}", REAL, sentiment=0, guessed_urgency=(1, 2)) for at in range(10)]
    posts = [*waiting, *pressing, *doubted]

    batches = islice(Stream(posts, shares_of(posts, 0.0), size=20, seed=7).batches(pool=10), 10)

    drawn = Counter(example.text.split()[0] for batch in batches for example in batch)
    assert drawn["presses"] == 100
    assert drawn["waits"] + drawn["doubted"] == 100


def test_the_same_seed_draws_the_same() -> None:
    assert drawn(0.25, batches=8) == drawn(0.25, batches=8)
    assert drawn(0.25, batches=8) != drawn(0.25, batches=8, seed=8)


def test_without_public_sets_our_own_posts_are_all_there_is() -> None:
    assert shares_of(OURS, 0.3) == {LEARNED: 1.0}


def test_where_every_set_is_left_out_our_own_posts_are_all_there_is() -> None:
    assert shares_of([*COMMON, *OURS], 0.3, {TWEETS: 0.0}) == {LEARNED: 1.0}


def test_a_share_that_is_asked_for_counts_instead() -> None:
    posts = [*COMMON, *(Example(f"to a brand {at}", "airline_us", sentiment=0) for at in range(40))]

    assert shares_of(posts, 0.0, {TWEETS: 3.0, "goemotions": 9.0})[TWEETS] == 3.0
    assert "goemotions" not in shares_of(posts, 0.0, {"goemotions": 9.0})  # the set is not there
