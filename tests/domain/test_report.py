"""Which days does a report tell of, and when has a complaint turned into thanks?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import Invalid
from domain.judgement import Kind, Sentiment
from domain.report import Month, Said, days_of, month_from, turn_of

START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
BAD, NEUTRAL, PRAISE = (
    (Kind.COMPLAINT, Sentiment.NEGATIVE),
    (Kind.OTHER, Sentiment.NEUTRAL),
    (Kind.PRAISE, Sentiment.POSITIVE),
)


def said(day: int, text: str, labels: tuple = NEUTRAL, *, corrected: bool = False) -> Said:
    return Said(day, START + timedelta(days=day), text, *labels, corrected)


def turn(*posts: Said, replies: tuple[float, ...] = (), to_at: datetime = END):
    return turn_of(posts, [START + timedelta(days=day) for day in replies], from_at=START, to_at=to_at)


def test_a_month_is_written_with_its_year_and_has_a_last_day() -> None:
    assert (month_from("2028-02").last, month_from(" 2026-12 ").last) == (date(2028, 2, 29), date(2026, 12, 31))
    assert str(Month(2026, 1).before) == "2025-12"


@pytest.mark.parametrize("written", ["2026-13", "2026-00", "26-10", "October", "0000-01", "9999-12", "2026-1"])
def test_what_is_no_month_is_refused(written: str) -> None:
    with pytest.raises(Invalid):
        month_from(written)


def test_a_month_that_is_over_is_held_against_the_whole_month_before() -> None:
    days = days_of(Month(2026, 3), "Europe/Rome", now=datetime(2026, 4, 2, tzinfo=UTC))
    assert (days.window.days, days.before.days, days.is_running) == (31, 28, False)


def test_a_running_month_is_held_against_the_same_days() -> None:
    days = days_of(Month(2026, 3), "Europe/Rome", now=datetime(2026, 3, 30, 22, 30, tzinfo=UTC))
    assert days.is_running and days.window.last == date(2026, 3, 31), "it is past midnight in Rome"
    assert days.before.last == date(2026, 2, 28), "February ends before the 31st"
    assert days.earlier == days.before.stretch and not days.is_cut
    ahead = days_of(Month(2026, 5), "Europe/Rome", now=datetime(2026, 3, 30, tzinfo=UTC))
    assert ahead.is_ahead and not ahead.is_running


def test_a_running_month_is_held_against_no_more_of_its_last_day_than_has_passed() -> None:
    days = days_of(Month(2026, 4), "Europe/Rome", now=datetime(2026, 4, 3, 7, 20, tzinfo=UTC))
    assert days.is_cut and days.before.last == date(2026, 3, 3)
    at_nine = datetime(2026, 3, 3, 8, 20, tzinfo=UTC)
    assert days.earlier.to_at == at_nine, "20 past nine in Rome, before its clocks were changed"
    first = days_of(Month(2026, 4), "Europe/Rome", now=datetime(2026, 3, 31, 22, tzinfo=UTC))
    assert first.earlier.to_at == first.earlier.from_at, "of a month that begins just now, nothing is held against"
    over = days_of(Month(2026, 3), "Europe/Rome", now=datetime(2026, 4, 3, 7, 20, tzinfo=UTC))
    assert over.earlier == over.before.stretch


def test_thanks_after_our_answer_to_a_complaint_are_a_turn() -> None:
    found = turn(said(1, "no heating", BAD), said(3, "Refund received, thanks"), replies=(2,))
    assert found.complaint.mention_id == 1 and found.thanks.mention_id == 3


@pytest.mark.parametrize(
    ("posts", "replies"),
    [
        ((said(1, "no heating", BAD), said(3, "solved, thanks")), ()),  # nobody answered
        ((said(1, "no heating", BAD), said(2, "it works again, thanks")), (3,)),  # it was solved before we answered
        ((said(1, "when do you open?"), said(3, "solved, thanks")), (2,)),  # nobody complained
        ((said(1, "no heating", BAD),), (2,)),  # they did not write again
    ],
)
def test_what_is_no_turn(posts, replies) -> None:
    assert turn(*posts, replies=replies) is None


def test_somebody_who_writes_again_without_thanks_counts_among_those_who_could_have() -> None:
    assert turn(said(1, "no heating", BAD), said(3, "and when do you come?"), replies=(2,)).thanks is None


def test_a_later_complaint_takes_the_thanks_back_and_new_thanks_bring_them_again() -> None:
    story = [said(1, "no heating", BAD), said(3, "solved, thanks"), said(4, "it broke again", BAD)]
    assert turn(*story, replies=(2,)).thanks is None
    assert turn(*story, said(6, "fixed now, thanks"), replies=(2, 5)).thanks.mention_id == 6


def test_a_colleagues_labels_win_over_the_words() -> None:
    irony = said(3, "thanks", BAD, corrected=True)
    assert turn(said(1, "no heating", BAD), irony, replies=(2,)).thanks is None
    praise = said(3, "you are a treasure", PRAISE, corrected=True)
    assert turn(said(1, "no heating", BAD), praise, replies=(2,)).thanks is praise


def test_mere_thanks_are_not_believed_unless_judged_as_praise_or_settled() -> None:
    asks, grumbles = (Kind.QUESTION, Sentiment.NEUTRAL), (Kind.OTHER, Sentiment.NEGATIVE)
    assert turn(said(1, "no heating", BAD), said(3, "Thank you all", PRAISE), replies=(2,)).thanks
    for labels in (asks, grumbles, NEUTRAL, (None, None)):
        assert turn(said(1, "no heating", BAD), said(3, "Thanks, so it exists", labels), replies=(2,)).thanks is None
    for labels in (asks, NEUTRAL, (None, None)):
        assert turn(said(1, "no heating", BAD), said(3, "It is solved, thanks", labels), replies=(2,)).thanks


@pytest.mark.parametrize("labels", [BAD, (Kind.OTHER, Sentiment.NEGATIVE), (Kind.COMPLAINT, Sentiment.NEUTRAL)])
def test_what_settles_the_matter_in_anger_thanks_nobody(labels: tuple) -> None:
    furious = said(3, "finalmente è tornata la luce dopo tre giorni, vergogna", labels)
    assert turn(said(1, "no heating", BAD), furious, replies=(2,)).thanks is None
    taken_back = turn(said(1, "no heating", BAD), said(2.5, "solved, thanks"), furious, replies=(2,))
    assert taken_back.thanks is None, "it takes earlier thanks back"


def test_anger_after_the_matter_is_settled_is_a_complaint_of_its_own() -> None:
    furious = said(3, "finalmente è tornata la luce dopo tre giorni, vergogna", BAD)
    found = turn(said(1, "no heating", BAD), furious, said(5, "that was kind", PRAISE), replies=(2, 4))
    assert found.complaint is furious and found.thanks.mention_id == 5


def test_thanks_count_once_and_in_their_own_month() -> None:
    story = [said(-5, "no heating", BAD), said(-3, "solved, thanks"), said(4, "thanks once more", PRAISE)]
    assert turn(*story, replies=(-4,)) is None, "they had turned before"
    late = turn(said(1, "no heating", BAD), said(2.5, "and now?"), said(40, "solved, thanks"), replies=(2,))
    assert late.thanks is None, "what comes after the month is not known yet"
