"""How does a long import go on while its page is drawn again? In a thread of its own, which the page only watches."""

from __future__ import annotations

import logging
import tempfile
import threading
from pathlib import Path

from domain.errors import DeskError, Fatal
from services import importing
from services.context import Context
from services.importing import ColumnMap, ImportResult, Purpose

_LOG = logging.getLogger(__name__)


class ImportJob:
    """One import under way. ``result`` or ``error`` is set when it is over; it outlives a closed window."""

    def __init__(
        self, ctx: Context, data: bytes, *, name: str, brand_id: int, mapping: ColumnMap, purpose: Purpose
    ) -> None:
        self.read, self.total = 0, 0
        self.result: ImportResult | None = None
        self.error: DeskError | None = None
        self._ctx, self._data, self._name = ctx, data, name
        self._brand_id, self._mapping, self._purpose = brand_id, mapping, purpose
        threading.Thread(target=self._run, name="import", daemon=True).start()

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to watch."""
        return self.result is not None or self.error is not None

    def _run(self) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="sportello-import-") as folder:
                path = Path(folder) / f"upload{Path(self._name).suffix.lower()}"
                path.write_bytes(self._data)
                self.result = importing.run_import(
                    self._ctx,
                    path,
                    file_name=self._name,
                    brand_id=self._brand_id,
                    mapping=self._mapping,
                    purpose=self._purpose,
                    progress=self._told,
                )
        except DeskError as err:
            self.error = err
        except Exception:  # noqa: BLE001 (a thread has nobody above it: the page has to learn that it ended)
            _LOG.exception("an import broke off")
            self.error = Fatal("The import broke off; what was stored by then stays, a second time stores the rest.")
        self._data = b""

    def _told(self, read: int, total: int) -> None:
        self.read, self.total = read, total
