"""Which case the operator opened or claimed in the queue list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desk.widgets.rows import QueueLabels, QueueRow


@dataclass(frozen=True, slots=True)
class QueueListResult:
    """What happened in the list since the last run; both are None when nothing did."""

    open: int | None = None
    claim: int | None = None


def queue_list(
    rows: Sequence[QueueRow],
    selected: int | None,
    *,
    labels: QueueLabels,
    key: str = "sp_queue_list",
    compact: bool = False,
    on_event: Callable[[QueueListResult], None] | None = None,
) -> QueueListResult:
    """Draw the rows and return the case opened or claimed by this very run's click or key.

    ``on_event`` runs as a Streamlit callback, before the script: with it a page needs no second run.
    """
    raise NotImplementedError
