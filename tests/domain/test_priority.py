"""The rank: urgency first, waiting never hurts, reach is capped, a correction wins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.judgement import Kind, ReasonCode, Sentiment, UrgencyLevel
from domain.priority import CaseFacts, PostFacts, RankCode, floor_level, leading_post, rank, score_at

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def post(level: int = 1, *, minutes_ago: int = 10, urgency: float | None = None, **more: object) -> PostFacts:
    values: dict[str, object] = {
        "at": NOW - timedelta(minutes=minutes_ago),
        "sentiment": Sentiment.NEGATIVE,
        "kind": Kind.COMPLAINT,
        "urgency": float(level) if urgency is None else urgency,
        "level": UrgencyLevel(level),
    }
    return PostFacts(**(values | more))  # type: ignore[arg-type]


def facts(*posts: PostFacts, waiting_h: float = 1.0, **more: object) -> CaseFacts:
    return CaseFacts(posts=posts, waiting_since=NOW - timedelta(hours=waiting_h), **more)  # type: ignore[arg-type]


levels = st.integers(0, 3)
hours = st.floats(0, 24 * 30)
followers = st.integers(0, 500_000_000)


@given(levels, hours, hours)
def test_waiting_longer_never_lowers_the_rank(level: int, one: float, other: float) -> None:
    short, long = sorted((one, other))

    assert (
        rank(facts(post(level), waiting_h=long), NOW).score
        >= rank(facts(post(level), waiting_h=short), NOW).score - 1e-6
    )


@given(st.integers(0, 2), followers, hours)
def test_no_number_of_followers_outweighs_danger(level: int, reach: int, waiting_h: float) -> None:
    influencer = facts(post(level), followers=reach, waiting_h=waiting_h)
    in_danger = facts(post(3, codes=(ReasonCode.SAFETY,)), followers=10, waiting_h=0)

    assert rank(in_danger, NOW).score > rank(influencer, NOW).score


@given(st.integers(0, 2), st.floats(0, 0.499), st.floats(0, 0.5), followers)
def test_no_number_of_followers_passes_a_level_even_where_the_model_hesitates(
    level: int, above: float, below: float, reach: int
) -> None:
    influencer = facts(post(level, urgency=level + above), followers=reach)
    higher = facts(post(level + 1, urgency=level + 1 - below))

    assert rank(higher, NOW).score > rank(influencer, NOW).score


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("further", [0, 1, 3, 12])
@given(reach=followers, waiting_h=hours)
@example(reach=1_000_000, waiting_h=1.0)
def test_no_reach_passes_the_border_of_a_level_beside_any_number_of_posts(
    level: int, further: int, reach: int, waiting_h: float
) -> None:
    surest = post(level, urgency=level + 0.499)
    influencer = facts(surest, *[surest] * further, followers=reach, waiting_h=waiting_h)
    hesitant = facts(post(level + 1, urgency=level + 0.5), waiting_h=waiting_h)

    assert rank(hesitant, NOW).score > rank(influencer, NOW).score


def test_what_may_pass_a_level_is_what_the_reference_says() -> None:
    def score(**more: object) -> float:
        many = [post(1) for _ in range(int(more.pop("posts", 1)))]  # type: ignore[call-overload]
        return rank(facts(*many, **({"waiting_h": 0.0, "followers": 10**9} | more)), NOW).score  # type: ignore[arg-type]

    in_the_middle, week = rank(facts(post(2), waiting_h=0.0), NOW).score, 24.0 * 7
    assert score(posts=9, hand_overs=9, waiting_h=week) < in_the_middle
    assert score(promises_broken=1) < in_the_middle < score(promises_broken=1, waiting_h=week / 2)
    assert score(promise_due_at=NOW) < in_the_middle < score(promise_due_at=NOW, waiting_h=week, posts=4)


@given(st.floats(0, 3), st.floats(0, 3))
def test_of_two_posts_alike_the_one_the_model_expects_more_of_stands_in_front(one: float, other: float) -> None:
    low, high = sorted((one, other))
    below, above = (facts(post(int(each + 0.5), urgency=each)) for each in (low, high))

    assert rank(above, NOW).score >= rank(below, NOW).score


@given(levels, hours, followers)
def test_the_reasons_add_up_to_the_score(level: int, waiting_h: float, reach: int) -> None:
    ranked = rank(facts(post(level), post(level), waiting_h=waiting_h, followers=reach, hand_overs=2), NOW)

    assert sum(r.points for r in ranked.reasons) == pytest.approx(ranked.score)


@given(levels, levels, st.floats(0, 24 * 3), st.floats(0, 24 * 3), st.floats(0, 24 * 3))
def test_the_key_orders_as_the_score_does_at_any_later_moment(
    one: int, other: int, one_h: float, other_h: float, later_h: float
) -> None:
    later = NOW + timedelta(hours=later_h)
    first, second = facts(post(one), waiting_h=one_h), facts(post(other), waiting_h=other_h)

    keys = rank(first, NOW).key, rank(second, NOW).key

    assert score_at(keys[0], later) == pytest.approx(rank(first, later).score, abs=1e-6)
    assert (keys[0] > keys[1] + 1e-6) == (rank(first, later).score > rank(second, later).score + 1e-6)


def test_the_most_urgent_post_since_our_reply_speaks_for_the_case() -> None:
    lead = leading_post([post(3, minutes_ago=60), post(1, minutes_ago=5)])

    assert lead.level == UrgencyLevel.ACT_NOW


def test_a_later_word_of_thanks_lowers_the_case_and_says_so() -> None:
    solved = post(0, minutes_ago=1, kind=Kind.PRAISE, sentiment=Sentiment.POSITIVE, says_solved=True)

    ranked = rank(facts(post(3, minutes_ago=60), solved), NOW)

    assert ranked.level == UrgencyLevel.NO_ACTION
    assert RankCode.SAYS_SOLVED in {r.code for r in ranked.reasons}


def test_a_correction_wins_over_every_other_post() -> None:
    corrected = post(1, minutes_ago=50, corrected=True)

    ranked = rank(facts(post(3, minutes_ago=60), corrected, post(2, minutes_ago=5)), NOW)

    assert ranked.level == UrgencyLevel.NORMAL
    assert RankCode.CORRECTED in {r.code for r in ranked.reasons}


def test_a_broken_promise_lifts_a_case_and_is_named() -> None:
    plain, let_down = rank(facts(post(1)), NOW), rank(facts(post(1), promises_broken=1), NOW)

    assert let_down.score > plain.score
    assert RankCode.PROMISE_BROKEN in {r.code for r in let_down.reasons}


def test_an_unjudged_post_is_marked_as_such() -> None:
    ranked = rank(facts(post(1, judged=False)), NOW)

    assert not ranked.judged
    assert RankCode.UNJUDGED in {r.code for r in ranked.reasons}


def test_a_case_without_posts_cannot_be_ranked() -> None:
    with pytest.raises(ValueError, match="at least one post"):
        rank(facts(), NOW)


def test_what_was_solved_counts_no_more_once_the_customer_writes_of_something_else() -> None:
    solved = post(0, minutes_ago=40, kind=Kind.PRAISE, sentiment=Sentiment.POSITIVE, says_solved=True)
    question = post(1, minutes_ago=5, kind=Kind.QUESTION)

    ranked = rank(facts(post(3, minutes_ago=60), solved, question), NOW)

    assert (ranked.level, ranked.kind) == (UrgencyLevel.NORMAL, Kind.QUESTION)
    assert RankCode.SAYS_SOLVED in {r.code for r in ranked.reasons}


def test_what_we_answered_waits_for_the_customer_and_is_not_urgent() -> None:
    ranked = rank(facts(post(3, codes=(ReasonCode.SAFETY,)), answered_before=True, answered_last=True), NOW)

    assert ranked.level == UrgencyLevel.NORMAL
    assert RankCode.ANSWERED in {r.code for r in ranked.reasons}


def test_a_correction_outlives_our_answer() -> None:
    ranked = rank(facts(post(3, corrected=True), answered_before=True, answered_last=True), NOW)

    assert ranked.level == UrgencyLevel.ACT_NOW


@given(st.lists(levels, min_size=1, max_size=5), st.lists(levels, min_size=1, max_size=5))
def test_our_reply_alone_lowers_a_case_by_one_level_at_most(before: list[int], since: list[int]) -> None:
    earlier, later = [post(each) for each in before], [post(each) for each in since]

    level = rank(facts(*later, before=earlier), NOW).level

    assert level == max(*since, max(before) - 1, 0)


@given(st.lists(levels, max_size=5), st.lists(levels, min_size=1, max_size=5), hours)
def test_what_came_before_never_lowers_a_case_and_every_point_of_it_is_told(
    before: list[int], since: list[int], waiting_h: float
) -> None:
    later = [post(each, urgency=each - 0.3) for each in since]
    alone = rank(facts(*later, waiting_h=waiting_h), NOW)
    ranked = rank(facts(*later, waiting_h=waiting_h, before=[post(each) for each in before]), NOW)

    assert (ranked.level, ranked.score) >= (alone.level, alone.score - 1e-6)
    assert sum(r.points for r in ranked.reasons) == pytest.approx(ranked.score)
    assert (RankCode.WAS_URGENT in {r.code for r in ranked.reasons}) is (ranked.level > alone.level)


@given(levels, st.lists(levels, max_size=3))
def test_a_word_that_it_is_solved_or_a_colleagues_word_ends_it(before: int, since: list[int]) -> None:
    earlier, later = [post(before)], [post(each) for each in since]

    for last_word in (post(0, says_solved=True), post(0, corrected=True)):
        assert floor_level(facts(*later, last_word, before=earlier)) is UrgencyLevel.NO_ACTION


def test_a_correction_of_an_answered_post_counts_as_what_the_case_was() -> None:
    earlier = [post(3, minutes_ago=60), post(1, minutes_ago=50, corrected=True)]

    assert rank(facts(post(0), before=earlier), NOW).level is UrgencyLevel.NO_ACTION


def test_a_case_nobody_owns_that_we_answered_elsewhere_rests_until_they_write() -> None:
    ranked = rank(facts(post(1), before=[post(3)], answered_last=True), NOW)

    assert ranked.level is UrgencyLevel.NORMAL
