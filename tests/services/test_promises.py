"""Can the closing of a promise be taken back, by whom, and for how long?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import NotPossible
from services import cases, claims, promises
from services.cases import ResolutionCode


@pytest.fixture
def made(say, acting, clock):
    """A case of Giulia's with a promise: (Giulia, case id, promise id)."""
    case_id, giulia = say("BAD parcel"), acting("giulia")
    claims.claim(giulia, case_id)
    promise = promises.add(giulia, case_id, text="call back", due_at=clock() + timedelta(hours=2))
    return giulia, case_id, promise.promise_id


@pytest.mark.parametrize("close", [promises.keep, promises.break_])
def test_a_closing_is_taken_back_within_ten_minutes(made, clock, brand, close) -> None:
    giulia, case_id, promise_id = made
    close(giulia, promise_id)
    clock.move(minutes=9)
    assert [p.promise_id for p in promises.just_closed(giulia, brand.id, mine=True)] == [promise_id]
    assert promises.reopen(giulia, promise_id).status == "open"
    assert promises.just_closed(giulia, brand.id, mine=True) == []
    assert cases.view(giulia, case_id).events[-1].kind == "promise_reopened"
    with pytest.raises(NotPossible) as refusal:
        claims.release(giulia, case_id)
    assert refusal.value.reason == "promise_open"


def test_after_that_it_stays_as_it_was_said(made, clock, brand) -> None:
    giulia, _case_id, promise_id = made
    promises.keep(giulia, promise_id)
    clock.move(minutes=11)
    assert promises.just_closed(giulia, brand.id, mine=False) == []
    with pytest.raises(NotPossible) as refusal:
        promises.reopen(giulia, promise_id)
    assert refusal.value.reason == "too_late_promise"


def test_no_open_promise_comes_to_be_in_a_case_without_an_owner(made) -> None:
    giulia, case_id, promise_id = made
    promises.keep(giulia, promise_id)
    cases.resolve(giulia, case_id, code=ResolutionCode.ANSWERED)
    with pytest.raises(NotPossible) as refusal:
        promises.reopen(giulia, promise_id)
    assert refusal.value.reason == "case_resolved"


def test_it_comes_back_to_whoever_carries_the_case_now(made, acting) -> None:
    giulia, case_id, promise_id = made
    paolo = acting("paolo")
    promises.keep(giulia, promise_id)
    claims.take(paolo, case_id, reason="Giulia is at lunch")
    assert promises.reopen(paolo, promise_id).owner_name == "Paolo"


def test_somebody_else_cannot_take_it_back(made, acting) -> None:
    giulia, _case_id, promise_id = made
    promises.keep(giulia, promise_id)
    with pytest.raises(NotPossible) as refusal:
        promises.reopen(acting("paolo"), promise_id)
    assert refusal.value.reason == "not_owner"


def test_taking_back_twice_changes_nothing(made) -> None:
    giulia, case_id, promise_id = made
    promises.keep(giulia, promise_id)
    promises.reopen(giulia, promise_id)
    before = len(cases.view(giulia, case_id).events)
    assert promises.reopen(giulia, promise_id).status == "open"
    assert len(cases.view(giulia, case_id).events) == before
