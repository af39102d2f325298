"""Do brands, watches, accounts and people come and go by command, for those who may?"""

import pytest

from tests.cli.conftest import CommandLine


def test_a_brand_is_added_once_and_listens_for_its_name(staffed: CommandLine) -> None:
    assert staffed("brand", "add", "Borea", "--timezone", "Europe/London", "--json").json["name"] == "Borea"
    assert staffed("brand", "add", "Borea").complaint
    brands = {b["name"]: b["timezone"] for b in staffed("brand", "list", "--json").json}
    assert brands == {"Aurora": "Europe/Rome", "Borea": "Europe/London"}
    assert "Borea" in [t for w in staffed("watch", "list", "--brand", "Borea", "--json").json for t in w["terms"]]


def test_a_timezone_nobody_knows_is_refused(staffed: CommandLine) -> None:
    assert staffed("brand", "add", "Borea", "--timezone", "Mars/Olympus").complaint


def test_an_unknown_brand_is_named_in_the_refusal(staffed: CommandLine) -> None:
    for words in (["queue"], ["watch", "list"], ["account", "list"]):
        assert "Nobody" in staffed(*words, "--brand", "Nobody").complaint


def test_a_new_account_is_silent_until_switched_on(staffed: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    account = staffed("account", "add", "sample", "@aurora", "--json").json
    assert account["publishing"] is False
    done = staffed("publishing", "on", "aurora")
    assert done.code == 0
    assert "SPORTELLO_PUBLISH=live" in done.err
    monkeypatch.setenv("SPORTELLO_PUBLISH", "live")
    assert staffed("publishing", "on", f"sample:{account['handle']}").err == ""
    assert [a["publishing"] for a in staffed("account", "list", "--json").json] == [True]
    assert staffed("publishing", "off", account["account"]).code == 0
    assert staffed("account", "remove", "aurora").code == 0
    assert staffed("account", "list", "--json").json == []


def test_accounts_on_unknown_channels_and_unknown_accounts_are_refused(staffed: CommandLine) -> None:
    assert "telegraph" in staffed("account", "add", "telegraph", "aurora").complaint
    assert "nobody" in staffed("publishing", "on", "nobody").complaint


def test_a_handle_on_two_brands_has_to_be_told_apart(staffed: CommandLine) -> None:
    assert staffed("brand", "add", "Borea").code == 0
    for brand in ("Aurora", "Borea"):
        assert staffed("account", "add", "sample", "same", "--brand", brand).code == 0
    assert "2 accounts" in staffed("publishing", "off", "same").complaint


@pytest.mark.parametrize(
    "words",
    [["brand", "add", "X"], ["account", "add", "sample", "x"], ["user", "add", "x", "--roles", "admin"]],
    ids=lambda words: words[0],
)
def test_an_operator_may_not_set_the_desk_up(staffed: CommandLine, words: list[str]) -> None:
    assert staffed(*words, "--as", "giulia").complaint == "sportello: Your role does not allow this."


def test_hostile_names_reach_the_terminal_harmlessly(staffed: CommandLine) -> None:
    assert staffed("brand", "add", "Ev\x1b[2Jil").code == 0
    for words in (["brand", "list"], ["watch", "list"], ["queue", "--brand", "\x1b]0;x\x07"]):
        done = staffed(*words)
        assert "\x1b" not in done.out + done.err and "\x07" not in done.out + done.err
