"""What is done behind the desk, and how often? The same plain functions under any runner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from bootstrap import Backend
from desk.alert_words import speak
from services import (
    alert_delivering,
    alert_looking,
    episodes,
    export_making,
    export_schedules,
    follow_up,
    health,
    intake,
    listening,
    losing,
    outbox,
    rechecking,
    renewing,
    triage,
)
from worker.side_by_side import SideBySide

#: Posts one run of the judge takes at most. It looks for live ones again before every batch.
JUDGE_RUN_POSTS = 2048
#: One model a process: it is loaded once, and two that think at once are no faster than one.
_MODEL = Lock()
#: Rounds of comparing posts in one run, while something is left to compare and nothing waits to be judged.
TOPIC_ROUNDS = 4
#: Runs of the re-ranking job stop here and go on a minute later.
RERANK_ROUNDS = 20
#: A round waits so long for its channels; one that takes longer goes on by itself.
_POLLS = SideBySide(wait_s=5.0)

#: Posts of one piece of judging, and pieces handed out at once: a live post waits for at most these.
JUDGE_PIECE_POSTS, JUDGE_PIECES = 32, 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a job that any worker may take.

    Pieces with the same ``turn`` go one after another, whoever takes them; one that waits already under
    the same ``name`` is not handed out again. ``about`` is what ``Parts.do`` gets: ids, or a channel.
    """

    name: str
    about: tuple[int | str, ...]
    turn: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """How several workers share a job: ``find`` its pieces, ``do`` one of them. Doing one twice is harmless.

    ``together``: new pieces are found only when all earlier ones are done.
    """

    find: Callable[[Backend], Sequence[Piece]]
    do: Callable[[Backend, str, Sequence[int | str]], object]
    together: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One recurring piece of work. ``run`` gets the backend and the worker's name; running it twice is harmless.

    ``parts``: how several workers share it. ``everywhere``: every worker runs it for itself, under leases.
    """

    name: str
    every_s: float
    run: Callable[[Backend, str], object]
    parts: Parts | None = None
    everywhere: bool = False


def _poll(backend: Backend, worker: str) -> None:
    """Every channel that is due beside the others: one that hangs keeps nobody else from being asked."""

    def ask(name: str) -> Callable[[], object]:
        return lambda: intake.poll_due(backend.ctx, worker=worker, channel=name)

    _POLLS.run({(id(backend), name): ask(name) for name in intake.due_channels(backend.ctx)})


def _channels_due(backend: Backend) -> list[Piece]:
    return [Piece(name, (name,), turn=f"channel:{name}") for name in intake.due_channels(backend.ctx)]


def _poll_channel(backend: Backend, worker: str, about: Sequence[int | str]) -> None:
    intake.poll_due(backend.ctx, worker=worker, channel=str(about[0]))


def _tell_of_channels(backend: Backend, worker: str) -> None:
    losing.tell_changes(backend.ctx)


def _listen(backend: Backend, worker: str) -> None:
    """One connection per network with a stream, for as long as somebody listens; under one lease in the database."""
    if backend.ctx.settings.hears_streams:
        listening.listen_to_all(backend.ctx, worker=worker)


def _judge(backend: Backend, worker: str) -> None:
    if triage.has_pending(backend.ctx):
        triage.judge_pending(backend.ctx, backend.classifier(), posts=JUDGE_RUN_POSTS)


def _posts_waiting(backend: Backend) -> list[Piece]:
    ids = triage.waiting_ids(backend.ctx, posts=JUDGE_PIECE_POSTS * JUDGE_PIECES)
    pieces = [tuple(ids[at : at + JUDGE_PIECE_POSTS]) for at in range(0, len(ids), JUDGE_PIECE_POSTS)]
    return [Piece(f"{some[0]}-{some[-1]}", some) for some in pieces]


def _judge_piece(backend: Backend, worker: str, about: Sequence[int | str]) -> None:
    with _MODEL:
        triage.judge_these(backend.ctx, backend.classifier(), [int(each) for each in about])


def _rejudge(backend: Backend, worker: str) -> None:
    """What is work comes first: after a lesson everything is judged again, which may take an hour."""
    triage.rejudge_open(backend.ctx, backend.classifier, posts=JUDGE_PIECE_POSTS)
    triage.rejudge_as_taught(backend.ctx, backend.classifier, posts=JUDGE_PIECE_POSTS)


def _topics(backend: Backend, worker: str) -> None:
    """Whatever waits to be judged goes first, here as in the encoder's share of the cores."""
    for _round in range(TOPIC_ROUNDS):
        if triage.has_pending(backend.ctx) or not backend.topics.keep(backend.ctx):
            return


