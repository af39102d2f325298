"""What can happen to a worker that sends on a network, and is every reply out exactly once in every cell?

A cell is a mishap on a network and a ground: a database, and what wakes the workers. Each run has a desk of its own,
and replies to customers who are waiting. The mishap comes; what the desk says then must be true. A worker that nothing
disturbs goes on; in the end the network must have each reply once under its post, and the desk must say so. Where only
a person can tell, the desk must ask one, who looks at the network and says what is there.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from domain.states import ReplyState
from services import outbox
from tests.network.engines import ENGINES, Ground, WorkerProcess, every, until, worker_on
from tests.network.network import Network, Quirk
from tests.network.own_desk import Lane, own_desk
from tests.network.sending import Sending, work
from tests.peers.faulty_way import QUICK, SILENT, Fault, FaultyWay
from tests.services.fragile_desk import Point

TWO_AT_ONCE, CLOCK_BACK, CLOCK_ON = "two workers at once", "clock an hour back", "clock an hour on"
AGAIN_AND_AGAIN, IN_HAND = "killed again and again", "while the network has it in hand"
OUTLIVED = "so slow to ask first that its time is over, and another worker sends"
Mishap = Point | Fault | Quirk | str
#: On the real network.
MISHAPS: tuple[Mishap, ...] = (*Point, *QUICK, TWO_AT_ONCE, CLOCK_BACK, CLOCK_ON, AGAIN_AND_AGAIN)
#: On a scripted one, which can be odd as well, and whose time-outs are short.
ALL_MISHAPS: tuple[Mishap, ...] = (
    *Point,
    IN_HAND,
    *Fault,
    *Quirk,
    TWO_AT_ONCE,
    CLOCK_BACK,
    CLOCK_ON,
    AGAIN_AND_AGAIN,
    OUTLIVED,
)
#: Where the network's answer leaves doubt for ever, and a person has to look.
ENDS_WITH_A_PERSON = (Quirk.SAME_WORDS,)
#: What the desk says of the first reply right after its sender was killed.
SAID: dict[Mishap, ReplyState] = {
    Point.MARKING: ReplyState.QUEUED,
    Point.MARKED: ReplyState.SENDING,
    Point.PREPARING: ReplyState.SENDING,
    Point.PREPARED: ReplyState.SENDING,
    Point.PUBLISHED: ReplyState.SENDING,
    Point.RECORDING: ReplyState.SENDING,
    Point.RECORDED: ReplyState.SENT,
    Point.LOOKING: ReplyState.UNCERTAIN,
    Point.FOUND: ReplyState.UNCERTAIN,
}
#: A worker comes to its point within this time, and an undisturbed one to the end of the work.
DIES_S, SETTLES_S = 90.0, 180.0
#: So many turns of an undisturbed one are four hours of its desk's time.
TURNS = 1000
SETTLED = (ReplyState.SENT, ReplyState.NEEDS_HUMAN)
#: Beyond every lease, so that nobody has to wait for one.
LATER_S = 61.0
#: Less than a lease: whoever takes a reply in hand right before the clock is moved still has time. Without an engine
#: it is moved more often, and by half of that.
SOON_S = 31.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of a cell; ``wrong`` is empty when all held."""

    mishap: Mishap
    ground: Ground
    replies: int
    wrong: tuple[str, ...]
    took_s: float
    by_person: int = 0


def applies(mishap: Mishap, network: Network) -> bool:
    """Whether that can happen on this network at all."""
    if isinstance(mishap, Quirk):
        return mishap in network.quirks
    return network.fixes_beforehand or mishap not in (Point.PREPARING, Point.PREPARED)


def one_run(lane: Lane, mishap: Mishap, ground: Ground, *, word: str, dice: random.Random) -> Outcome:
    """Play one cell once; nobody on the network has written ``word`` yet."""
    started = time.monotonic()
    with own_desk(lane, ground, word) as desk:
        most = 3 if ground in ENGINES else 2
        wanted = dice.randint(1, most) if mishap not in (TWO_AT_ONCE, Quirk.SAME_WORDS) else 3
        words = "The same answer" if mishap == Quirk.SAME_WORDS else None
        replies = desk.queue_all(range(wanted), words=words)
        run = Run(desk, lane.way, ground, dice, mishap)
        wrong = [*run.disturbed(mishap), *desk.untrue(), *run.settled()]
        wrong += desk.wrong(replies) or desk.unread(replies)
        if wrong:
            wrong.append(f"its log: {run.log()[-1500:]}")
    return Outcome(mishap, ground, len(replies), tuple(wrong), time.monotonic() - started, len(run.by_person))


