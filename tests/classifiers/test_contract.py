"""Every classifier keeps the same contract, whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifiers.protocol import Classifier
from classifiers.registry import CLASSIFIERS, HUB, load
from domain.judgement import UrgencyLevel
from tests.classifiers.checkpoints import hub_without_torch
from tests.classifiers.soundness import ODD, ORDINARY, assert_sound


@pytest.fixture(scope="module", params=[*sorted(CLASSIFIERS), HUB])
def classifier(request: pytest.FixtureRequest) -> Classifier:
    # With torch and a real checkpoint: tests/with_torch.
    return hub_without_torch() if request.param == HUB else load(request.param)


def test_no_texts_give_no_judgements(classifier: Classifier) -> None:
    assert classifier.judge([]) == []


def test_odd_texts_are_judged_without_an_error(classifier: Classifier) -> None:
    judgements = classifier.judge(ODD)
    assert len(judgements) == len(ODD)
    for text, judgement in zip(ODD, judgements, strict=True):
        assert_sound(judgement, text, classifier)


def test_texts_without_words_are_unsure_and_of_unknown_language(classifier: Classifier) -> None:
    for judgement in classifier.judge(["", "😂🔥", "\x00", "???", "https://example.org/x"]):
        assert judgement.unsure
        assert judgement.language == "und"


def test_texts_in_scripts_it_never_learned_are_unsure(classifier: Classifier) -> None:
    for judgement in classifier.judge(["Пропал газ, дети мёрзнут", "إلغاء الرحلة مرة أخرى اليوم", "x" * 100_000]):
        assert judgement.unsure


def test_a_text_of_which_only_the_beginning_is_read_is_unsure(classifier: Classifier) -> None:
    (judgement,) = classifier.judge(["The flat smells of gas and nobody comes. " * 2_500])
    assert judgement.unsure


def test_a_language_the_model_does_not_know_is_unsure(classifier: Classifier) -> None:
    (judgement,) = classifier.judge(["東京の店は何時に開きますか。教えてください。"])
    assert judgement.unsure


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(max_size=200), max_size=5))
def test_any_text_gets_a_sound_judgement(classifier: Classifier, texts: list[str]) -> None:
    judgements = classifier.judge(texts)
    assert len(judgements) == len(texts)
    for text, judgement in zip(texts, judgements, strict=True):
        assert_sound(judgement, text, classifier)


def test_judgements_come_in_the_order_of_the_texts(classifier: Classifier) -> None:
    texts = [*ORDINARY, "x " * 200, *reversed(ORDINARY)]
    together = classifier.judge(texts)
    for text, judgement in zip(texts, together, strict=True):
        (alone,) = classifier.judge([text])
        assert judgement.language == alone.language
        assert judgement.reasons == alone.reasons


def test_the_same_text_is_judged_alike_in_any_batch(classifier: Classifier) -> None:
    (alone,) = classifier.judge([ORDINARY[3]])
    crowd = [*ODD, *ORDINARY * 20]
    among = classifier.judge([*crowd, ORDINARY[3]])[-1]
    assert (among.kind, among.sentiment, among.urgency_level) == (alone.kind, alone.sentiment, alone.urgency_level)
    assert among.urgency == pytest.approx(alone.urgency, abs=0.02)
    for label, score in alone.sentiment_scores.items():
        assert among.sentiment_scores[label] == pytest.approx(score, abs=0.02)


def test_the_same_call_twice_gives_the_same_judgements(classifier: Classifier) -> None:
    assert classifier.judge(ORDINARY) == classifier.judge(ORDINARY)


def test_evidence_counts_code_points_behind_emoji(classifier: Classifier) -> None:
    text = "😱😱 aiuto, c'è odore di gas in cantina"
    (judgement,) = classifier.judge([text])
    assert judgement.urgency_level is UrgencyLevel.ACT_NOW
    shown = [text[slice(*reason.evidence)] for reason in judgement.reasons if reason.evidence]
    assert any("gas" in words and not words.startswith("😱") for words in shown)


def test_the_card_names_revision_licence_languages_and_limit(classifier: Classifier) -> None:
    card = classifier.card
    assert card.name and card.revision and card.licence
    assert {"it", "en"} <= set(card.languages)
    assert card.limit_tokens > 0
