"""States of a spike, what may spike, and every move between the states, as data checked at import."""

from __future__ import annotations

from enum import StrEnum

from domain.states import IllegalMove

#: In the place of a channel: all of them together.
ALL_CHANNELS = ""


class Measure(StrEnum):
    """What is counted."""

    POSTS = "posts"  # the volume: posts of other people, without plain reposts and spam
    COMPLAINTS = "complaints"


class SpikeState(StrEnum):
    """Where a spike stands."""

    OPEN = "open"
    OVER = "over"  # it is quiet again
    SET_ASIDE = "set_aside"  # somebody said what it is: no news


class SpikeMove(StrEnum):
    """What can happen to a spike."""

    GOES_ON = "goes_on"
    CALM = "calm"
    FLARES_UP = "flares_up"
    SET_ASIDE = "set_aside"


SPIKE_MOVES: dict[tuple[SpikeState, SpikeMove], SpikeState] = {
    (SpikeState.OPEN, SpikeMove.GOES_ON): SpikeState.OPEN,
    (SpikeState.OPEN, SpikeMove.CALM): SpikeState.OVER,
    # Soon after its end it is the same one: nobody is told a second time.
    (SpikeState.OVER, SpikeMove.FLARES_UP): SpikeState.OPEN,
    (SpikeState.OPEN, SpikeMove.SET_ASIDE): SpikeState.SET_ASIDE,
    (SpikeState.OVER, SpikeMove.SET_ASIDE): SpikeState.SET_ASIDE,
    # What was set aside is counted on, and stays quiet.
    (SpikeState.SET_ASIDE, SpikeMove.GOES_ON): SpikeState.SET_ASIDE,
    (SpikeState.SET_ASIDE, SpikeMove.CALM): SpikeState.SET_ASIDE,
    (SpikeState.SET_ASIDE, SpikeMove.FLARES_UP): SpikeState.SET_ASIDE,
}


def spike_after(state: SpikeState, move: SpikeMove) -> SpikeState:
    """The state after ``move``; IllegalMove when the table has no such move."""
    try:
        return SPIKE_MOVES[state, move]
    except KeyError:
        raise IllegalMove(f"a spike that is {state} cannot {move}") from None


def _check_table() -> None:
    """Every state is reached, and none is a dead end."""
    if {SpikeState.OPEN, *SPIKE_MOVES.values()} != set(SpikeState):
        raise AssertionError("a spike's state cannot be reached")
    if {state for state, _ in SPIKE_MOVES} != set(SpikeState):
        raise AssertionError("a spike's state has no way out")


_check_table()
