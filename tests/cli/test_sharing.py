"""Are spikes read and a problem opened, solved and closed by command, with the rights of who acts?"""

from __future__ import annotations

from tests.cli.conftest import CommandLine


def test_a_problem_is_opened_renamed_solved_opened_again_and_closed_by_command(busy: CommandLine) -> None:
    first, second = (row["case"] for row in busy("queue", "--json").json[:2])
    opened = busy("problem", "open", "--title", "Portal down", "--case", first, "--case", second, "--json").json
    number = opened["problem"]
    assert opened["state"] == "open" and opened["waiting"] == 2
    assert "Portal down" in busy("problem", "list").out and busy("problem", "suggested", number, "--json").json == []
    assert busy("problem", "remove", number, second, "--json").json["waiting"] == 1
    assert "role" in busy("problem", "solved", number, "--message", "It works.", "--as", "giulia").complaint
    told = busy("problem", "solved", number, "--message", "It works, {name}.", "--json").json
    assert told["state"] == "solved" and told["message"] == "It works, {name}."
    assert "role" in busy("problem", "returned", number, "--reason", "x", "--as", "giulia").complaint
    assert busy("problem", "returned", number, "--reason", "down again", "--json").json["state"] == "open"
    assert "problem is open" in busy("problem", "returned", number, "--reason", "down again").complaint
    named = busy("problem", "reword", number, "--title", "Portal locked", "--as", "giulia", "--json").json
    assert named["title"] == "Portal locked" and busy("problem", "reword", number).code == 2
    busy("problem", "solved", number, "--message", "It works, {name}.")
    assert "1 people were not told" in busy("problem", "close", number).complaint
    assert busy("problem", "close", number, "--reason", "told by phone", "--json").json["outcome"] == "solved"
    assert busy("problem", "list", "--json").json == []
    assert busy("problem", "list", "--closed", "--json").json[0]["problem"] == number


def test_the_cases_most_like_one_are_read_by_command(busy: CommandLine) -> None:
    from bootstrap import open_backend
    from services import similar
    from settings import load

    first, second = (row["case"] for row in busy("queue", "--json").json[:2])
    assert busy("topics", "--case", first, "--json").json == {"case": first, "similar": []}
    assert "No open case is like" in busy("topics", "--case", first).out
    store = open_backend(load(data_dir=str(busy.data_dir))).ctx.store
    with store.write() as tx:
        similar.keep(tx, 1, {first: [second]})
    store.close()
    (like,) = busy("topics", "--case", first, "--json").json["similar"]
    assert like["case_id"] == second and f"{second} " in busy("topics", "--case", first).out
    assert "There is no case 9999" in busy("topics", "--case", 9999).complaint
    busy("brand", "add", "Borea")
    assert busy("topics", "--case", first, "--json").json["similar"] == [like], "whichever brand is the first one"
    assert f"Borea has no case {first}" in busy("topics", "--case", first, "--brand", "Borea").complaint


def test_a_desk_without_a_spike_says_so_and_an_unknown_one_is_refused(busy: CommandLine) -> None:
    assert busy("spikes", "--json").json == []
    assert "999" in busy("spikes", 999).complaint
