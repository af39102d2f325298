"""What happens when two people reach for the same case, or write at the same time?"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.errors import AlreadyClaimed, DeskError, NotPossible, StaleVersion
from services import cases, claims, drafts, notices, outbox


def test_of_many_who_claim_at_once_one_wins_and_the_others_learn_who(ctx, account, acting, say) -> None:
    case_id = say("BAD parcel")
    people = [acting(f"p{n}") for n in range(8)]

    def reach(person) -> int | AlreadyClaimed:
        try:
            return claims.claim(person, case_id).owner_id
        except AlreadyClaimed as refusal:
            return refusal

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(reach, people))
    winners = [r for r in results if isinstance(r, int)]
    losers = [r for r in results if isinstance(r, AlreadyClaimed)]
    assert (len(winners), len(losers)) == (1, 7)
    assert {loser.by_id for loser in losers} == set(winners)
    assert cases.view(ctx, case_id).case.owner_id == winners[0]


def test_the_one_who_was_slower_keeps_what_they_wrote(account, acting, say) -> None:
    case_id = say("BAD parcel")
    giulia, paolo = acting("giulia"), acting("paolo")
    post = cases.view(giulia, case_id).route.mention_id
    claims.claim(giulia, case_id)
    draft = drafts.save(paolo, case_id, mention_id=post, text="I was about to say")
    with pytest.raises(DeskError):
        drafts.submit(paolo, draft.reply_id, undo_s=0)
    kept = cases.view(paolo, case_id).draft
    assert kept is not None and kept.text == "I was about to say"
    assert cases.view(giulia, case_id).draft is None


def test_two_tabs_never_overwrite_each_other_silently(account, acting, say) -> None:
    case_id = say("BAD parcel")
    giulia = acting("giulia")
    claims.claim(giulia, case_id)
    post = cases.view(giulia, case_id).route.mention_id
    first = drafts.save(giulia, case_id, mention_id=post, text="one", version=0)
    drafts.save(giulia, case_id, mention_id=post, text="two", version=first.version)
    with pytest.raises(StaleVersion) as refused:
        drafts.save(giulia, case_id, mention_id=post, text="from the old tab", version=first.version)
    assert refused.value.values["text"] == "two"


def test_a_case_taken_with_a_reason_tells_its_former_owner(account, acting, say) -> None:
    case_id = say("BAD parcel")
    giulia, paolo = acting("giulia"), acting("paolo")
    claims.claim(giulia, case_id)
    case = claims.take(paolo, case_id, reason="Giulia is at lunch")
    assert case.owner_id == paolo.actor.user_id
    assert case.hand_overs == 1
    assert [notice.case_id for notice in notices.unread(giulia)] == [case_id]


def test_nobody_takes_a_case_while_its_reply_is_going_out(ctx, account, acting, say, network) -> None:
    case_id = say("BAD parcel")
    giulia, paolo = acting("giulia"), acting("paolo")
    claims.claim(giulia, case_id)
    post = cases.view(giulia, case_id).route.mention_id
    draft = drafts.save(giulia, case_id, mention_id=post, text="We are on it")
    drafts.submit(giulia, draft.reply_id, undo_s=0)
    refusals: list[NotPossible] = []
    really_publish = network.publish

    def publish(reply, *, key):
        with pytest.raises(NotPossible) as refused:
            claims.take(paolo, case_id, reason="faster")
        refusals.append(refused.value)
        return really_publish(reply, key=key)

    network.publish = publish
    assert outbox.deliver_due(ctx, worker="test").sent == 1
    assert len(refusals) == 1
    assert claims.take(paolo, case_id, reason="now").owner_id == paolo.actor.user_id


def test_two_workers_send_each_reply_once(ctx, account, acting, say, network) -> None:
    giulia = acting("giulia")
    for n in range(6):
        case_id = say(f"BAD parcel {n}", author=f"author{n}")
        claims.claim(giulia, case_id)
        post = cases.view(giulia, case_id).route.mention_id
        draft = drafts.save(giulia, case_id, mention_id=post, text=f"Reply {n}")
        drafts.submit(giulia, draft.reply_id, undo_s=0)
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda n: outbox.deliver_due(ctx, worker=f"w{n}"), range(4)))
    # A reply whose account another sender was speaking for has waited for the next round.
    last_round = outbox.deliver_due(ctx, worker="w0")
    assert sum(c.sent for c in (*counts, last_round)) == 6
    assert sorted(network.texts) == [f"Reply {n}" for n in range(6)]
    assert len(network.attempts) == 6
