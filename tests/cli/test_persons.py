"""Are two customers joined and separated by command, in a colleague's name, with evidence?"""

from __future__ import annotations

from tests.cli.conftest import CommandLine


def numbers(busy: CommandLine) -> dict[str, int]:
    return {row["name"]: row["customer"] for row in busy("customer", "list", "--json").json}


def test_two_customers_become_one_and_two_again(busy: CommandLine) -> None:
    who = numbers(busy)
    mara, lea = who["Mara"], who["Lea"]
    told = busy("customer", "join", mara, lea, "--preview", "--as", "giulia", "--json").json
    assert told["cases"] == 2 and len(told["becomes_one"]) == 1 and told["refused"] is None
    assert "becomes part of case" in busy("customer", "join", mara, lea, "--preview", "--as", "giulia").out
    [post] = busy("customer", "show", mara, "--json").json["posts"]
    evidence = ("--basis", "said_publicly", "--post", post["post"], "--words", "took my money")
    made = busy("customer", "join", mara, lea, *evidence, "--as", "giulia", "--json").json
    shown = busy("customer", "show", mara, "--json").json
    assert [each["customer"] for each in shown["joins"]] == [lea] and len(shown["cases"]) == 2
    assert "Lea" not in numbers(busy) and f"join {made['join']}: Lea" in busy("customer", "show", mara).out
    assert busy("customer", "separate", made["join"], "--as", "paolo").code == 0
    assert numbers(busy) == who


def test_a_join_needs_evidence_a_colleague_who_works_on_cases_and_two_who_are_there(busy: CommandLine) -> None:
    who = numbers(busy)
    pair = ("customer", "join", who["Mara"], who["Lea"])
    assert "Say in a note what they told you" in busy(*pair, "--basis", "told_us", "--as", "giulia").complaint
    assert "Say on what it rests" in busy(*pair, "--as", "giulia").complaint
    assert "role" in busy(*pair, "--basis", "told_us", "--note", "by phone", "--as", "marta").complaint
    assert "999" in busy("customer", "join", who["Mara"], 999, "--preview", "--as", "giulia").complaint
    assert busy(*pair).code == 2, "nobody is joined by nobody in particular"
