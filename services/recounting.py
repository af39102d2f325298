"""Are the figures of the trends still the sums of the rows they count? Counting everything anew, and comparing."""

from __future__ import annotations

from db import rollups
from domain.people import Right
from services.act import act
from services.context import Context


def rebuild(ctx: Context, brand_id: int | None = None) -> None:
    """Count the posts and cases of one brand, or of all, anew, in one transaction. Needs Right.SETUP.

    Nothing else can be written meanwhile: some seconds for a million posts.
    """
    with act(ctx, "trends.rebuild", "brand", brand_id, needs=Right.SETUP) as running:
        rollups.rebuild(running.tx, brand_id)
