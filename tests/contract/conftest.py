"""What does every contract test start from? A network played by its harness, and a desk that knows only that one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.brand import Watch
from services import brands
from services.context import Context
from tests.contract.harness import Harness, OneChannel
from tests.contract.rules import HARNESSES
from tests.fakes import MovableClock


@pytest.fixture
def harness(request: pytest.FixtureRequest, tmp_path: Path, clock: MovableClock) -> Iterator[Harness]:
    """The network of the channel named by ``keeps``; one that holds something open has a ``close``."""
    made = HARNESSES[request.param](tmp_path / "network", clock)
    yield made
    getattr(made, "close", lambda: None)()


@pytest.fixture
def desk(harness: Harness, ctx: Context) -> Context:
    """A desk on that network alone."""
    return replace(ctx, channels=OneChannel(harness))


@pytest.fixture
def listening(desk: Context, harness: Harness) -> Watch:
    """A watch that takes every post of that network."""
    brand = brands.add_brand(desk, "Aurora")
    return brands.add_watch(desk, brand.id, name="all", terms=(), channels=(harness.name,))
