"""What does one row of the queue say of its case?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from desk import i18n
from desk.pages.queue import list_column
from desk.pages.queue.listing import Listed
from desk.pages.queue.rows import queue_rows
from desk.widgets.rows import ChipKind, QueueRow
from domain.states import CaseState
from services.queue import QueueEntry, QueueFilter

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ME, PAOLO = 1, 2


def row(**values: Any) -> QueueRow:
    """The row of a case, as colleague number one sees it."""
    plain: dict[str, Any] = {
        "case_id": 7,
        "version": 1,
        "brand": "Lumen",
        "channel": "sample",
        "author_name": "Marta Riva",
        "author_handle": "marta",
        "customer_id": 3,
        "text": "Ancora niente",
        "language": "it",
        "published_at": NOW,
        "kind": "complaint",
        "sentiment": "negative",
        "urgency": 1.0,
        "level": 1,
        "unsure": False,
        "judged": True,
        "priority": 1.0,
        "reasons": (),
        "waiting_since": NOW,
        "waiting_s": 0,
        "owner_id": None,
        "owner_name": None,
        "lock_name": None,
        "lock_user_id": None,
        "state": CaseState.NEW,
        "snoozed_until": None,
        "promise_due_at": None,
    }
    listed = Listed(QueueFilter(1), (QueueEntry(**plain | values),), frozenset(), (None,), None, 1)
    return queue_rows(listed, me=ME, timezone="Europe/Rome", now=NOW)[0]


@pytest.mark.parametrize(
    ("owner", "name", "state", "words"),
    [
        (ME, "Sara Conti", CaseState.OPEN, "Tuo, ha riscritto"),
        (PAOLO, "Paolo Neri", CaseState.OPEN, "di Paolo, ha riscritto"),
        (None, None, CaseState.NEW, "Ha riscritto"),
    ],
)
def test_a_customer_who_wrote_after_our_answer_is_said_beside_whose_turn_it_is(
    owner: int | None, name: str | None, state: CaseState, words: str
) -> None:
    with i18n.speaking("it"):
        drawn = row(wrote_again=True, owner_id=owner, owner_name=name, state=state)
    assert (drawn.chip, drawn.chip_text) == (ChipKind.AGAIN, words)


def test_a_promise_with_its_hour_goes_before_who_wrote_last() -> None:
    with i18n.speaking("en"):
        drawn = row(wrote_again=True, owner_id=ME, state=CaseState.OPEN, promise_due_at=NOW)
    assert drawn.chip is ChipKind.PROMISE


def test_a_tab_says_that_there_are_more_rather_than_a_number_that_is_not_so() -> None:
    with i18n.speaking("it"):
        assert [list_column.amount_words(cases) for cases in (0, 1000, 1001)] == ["0", "1.000", "1.000+"]
