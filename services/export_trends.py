"""How do the rollups become the rows of an export of trends? A row for each day, channel and label, counted only."""

from __future__ import annotations

from collections.abc import Iterator

from domain.export import ExportOrder
from services.context import Context
from services.export_reading import Batch


def batches(ctx: Context, order: ExportOrder) -> Iterator[tuple[Batch, int]]:
    """Every row of the trends of a brand, as the filter asks."""
    yield from ()
