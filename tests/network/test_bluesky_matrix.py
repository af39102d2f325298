"""Is each reply on the real Bluesky exactly once in every cell of the matrix: a mishap, an engine, a database?"""

from __future__ import annotations

import pytest

from tests.network.engines import ENGINES, Ground
from tests.network.lanes import Task, in_lanes, stage
from tests.network.matrix import MISHAPS
from tests.peers import postgres
from tests.peers.bluesky import Bluesky

pytestmark = pytest.mark.timeout(400)
#: Runs mostly wait for a clock or a network: several beside each other take little longer than one.
LANES = 4


@pytest.mark.parametrize("ground", ENGINES, ids=lambda ground: ground.name.lower())
def test_in_every_cell_each_reply_is_out_once_and_shown_as_it_is(
    bluesky_network: Bluesky, postgres_server: postgres.Server, ground: Ground
) -> None:
    word = f"cell{[*Ground].index(ground)}x"
    tasks = [Task(mishap, ground, f"{word}{number}", "1") for number, mishap in enumerate(MISHAPS)]
    with stage(bluesky_network, postgres_server) as on:
        outcomes = [outcome for _, outcome in in_lanes(on, tasks, lanes=LANES)]
    assert {str(outcome.mishap) for outcome in outcomes} == {str(mishap) for mishap in MISHAPS}
    assert {f"{outcome.mishap}": outcome.wrong for outcome in outcomes if outcome.wrong} == {}
