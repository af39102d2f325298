"""What is left after the desk died in the middle of something?"""

import pytest

from domain.errors import NotPossible, OutcomeUnknown
from domain.states import CaseState, ReplyState
from services import cases, claims, drafts, outbox, triage
from services.context import Context


class Killed(BaseException):
    """The process ends here; nothing catches it."""


def hand_in(person: Context, case_id: int, text: str = "We are sorry") -> int:
    claims.claim(person, case_id)
    post = cases.view(person, case_id).route.mention_id
    draft = drafts.save(person, case_id, mention_id=post, text=text)
    return drafts.submit(person, draft.reply_id, undo_s=0).reply_id


def status(ctx: Context, reply_id: int) -> ReplyState:
    return next(view.status for view in outbox.page(ctx) if view.reply_id == reply_id)


def until_settled(ctx, clock, reply_id: int) -> ReplyState:
    """Let a new worker do its rounds until the reply's fate is known."""
    for _ in range(40):
        clock.move(minutes=2)
        outbox.reconcile(ctx, worker="new")
        outbox.deliver_due(ctx, worker="new")
        if status(ctx, reply_id) in (ReplyState.SENT, ReplyState.NEEDS_HUMAN):
            break
    return status(ctx, reply_id)


def kill_in(network, method: str, *, after: bool) -> None:
    """The next call of ``method`` ends the process, before or after it did its work."""
    really = getattr(network, method)

    def dying(*args, **options):
        setattr(network, method, really)
        if after:
            really(*args, **options)
        raise Killed

    setattr(network, method, dying)


def die_while_delivering(ctx) -> None:
    try:
        outbox.deliver_due(ctx, worker="old")
    except Killed:
        return
    raise AssertionError("the worker should have died")


def test_killed_before_the_network_was_called_it_is_sent_once_later(ctx, account, acting, say, network, clock) -> None:
    reply_id = hand_in(acting("giulia"), say("BAD parcel"))
    kill_in(network, "publish", after=False)
    die_while_delivering(ctx)
    assert status(ctx, reply_id) is ReplyState.SENDING
    assert until_settled(ctx, clock, reply_id) is ReplyState.SENT
    assert network.texts == ["We are sorry"]


def test_killed_after_the_network_took_it_it_is_found_and_not_sent_again(
    ctx, account, acting, say, network, clock
) -> None:
    reply_id = hand_in(acting("giulia"), say("BAD parcel"))
    kill_in(network, "publish", after=True)
    die_while_delivering(ctx)
    attempts = len(network.attempts)
    assert until_settled(ctx, clock, reply_id) is ReplyState.SENT
    assert len(network.attempts) == attempts
    assert network.texts == ["We are sorry"]


def test_a_lost_receipt_is_looked_up_never_resent(ctx, account, acting, say, network, clock) -> None:
    case_id = say("BAD parcel")
    reply_id = hand_in(acting("giulia"), case_id)
    network.lose_receipts, network.failures = True, [OutcomeUnknown("the line went dead")]
    assert outbox.deliver_due(ctx, worker="old").uncertain == 1
    assert until_settled(ctx, clock, reply_id) is ReplyState.SENT
    assert network.texts == ["We are sorry"]
    assert cases.view(ctx, case_id).case.state is CaseState.WAITING


def test_an_uncertain_reply_keeps_its_case_from_being_closed(ctx, account, acting, say, network) -> None:
    case_id, giulia = say("BAD parcel"), acting("giulia")
    hand_in(giulia, case_id)
    network.lose_receipts, network.failures = True, [OutcomeUnknown("the line went dead")]
    outbox.deliver_due(ctx, worker="old")
    with pytest.raises(NotPossible) as refused:
        cases.resolve(giulia, case_id, code=cases.ResolutionCode.ANSWERED)
    assert refused.value.reason == "reply_pending"


def test_what_was_typed_before_the_end_is_there_after_it(ctx, account, acting, say) -> None:
    from db.engine import Store

    case_id, giulia = say("BAD parcel"), acting("giulia")
    post = cases.view(giulia, case_id).route.mention_id
    drafts.save(giulia, case_id, mention_id=post, text="Dear Mara, we", promise_text="a call")
    ctx.store.close()
    reopened = Context(Store(ctx.settings.effective_database_url), ctx.settings, giulia.actor, ctx.clock, ctx.channels)
    draft = cases.view(reopened, case_id).draft
    reopened.store.close()
    assert draft is not None and (draft.text, draft.promise_text) == ("Dear Mara, we", "a call")


def test_killed_while_judging_every_post_is_judged_once_later(ctx, say, classifier) -> None:
    for n in range(5):
        say(f"BAD {n}", author=f"a{n}")
    kill_in(classifier, "judge", after=True)
    try:
        triage.judge_pending(ctx, classifier, posts=2)
    except Killed:
        pass
    rounds = [triage.judge_pending(ctx, classifier, posts=2) for _ in range(4)]
    assert sum(rounds) == 5
