"""Does a complaint of the sample brand go all the way by commands alone?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.cli.conftest import CommandLine

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
#: A post of the sample whose author answers our first reply, by a part of its words.
COMPLAINT = "L'ascensore è fermo"


@pytest.fixture
def traveller() -> Iterator[time_machine.Coordinates]:
    """The clock of the whole process; it runs on from START and jumps when told."""
    with time_machine.travel(START) as clock:
        yield clock


@pytest.fixture
def desk(staffed: CommandLine, traveller: time_machine.Coordinates) -> CommandLine:
    """The staffed desk with the sample's first three days, judged."""
    assert staffed("sample", "reset").code == 0
    assert staffed("work").code == 0
    return staffed


def ranked(desk: CommandLine) -> list[dict[str, Any]]:
    return desk("queue", "--brand", "Lumen Energia", "--json").json


def published(desk: CommandLine) -> list[dict[str, Any]]:
    log = desk.data_dir / "sample" / "published.jsonl"
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []


def complaint(desk: CommandLine) -> dict[str, Any]:
    return next(case for case in ranked(desk) if COMPLAINT in case["text"])


def test_the_sample_fills_the_queue_with_judged_cases_and_reasons(desk: CommandLine) -> None:
    cases = ranked(desk)
    assert len(cases) >= 60
    assert all(case["judged"] and case["reasons"] for case in cases)
    assert cases[0]["urgency_level"] == 3


def test_a_reply_by_a_trainee_goes_out_once_after_a_mentors_ok_and_the_customer_answers(
    desk: CommandLine, traveller: time_machine.Coordinates
) -> None:
    case = complaint(desk)["case"]
    assert desk("claim", case, "--as", "tina").code == 0
    words = ("--text", "Un tecnico arriva entro stasera.", "--promise", "tecnico", "--due", "2026-11-21T20:00")
    reply = desk("reply", case, *words, "--as", "tina", "--json").json
    assert (reply["case"], reply["status"]) == (case, "awaiting_approval")
    assert desk("work", "--json").json["sent"] == 0
    assert desk("approve", reply["reply"], "--as", "tina").complaint
    assert desk("approve", reply["reply"], "--as", "giulia").complaint
    assert desk("approve", reply["reply"], "--as", "paolo", "--json").json["status"] == "queued"

    assert desk("work", "--json").json["sent"] == 1
    assert desk("work", "--json").json["sent"] == 0
    (sent,) = published(desk)
    assert sent["text"] == "Un tecnico arriva entro stasera."
    (entry,) = desk("outbox", "--json").json
    assert set(entry) == {"reply", "case", "channel", "status", "attempts", "remote_id", "url", "error"}
    assert (entry["reply"], entry["status"], entry["remote_id"]) == (reply["reply"], "sent", sent["remote_id"])
    assert case not in [c["case"] for c in ranked(desk)]

    traveller.shift(timedelta(minutes=2))
    assert desk("poll", "sample", "--json").json[0]["stored"] >= 1
    back = next(c for c in ranked(desk) if c["case"] == case)
    assert (back["state"], back["owner"]) == ("open", "Tina")
    assert COMPLAINT not in back["text"]
    assert len(published(desk)) == 1


def test_a_reply_never_leaves_before_its_time(desk: CommandLine, traveller: time_machine.Coordinates) -> None:
    """The desk gives an undo window; ``work`` waits for its end."""
    import bootstrap
    from services import cases, drafts
    from services.claims import claim
    from settings import load

    case = complaint(desk)["case"]
    backend = bootstrap.open_backend(load(data_dir=str(desk.data_dir)))
    paolo = backend.for_cli("tests", as_login="paolo")
    claim(paolo, case)
    draft = drafts.save(paolo, case, mention_id=cases.view(paolo, case).route.mention_id, text="Arriviamo.")
    drafts.submit(paolo, draft.reply_id, undo_s=15)
    backend.ctx.store.close()
    assert desk("work", "--json").json["sent"] == 0
    traveller.shift(timedelta(seconds=16))
    assert desk("work", "--json").json["sent"] == 1


def test_a_reply_longer_than_the_channel_takes_is_refused_with_the_count(desk: CommandLine) -> None:
    case = complaint(desk)["case"]
    assert desk("claim", case, "--as", "giulia").code == 0
    assert "5000" in desk("reply", case, "--text", "x" * 5000, "--as", "giulia").complaint
    assert published(desk) == []


def test_the_sample_can_be_taken_away_and_started_again(desk: CommandLine) -> None:
    assert desk("sample", "remove").code == 0
    assert [b["name"] for b in desk("brand", "list", "--json").json] == ["Aurora"]
    assert desk("queue", "--brand", "Lumen Energia").complaint
    assert desk("sample", "reset").code == 0
    assert len(ranked(desk)) >= 60
