"""Does the page of the trends tell true figures in both languages, lead to the posts behind, and open to few?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

import bootstrap
from desk import trend_words
from desk.i18n import speaking
from desk.pages.trends import charts, groups, posts
from domain.metrics import Figure, net_sentiment
from domain.window import Comparison, Window
from services import brands, trends
from services.context import Context
from services.trend_views import Trends
from tests.desk.test_channels_page import shown

DrawPage = Callable[[str, str], AppTest]


def sample_trends(ctx: Context, days: int = 31) -> Trends:
    brand = brands.resolve_brand(ctx, None)
    first = ctx.clock().date() - timedelta(days=days - 1)
    return trends.trends(ctx, brand.id, trends.window_of(ctx, brand.id, since=first))


def test_a_manager_reads_each_figure_with_what_it_rests_on(desk: bootstrap.Backend, draw_page: DrawPage) -> None:
    said = shown(draw_page("paolo", "trends"))
    assert "Andamento della reputazione" in said and "rispetto ai 31 giorni prima" in said
    assert "letto: Esempio" in said and "giudicati da" in said
    assert "Volume" in said and "Saldo del tono" in said and "margine ±" in said
    assert "Mostra come tabella" in said and "non era ancora in ascolto" in said
    assert "mai per operatore" in said and "Paolo" not in said, "nothing is said about a colleague"


def test_marketing_reads_them_in_english(desk: bootstrap.Backend, draw_page: DrawPage) -> None:
    said = shown(draw_page("mark", "trends"))
    assert "Reputation trends" in said and "against the 31 days before" in said and "margin ±" in said
    assert "No watch listens to a competitor" in said and "What presses" in said and "Money at stake" in said


def test_whoever_only_answers_is_not_led_there(desk: bootstrap.Backend, draw_page: DrawPage) -> None:
    assert "Andamento della reputazione" not in shown(draw_page("sara", "trends"))


def test_a_desk_without_a_brand_says_so(empty_desk: bootstrap.Backend, draw_page: DrawPage) -> None:
    assert "There is no brand yet" in shown(draw_page("aoife", "trends"))


def test_the_only_channel_left_off_since_is_named_and_not_told_as_never_read(desk: bootstrap.Backend) -> None:
    seen = sample_trends(desk.ctx)
    left = replace(seen.heard, channels=(), left=(("sample", datetime(2026, 11, 15, 12, tzinfo=UTC)),))
    gone = replace(seen, heard=left)
    for language, named in (("en", "no longer read: Sample (last read 15 November)"), ("it", "15 novembre)")):
        with speaking(language):
            said = trend_words.head_words(gone)
            assert named in said and "no channel is read" not in said and "nessun canale" not in said
            assert " ·  · " not in said
    with speaking("en"):
        silent = replace(gone, now=replace(seen.now, posts=0))
        assert "only imported" not in trend_words.empty_words(silent, now=seen.read_at)[1]


def test_a_brand_nobody_wrote_about_has_a_sentence_and_no_figure(
    empty_desk: bootstrap.Backend, draw_page: DrawPage
) -> None:
    brands.add_brand(empty_desk.ctx, "Quiet")
    said = shown(draw_page("aoife", "trends"))
    assert "No post in these days" in said and "No channel is read for this brand" in said
    assert "Net sentiment" not in said and "margin ±" not in said and "0.00" not in said


def test_from_a_point_to_its_posts_and_their_cases(desk: bootstrap.Backend, draw_page: DrawPage) -> None:
    page = draw_page("aoife", "trends")
    point = max(sample_trends(desk.ctx).points, key=lambda p: p.figures.posts if p.figures else 0)
    page.session_state[posts._OPENED] = (point.stretch.from_at, point.stretch.to_at)
    page.session_state[posts._PAGES] = [None]
    page.run()
    said = shown(page)
    assert (
        said.count('class="sp sp-behind"') == posts.posts_behind.PAGE_POSTS
        and "Older posts" in said
        and "Open the case" in said
    )


def test_the_chart_draws_nothing_where_nobody_listened_and_says_so(desk: bootstrap.Backend) -> None:
    seen = sample_trends(desk.ctx)
    with speaking("en"):
        chart = charts.chart_of(seen)
    before, today = chart.points[0], chart.points[-1]
    assert before.bar is None and before.line is None and before.missed == ((0.0, 1.0),)
    assert before.said.endswith(": not known; not heard: Sample (1 day)")
    assert today.bar and not today.is_over and "so far" in today.said
    assert sum(bool(point.mark) for point in chart.points) == 1 and "lower bounds" in chart.sentence
    assert all(0 <= value <= 1 for p in chart.points for value in (p.bar, p.line, p.low, p.high) if value is not None)


@pytest.mark.parametrize(("language", "volume", "net"), [("en", "1,140", "−0.12"), ("it", "1.140", "−0,12")])
def test_numbers_are_written_as_their_reader_writes_them(language: str, volume: str, net: str) -> None:
    with speaking(language):
        assert trend_words.number(1140) == volume and trend_words.signed(-0.12) == net
        assert trend_words.signed(0.004) == trend_words.signed(-0.004) == ("0.00" if language == "en" else "0,00")


def test_windows_are_said_as_people_say_them() -> None:
    with speaking("en"):
        two = Window(datetime(2026, 10, 21, tzinfo=UTC).date(), datetime(2026, 11, 20, tzinfo=UTC).date(), "UTC")
        assert trend_words.window_words(two) == "21 October to 20 November 2026"
        one = two.compared(Comparison.PREVIOUS)
        assert trend_words.window_words(replace(one, first=one.last)) == "20 October 2026"


def test_too_little_is_said_in_the_place_of_a_figure(desk: bootstrap.Backend) -> None:
    seen = sample_trends(desk.ctx)
    few = replace(seen, now=replace(seen.now, net=net_sentiment(1, 1, 3, least=5), complaints=Figure(0)))
    with speaking("en"):
        said = str(groups.figure_cards(few))
    assert "Too few to tell: 3 of at least 5" in said and "Nothing to count in these days" in said


@pytest.mark.parametrize("most", [0, 1, 4, 5, 9, 99, 100, 131, 498, 12_345])
def test_the_axis_holds_its_highest_bar(most: int) -> None:
    top = charts.nice_top(most)
    assert top >= max(most, 4) and top <= max(4, 2 * most)
