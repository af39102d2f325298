"""A checkpoint of somebody else's gives what it knows, the rules give the rest; all but torch itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

import pytest

from classifiers.hub.labels import KNOWN, MEANINGS, meanings
from classifiers.hub.model import HubClassifier
from classifiers.protocol import HubWishes
from classifiers.registry import load
from domain.errors import Misconfigured
from domain.judgement import Kind, ReasonCode, Sentiment, UrgencyLevel
from tests.classifiers.checkpoints import FakeCheckpoint, by_words

GAS = "Odore di gas sulle scale, nessuno risponde"


def hub(checkpoint: FakeCheckpoint, labels: str = "", languages: str = "it, en") -> HubClassifier:
    return HubClassifier("team/some-model", checkpoint, HubWishes(labels, languages))


def saying(labels: Sequence[str], shares: Sequence[float], *, exclusive: bool = True) -> FakeCheckpoint:
    says: Callable[[str], Sequence[float]] = lambda text: shares  # noqa: E731 (an answer, whatever is asked)
    return FakeCheckpoint(labels, exclusive=exclusive, says=says)


def test_without_torch_one_sentence_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Misconfigured, match=r"^The model hub:team/some needs PyTorch, .*use-another-model\.md.*\.$"):
        load("hub:team/some")


def test_the_tone_is_the_checkpoints_and_the_rest_is_by_the_rules() -> None:
    classifier = hub(FakeCheckpoint(says=by_words))
    (found,) = classifier.judge([GAS])
    assert found.sentiment_scores == pytest.approx({"negative": 0.8, "neutral": 0.15, "positive": 0.05})
    assert (found.urgency_level, found.kind) == (UrgencyLevel.ACT_NOW, Kind.COMPLAINT)
    assert [reason.code for reason in found.reasons] == [ReasonCode.SAFETY]
    assert classifier.card.by_rules == ("kind", "urgency", "reasons")


def test_a_judgement_holds_plain_numbers_that_json_can_write() -> None:
    for found in hub(FakeCheckpoint(says=by_words)).judge([GAS, "ok"]):
        assert json.loads(json.dumps(asdict(found)))["unsure"] in (True, False)


def test_labels_are_read_as_the_settings_say() -> None:
    checkpoint = saying(["LABEL_0", "LABEL_1", "LABEL_2"], [0.7, 0.2, 0.1])
    (found,) = hub(checkpoint, "LABEL_2=positive, LABEL_0 = Negative,LABEL_1=neutral").judge(["un testo qualunque"])
    assert found.sentiment is Sentiment.NEGATIVE


@pytest.mark.parametrize(
    "labels", [("POS", "NEU", "NEG"), ("5 stars", "3 stars", "1 star"), ("Positive",) * 1 + ("neutral", "Negative")]
)
def test_common_words_need_no_setting(labels: tuple[str, ...]) -> None:
    (found,) = hub(saying(labels, [0.1, 0.2, 0.7])).judge(["un testo qualunque"])
    assert found.sentiment is Sentiment.NEGATIVE


def test_several_labels_of_one_meaning_are_summed() -> None:
    found = meanings(["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], "", exclusive=True)
    (head,) = found.heads
    assert found.shares(head, [0.3, 0.3, 0.2, 0.1, 0.1])[Sentiment.NEGATIVE] == pytest.approx(0.6)


def test_what_a_checkpoint_leaves_open_is_the_rest() -> None:
    yes_or_no = saying(["LABEL_0", "LABEL_1"], [0.75, 0.25])
    (found,) = hub(yes_or_no, "LABEL_0=-, LABEL_1=complaint").judge(["testo semplice e lungo"])
    assert found.kind_scores[Kind.COMPLAINT] == pytest.approx(0.25)
    assert found.kind_scores[Kind.OTHER] == pytest.approx(0.75)


def test_a_checkpoint_that_knows_urgency_sets_the_level_and_the_rules_only_say_why() -> None:
    labels = ["urgency_0", "urgency_1", "urgency_2", "urgency_3"]
    calm = saying(labels, [0.9, 0.1, 0.0, 0.0])
    loud = saying(labels, [0.0, 0.0, 0.1, 0.9])
    (low,), (high,) = hub(calm).judge([GAS]), hub(loud).judge([GAS])
    assert (low.urgency_level, low.reasons) == (UrgencyLevel.NO_ACTION, ())
    assert high.urgency == pytest.approx(2.9)
    assert [reason.code for reason in high.reasons] == [ReasonCode.SAFETY]
    assert "urgency" not in hub(loud).card.by_rules


def test_a_checkpoint_that_says_yes_or_no_to_each_label_may_speak_of_several_heads() -> None:
    both = saying(["positive", "negative", "complaint", "question"], [0.1, 0.8, 0.9, 0.3], exclusive=False)
    classifier = hub(both)
    (found,) = classifier.judge(["dove rimane il mio pacco"])
    assert (found.sentiment, found.kind) == (Sentiment.NEGATIVE, Kind.COMPLAINT)
    assert sum(found.kind_scores.values()) == pytest.approx(1.0)
    assert classifier.card.by_rules == ("urgency", "reasons")


def test_spam_stays_neutral_whoever_found_it() -> None:
    labels = ["negative", "positive", "spam", "complaint"]
    (found,) = hub(saying(labels, [0.1, 0.9, 0.9, 0.1], exclusive=False)).judge(["un affare unico per voi"])
    assert (found.kind, found.sentiment) == (Kind.SPAM, Sentiment.NEUTRAL)


@pytest.mark.parametrize(
    ("labels", "given", "words"),
    [
        (["LABEL_0", "LABEL_1"], "", r"LABEL_0, LABEL_1; say in hub_labels"),
        (["LABEL_0", "LABEL_1"], "LABEL_0=negative", r"not known: LABEL_1"),
        (["NEG", "POS"], "NGE=negative", r"names NGE, but the checkpoint's labels are NEG, POS"),
        (["NEG", "POS"], "NEG=angry", r'"NEG=angry" is not LABEL=MEANING; meanings are negative'),
        (["NEG", "POS"], "NEG=negative, POS=positive, NEG=neutral", r"gives NEG two meanings"),
        (["NEG", "POS"], "NEG", r'"NEG" is not LABEL=MEANING'),
        (["NEG", "POS"], "NEG=-, POS=-", r"left out"),
        (["NEG", "complaint"], "", r"cannot speak of kind and sentiment"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_in_words(labels: list[str], given: str, words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        meanings(labels, given, exclusive=True)


def test_without_languages_it_is_refused() -> None:
    with pytest.raises(Misconfigured, match="hub_languages"):
        hub(FakeCheckpoint(), languages=" , ")


def test_a_language_the_checkpoint_was_not_trained_in_is_unsure() -> None:
    sure = saying(["negative", "neutral", "positive"], [0.02, 0.03, 0.95])
    text = "Guten Tag, der Zug ist heute pünktlich gekommen, vielen Dank an alle"
    (without,), (with_it,) = hub(sure).judge([text]), hub(sure, languages="de").judge([text])
    assert without.unsure and not with_it.unsure


def test_names_and_links_never_reach_the_checkpoint() -> None:
    checkpoint = FakeCheckpoint()
    hub(checkpoint).judge(["@anna.rossi guarda https://example.org/x?y=1 \x00 che vergogna"])
    assert checkpoint.given == ["@user guarda http che vergogna"]


def test_the_revision_changes_with_weights_labels_and_languages() -> None:
    names = {
        hub(FakeCheckpoint()).card.revision,
        hub(FakeCheckpoint(digest="two")).card.revision,
        hub(FakeCheckpoint(), "neutral=-").card.revision,
        hub(FakeCheckpoint(), languages="it").card.revision,
    }
    assert len(names) == 4
    assert all(name.startswith("hub:some-model@") and len(name) <= 80 for name in names)


def test_the_same_twice_has_one_name_wherever_its_folder_lies() -> None:
    first = HubClassifier("/here/some-model", FakeCheckpoint(), HubWishes())
    second = HubClassifier("/there/some-model/", FakeCheckpoint(), HubWishes())
    assert first.card.revision == second.card.revision


def test_every_known_word_has_a_meaning_that_exists() -> None:
    assert set(KNOWN.values()) <= set(MEANINGS)
