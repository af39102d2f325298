"""Is a case queued, claimed, answered and approved by command, as the contract writes it?"""

import pytest

from tests.cli.conftest import CommandLine

QUEUE_FIELDS = {
    *("case", "brand", "channel", "author", "text", "kind", "sentiment", "urgency", "urgency_level", "priority"),
    *("reasons", "waiting_s", "owner", "state", "judged"),
}


def first_case(desk: CommandLine) -> int:
    return desk("queue", "--json", "--limit", "1").json[0]["case"]


def test_the_queue_holds_every_field_of_the_contract_most_pressing_first(busy: CommandLine) -> None:
    cases = busy("queue", "--json").json
    assert [set(case) for case in cases] == [QUEUE_FIELDS] * 3
    assert [c["priority"] for c in cases] == sorted((c["priority"] for c in cases), reverse=True)
    assert "money" in cases[0]["text"]
    assert all(set(reason) == {"code", "words"} and reason["words"] for c in cases for reason in c["reasons"])
    assert {type(cases[0][name]) for name in ("case", "urgency_level", "waiting_s")} == {int}
    assert {type(cases[0][name]) for name in ("urgency", "priority")} == {float}
    assert {(c["state"], c["owner"], c["brand"], c["channel"]) for c in cases} == {("new", None, "Aurora", "import")}


def test_a_limit_cuts_the_queue(busy: CommandLine) -> None:
    whole = [c["case"] for c in busy("queue", "--json").json]
    assert [c["case"] for c in busy("queue", "--limit", "2", "--json").json] == whole[:2]


def test_the_queue_on_a_terminal_obeys_nobody(busy: CommandLine) -> None:
    done = busy("queue")
    assert done.code == 0 and len(done.out.splitlines()) == 4
    assert all(line.isprintable() for line in done.out.splitlines())


def test_reasons_are_told_in_the_language_of_the_colleague(busy: CommandLine) -> None:
    english, italian = (busy("queue", "--json", "--as", name).json for name in ("giulia", "tina"))
    assert [c["case"] for c in english] == [c["case"] for c in italian]
    assert [c["reasons"] for c in english] != [c["reasons"] for c in italian]


def test_an_empty_desk_has_an_empty_queue(staffed: CommandLine) -> None:
    assert staffed("queue", "--json").json == []


def test_a_desk_without_a_brand_says_so(sportello: CommandLine) -> None:
    assert sportello("queue").complaint


def test_the_second_claim_is_refused_and_names_the_holder(busy: CommandLine) -> None:
    case = first_case(busy)
    assert busy("claim", case, "--as", "giulia", "--json").json == {"case": case, "state": "open", "owner": "Giulia"}
    assert "Giulia" in busy("claim", case, "--as", "paolo").complaint
    assert busy("queue", "--json").json[0]["owner"] == "Giulia"


@pytest.mark.parametrize(("case", "name"), [(9999, "giulia"), (1, "ghost"), (1, "marta")])
def test_nobody_claims_what_is_not_there_or_not_theirs_to_claim(busy: CommandLine, case: int, name: str) -> None:
    assert busy("claim", case, "--as", name).complaint


def test_only_the_owner_answers(busy: CommandLine) -> None:
    case = first_case(busy)
    assert busy("reply", case, "--text", "Mi dispiace", "--as", "giulia").complaint
    assert busy("claim", case, "--as", "giulia").code == 0
    assert busy("reply", case, "--text", "Mi dispiace", "--as", "paolo").complaint


def test_an_imported_post_is_answered_by_hand(busy: CommandLine) -> None:
    case = first_case(busy)
    assert busy("claim", case, "--as", "giulia").code == 0
    reply = busy("reply", case, "--text", "Mi dispiace", "--as", "giulia", "--json").json
    assert set(reply) == {"reply", "case", "status"}
    assert (reply["case"], reply["status"]) == (case, "by_hand")


@pytest.mark.parametrize("text", ["", "   \n", "\x00"])
def test_an_empty_reply_is_refused(busy: CommandLine, text: str) -> None:
    case = first_case(busy)
    assert busy("claim", case, "--as", "giulia").code == 0
    assert busy("reply", case, "--text", text, "--as", "giulia").complaint


def test_the_outbox_starts_empty_and_an_unknown_reply_cannot_be_approved(busy: CommandLine) -> None:
    assert busy("outbox", "--json").json == []
    assert busy("approve", 99, "--as", "paolo").complaint


def test_work_counts_what_it_did(busy: CommandLine) -> None:
    done = busy("work", "--json").json
    assert set(done) == {"judged", "sent", "uncertain", "failed", "needs_human"}
    assert done["judged"] == 3
    assert busy("work", "--json").json["judged"] == 0
    assert all(case["judged"] for case in busy("queue", "--json").json)


def test_rejudging_leaves_what_this_model_judged_alone(busy: CommandLine) -> None:
    assert busy("work").code == 0
    assert busy("rejudge", "--json").json["judged"] == 0
