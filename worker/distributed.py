"""How do several workers share the work behind a desk? procrastinate on PostgreSQL hands it out; rows say what is true.

A job in its queue only wakes a worker and may be lost or come twice: what is due, and who has it, stands in our own
tables. A worker that is killed leaves its jobs to the others within ``STALLED_S`` and a little.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

import procrastinate
from procrastinate import exceptions, jobs
from procrastinate.schema import SchemaManager

from bootstrap import Backend
from db import guest
from domain.errors import Unavailable
from worker import embedded
from worker.schedule import JOBS, Job, Parts, Piece
from worker.watchful import Watchful

log = logging.getLogger("worker")

SCHEMA = "queue_" + procrastinate.__version__.replace(".", "_")
#: Pieces one worker does at once; they mostly wait for a network.
AT_ONCE = 6
#: A worker gives a sign of life this often, and counts as dead after so long without one.
HEARTBEAT_S, STALLED_S = 1.0, 6.0
#: How often somebody looks for what dead workers have left.
LOOK_S = 2
START_S = 30.0


def build(backend: Backend, worker: str, jobs: tuple[Job, ...] = JOBS) -> procrastinate.App:
    """An application whose tasks are the jobs: a clock wakes each, one worker finds its pieces, all do them."""
    url = backend.ctx.settings.effective_database_url
    options = {"options": f"-c search_path={SCHEMA}", "application_name": "sportello"}
    connector = procrastinate.PsycopgConnector(
        conninfo=guest.address(url), kwargs=options, min_size=1, max_size=AT_ONCE, timeout=START_S
    )
    app = procrastinate.App(connector=connector)
    for job in jobs:
        if not job.everywhere:
            _Shared(app, job, backend, worker).register()
    _take_up_what_was_left(app)
    return app


def start(
    backend: Backend, worker: str, *, ended: Callable[[], None], jobs: tuple[Job, ...] = JOBS
) -> Callable[[], int]:
    """Begin to work; returns what ends it, with the exit code. Raises Misconfigured without PostgreSQL.

    ``ended`` is called when the engine ends by itself, as it does when the server is gone for good.
    """
    guest.settle(backend.ctx.store, SCHEMA, script=SchemaManager.get_schema())
    stop_own = embedded.start(backend, worker, tuple(job for job in jobs if job.everywhere))
    runner = _Runner(build(backend, worker, jobs), worker, ended)
    runner.start()

    def stop() -> int:
        code = runner.stop()
        stop_own()
        return code

    return stop


class _Shared:
    """One job as two tasks: the clock's, which finds the pieces, and the one that does a piece."""

    def __init__(self, app: procrastinate.App, job: Job, backend: Backend, worker: str) -> None:
        self._app, self._job, self._backend, self._worker = app, job, backend, worker
        self._watch = Watchful(job, backend, worker)

    def register(self) -> None:
        """Make both known. A job that waits already is not queued again, and never overlaps itself."""
        name = self._job.name
        once = self._app.task(name=name, queueing_lock=name, lock=name)
        woken: Any = once(self._wake_all) if self._job.parts else once(self._do_all)
        self._app.periodic(cron=_cron(self._job.every_s))(woken)
        if self._job.parts:
            self._app.task(name=f"{name}.piece", pass_context=True)(self._do_piece)

    def _do_all(self, timestamp: int) -> None:
        self._watch()

    async def _wake_all(self, timestamp: int) -> None:
        parts = self._job.parts
        assert parts is not None
        if parts.together and await self._any_under_way():
            return
        for piece in await asyncio.to_thread(self._found, parts):
            task = self._app.configure_task(
                f"{self._job.name}.piece",
                lock=piece.turn,
                queueing_lock=f"{self._job.name}:{piece.name}",
                task_kwargs={"about": list(piece.about)},
            )
            try:
                await task.defer_async()
            except exceptions.AlreadyEnqueued:
                pass  # It waits for its turn already.

    def _found(self, parts: Parts) -> list[Piece]:
        found: list[Piece] = []
        self._watch.attempt(lambda: found.extend(parts.find(self._backend)))
        return found

    async def _any_under_way(self) -> bool:
        task = f"{self._job.name}.piece"
        listed = self._app.job_manager.list_jobs_async
        return any([*await listed(task=task, status="todo"), *await listed(task=task, status="doing")])

    def _do_piece(self, context: procrastinate.JobContext, about: list[int | str]) -> None:
        parts = self._job.parts
        assert parts is not None
        # A name of its own: two pieces in one process must not pass for one holder of a lease.
        worker = f"{self._worker}:{context.job.id}"[:80]
        self._watch.attempt(lambda: parts.do(self._backend, worker, about))


def _take_up_what_was_left(app: procrastinate.App) -> None:
    """A job whose worker died goes back into the queue; it is dropped where the same work waits there already."""

    async def retry_stalled(timestamp: int) -> None:
        manager = app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_S):
            log.warning("job=%s was left by its worker", job.task_name)
            try:
                await manager.retry_job(job)
            except exceptions.UniqueViolation:
                await manager.finish_job(job, jobs.Status.FAILED, delete_job=True)

    task = app.task(name="retry_stalled", queueing_lock="retry_stalled")(retry_stalled)
    app.periodic(cron=_cron(LOOK_S))(task)


def _cron(every_s: float) -> str:
    """The engine's clock: its sixth field is the second."""
    seconds = max(1, round(every_s))
    return f"* * * * * */{seconds}" if seconds < 60 else f"*/{seconds // 60} * * * *"


class _Runner:
    """procrastinate's loop in a thread of its own."""

    def __init__(self, app: procrastinate.App, worker: str, ended: Callable[[], None]) -> None:
        self._app, self._worker, self._ended = app, worker, ended
        self._thread = threading.Thread(target=self._run, name="procrastinate", daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._broken: BaseException | None = None

    def start(self) -> None:
        """Return once the queue is open; raises Unavailable when it cannot be."""
        self._thread.start()
        if not self._ready.wait(START_S) or self._broken is not None:
            raise Unavailable("The queue of the workers does not answer.", retry_after_s=10.0)

    def stop(self) -> int:
        """Take no more work and wait for what is under way; 1 when the engine had broken."""
        if self._loop is not None and self._task is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()
        return int(self._broken is not None)

    def _run(self) -> None:
        try:
            asyncio.run(self._work())
        except asyncio.CancelledError:
            pass
        except Exception as err:  # noqa: BLE001 - whatever it was, another process has to go on
            self._broken = err
            log.error("the engine broke: %s", type(err).__name__)
        finally:
            self._ready.set()
            self._ended()

    async def _work(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        async with self._app.open_async():
            self._ready.set()
            await self._app.run_worker_async(
                name=self._worker,
                concurrency=AT_ONCE,
                delete_jobs="always",
                install_signal_handlers=False,
                fetch_job_polling_interval=2.0,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=STALLED_S,
            )
