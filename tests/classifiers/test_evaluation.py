"""The labelled posts that ship are sound, and the models reach what is said of them on these posts."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace

import pytest

from classifiers.bundled.card import read_card
from classifiers.bundled.model import FOLDER
from classifiers.evaluate import Report, evaluate, measured, read_posts
from classifiers.measures import Figure, Judged, LabelledPost, coded, figures
from classifiers.metrics import spearman
from classifiers.protocol import Classifier
from classifiers.registry import load
from classifiers.removal import removal_figures
from domain.judgement import CODED_FROM, Judgement, Kind, Reason, ReasonCode, Sentiment, UrgencyLevel

#: What is measured on the posts that ship may be so much lower on another processor.
MARGIN = 0.02


@pytest.fixture(scope="module")
def bundled() -> Classifier:
    return load("bundled")


@pytest.fixture(scope="module")
def report(bundled: Classifier) -> Report:
    return evaluate(bundled, draws=0)


@pytest.fixture(scope="module")
def rules() -> Report:
    return evaluate(load("rules"), draws=0)


def test_the_labelled_posts_are_of_five_languages_many_industries_and_all_kinds() -> None:
    posts = read_posts()
    languages = Counter(post.language for post in posts)
    assert languages["it"] >= 300 and languages["en"] >= 300
    assert min(languages[language] for language in ("fr", "de", "es")) >= 100
    assert len({post.industry for post in posts}) >= 40
    assert {post.kind for post in posts} == set(Kind)
    assert {post.level for post in posts} == set(UrgencyLevel)
    assert len({post.text for post in posts}) == len({post.id for post in posts}) == len(posts)


def test_each_quoted_word_stands_in_its_post_and_each_pressing_post_has_a_code() -> None:
    for post in read_posts():
        assert all(0 <= start < end <= len(post.text) for _, start, end in post.evidence)
        assert {code for code, _, _ in post.evidence} == set(post.reasons)
        assert bool(coded(post)) == (post.level >= CODED_FROM)


def test_the_shipped_model_reaches_what_was_written_down_of_it(report: Report) -> None:
    (known,) = [known for known in measured() if known.model == report.model]
    for name, figure in known.overall.items():
        assert report.overall[name].value == pytest.approx(figure.value, abs=MARGIN), name


def test_the_shipped_model_beats_rules_and_word_counts_on_every_head(report: Report, rules: Report) -> None:
    (words,) = [known for known in measured() if known.model.startswith("tfidf")]
    for other in (rules, words):
        for name in ("sentiment_macro_f1", "kind_macro_f1", "urgency_spearman", "act_now_auc", "act_now_recall_at_n"):
            assert report.overall[name].value > other.overall[name].value, (other.model, name)


def test_few_posts_are_unsure_and_many_of_the_wrong_ones_are_among_them(report: Report) -> None:
    for found in (report.overall, report.by_language["it"], report.by_language["en"]):
        assert found["unsure_share"].value <= 0.2
        assert found["errors_marked_unsure"].value >= 0.35


@pytest.mark.parametrize("head", ["sentiment", "kind", "urgency"])
def test_confidence_keeps_its_word_as_well_as_chance_allows(report: Report, head: str) -> None:
    for language, found in {"all": report.overall, **report.by_language}.items():
        error, band = found[f"{head}_calibration_error"], found[f"{head}_calibration_band"]
        assert error.value <= band.value + MARGIN, language


def test_the_words_underlined_are_the_ones_that_count(report: Report) -> None:
    assert report.overall["evidence_removed_lowers"].n >= 200
    assert report.overall["evidence_removed_lowers"].low > report.overall["others_removed_lowers"].high


def test_shouting_does_not_move_a_post_up_the_queue(bundled: Classifier) -> None:
    texts = [post.text for post in read_posts() if post.language in ("it", "en")][::6]
    said = [judgement.urgency for judgement in bundled.judge(texts)]
    shouted = [judgement.urgency for judgement in bundled.judge([text.upper() + "!!!" for text in texts])]
    assert abs(sum(shouted) - sum(said)) / len(said) < 0.1
    assert spearman(said, shouted) > 0.85


def test_neither_length_nor_exclamation_marks_rank_urgency(bundled: Classifier) -> None:
    posts = [post.text for post in read_posts() if post.language in ("it", "en")][::2]
    urgency = [judgement.urgency for judgement in bundled.judge(posts)]
    assert abs(spearman([text.count("!") for text in posts], urgency)) < 0.2
    assert abs(spearman([len(text) for text in posts], urgency)) < 0.2


def test_a_report_is_plain_json(rules: Report) -> None:
    table = json.loads(json.dumps(asdict(rules)))
    assert table["overall"]["kind_macro_f1"]["n"] == len(read_posts())
    assert set(table["by_language"]) == {"it", "en", "fr", "de", "es"}


def test_the_card_names_every_data_set_with_its_licence() -> None:
    table = tomllib.loads((FOLDER / "card.toml").read_text(encoding="utf-8"))
    names = " ".join(row["name"] for row in table["data"])
    for known in (
        *("TweetEval", "XLM-T", "SENTIPOLC", "IronITA", "MultiEmotions-It", "ABSITA", "Airline"),
        *("Complaints on Twitter", "own posts"),
    ):
        assert known in names
    assert all(row["licence"] for row in table["data"])
    assert "non-commercial" in table["licence"]
    assert any(row["non_commercial"] for row in table["data"])


def test_the_revision_names_the_model_and_its_very_file() -> None:
    card = read_card(FOLDER)
    name, digest = card.revision.rsplit("-", 1)
    assert name == card.name
    assert int(digest, 16) >= 0 and len(digest) == 8


# ---- how the figures are made ----
def post(level: UrgencyLevel, text: str = "gas in the hall, please come", **more: object) -> LabelledPost:
    values = {"reasons": (), "evidence": (), "kind": Kind.COMPLAINT, "sentiment": Sentiment.NEGATIVE}
    return LabelledPost("p", "en", "energy", text, level=level, **(values | more))  # type: ignore[arg-type]


def said(level: UrgencyLevel, *reasons: Reason, kind: Kind = Kind.COMPLAINT) -> Judgement:
    return Judgement(
        language="en",
        sentiment=Sentiment.NEGATIVE,
        sentiment_scores={Sentiment.NEGATIVE: 0.8, Sentiment.NEUTRAL: 0.1, Sentiment.POSITIVE: 0.1},
        kind=kind,
        kind_scores={each: (0.75 if each is kind else 0.05) for each in Kind},
        urgency=float(level),
        urgency_level=level,
        reasons=reasons,
        unsure=False,
        model="said",
    )


def test_a_code_below_same_day_counts_neither_for_nor_against() -> None:
    small = Judged(post(UrgencyLevel.NORMAL, reasons=(ReasonCode.MONEY,)), said(UrgencyLevel.NORMAL))
    big = Judged(
        post(UrgencyLevel.ACT_NOW, reasons=(ReasonCode.SAFETY,)), said(UrgencyLevel.ACT_NOW, Reason(ReasonCode.SAFETY))
    )
    assert figures([small, big], draws=0)["reasons_f1"].value == 1.0


def test_evidence_is_compared_letter_by_letter() -> None:
    gas = post(UrgencyLevel.ACT_NOW, reasons=(ReasonCode.SAFETY,), evidence=((ReasonCode.SAFETY, 0, 4),))
    half = said(UrgencyLevel.ACT_NOW, Reason(ReasonCode.SAFETY, (2, 6)))
    assert figures([Judged(gas, half)], draws=0)["evidence_f1"].value == 0.5


def test_an_idea_taken_for_something_else_is_no_error() -> None:
    idea = Judged(post(UrgencyLevel.NORMAL, kind=Kind.IDEA), said(UrgencyLevel.NORMAL, kind=Kind.OTHER))
    assert figures([idea], draws=0)["kind_macro_f1"].value == 1.0


def test_a_model_without_shares_of_the_levels_is_not_measured_on_them() -> None:
    plain = said(UrgencyLevel.ACT_NOW)
    sure = replace(plain, level_scores=(0.0, 0.0, 0.1, 0.9))

    without, with_them = (figures([Judged(post(UrgencyLevel.ACT_NOW), each)], draws=0) for each in (plain, sure))
    assert "urgency_calibration_error" not in without and "urgency_calibration_band" not in without
    assert with_them["urgency_calibration_error"].value == pytest.approx(0.1)


class _Reads:
    """Judges every post with a certain word as most urgent, for that word."""

    def __init__(self, word: str, shown: str) -> None:
        self.word, self.shown = word, shown
        self.card = replace(load("rules").card, revision="reads")

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Judgement:
        start = text.find(self.shown)
        shown = (Reason(ReasonCode.SAFETY, (start, start + len(self.shown))),) if start >= 0 else ()
        return said(UrgencyLevel.ACT_NOW if self.word in text else UrgencyLevel.NORMAL, *shown)


def _removal(shown: str) -> dict[str, Figure]:
    model = _Reads("gas", shown)
    posts = [post(UrgencyLevel.ACT_NOW, f"gas in the hall number {n}, please come") for n in range(30)]
    judged = [Judged(*pair) for pair in zip(posts, model.judge([p.text for p in posts]), strict=True)]
    return removal_figures(model, judged, draws=0)


def test_taking_away_the_words_that_count_lowers_the_level_and_others_do_not() -> None:
    found = _removal("gas")
    assert found["evidence_removed_lowers"].value == 1.0
    assert found["others_removed_lowers"].value == 0.0


def test_evidence_that_is_mere_decoration_is_found_out() -> None:
    found = _removal("please")
    assert found["evidence_removed_lowers"].value == 0.0
    assert found["others_removed_lowers"].value > 0.05
