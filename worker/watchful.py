"""How does one piece of work fail without ending the others, and without saying so a thousand times?"""

from __future__ import annotations

import logging
from collections.abc import Callable

from bootstrap import Backend
from domain.errors import DeskError
from worker.schedule import Job

log = logging.getLogger("worker")


class Watchful:
    """Runs one job over and over; says once when it begins to fail and once when it works again."""

    def __init__(self, job: Job, backend: Backend, worker: str) -> None:
        self._job, self._backend, self._worker = job, backend, worker
        self._failing: str | None = None

    def __call__(self) -> None:
        self.attempt(lambda: self._job.run(self._backend, self._worker))

    def attempt(self, work: Callable[[], object]) -> None:
        """Do this part of the job's work; nothing it raises goes further."""
        try:
            work()
        except DeskError as err:
            self._say(f"{err.key}: {err}")
        except Exception as err:  # one broken job must not end the others
            if self._failing != type(err).__name__:
                log.exception("job=%s broke", self._job.name)
            self._failing = type(err).__name__
        else:
            if self._failing is not None:
                log.warning("job=%s works again", self._job.name)
            self._failing = None

    def _say(self, words: str) -> None:
        if self._failing != words:
            log.warning("job=%s fails: %s", self._job.name, words)
        self._failing = words
