"""Does `evaluate` measure the model on the posts that ship?"""

from tests.cli.conftest import CommandLine


def test_evaluation_names_the_model_and_measures_each_language(sportello: CommandLine) -> None:
    report = sportello("evaluate", "--json").json
    assert report["model"].startswith("rules")
    assert {"it", "en"} <= set(report["by_language"])
    assert report["overall"]["n"] == sum(score["n"] for score in report["by_language"].values())
    assert 0 < report["overall"]["complaint_f1"] <= 1


def test_evaluation_for_people_is_a_table_with_a_column_a_language(sportello: CommandLine) -> None:
    lines = sportello("evaluate").out.splitlines()
    assert lines[1].split()[0] == "all" and {"it", "en"} <= set(lines[1].split())
    assert any(line.startswith("kind_macro_f1") for line in lines)


def test_an_unknown_model_is_refused_by_name(sportello: CommandLine, monkeypatch) -> None:
    monkeypatch.setenv("SPORTELLO_MODEL", "oracle")
    for command in ("evaluate", "judge"):
        assert "oracle" in sportello(command).complaint
