"""Does the command line tell the trends with what they rest on, and refuse what cannot be asked?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.cli.conftest import CommandLine


def test_trends_of_the_sample_are_told_as_one_document(sportello: CommandLine) -> None:
    assert sportello("sample", "reset").code == 0
    told = sportello("trends", "--json").json
    now = told["now"]
    assert told["brand"] == "Lumen Energia" and told["window"]["days"] == 31 and len(told["points"]) == 31
    assert now["posts"] == sum(p["figures"]["posts"] for p in told["points"]) == now["judged"] + now["unjudged"] > 100
    assert now["net_sentiment"]["value"] is None and now["net_sentiment"]["n"] == 0, "nothing is judged yet"
    assert told["heard"]["channels"] == ["sample"] and told["heard"]["not_heard"][0]["why"] == "before"
    assert sportello("work", "--json").json["judged"] > 100
    judged = sportello("trends", "--json").json
    assert judged["models"] and -1 <= judged["now"]["net_sentiment"]["low"] <= judged["now"]["net_sentiment"]["value"]
    assert sum(group["posts"] for group in judged["by_language"].values()) == judged["now"]["posts"]


def test_one_day_one_channel_and_the_same_weekday_before(sportello: CommandLine) -> None:
    assert sportello("sample", "reset").code == 0
    today = datetime.now(UTC).date()
    days = ("--since", today - timedelta(days=1), "--until", today)
    told = sportello("trends", *days, "--channel", "sample", "--compare", "same_weekdays", "--json").json
    assert told["step"] == "hour" and told["window"]["days"] == 1 and told["channels"] == ["sample"]
    assert told["compared"]["since"] == (today - timedelta(days=8)).isoformat()


def test_plain_words_say_the_same(sportello: CommandLine) -> None:
    assert sportello("sample", "reset").code == 0
    said = sportello("trends").out
    assert "net sentiment" in said and "too few" in said and "Not heard: sample" in said


def test_counting_anew_leaves_the_figures_as_they_were(sportello: CommandLine) -> None:
    assert sportello("sample", "reset").code == 0
    before = sportello("trends", "--json").json["now"]
    assert "counted anew" in sportello("trends", "rebuild").out
    assert sportello("trends", "--json").json["now"] == before
    assert sportello("trends", "rebuild", "--since", "2026-01-01").code == 2


def test_what_cannot_be_is_refused_in_a_sentence(staffed: CommandLine) -> None:
    assert "before" in staffed("trends", "--since", "2026-03-02", "--until", "2026-03-01").complaint
    assert staffed("trends", "--since", "yesterday").code == 2
    assert staffed("trends", "--as", "giulia").complaint
    assert staffed("trends", "--as", "giulia").code == 1
    assert staffed("trends", "--as", "marta", "--json").json["now"]["posts"] == 0
