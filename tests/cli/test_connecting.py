"""Are accounts connected, their secrets changed and taken back by command, and do the how-to's commands do it?"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desk.cli.main import main
from domain.clock import utc_now
from tests.cli.conftest import CommandLine, Done
from tests.contract import granting
from tests.contract.granting import GrantingMastodon, GrantingX

TOKEN = "hush-command-token"
HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "howto" / "connect-mastodon.md"


@pytest.fixture
def mastodon() -> Iterator[GrantingMastodon]:
    server = GrantingMastodon(utc_now, TOKEN)
    yield server
    server.close()


@pytest.fixture
def x() -> Iterator[GrantingX]:
    server = GrantingX(utc_now, TOKEN)
    yield server
    server.close()


class Person(io.StringIO):
    """Somebody at the keyboard: reads the address on the screen, agrees there, and pastes what comes of it."""

    def __init__(self, sportello: CommandLine, does: Callable[[str], str]) -> None:
        super().__init__()
        self._sportello, self._does, self.seen = sportello, does, ""

    def readline(self, *_: object) -> str:  # type: ignore[override]
        self.seen += self._sportello.capture.readouterr().err
        found = re.search(r"https?://\S*authorize\S*", self.seen)
        assert found is not None, self.seen
        return self._does(found.group(0)) + "\n"


def connect(sportello: CommandLine, *words: str, does: Callable[[str], str]) -> Done:
    person = Person(sportello, does)
    sportello.capture.readouterr()
    with sportello.patch.context() as patch:
        patch.setattr("sys.stdin", person)
        code = main(["--data-dir", str(sportello.data_dir), *words])
    said = sportello.capture.readouterr()
    return Done(code, said.out, person.seen + said.err)


def code_for(server: GrantingMastodon | GrantingX) -> Callable[[str], str]:
    return lambda address: granting.came_back(granting.agree(server, address))["code"]


def test_the_how_to_brings_the_mentions_of_a_mastodon_account_onto_the_desk(staffed, mastodon) -> None:
    quoted = re.search(r"\./sportello (account add mastodon --connect .*)", HOW_TO.read_text("utf-8"))
    assert quoted is not None
    words = quoted.group(1).replace("https://mastodon.example", mastodon.url).split()
    mastodon.add("@aurora buongiorno, la bolletta non torna", author="mara")
    done = connect(staffed, *words, does=code_for(mastodon))
    assert done.code == 0 and "aurora@piazza.test on mastodon is connected" in done.out
    assert staffed("poll", "mastodon", "--json").json[0]["stored"] == 1
    entry = staffed("queue", "--json").json[0]
    assert (entry["channel"], entry["text"]) == ("mastodon", "@aurora buongiorno, la bolletta non torna")


def test_a_secret_is_typed_and_shows_nowhere(staffed: CommandLine, mastodon: GrantingMastodon) -> None:
    words = ("account", "add", "mastodon", "aurora", "--base-url", mastodon.url, "--secret")
    assert "does not take" in staffed(*words, stdin="hush-wrong-token\n").complaint
    done = staffed(*words, stdin=f"{TOKEN}\n")
    assert done.code == 0 and TOKEN not in done.out + done.err
    told = staffed("doctor", "--json")
    assert "The key opens all" in told.out and "hush" not in told.out + told.err


def test_another_secret_takes_the_place_of_the_first(staffed: CommandLine, mastodon: GrantingMastodon) -> None:
    words = ("account", "add", "mastodon", "aurora", "--base-url", mastodon.url, "--secret")
    staffed(*words, stdin=f"{TOKEN}\n")
    mastodon.token = "hush-newer-token"
    assert staffed("account", "rotate", "mastodon:aurora@piazza.test", "--secret", stdin="hush-newer-token\n").code == 0
    assert staffed("poll", "mastodon", "--json").code == 0


def test_a_sign_in_is_taken_back_there_and_here(staffed: CommandLine, mastodon: GrantingMastodon) -> None:
    connect(staffed, "account", "add", "mastodon", "--connect", "--base-url", mastodon.url, does=code_for(mastodon))
    assert "taken it back too" in staffed("account", "revoke", "aurora@piazza.test").out
    assert mastodon.revoked == [TOKEN]
    assert "no access token" in str(staffed("poll", "mastodon").err + staffed("poll", "mastodon").out)


def test_a_network_without_a_way_to_take_it_back_is_said(staffed: CommandLine, mastodon: GrantingMastodon) -> None:
    words = ("account", "add", "mastodon", "aurora", "--base-url", mastodon.url, "--secret")
    staffed(*words, stdin=f"{TOKEN}\n")
    done = staffed("account", "revoke", "aurora@piazza.test")
    assert done.code == 0 and "take it back there too" in done.err


def test_x_takes_the_whole_address_that_the_browser_was_sent_to(staffed: CommandLine, x: GrantingX) -> None:
    words = ("account", "add", "x", "--connect", "--client-id", "app-x", "--base-url", x.url)
    done = connect(staffed, *words, does=lambda address: granting.agree(x, address))
    assert done.code == 0 and "aurora_test on x is connected" in done.out
    assert "http://127.0.0.1:8501/auth/callback" in done.err
    denied = connect(staffed, *words, does=granting.deny)
    assert denied.code == 1 and "did not agree" in denied.err


def test_the_address_of_another_attempt_is_refused(staffed: CommandLine, x: GrantingX) -> None:
    words = ("account", "add", "x", "--connect", "--client-id", "app-x", "--base-url", x.url)
    done = connect(staffed, *words, does=lambda _address: "http://127.0.0.1:8501/auth/callback?state=old&code=c")
    assert done.code == 1 and "another attempt" in done.err


def test_the_key_is_changed_by_command(staffed: CommandLine, mastodon: GrantingMastodon) -> None:
    connect(staffed, "account", "add", "mastodon", "--connect", "--base-url", mastodon.url, does=code_for(mastodon))
    assert staffed("account", "rotate-key", "--json").json == {"sealed": 2, "lost": 0}
    assert staffed("poll", "mastodon").code == 0
    (staffed.data_dir / "secrets.key").unlink()
    assert "is missing" in staffed("account", "rotate-key").complaint
    assert "is missing" in staffed("doctor", "--json").out
    assert staffed("account", "rotate-key", "--lost", "--json").json == {"sealed": 0, "lost": 2}


def test_a_colleague_without_the_right_connects_nothing(staffed: CommandLine, mastodon: GrantingMastodon) -> None:
    words = ("account", "add", "mastodon", "--connect", "--base-url", mastodon.url, "--as", "giulia")
    assert staffed(*words).code == 1
    assert staffed("account", "rotate-key", "--as", "giulia").code == 1


def test_what_does_not_go_together_is_a_usage_error(staffed: CommandLine) -> None:
    assert staffed("account", "add", "mastodon").code == 2
    assert staffed("account", "add", "x", "aurora", "--connect", "--client-secret").code == 2
