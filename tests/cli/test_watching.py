"""Do watches come, change, rest and wake by command, and is one tried before it is saved?"""

import pytest

from tests.cli.conftest import CommandLine


def test_a_watch_is_previewed_and_added(busy: CommandLine) -> None:
    words = ("--terms", "money,shop", "--without", "sunday")
    preview = busy("watch", "preview", *words, "--json").json
    assert (preview["looked_at"], preview["matched"]) == (3, 1)
    assert preview["excluded"] == [{"term": "sunday", "posts": 1}]
    [example] = preview["examples"]
    [[start, end]] = example["marks"]
    assert example["text"][start:end] == "money"
    assert "kept out by 'sunday': 1" in busy("watch", "preview", *words).out
    assert busy("watch", "add", "parcels", "--terms", "parcel, late delivery").code == 0
    assert ["parcel", "late delivery"] in [w["terms"] for w in busy("watch", "list", "--json").json]


def test_a_watch_changes_rests_and_wakes_by_name_or_number(staffed: CommandLine) -> None:
    made = staffed("watch", "add", "rivals", "--terms", "borea", "--competitor", "--json").json
    changed = staffed(
        "watch", "change", "Rivals", "--terms", "borea,boreal", "--languages", "it", "--own", "--json"
    ).json
    assert (changed["terms"], changed["languages"], changed["is_competitor"]) == (["borea", "boreal"], ["it"], False)
    assert staffed("watch", "change", made["watch"], "--name", "Borea").code == 0
    assert staffed("watch", "remove", "borea").code == 0
    assert "Borea" not in staffed("watch", "list").out
    assert "resting" in staffed("watch", "list", "--all").out
    assert staffed("watch", "restore", "Borea").code == 0
    assert "Borea" in staffed("watch", "list").out


@pytest.mark.parametrize(
    "words",
    [
        ["watch", "change", "nobody", "--terms", "x"],
        ["watch", "remove", "999"],
        ["watch", "add", "x", "--terms", "!!!"],
        ["watch", "add", "x", "--terms", "x", "--channels", "telegraph"],
        ["watch", "add", "x", "--terms", "x", "--languages", "italiano"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_is_refused_in_one_sentence(staffed: CommandLine, words: list[str]) -> None:
    assert staffed(*words).complaint


def test_an_operator_reads_watches_and_changes_none(staffed: CommandLine) -> None:
    assert staffed("watch", "list", "--as", "giulia").code == 0
    for words in (["add", "x", "--terms", "x"], ["change", "Aurora", "--terms", "x"], ["remove", "Aurora"]):
        assert staffed("watch", *words, "--as", "giulia").complaint == "sportello: Your role does not allow this."
    assert staffed("watch", "preview", "--terms", "x", "--live", "--as", "giulia").complaint


def test_a_live_preview_asks_the_channels_and_stores_nothing(sportello: CommandLine) -> None:
    assert sportello("sample", "reset").code == 0
    before = sportello("queue", "--limit", "999", "--json").json
    preview = sportello("watch", "preview", "--terms", "bolletta,bill", "--live", "--json").json
    [sample] = preview["live"]
    assert (sample["channel"], sample["error"]) == ("sample", None)
    assert sample["looked_at"] > 50 and sample["matched"] >= 1
    assert len(sportello("queue", "--limit", "999", "--json").json) == len(before)
