"""Does each reply reach the network exactly once, wherever its sender is killed?"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from collectors.protocol import Page
from domain.states import CaseState, ReplyState
from services import brands, cases, claims, drafts, intake, outbox
from services.context import Context
from tests.fakes import a_post
from tests.services.fragile_desk import Door, Point, in_a_process, lines

CHANNELS = ("sample", "careless")


@pytest.fixture(params=CHANNELS)
def desk(request, ctx, brand, acting, clock):
    """A desk on one of the two networks: (its name, its context, a function that queues a reply)."""
    channel = request.param
    ctx = replace(ctx, channels=Door(str(ctx.settings.data_path), clock))
    watch = brands.add_watch(ctx, brand.id, name=channel, terms=(), channels=(channel,))
    giulia = replace(acting("giulia", trained=(channel,)), channels=ctx.channels)

    def queue(number: int) -> int:
        post = a_post(f"BAD parcel {number}", author=f"customer{number}", channel=channel, at=clock())
        intake.store(ctx, watch, Page((post,), None))
        case_id = max(case_ids(ctx))
        claims.claim(giulia, case_id)
        mention_id = cases.view(giulia, case_id).route.mention_id
        draft = drafts.save(giulia, case_id, mention_id=mention_id, text=f"Answer {number}")
        return drafts.submit(giulia, draft.reply_id, undo_s=0).reply_id

    return channel, ctx, queue


def case_ids(ctx: Context) -> list[int]:
    from sqlalchemy import select

    from db.tables import cases as table

    with ctx.store.read() as tx:
        return list(tx.execute(select(table.c.id)).scalars())


def log_of(channel: str, ctx: Context) -> list[str]:
    folder = ctx.settings.data_path
    return lines(folder / "careless.jsonl" if channel == "careless" else folder / "sample" / "published.jsonl")


def work(ctx: Context) -> None:
    outbox.reconcile(ctx, worker=f"worker-{os.getpid()}")
    outbox.deliver_due(ctx, worker=f"worker-{os.getpid()}")


def settle(ctx: Context, clock) -> None:
    for _ in range(8):
        clock.move(seconds=61)
        work(ctx)


def require_each_once(channel: str, ctx: Context, replies: list[int]) -> None:
    shown = {r.reply_id: r for r in outbox.page(ctx, states=tuple(ReplyState), limit=1000)}
    assert [shown[i].status for i in replies] == [ReplyState.SENT] * len(replies)
    assert Counter(log_of(channel, ctx)).most_common(1)[0][1] == 1
    assert len(log_of(channel, ctx)) == len(replies)
    assert all(cases.view(ctx, shown[i].case_id).case.state == CaseState.WAITING for i in replies)


SENDING = (Point.MARKING, Point.MARKED, Point.PUBLISHED, Point.RECORDING, Point.RECORDED)


@pytest.mark.parametrize("point", SENDING, ids=lambda p: p.name.lower())
def test_sender_killed_while_sending_leaves_each_reply_exactly_once(desk, clock, point) -> None:
    channel, ctx, queue = desk
    replies = [queue(1), queue(2)]
    assert in_a_process(ctx, point, work) == signal.SIGKILL
    states = {r.status for r in outbox.page(ctx, limit=10)}
    truth = {
        Point.MARKING: {ReplyState.QUEUED},
        Point.RECORDED: {ReplyState.SENT, ReplyState.QUEUED},
    }.get(point, {ReplyState.SENDING, ReplyState.QUEUED})
    assert states == truth
    settle(ctx, clock)
    require_each_once(channel, ctx, replies)


@pytest.mark.parametrize("point", [Point.LOOKING, Point.FOUND], ids=lambda p: p.name.lower())
def test_sender_killed_while_looking_up_leaves_the_reply_exactly_once(desk, clock, point) -> None:
    channel, ctx, queue = desk
    replies = [queue(1)]
    assert in_a_process(ctx, Point.PUBLISHED, work) == signal.SIGKILL
    clock.move(seconds=61)
    assert in_a_process(ctx, point, work) == signal.SIGKILL
    assert outbox.page(ctx)[0].status == ReplyState.UNCERTAIN
    settle(ctx, clock)
    require_each_once(channel, ctx, replies)


def test_sender_killed_again_and_again_leaves_each_reply_exactly_once(desk, clock) -> None:
    channel, ctx, queue = desk
    fate = random.Random(20)
    replies = []
    for number in range(6):
        replies.append(queue(number))
        point = fate.choice(list(Point))
        clock.move(seconds=fate.choice([0, 1, 61, 125]))
        in_a_process(ctx, point, work)
    settle(ctx, clock)
    require_each_once(channel, ctx, replies)


def test_two_workers_at_once_send_each_reply_once(desk, clock) -> None:
    channel, ctx, queue = desk
    replies = [queue(number) for number in range(8)]
    children = [beside(ctx, work) for _ in range(2)]
    for child in children:
        os.waitpid(child, 0)
    settle(ctx, clock)
    require_each_once(channel, ctx, replies)


def beside(ctx: Context, job: Callable[[Context], object]) -> int:
    """Start a process that works on the same queue."""
    ctx.store.close()
    child = os.fork()
    if child == 0:
        try:
            in_a_process(ctx, None, job)
        finally:
            os._exit(0)
    return child


@pytest.mark.parametrize("step_s", [-3600, 3600])
def test_clock_that_jumps_does_not_send_twice(desk, clock, step_s) -> None:
    channel, ctx, queue = desk
    replies = [queue(1)]
    in_a_process(ctx, Point.PUBLISHED, work)
    clock.move(seconds=step_s)
    work(ctx)
    clock.move(seconds=3600)
    settle(ctx, clock)
    require_each_once(channel, ctx, replies)
