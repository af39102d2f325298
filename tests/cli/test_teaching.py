"""Does `train` say before and after, install only what is better, refuse in one sentence, and take back?"""

from __future__ import annotations

import pytest

from classifiers.measures import Figure
from classifiers.teaching.course import Course, HeadTrial, Verdict
from tests.cli.conftest import CommandLine
from tests.services.test_teaching import Pupil, some_heads


@pytest.fixture
def pupil(busy: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The busy desk with a model that can be taught and learns the kind; three posts are enough."""
    from services import teaching

    def teach(_model: object, lessons: list[object]) -> Course:
        half, gain = Figure(0.5, 0.4, 0.6, len(lessons)), Figure(0.2, 0.1, 0.3, len(lessons))
        tried = HeadTrial("kind", len(lessons), Verdict.BETTER, half, half, gain, 969, 0.801, 0.799, 30.0)
        return Course((tried, HeadTrial("urgency", 2, Verdict.TOO_FEW)), some_heads())

    monkeypatch.setattr("bootstrap._chosen", lambda _settings: Pupil())
    monkeypatch.setattr(teaching, "teach", teach)
    monkeypatch.setattr(teaching, "LEAST_POSTS", 3)
    return busy


@pytest.fixture
def corrected(pupil: CommandLine) -> CommandLine:
    """All three posts corrected by Paolo."""
    import bootstrap
    from domain.judgement import Correction, Kind
    from services import triage
    from settings import Settings

    backend = bootstrap.open_backend(Settings(data_dir=str(pupil.data_dir), model="rules"))
    for mention_id in (1, 2, 3):
        triage.correct(backend.for_cli("test", "paolo"), mention_id, Correction(kind=Kind.IDEA))
    backend.ctx.store.close()
    return pupil


def test_training_says_before_after_and_what_it_costs_and_installs_what_is_better(corrected: CommandLine) -> None:
    done = corrected("train", "--from-corrections")
    assert done.code == 0, done.err
    assert "50% (40% to 60%)" in done.out and "+20% (+10% to +30%)" in done.out and "80.1% -> 79.9%" in done.out
    assert "COUNTS AS" in done.out and " 30 " in done.out
    assert "better: installed" in done.out and "too few corrected posts" in done.out
    assert some_heads().revision in done.out and "train --undo" in done.out
    assert corrected("rejudge", "--json").json == {"judged": 0, "model": some_heads().revision}


def test_trying_changes_nothing(corrected: CommandLine) -> None:
    report = corrected("train", "--try", "--json").json
    assert report["installed"] is False and report["model"] == "pupil-1"
    assert report["heads"][0]["weight"] == 30
    assert report["heads"][0]["gain"] == {"value": 0.2, "low": 0.1, "high": 0.3, "n": 3}


def test_a_try_does_not_say_that_something_was_installed(corrected: CommandLine) -> None:
    said = corrected("train", "--try").out
    assert "would install it" in said and "better: installed" not in said and "Nothing was installed" in said


def test_a_lesson_is_taken_back_and_a_second_time_there_is_nothing(corrected: CommandLine) -> None:
    assert corrected("train", "--from-corrections", "--json").json["installed"] is True
    assert corrected("train", "--undo", "--json").json == {"undone": True, "step": 0, "model": "pupil-1"}
    assert "nothing to undo" in corrected("train", "--undo").complaint


def test_too_few_corrections_are_refused_in_one_sentence(pupil: CommandLine) -> None:
    assert "0 corrected posts, and at least 3 are needed" in pupil("train", "--from-corrections").complaint


def test_an_operator_may_not_teach(corrected: CommandLine) -> None:
    assert corrected("train", "--from-corrections", "--as", "giulia").complaint
    assert corrected("train", "--from-corrections").code == 0


def test_the_rules_cannot_be_taught(busy: CommandLine) -> None:
    assert "cannot be taught" in busy("train", "--from-corrections").complaint


def test_what_to_do_has_to_be_said(busy: CommandLine) -> None:
    assert busy("train").code == 2 and busy("train", "--undo", "--try").code == 2


def test_evaluation_measures_the_model_on_what_was_corrected_here(corrected: CommandLine) -> None:
    from desk.cli import teaching

    class Args:
        data_dir, speaks = str(corrected.data_dir), "en"

    found = teaching.on_corrections(Args())
    assert found is not None
    fields = teaching.corrections_fields(found)
    assert fields["heads"]["kind"]["n"] == 3 and fields["left_out_as_learned"] == 0


def test_evaluation_makes_no_desk_where_there_is_none(sportello: CommandLine) -> None:
    from desk.cli import teaching

    class Args:
        data_dir, speaks = str(sportello.data_dir), "en"

    assert teaching.on_corrections(Args()) is None and not sportello.data_dir.exists()
