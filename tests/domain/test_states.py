"""Every legal move leads where the tables say; every other move is refused."""

from __future__ import annotations

import pytest

from domain.states import (
    CASE_MOVES,
    REPLY_MOVES,
    CaseMove,
    CaseState,
    IllegalMove,
    ReplyMove,
    ReplyState,
    case_after,
    reply_after,
)


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("move", CaseMove)
def test_a_case_makes_only_the_moves_of_the_table(state: CaseState, move: CaseMove) -> None:
    if (state, move) in CASE_MOVES:
        assert case_after(state, move) == CASE_MOVES[state, move]
    else:
        with pytest.raises(IllegalMove):
            case_after(state, move)


@pytest.mark.parametrize("state", ReplyState)
@pytest.mark.parametrize("move", ReplyMove)
def test_a_reply_makes_only_the_moves_of_the_table(state: ReplyState, move: ReplyMove) -> None:
    if (state, move) in REPLY_MOVES:
        assert reply_after(state, move) == REPLY_MOVES[state, move]
    else:
        with pytest.raises(IllegalMove):
            reply_after(state, move)


def test_a_reply_under_way_can_never_be_edited() -> None:
    for state in (ReplyState.SENDING, ReplyState.UNCERTAIN, ReplyState.SENT):
        assert ReplyState.DRAFT not in {after for (before, _), after in REPLY_MOVES.items() if before is state}


def test_uncertain_goes_back_to_the_queue_only_once_proved_absent() -> None:
    ways = {
        move
        for (before, move), after in REPLY_MOVES.items()
        if after is ReplyState.QUEUED and before is ReplyState.UNCERTAIN
    }

    assert ways == {ReplyMove.PROVED_ABSENT}


def test_what_a_restored_copy_was_about_to_send_is_looked_up_first() -> None:
    moves = {before: after for (before, move), after in REPLY_MOVES.items() if move is ReplyMove.RESTORED}

    assert moves == {ReplyState.QUEUED: ReplyState.UNCERTAIN, ReplyState.SENDING: ReplyState.UNCERTAIN}


def test_a_case_closes_only_by_a_word_of_its_own() -> None:
    ways = {move for (_, move), after in CASE_MOVES.items() if after is CaseState.RESOLVED}

    assert ways == {CaseMove.RESOLVE}
