"""Do colleagues come, change their password and go by command, without a password on the command line?"""

import pytest

from tests.cli.conftest import CommandLine


def test_a_colleague_is_added_with_a_password_made_for_them(staffed: CommandLine) -> None:
    done = staffed("user", "add", "nora", "--roles", "operator,manager", "--trained", "sample", "--language", "en")
    assert done.code == 0 and "password: " in done.out
    nora = next(u for u in staffed("user", "list", "--json").json if u["login"] == "nora")
    assert (nora["roles"], nora["language"]) == (["manager", "operator"], "en")
    assert nora["trained"] == [{"channel": "sample", "mentor": False}]


def test_a_given_password_is_never_shown(staffed: CommandLine) -> None:
    add = ("user", "add", "nora", "--roles", "operator", "--mentor", "sample", "--password-stdin")
    done = staffed(*add, "--json", stdin="a long enough secret\n")
    assert done.json["trained"] == [{"channel": "sample", "mentor": True}]
    assert "secret" not in done.out + done.err and "password" not in done.json


def test_a_password_that_is_too_short_is_refused(staffed: CommandLine) -> None:
    assert staffed("user", "add", "nora", "--roles", "operator", "--password-stdin", stdin="kurz\n").complaint
    assert staffed("user", "password", "giulia", "--password-stdin", stdin="\n").complaint


def test_a_new_password_comes_from_stdin_or_a_terminal(staffed: CommandLine) -> None:
    assert staffed("user", "password", "giulia", "--password-stdin", stdin="a long enough secret\n").code == 0
    assert "--password-stdin" in staffed("user", "password", "giulia").complaint


def test_the_same_name_is_not_given_twice(staffed: CommandLine) -> None:
    assert staffed("user", "add", "giulia", "--roles", "operator").complaint


def test_a_disabled_colleague_can_no_longer_act(staffed: CommandLine) -> None:
    assert staffed("user", "disable", "giulia").code == 0
    assert staffed("queue", "--as", "giulia").complaint
    states = {u["login"]: u["active"] for u in staffed("user", "list", "--json").json}
    assert (states["giulia"], states["paolo"]) == (False, True)


@pytest.mark.parametrize("words", [["disable", "ghost"], ["password", "ghost", "--password-stdin"]])
def test_a_colleague_nobody_knows_is_refused(staffed: CommandLine, words: list[str]) -> None:
    assert staffed("user", *words, stdin="a long enough secret\n").complaint


def test_an_unknown_actor_is_refused(staffed: CommandLine) -> None:
    assert "ghost" in staffed("queue", "--as", "ghost").complaint


def test_a_refusal_speaks_the_language_of_the_colleague(staffed: CommandLine) -> None:
    english = staffed("brand", "add", "X", "--as", "giulia").complaint
    italian = staffed("brand", "add", "X", "--as", "tina").complaint
    assert english == "sportello: Your role does not allow this."
    assert italian != english and "ruolo" in italian


def test_a_refusal_speaks_italian_where_the_system_does(staffed: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "it_IT.UTF-8")
    assert "Nessuno" in staffed("queue", "--brand", "Nessuno").complaint
