"""Can everything about alerts be done at the command line, without an address standing in an argument or an output?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.conftest import CommandLine
from tests.peers.receivers import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def test_an_address_is_piped_in_tried_and_forgotten(staffed: CommandLine, receiver: Receiver, monkeypatch) -> None:
    monkeypatch.setenv("SPORTELLO_PRIVATE_ADDRESSES", "allow")
    staffed("user", "add", "olga", "--roles", "operator", "--language", "it")
    added = staffed("alert", "add", "--as", "olga", "--json", stdin=f"{receiver.url}/hush-hook-1\n").json
    assert added["kinds"] == ["unowned", "promise", "reply"] and "hush" not in str(added)
    assert staffed("alert", "test", added["address"], "--as", "olga").code == 0
    assert staffed("work", "--json").json["failed"] == 0
    ((path, body),) = receiver.taken
    assert path == "/hush-hook-1" and (body["title"], body["kind"]) == ("Sportello: Una prova", "test")
    (line,) = staffed("alert", "log", "--json").json
    assert (line["state"], line["attempts"]) == ("sent", 1)
    assert staffed("alert", "remove", added["address"], "--as", "olga").code == 0
    assert staffed("alert", "list", "--as", "olga", "--json").json == []


def test_hours_and_kinds_that_do_not_exist_are_said(staffed: CommandLine) -> None:
    assert "22:00 to 07:00" in staffed("alert", "quiet", "22:00-07:00", "--as", "giulia").out
    assert staffed("alert", "quiet", "off", "--as", "giulia").code == 0
    assert staffed("alert", "quiet", "late", "--as", "giulia").code == 2
    assert "no kind foo" in staffed("alert", "add", "--team", "--kinds", "foo", stdin="x\n").err
    assert staffed("alert", "add", "--as", "giulia", stdin="nobody\n").complaint
    assert staffed("alert", "log", "--as", "giulia").complaint
