"""Does the command line tell the trends with what they rest on, and refuse what cannot be asked?"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

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


@pytest.fixture
def heard(staffed: CommandLine, tmp_path: Path) -> CommandLine:
    """The staffed desk with three judged posts: two in the hour that came twice, one after the hour that never came."""
    file = tmp_path / "posts.csv"
    rows = ("1,Mara,You took my money,2026-10-25T00:30:00Z", "2,Ugo,Is it open?,2026-10-25T01:30:00Z")
    file.write_text(
        "\n".join(["id,author,text,date", *rows, "3,Pia,Grazie,2026-03-29T01:30:00Z"]) + "\n", encoding="utf-8"
    )
    assert staffed("import", file).code == staffed("work").code == 0
    return staffed


@pytest.mark.parametrize(("day", "hours", "posts"), [("2026-03-29", 23, {2: 1}), ("2026-10-25", 25, {2: 1, 3: 1})])
def test_a_day_on_which_the_clocks_change_has_the_hours_it_has(
    heard: CommandLine, day: str, hours: int, posts: dict[int, int]
) -> None:
    until = datetime.fromisoformat(day).date() + timedelta(days=1)
    told = heard("trends", "--since", day, "--until", until, "--json").json
    counted = [point["figures"]["posts"] for point in told["points"]]
    assert told["window"]["days"] == 1 and told["step"] == "hour" and len(counted) == hours
    assert {hour: n for hour, n in enumerate(counted) if n} == posts and told["now"]["posts"] == sum(posts.values())
    days = heard("trends", "--since", day, "--until", until + timedelta(days=9), "--json").json
    assert days["step"] == "day" and days["points"][0]["figures"]["posts"] == sum(posts.values())


def test_a_window_of_one_post_tells_no_share_and_an_empty_one_no_figure(heard: CommandLine) -> None:
    one = ("--since", "2026-03-29", "--until", "2026-03-30")
    said = heard("trends", *one).out
    assert "posts            1" in said and "too few  too few  n = 1" in said and "No post" not in said
    now = heard("trends", *one, "--json").json["now"]
    assert (now["posts"], now["net_sentiment"]["n"], now["net_sentiment"]["value"]) == (1, 1, None)
    assert now["answers"]["within"] is None and now["answers"]["solved"]["value"] is None
    # Nor what would give it away: how many of the one.
    assert now["complaint_share"]["hits"] is now["net_sentiment"]["hits"] is now["kinds"] is now["sentiments"] is None
    empty = ("--since", "2026-05-01", "--until", "2026-05-03")
    assert "No channel is read for this brand: only imported posts" in heard("trends", *empty).out
    assert all(
        figure["value"] is None and figure["n"] == 0
        for told in (heard("trends", *empty, "--json").json,)
        for figure in (told["now"]["net_sentiment"], told["now"]["complaint_share"], told["now"]["answers"]["solved"])
    )
    assert "ends (2026-04-30) before it begins" in heard("trends", *empty[:3], "2026-05-01").complaint


def test_days_that_have_not_begun_have_no_figure(heard: CommandLine) -> None:
    coming = ("--since", "2040-05-01", "--until", "2040-05-03")
    said = heard("trends", *coming).out
    assert "posts            -" in said and "still to come" in said
    assert {point["figures"] is None for point in heard("trends", *coming, "--json").json["points"]} == {True}


def test_a_clock_that_nobody_knows_is_named_and_nothing_is_counted_by_it(heard: CommandLine) -> None:
    assert "Mars/Olympus" in heard("brand", "add", "Mars", "--timezone", "Mars/Olympus").complaint
    with closing(sqlite3.connect(heard.data_dir / "sportello.db")) as store, store:
        store.execute("UPDATE brands SET timezone = 'Mars/Olympus'")
    for words in (("trends",), ("trends", "rebuild"), ("report",)):
        assert "The timezone 'Mars/Olympus' is not known" in heard(*words).complaint


def test_a_channel_blind_for_a_week_is_said_to_be_and_no_silence_is_made_of_it(sportello: CommandLine) -> None:
    assert sportello("sample", "reset").code == sportello("poll", "sample").code == 0
    with closing(sqlite3.connect(sportello.data_dir / "sportello.db")) as store, store:
        store.execute("DELETE FROM case_mentions")
        store.execute("DELETE FROM mention_matches")
        moments = ("complete_up_to", "last_success_at", "last_post_at", "next_poll_at", "last_attempt_at")
        known = {row[1] for row in store.execute("PRAGMA table_info(polls)")}
        for name in known.intersection(moments):
            store.execute(f"UPDATE polls SET {name} = strftime('%Y-%m-%d %H:%M:%S', {name}, '-7 days') || '.000000'")
        store.execute("UPDATE brands SET created_at = '2020-01-01 00:00:00.000000'")
    told = sportello("trends", "--json").json
    [blind] = [each for each in told["heard"]["not_heard"] if each["why"] == "blind"]
    lasted = datetime.fromisoformat(blind["to"]) - datetime.fromisoformat(blind["from"])
    assert blind["channel"] == "sample" and timedelta(days=6, hours=23) < lasted < timedelta(days=7, hours=1)
    assert sum("blind" in json.dumps(point["not_heard"]) for point in told["points"]) == 8
    said = sportello("trends").out
    assert "Not everything was heard, so this says nothing about how much was written" in said
    assert "Not heard: sample" in said and "nobody wrote" not in said
