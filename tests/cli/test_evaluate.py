"""Does `evaluate` measure the model on the posts that ship?"""

import pytest

from classifiers import evaluate
from tests.cli.conftest import CommandLine


@pytest.fixture(autouse=True)
def few_posts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every twelfth of the posts that ship: the figures are not the point here."""
    posts = evaluate.read_posts()[::12]
    monkeypatch.setattr(evaluate, "read_posts", lambda: posts)


def test_evaluation_names_the_model_and_measures_each_language(sportello: CommandLine) -> None:
    report = sportello("evaluate", "--json").json
    assert report["model"].startswith("rules")
    assert set(report["by_language"]) == {"it", "en", "fr", "de", "es"}
    complaints = [found["complaint_f1"] for found in report["by_language"].values()]
    assert report["overall"]["complaint_f1"]["n"] == sum(figure["n"] for figure in complaints)
    whole = report["overall"]["complaint_f1"]
    assert 0 < whole["low"] <= whole["value"] <= whole["high"] <= 1


def test_evaluation_shows_what_others_reached_on_the_same_posts(sportello: CommandLine) -> None:
    others = sportello("evaluate", "--json").json["others"]
    assert any(name.startswith("tfidf") for name in others)
    assert not any(name.startswith("rules") for name in others), "the model itself is no other"


def test_evaluation_for_people_is_a_table_with_a_column_a_language(sportello: CommandLine) -> None:
    lines = sportello("evaluate").out.splitlines()
    assert "81 all" in lines[0] and {"all", "it", "en", "de"} <= set(lines[1].split())
    assert any(line.startswith("kind_macro_f1") and "-" in line for line in lines)


def test_an_unknown_model_is_refused_by_name(sportello: CommandLine, monkeypatch) -> None:
    monkeypatch.setenv("SPORTELLO_MODEL", "oracle")
    for command in ("evaluate", "judge"):
        assert "oracle" in sportello(command).complaint
