"""Does a desk brought back from a copy still send each reply exactly once?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

import bootstrap
from collectors.protocol import Page
from db import backup, deliveries, replies
from domain.errors import NotAllowed, NotPossible, Unavailable
from domain.states import CaseState, ReplyState
from services import brands, cases, claims, drafts, intake, outbox, restoring, trail
from services.context import Context, command_line
from tests.conftest import case_of
from tests.fakes import a_post
from tests.services.fragile_desk import Door, lines

CHANNELS = ("sample", "careless")


@dataclass
class Desk:
    """A desk on one network, with a way to queue a reply, to copy it away and to bring the copy back."""

    channel: str
    ctx: Context
    queue: Callable[[], int]

    @property
    def published(self) -> list[str]:
        folder = self.ctx.settings.data_path
        return lines(folder / "careless.jsonl" if self.channel == "careless" else folder / "sample/published.jsonl")

    def work(self) -> None:
        outbox.reconcile(self.ctx, worker="w1")
        outbox.deliver_due(self.ctx, worker="w1")

    def copy(self) -> None:
        bootstrap.backup(self.ctx.settings, self.ctx.settings.data_path / "copy.db")

    def bring_back(self) -> int:
        self.ctx.store.close()
        copy = self.ctx.settings.data_path / "copy.db"
        return bootstrap.restore(self.ctx.settings, copy, clock=self.ctx.clock, actor=command_line("root"))

    def reply(self) -> outbox.ReplyView:
        [reply] = outbox.page(self.ctx)
        return reply


@pytest.fixture(params=CHANNELS)
def desk(request, ctx, brand, acting, clock) -> Desk:
    """A desk on the sample, or on a network that publishes whatever it is asked to, however often."""
    channel = request.param
    ctx = replace(ctx, channels=Door(str(ctx.settings.data_path), clock))
    watch = brands.add_watch(ctx, brand.id, name=channel, terms=(), channels=(channel,))
    giulia = replace(acting("giulia", trained=(channel,)), channels=ctx.channels)

    def queue() -> int:
        post = a_post("BAD parcel", channel=channel, at=clock())
        intake.store(ctx, watch, Page((post,), None))
        case_id = case_of(ctx, post)
        claims.claim(giulia, case_id)
        mention_id = cases.view(giulia, case_id).route.mention_id
        draft = drafts.save(giulia, case_id, mention_id=mention_id, text="On its way")
        return drafts.submit(giulia, draft.reply_id, undo_s=0).reply_id

    return Desk(channel, ctx, queue)


def test_reply_published_after_the_copy_is_found_and_not_published_again(desk, clock) -> None:
    desk.queue()
    desk.copy()
    desk.work()
    assert len(desk.published) == 1
    clock.move(hours=5)
    assert desk.bring_back() == 1
    assert desk.reply().status == ReplyState.UNCERTAIN
    desk.work()
    assert desk.reply().status == ReplyState.SENT
    assert [probe.outcome for probe in desk.reply().probes] == ["found"]
    for _ in range(4):
        clock.move(minutes=2)
        desk.work()
    assert len(desk.published) == 1
    assert cases.view(desk.ctx, desk.reply().case_id).case.state == CaseState.WAITING


def test_reply_that_never_went_out_is_sent_once_after_two_look_ups(desk, clock) -> None:
    desk.queue()
    desk.copy()
    clock.move(hours=5)
    desk.bring_back()
    desk.work()
    assert (desk.reply().status, desk.published) == (ReplyState.UNCERTAIN, [])
    clock.move(seconds=1)
    desk.work()
    assert (desk.reply().status, desk.published) == (ReplyState.UNCERTAIN, [])
    for _ in range(4):
        clock.move(minutes=2)
        desk.work()
    assert desk.reply().status == ReplyState.SENT and len(desk.published) == 1
    assert [probe.outcome for probe in desk.reply().probes] == ["absent", "absent"]


@dataclass
class Copying:
    """A publisher during whose call somebody makes the copy."""

    inner: object
    desk: Desk

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def publish(self, reply, *, key):
        self.desk.copy()
        return self.inner.publish(reply, key=key)


def test_reply_that_was_being_sent_while_the_copy_was_made_is_found(desk, clock) -> None:
    reply_id = desk.queue()
    watched = Door(str(desk.ctx.settings.data_path), clock, lambda publisher: Copying(publisher, desk))
    outbox.deliver_due(replace(desk.ctx, channels=watched), worker="w1")
    desk.bring_back()
    assert desk.reply().status == ReplyState.UNCERTAIN
    with desk.ctx.store.read() as tx:
        assert [d.outcome for d in deliveries.of_replies(tx, [reply_id])[reply_id]] == ["lost"]
    desk.work()
    assert desk.reply().status == ReplyState.SENT and len(desk.published) == 1


def test_look_up_from_before_the_copy_proves_nothing_afterwards(desk, clock) -> None:
    desk.queue()
    desk.copy()
    desk.bring_back()
    desk.work()
    (desk.ctx.settings.data_path / "copy.db").unlink()
    desk.copy()
    clock.move(minutes=2)
    desk.bring_back()
    desk.work()
    assert (desk.reply().status, desk.published) == (ReplyState.UNCERTAIN, [])


@dataclass
class Deaf:
    """A publisher whose network does not answer look-ups."""

    inner: object

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def lookup(self, reply, *, key, since):
        raise Unavailable


def test_network_that_is_away_just_after_the_return_is_asked_again_and_no_person_yet(desk, clock) -> None:
    desk.queue()
    desk.copy()
    clock.move(days=3)
    desk.bring_back()
    away = replace(desk.ctx, channels=Door(str(desk.ctx.settings.data_path), clock, Deaf))
    for _ in range(3):
        outbox.reconcile(away, worker="w1")
        clock.move(minutes=2)
    assert [probe.outcome for probe in desk.reply().probes] == ["unavailable"] * 3
    assert (desk.reply().status, desk.published) == (ReplyState.UNCERTAIN, [])


def test_look_up_goes_back_to_the_moment_the_reply_was_handed_in(desk, clock) -> None:
    handed_in = clock()
    reply_id = desk.queue()
    desk.copy()
    clock.move(days=3)
    desk.bring_back()
    with desk.ctx.store.read() as tx:
        reply = replies.get(tx, reply_id)
    assert (reply.first_attempt_at, reply.next_probe_at, reply.lease_until) == (handed_in, clock(), None)


def test_case_and_audit_trail_tell_of_the_return(desk) -> None:
    desk.queue()
    desk.copy()
    desk.bring_back()
    assert "restored" in [event.kind for event in cases.view(desk.ctx, desk.reply().case_id).events]
    [line] = trail.page(desk.ctx, action="database.restore")
    assert (line.actor, line.outcome, line.details) == ("cli:root", "done", {"replies": 1})


def test_drafts_and_sent_replies_come_back_as_they_were(desk) -> None:
    desk.queue()
    desk.work()
    desk.copy()
    assert desk.bring_back() == 0
    assert desk.reply().status == ReplyState.SENT


def test_only_those_who_set_the_desk_up_may_doubt_its_replies(acting) -> None:
    with pytest.raises(NotAllowed):
        restoring.doubt_replies(acting("giulia"))


def test_copy_that_cannot_be_prepared_leaves_the_desk_and_the_folder_as_they_were(desk) -> None:
    desk.queue()
    desk.copy()
    desk.work()
    desk.ctx.store.close()
    folder = desk.ctx.settings.data_path
    before = sorted(path.name for path in folder.iterdir())

    def fails(url: str) -> None:
        raise NotPossible(reason="test")

    with pytest.raises(NotPossible):
        backup.restore(desk.ctx.settings.effective_database_url, folder / "copy.db", prepare=fails)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert desk.reply().status == ReplyState.SENT


@pytest.mark.databases("sqlite")
def test_restore_leaves_nothing_beside_the_database_but_the_one_before(desk) -> None:
    desk.queue()
    desk.copy()
    desk.bring_back()
    names = {path.name for path in desk.ctx.settings.data_path.iterdir() if "restor" in path.name}
    assert names == {"sportello.db.before-restore"}
