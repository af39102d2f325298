"""Does a desk hear, answer and pay on X as one whole, with its store, its outbox and its purse?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bootstrap import Channels
from collectors.spending import Budget
from domain.people import Role, Training
from domain.states import ReplyState
from services import brands, cases, channel_view, claims, drafts, intake, outbox, spending, team
from services.context import Context, colleague
from services.queue import QueueFilter, page
from services.spending import Ledger
from tests.collectors.test_x_network import FOUR, POST
from tests.contract.scripted import Drop
from tests.contract.x_server import OUR_HANDLE, Server, refused

WORDS = "Buongiorno, arriviamo."


@pytest.fixture
def server(clock) -> Iterator[Server]:
    made = Server(clock, "unused")
    yield made
    made.close()


@pytest.fixture
def desk(ctx, clock, server, monkeypatch) -> Context:
    """A desk that may publish, with an account on X and the purse that the settings give it."""
    monkeypatch.setenv("X_KEYS", FOUR)
    settings = replace(ctx.settings, publish="live", x_reads_eur_month=1.0, x_replies_eur_month=0.05)
    purses: dict[int, Ledger] = {}

    def purse(account):
        new = Ledger(ctx.store, clock, account.id, spending.ceilings_of(settings))
        return purses.setdefault(account.id, new)

    return replace(ctx, settings=settings, channels=Channels(settings.data_dir, clock, purse=purse))


@pytest.fixture
def watch(desk, server):
    brand = brands.add_brand(desk, "Aurora")
    account = brands.add_account(
        desk, brand.id, channel="x", handle=OUR_HANDLE, base_url=server.url, secret_ref="X_KEYS"
    )
    brands.set_publishing(desk, account.id, on=True)
    return brands.add_watch(desk, brand.id, name="all", terms=("aurora",), channels=("x",))


@pytest.fixture
def giulia(desk) -> Context:
    new = team.add_member(desk, login="giulia", name="Giulia", roles=[Role.OPERATOR], trained=[Training("x")])
    return desk.acting_as(colleague(new.member))


def handed_in(desk: Context, giulia: Context, watch) -> int:
    assert intake.poll(desk, "x", watch.id).error is None
    row = page(desk, QueueFilter(brand_id=watch.brand_id)).entries[0]
    claims.claim(giulia, row.case_id)
    view = cases.view(giulia, row.case_id)
    assert (view.route.kind, view.route.cost_eur) == ("api", 0.010)
    draft = drafts.save(giulia, row.case_id, mention_id=view.route.mention_id, text=WORDS)
    return drafts.submit(giulia, draft.reply_id, undo_s=0).reply_id


def state(desk: Context, reply_id: int) -> ReplyState:
    return next(reply.status for reply in outbox.page(desk) if reply.reply_id == reply_id)


def test_desk_hears_answers_and_says_what_it_cost(desk, giulia, watch, server) -> None:
    server.add("BAD aurora", author="mara", user_id="77")
    reply_id = handed_in(desk, giulia, watch)
    outbox.deliver_due(desk, worker="one")
    assert state(desk, reply_id) == ReplyState.SENT and [p.view["said"] for p in server.own()] == [WORDS]
    [card] = [each for each in channel_view.channels(desk, watch.brand_id).channels if each.channel == "x"]
    cost = {each.budget: each.spent_eur for each in card.spent}
    assert cost[Budget.REPLIES] == pytest.approx(0.010) and 0 < cost[Budget.READS] < 0.5


def test_lost_answer_is_looked_up_and_the_reply_is_public_once(desk, giulia, watch, server, clock) -> None:
    server.add("BAD aurora", author="mara", user_id="77")
    reply_id = handed_in(desk, giulia, watch)

    def lose(call, answer):
        if call == POST:
            raise Drop
        return answer

    server.after, server.unshown = lose, 1
    outbox.deliver_due(desk, worker="one")
    assert state(desk, reply_id) == ReplyState.UNCERTAIN
    clock.move(seconds=61)
    outbox.reconcile(desk, worker="one")  # Its own timeline does not show it yet.
    server.unshown = 0
    clock.move(seconds=61)
    outbox.reconcile(desk, worker="one")
    assert state(desk, reply_id) == ReplyState.SENT and len(server.own()) == 1


def test_refusal_for_same_words_ends_with_a_person_and_never_as_sent(desk, giulia, watch, server, clock) -> None:
    server.add("BAD aurora", author="mara", user_id="77")
    reply_id = handed_in(desk, giulia, watch)
    no = refused("You are not allowed to create a Tweet with duplicate content.")
    server.before = lambda call: no if call == POST else None
    for _ in range(20):
        outbox.deliver_due(desk, worker="one")
        clock.move(seconds=61)
        outbox.reconcile(desk, worker="one")
    assert state(desk, reply_id) == ReplyState.NEEDS_HUMAN and server.own() == []


def test_month_that_is_spent_pauses_reading_until_the_next(desk, giulia, watch, server, clock) -> None:
    for number in range(60):
        server.add(f"BAD aurora {number}", author=f"mara{number}", user_id=str(number))
    intake.poll(desk, "x", watch.id)
    clock.move(minutes=2)
    outcome = intake.poll(desk, "x", watch.id)
    assert "ceiling" in (outcome.error or "")
    intake.poll_due(desk, worker="one")  # What names us is cheaper than what is searched for.
    asked = len(server.asked)
    clock.move(days=20)
    intake.poll_due(desk, worker="one")
    assert len(server.asked) == asked
    clock.move(days=10)  # April.
    assert intake.poll_due(desk, worker="one")[0].error is None and len(server.asked) > asked