@dataclass(frozen=True, slots=True)
class Run:
    """A desk about to meet with a mishap. ``by_person``: replies that a person was asked about."""

    desk: Sending
    way: FaultyWay
    ground: Ground
    dice: random.Random
    mishap: Mishap
    by_person: set[int] = field(default_factory=set)

    def disturbed(self, mishap: Mishap) -> list[str]:
        """Let it happen; returns what did not go as it was meant to."""
        if isinstance(mishap, Fault):
            return self._badly_connected(mishap)
        if isinstance(mishap, Point):
            return self._killed_at(mishap)
        if isinstance(mishap, Quirk):
            return self._oddly_answered(mishap)
        if mishap == IN_HAND:
            return self._killed_in_hand()
        if mishap == TWO_AT_ONCE:
            return self._several()
        if mishap == AGAIN_AND_AGAIN:
            return self._killed_often()
        if mishap == OUTLIVED:
            return self._outlived()
        return self._set_clock(-3600.0 if mishap == CLOCK_BACK else 3600.0)

    def settled(self) -> list[str]:
        """A worker goes on undisturbed until all is sent, and then a little longer: what it did not know must show."""
        self.way.faults, self.way.meanwhile = [], None
        if self.ground not in ENGINES:
            return self._settled_here()
        with worker_on(self.desk.ctx, self.ground) as worker:
            wrong = [] if self._until_all_are(SETTLED, [worker]) else ["no end"]
            wrong += [*self.desk.untrue(), *self._person_looks()]
            done = self._until_sent(worker)
            self.desk.clock.move(seconds=LATER_S)
            alive = not worker.dies(within_s=1.5 * self.ground.pace)
        said = [f"not all sent after {SETTLES_S:.0f} s: {dict(self.desk.states())}"]
        return wrong + ([] if done and alive else said)

    def _settled_here(self) -> list[str]:
        """Without an engine whoever looks on takes the turns of that worker: nobody has to wait for anybody."""
        wrong = [] if self._turns_until(SETTLED) else ["no end"]
        wrong += [*self.desk.untrue(), *self._person_looks()]
        done = self._turns_until((ReplyState.SENT,))
        self.desk.clock.move(seconds=LATER_S)
        work(self.desk.ctx)
        return wrong + ([] if done else [f"not all sent after {TURNS} turns: {dict(self.desk.states())}"])

    def _turns_until(self, states: tuple[ReplyState, ...]) -> bool:
        """Whether it comes to that, turn after turn, with the clock moved on between two of them."""
        for _ in range(TURNS):
            if set(self.desk.states()) <= set(states):
                return True
            work(self.desk.ctx)
            self.desk.clock.move(seconds=SOON_S / 2)
        return set(self.desk.states()) <= set(states)

    def _person_looks(self) -> list[str]:
        """Whoever is asked looks at the network, which is as documented by now, and says what is there."""
        asked = [r for r in self.desk.shown().values() if r.status == ReplyState.NEEDS_HUMAN]
        self.desk.network.behave(None)
        out = self.desk.is_out()
        for reply in asked:
            self.by_person.add(reply.reply_id)
            if reply.reply_id in out:
                outbox.confirm_by_person(self.desk.giulia, reply.reply_id, url=self.desk.link_to(reply.reply_id))
            else:
                outbox.deny_by_person(self.desk.giulia, reply.reply_id)
        needless = asked and self.mishap not in ENDS_WITH_A_PERSON
        return [f"a person is asked about {len(asked)} replies: {asked[0].error}"] if needless else []

    def log(self) -> str:
        """What the workers had to say."""
        path = self.desk.ctx.settings.data_path / "worker.log"
        return path.read_text() if path.exists() else ""

    def _killed_at(self, point: Point) -> list[str]:
        wrong: list[str] = []
        if point in (Point.LOOKING, Point.FOUND):
            wrong += self._dies(Point.PUBLISHED)
            self.desk.clock.move(seconds=LATER_S)
        wrong += self._dies(point)
        first = min(self.desk.asked)
        said = next(r.status for r in outbox.page(self.desk.ctx, limit=1000) if r.reply_id == first)
        if said != SAID[point]:
            wrong.append(f"the desk says {said} after its sender died {point}")
        return wrong

    def _dies(self, point: Point) -> list[str]:
        with worker_on(self.desk.ctx, self.ground, point=point) as worker:
            died = worker.dies(within_s=DIES_S)
        return [] if died else [f"the worker never came to: {point}"]

    def _badly_connected(self, fault: Fault) -> list[str]:
        """The next writes meet with the fault; what the desk says is looked at while it works it out."""
        self.way.faults = [fault] * self.dice.randint(1, 3)
        meant = len(self.way.faults)
        wrong: list[str] = []
        hurried = self.desk.network.hurry if fault in SILENT else int
        with worker_on(self.desk.ctx, self.ground, first=hurried):
            if not until(lambda: len(self.way.faults) < meant, within_s=DIES_S):
                wrong.append("nothing was written")
            for _ in range(3):
                wrong += self.desk.untrue()
                time.sleep(0.5 * self.ground.pace)
        return wrong

    def _oddly_answered(self, quirk: Quirk) -> list[str]:
        """The server is odd, and one answer or more are lost on their way."""
        self.desk.network.behave(quirk)
        return self._badly_connected(Fault.LOST_AFTER)

    def _killed_in_hand(self) -> list[str]:
        """From outside, while the network has the reply and has not answered yet."""
        with worker_on(self.desk.ctx, self.ground) as worker:
            self.way.meanwhile = worker.kill
            if not until(lambda: self.way.meanwhile is None and worker.signal is not None, within_s=DIES_S):
                return ["nothing was written"]
        self.desk.clock.move(seconds=LATER_S)
        return []

    def _outlived(self) -> list[str]:
        """One worker's question hangs until its lease is over and another one has sent everything; then it goes on."""
        # Each reply takes two questions at least, whatever the network.
        self.way.hold_back(self.dice.randint(1, 2 * sum(self.desk.states().values())))
        with worker_on(self.desk.ctx, self.ground) as slow:
            hangs = until(self.way.held.is_set, within_s=DIES_S)
            self.desk.clock.move(seconds=LATER_S)
            with worker_on(self.desk.ctx, self.ground) as other:
                # The slow one may take up others meanwhile.
                done = self._until_sent(other, slow)
            self.way.go.set()
            slow.dies(within_s=5.0 * self.ground.pace)
        return [] if hangs and done else [f"no question hung, or not all is sent: {dict(self.desk.states())}"]

    def _several(self) -> list[str]:
        """Two or three at the same work; one of them may be killed at any moment."""
        with ExitStack() as all_of_them:
            count = self.dice.randint(2, 3)
            workers = [all_of_them.enter_context(worker_on(self.desk.ctx, self.ground)) for _ in range(count)]
            until(self._any_begun, within_s=DIES_S, every_s=0.02)
            if self.dice.random() < 0.5:
                self.dice.choice(workers).kill()
            return self.desk.untrue() + ([] if self._until_sent(*workers) else ["they did not come to an end"])

    def _killed_often(self) -> list[str]:
        for _ in range(3):
            with worker_on(self.desk.ctx, self.ground, point=self.dice.choice([*Point])) as worker:
                worker.dies(within_s=self.dice.uniform(1.0, 6.0) * self.ground.pace)
            self.desk.clock.move(seconds=self.dice.choice([1, LATER_S, 125]))
        return []

    def _set_clock(self, by_s: float) -> list[str]:
        """While the network has the reply in hand, or after the sender died with it."""
        if self.dice.random() < 0.5:
            wrong = self._dies(Point.PUBLISHED)
            self.desk.clock.move(seconds=by_s)
            return wrong
        stepped: list[float] = []

        def step() -> None:
            self.desk.clock.move(seconds=by_s)
            stepped.append(by_s)
            # Others at the same work have time to see it.
            for _ in range(5):
                time.sleep(0.5 * self.ground.pace)

        self.way.meanwhile = step
        with worker_on(self.desk.ctx, self.ground) as worker:
            done = until(lambda: bool(stepped), within_s=DIES_S) and self._until_sent(worker)
        return [] if done else [f"not all sent under a clock that was set: {dict(self.desk.states())}"]

    def _any_begun(self) -> bool:
        return self.desk.states() != {str(ReplyState.QUEUED): len(self.desk.asked)}

    def _until_sent(self, *workers: WorkerProcess) -> bool:
        return self._until_all_are((ReplyState.SENT,), workers)

    def _until_all_are(self, states: tuple[ReplyState, ...], workers: Sequence[WorkerProcess]) -> bool:
        """Whether it comes to that; the clock hurries, so that nobody waits for the lease of a dead worker."""
        end, pace = time.monotonic() + SETTLES_S, self.ground.pace
        step_s = SOON_S if self.ground in ENGINES else SOON_S / 2
        hurry = every(1.5 * pace, lambda: self.desk.clock.move(seconds=step_s))
        while not set(self.desk.states()) <= set(states):
            alive = [worker for worker in workers if not worker.dies(within_s=0)]
            if time.monotonic() > end or not alive:
                return False
            if not self.desk.in_the_hands_of([worker.pid for worker in alive]):
                hurry()
            time.sleep(max(0.05, 0.25 * pace))
        return True
