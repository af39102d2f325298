"""Does the page say how far the model can be trusted, humanely, in both languages, and only to those who may?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

import bootstrap
from classifiers import registry
from classifiers.measures import Figure
from classifiers.teaching.course import HeadTrial, Verdict
from db.tables import case_mentions, mentions
from domain.judgement import Correction, Kind, Sentiment, UrgencyLevel
from services import brands, cases, heads, lesson_record, queue, triage, trust
from tests.desk.test_channels_page import as_, button, shown
from tests.fakes import FakeClassifier
from tests.services.test_teaching import some_heads

DrawPage = Callable[[str, str], AppTest]


@pytest.fixture
def corrected(desk: bootstrap.Backend) -> Callable[[int], None]:
    """The sample judged by a model that calls everything a question, and the first posts read by Sara."""

    def read(posts: int) -> None:
        triage.rejudge(desk.ctx, FakeClassifier("care-7"), posts=200)
        triage.judge_pending(desk.ctx, FakeClassifier("care-7"), posts=200)
        brand = brands.resolve_brand(desk.ctx, None)
        entries = queue.page(desk.ctx, queue.QueueFilter(brand.id), limit=posts).entries
        for n, entry in enumerate(entries):
            kind = Kind.QUESTION if n % 3 else Kind.IDEA
            post = cases.view(desk.ctx, entry.case_id).case.last_mention_id
            triage.correct(as_(desk, "sara"), post, Correction(Sentiment.NEUTRAL, kind, UrgencyLevel.NORMAL))

    return read


def test_a_manager_sees_figures_with_n_and_margin_mistakes_and_the_cases_behind(
    desk: bootstrap.Backend, corrected: Callable[[int], None], draw_page: DrawPage
) -> None:
    corrected(24)
    page = draw_page("paolo", "trust")
    said = shown(page)
    assert "67%" in said and "n = 24" in said and "tra 47% e 82%" in said
    assert "24 post letti dai colleghi" in said and "care-7" in said
    assert "Che cosa vuole: ha detto «domanda», era «idea» · 8 volte" in said
    assert "n dice su quanti post poggia una cifra" in said
    assert "Sara" not in said, "nothing is said about a colleague"
    assert button(page, "Apri il caso").key.startswith("sp_wrong_0_")


def test_two_posts_of_one_case_that_are_wrong_in_the_same_way_are_both_shown(
    desk: bootstrap.Backend, draw_page: DrawPage
) -> None:
    triage.rejudge(desk.ctx, FakeClassifier("care-7"), posts=200)
    triage.judge_pending(desk.ctx, FakeClassifier("care-7"), posts=200)
    with desk.ctx.store.read() as tx:
        posts = select(case_mentions.c.case_id, mentions.c.id).join(mentions).where(~mentions.c.is_own)
        of_case: dict[int, list[int]] = {}
        for case_id, mention_id in tx.execute(posts):
            of_case.setdefault(case_id, []).append(mention_id)
    several = next(of_one for of_one in of_case.values() if len(of_one) > 1)[:2]
    for post in several:
        triage.correct(as_(desk, "sara"), post, Correction(Sentiment.NEUTRAL, Kind.IDEA, UrgencyLevel.NORMAL))
    page = draw_page("aoife", "trust")
    assert "2 times" in shown(page)
    assert [each.label for each in page.button].count("Open the case") == 2


def test_few_posts_give_no_figure_and_the_page_says_how_many_are_missing(
    desk: bootstrap.Backend, corrected: Callable[[int], None], draw_page: DrawPage
) -> None:
    corrected(3)
    said = shown(draw_page("aoife", "trust"))
    assert "Not enough posts yet: 3 of 20" in said and "100%" not in said and "By language" not in said
    assert "3 of the 30 corrected posts are there" in said
    assert "so no figure is shown" in said and "right more often than this" not in said, "there is no figure to explain"


def test_a_desk_where_nobody_has_corrected_anything_says_so_calmly(
    desk: bootstrap.Backend, draw_page: DrawPage
) -> None:
    said = shown(draw_page("aoife", "trust"))
    assert "Nothing to compare yet" in said and "No mistake" not in said and "0 posts read by colleagues" in said


def test_the_command_names_the_sample_because_the_sample_is_invented(
    desk: bootstrap.Backend, draw_page: DrawPage
) -> None:
    name = brands.resolve_brand(desk.ctx, None).name
    said = shown(draw_page("aoife", "trust")).replace("&#x27;", "'")
    assert f"./sportello train --from-corrections --brand '{name}'" in said


def test_what_another_version_was_taught_is_said_not_to_judge(
    desk: bootstrap.Backend, corrected: Callable[[int], None], draw_page: DrawPage
) -> None:
    corrected(2)
    with desk.ctx.store.write() as tx:
        heads.install(tx, some_heads(learned_from=frozenset(range(40))))
    said = shown(draw_page("aoife", "trust"))
    assert "from 40 posts does not fit the model that judges now" in said and "has learned from" not in said


def test_what_came_of_the_last_lesson_is_said_head_by_head_in_plain_words(
    desk: bootstrap.Backend, corrected: Callable[[int], None], draw_page: DrawPage
) -> None:
    corrected(2)
    before, after, gain = Figure(0.48, 0.4, 0.6, 60), Figure(0.8, 0.7, 0.9, 60), Figure(0.32, 0.2, 0.4, 60)
    trials = (
        HeadTrial("sentiment", 60, Verdict.BETTER, before, after, gain, 969, 0.83, 0.83, 30.0),
        HeadTrial("kind", 60, Verdict.COSTS_ELSEWHERE, before, before, Figure(0, 0, 0, 60), 969, 0.81, 0.74),
        HeadTrial("urgency", 12, Verdict.TOO_FEW),
    )
    with desk.ctx.store.write() as tx:
        number = heads.install(tx, some_heads())
        lesson_record.keep(tx, trials, number=number, at=desk.ctx.clock())
    said = shown(draw_page("aoife", "trust"))
    assert "48%" in said and "80%" in said and "counts as much as 30 of Sportello’s own posts" in said
    assert "Left as it was: it would have been right on 74% of Sportello’s own test posts, and is on 81%." in said
    assert "Left as it was: 12 corrected posts are there, and 30 are needed." in said and "taken back" not in said
    with desk.ctx.store.write() as tx:
        heads.step_back(tx)
    assert "it was taken back" in shown(draw_page("aoife", "trust"))
    assert "una correzione conta quanto 30 post di Sportello" in shown(draw_page("paolo", "trust"))


def test_a_model_from_elsewhere_is_not_said_to_learn_and_what_ours_learned_is_said_to_be_kept(
    desk: bootstrap.Backend, draw_page: DrawPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "is_shipped", lambda _name: False)
    with desk.ctx.store.write() as tx:
        heads.install(tx, some_heads(learned_from=frozenset(range(40))))
    said = shown(draw_page("aoife", "trust"))
    assert "cannot be taught here" in said and "from 40 posts is kept too" in said
    assert "Teach it again" not in said and "--from-corrections" not in said, "it would be refused"
    assert "Il modello in uso non è quello che arriva con Sportello" in shown(draw_page("paolo", "trust"))


def test_a_model_of_ours_whose_files_cannot_be_read_is_said_to_be_missing_and_not_to_be_somebody_elses(
    desk: bootstrap.Backend, draw_page: DrawPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "shipped_revision", lambda _name: None)
    with desk.ctx.store.write() as tx:
        heads.install(tx, some_heads(learned_from=frozenset(range(40))))
    said = shown(draw_page("aoife", "trust"))
    assert "own model cannot be read on this computer" in said and "from your corrections is kept" in said
    assert "is not the one that comes" not in said and "--from-corrections" not in said
    assert "i file del modello di Sportello non si possono leggere" in shown(draw_page("paolo", "trust"))


def test_an_operator_does_not_even_have_the_page(desk: bootstrap.Backend, draw_page: DrawPage) -> None:
    from desk.shell import ROOMS
    from domain.people import Right

    assert next(room for room in ROOMS if room.module == "trust").needs == {Right.MODEL}
    said = shown(draw_page("sara", "trust"))
    assert "«domanda»" not in said and "post letti" not in said


def test_shipped_figures_stand_beside_when_they_were_measured(
    desk: bootstrap.Backend, corrected: Callable[[int], None], draw_page: DrawPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from classifiers import registry
    from classifiers.evaluate import Report

    report = Report(registry.shipped_revision("bundled"), "develop", {"kind_right": Figure(0.83, 0.8, 0.86, 969)}, {})
    monkeypatch.setattr(trust, "measured", lambda: (replace(report, model="older"), report))
    corrected(1)
    assert "83% on Sportello’s own test posts, n\u00a0=\u00a0969" in shown(draw_page("aoife", "trust"))
