"""Is each reply exactly once on every scripted network in every cell of the matrix: a mishap, a channel, a database?

The real Bluesky, under both engines, is in test_bluesky_matrix.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.network.engines import DATABASES
from tests.network.lanes import Task, in_lanes, stage
from tests.network.matrix import ALL_MISHAPS, ENDS_WITH_A_PERSON, applies
from tests.network.own_desk import Stage
from tests.network.peers import PEERS
from tests.peers import postgres

pytestmark = pytest.mark.timeout(1200)
#: Runs wait now and then: for a clock, for an answer that never comes.
LANES = 4


@pytest.fixture(scope="module")
def shared(postgres_server: postgres.Server) -> Iterator[Stage]:
    """An empty desk on both databases."""
    with stage(None, postgres_server) as made:
        yield made


@pytest.mark.parametrize("channel", PEERS)
def test_in_every_cell_each_reply_is_out_once_and_whoever_cannot_tell_asks(shared: Stage, channel: str) -> None:
    cells = [(mishap, ground) for mishap in ALL_MISHAPS for ground in DATABASES if applies(mishap, PEERS[channel])]
    tasks = [Task(mishap, ground, f"cell{at}x", f"1-{at}", channel) for at, (mishap, ground) in enumerate(cells)]
    outcomes = [outcome for _, outcome in in_lanes(shared, tasks, lanes=LANES)]
    assert {(outcome.mishap, outcome.ground) for outcome in outcomes} == set(cells)
    assert {f"{o.mishap}, {o.ground}": o.wrong for o in outcomes if o.wrong} == {}
    assert {o.mishap for o in outcomes if o.by_person} <= set(ENDS_WITH_A_PERSON)
