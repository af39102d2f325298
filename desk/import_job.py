"""How does a long import go on while its page is drawn again? In a thread of its own, which the page only watches."""

from __future__ import annotations

import logging
import tempfile
import threading
from pathlib import Path

from domain.errors import DeskError
from services import importing
from services.context import Context
from services.importing import ColumnMap, ImportResult, Purpose

_LOG = logging.getLogger(__name__)


class ImportJob:
    """One import under way; ``result``, ``error`` or ``broke_off`` is set when it is over. It outlives the window."""

    def __init__(
        self, ctx: Context, data: bytes, *, name: str, brand_id: int, mapping: ColumnMap, purpose: Purpose
    ) -> None:
        self.name = name
        self.read, self.total = 0, 0
        self.result: ImportResult | None = None
        self.error: DeskError | None = None
        self.broke_off = False
        self._ctx, self._data = ctx, data
        self._brand_id, self._mapping, self._purpose = brand_id, mapping, purpose

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to watch."""
        return self.result is not None or self.error is not None or self.broke_off

    def start(self) -> None:
        """Begin; returns at once."""
        threading.Thread(target=self._run, name="import", daemon=True).start()

    def _run(self) -> None:
        try:
            self.result = self._import()
        except DeskError as err:
            self.error = err
        except Exception:  # noqa: BLE001 (a thread has nobody above it: the page has to learn that it ended)
            _LOG.exception("an import broke off")
            self.broke_off = True
        self._data = b""

    def _import(self) -> ImportResult:
        with tempfile.TemporaryDirectory(prefix="sportello-import-") as folder:
            path = Path(folder) / f"upload{Path(self.name).suffix.lower()}"
            path.write_bytes(self._data)
            return importing.run_import(
                self._ctx,
                path,
                file_name=self.name,
                brand_id=self._brand_id,
                mapping=self._mapping,
                purpose=self._purpose,
                progress=self._told,
            )

    def _told(self, read: int, total: int) -> None:
        self.read, self.total = read, total


#: By colleague, not by window: a reload, a second window or a new sign-in finds the import and what it brought.
_JOBS: dict[int, ImportJob] = {}
_ONE_AT_A_TIME = threading.Lock()


def begin(member_id: int, job: ImportJob) -> None:
    """Start a colleague's import, unless one of theirs is still under way: then that one is watched."""
    with _ONE_AT_A_TIME:
        known = _JOBS.get(member_id)
        if known is None or known.is_over:
            _JOBS[member_id] = job
            job.start()


def of(member_id: int) -> ImportJob | None:
    """The colleague's import that is under way, or over and not yet put away."""
    return _JOBS.get(member_id)


def put_away(member_id: int) -> None:
    """What an import brought has been read."""
    with _ONE_AT_A_TIME:
        known = _JOBS.get(member_id)
        if known is not None and known.is_over:
            del _JOBS[member_id]