def _spikes(backend: Backend, worker: str) -> None:
    """What is counted is looked at, never a post: a brand where nothing changed costs one row."""
    backend.spikes.look(backend.ctx)


def _deliver(backend: Backend, worker: str) -> None:
    outbox.deliver_due(backend.ctx, worker=worker)


def _replies_due(backend: Backend) -> list[Piece]:
    due = outbox.due_replies(backend.ctx)
    return [Piece(str(reply.reply_id), (reply.reply_id,), turn=f"voice:{reply.voice}") for reply in due]


def _send(backend: Backend, worker: str, about: Sequence[int | str]) -> None:
    outbox.deliver_one(backend.ctx, int(about[0]), worker=worker)


def _reconcile(backend: Backend, worker: str) -> None:
    outbox.reconcile(backend.ctx, worker=worker)


def _follow_up(backend: Backend, worker: str) -> None:
    follow_up.run_due(backend.ctx)


def _renew(backend: Backend, worker: str) -> None:
    renewing.renew_due(backend.ctx)


def _recheck(backend: Backend, worker: str) -> None:
    """What its author deleted on the network is deleted here, however long ago it was written."""
    rechecking.run(backend.ctx)


def _rerank(backend: Backend, worker: str) -> None:
    for _ in range(RERANK_ROUNDS):
        if not episodes.rerank_due(backend.ctx):
            break


def _export(backend: Backend, worker: str) -> None:
    """Every worker for itself: a file is made under a lease, and its key never leaves the process."""
    while export_making.make_next(backend.ctx, worker=worker):
        pass


def _export_calendar(backend: Backend, worker: str) -> None:
    export_schedules.order_due(backend.ctx)
    export_making.clear_up(backend.ctx)


def _look_for_alerts(backend: Backend, worker: str) -> None:
    alert_looking.look(backend.ctx)


def _alert(backend: Backend, worker: str) -> None:
    alert_delivering.deliver_due(backend.ctx, speak, worker=worker)


def _alerts_due(backend: Backend) -> list[Piece]:
    return [Piece(str(number), (number,)) for number in alert_delivering.due(backend.ctx)]


def _send_alert(backend: Backend, worker: str, about: Sequence[int | str]) -> None:
    alert_delivering.deliver_one(backend.ctx, speak, int(about[0]), worker=worker)


def _forget_alerts(backend: Backend, worker: str) -> None:
    alert_looking.clear_up(backend.ctx)


def _beat(backend: Backend, worker: str) -> None:
    health.beat(backend.ctx, "worker")


JOBS: tuple[Job, ...] = (
    Job("beat", 5.0, _beat, everywhere=True),
    Job("deliver", 1.0, _deliver, Parts(_replies_due, _send)),
    Job("reconcile", 2.0, _reconcile),
    Job("poll", 2.0, _poll, Parts(_channels_due, _poll_channel)),
    Job("channels", 10.0, _tell_of_channels),
    Job("listen", 5.0, _listen, everywhere=True),
    Job("judge", 0.5, _judge, Parts(_posts_waiting, _judge_piece, together=True)),
    Job("rejudge", 10.0, _rejudge),
    Job("topics", 60.0, _topics),
    Job("spikes", 60.0, _spikes),
    Job("follow_up", 10.0, _follow_up),
    Job("rerank", 60.0, _rerank),
    Job("renew", 60.0, _renew),
    Job("recheck", 60.0, _recheck),
    Job("export", 1.0, _export, everywhere=True),
    Job("export_calendar", 30.0, _export_calendar),
    Job("alerts_look", 10.0, _look_for_alerts),
    Job("alerts", 2.0, _alert, Parts(_alerts_due, _send_alert)),
    Job("alerts_forget", 3600.0, _forget_alerts),
)
