"""Who carries a case, who is on it, and how it changes hands?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from db import notices
from desk.event_words import notice_words
from desk.i18n import speaking
from domain.errors import AlreadyClaimed, Invalid, NotAllowed, NotPossible
from domain.states import CaseState, ReplyState
from services import cases, claims, drafts, promises
from services.cases import ResolutionCode
from services.notices import unread


def latest_post(ctx, case_id: int) -> int:
    return cases.view(ctx, case_id).route.mention_id


def submitted(ctx, case_id: int, text: str = "We look into it.", **options):
    draft = drafts.save(ctx, case_id, mention_id=latest_post(ctx, case_id), text=text, **options)
    return drafts.submit(ctx, draft.reply_id, undo_s=60)


def test_claiming_an_ownerless_case_opens_it_and_names_the_owner(say, acting) -> None:
    case_id, giulia = say("BAD parcel"), acting("giulia")
    case = claims.claim(giulia, case_id)
    assert (case.state, case.owner_id) == (CaseState.OPEN, giulia.actor.user_id)
    assert cases.view(giulia, case_id).owner_name == "Giulia"
    assert cases.view(giulia, case_id).events[-1].kind == "claimed"


def test_second_claim_is_refused_and_names_the_holder(say, acting, clock) -> None:
    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    claims.claim(giulia, case_id)
    since = clock()
    clock.move(minutes=5)
    with pytest.raises(AlreadyClaimed) as refusal:
        claims.claim(paolo, case_id)
    assert (refusal.value.by, refusal.value.since, refusal.value.by_id) == ("Giulia", since, giulia.actor.user_id)


def test_loser_of_a_claim_keeps_the_draft(say, acting) -> None:
    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    drafts.save(paolo, case_id, mention_id=latest_post(paolo, case_id), text="Half a sentence")
    claims.claim(giulia, case_id)
    with pytest.raises(AlreadyClaimed):
        claims.claim(paolo, case_id)
    kept = cases.view(paolo, case_id).draft
    assert kept is not None and kept.text == "Half a sentence"
    with pytest.raises(AlreadyClaimed):
        drafts.submit(paolo, kept.reply_id)
    assert cases.view(giulia, case_id).draft is None


def test_claiming_my_own_case_again_changes_nothing(say, acting) -> None:
    case_id, giulia = say("BAD parcel"), acting("giulia")
    first = claims.claim(giulia, case_id)
    assert claims.claim(giulia, case_id) == first


def test_closed_case_cannot_be_claimed(say, acting) -> None:
    case_id, giulia = say("BAD parcel"), acting("giulia")
    cases.dismiss(giulia, case_id, reason=cases.DismissReason.NOISE)
    with pytest.raises(NotPossible) as refusal:
        claims.claim(giulia, case_id)
    assert refusal.value.reason == "case_dismissed"


def test_marketing_may_not_claim_and_the_attempt_is_audited(say, acting, ctx) -> None:
    case_id, marta = say("BAD parcel"), acting("marta", roles=("marketing",))
    with pytest.raises(NotAllowed):
        claims.claim(marta, case_id)
    with ctx.store.read() as tx:
        from db import audit

        line = audit.page(tx)[0]
    assert (line.action, line.outcome, line.details) == ("case.claim", "refused", {"error": "not_allowed"})


def test_taking_a_case_tells_the_former_owner_and_keeps_the_reason_as_a_note(say, acting) -> None:
    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    claims.claim(giulia, case_id)
    case = claims.take(paolo, case_id, reason="Giulia is at the dentist")
    assert (case.owner_id, case.hand_overs) == (paolo.actor.user_id, 1)
    assert [(n.kind, n.case_id) for n in unread(giulia)] == [("case_taken", case_id)]
    notes = [p.text for p in cases.view(paolo, case_id).posts if p.kind == "note"]
    assert notes == ["Giulia is at the dentist"]
    assert unread(paolo) == []


def test_taking_needs_a_reason(say, acting) -> None:
    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    claims.claim(giulia, case_id)
    with pytest.raises(Invalid):
        claims.take(paolo, case_id, reason="  \n")
    assert cases.view(paolo, case_id).case.owner_id == giulia.actor.user_id


def test_taking_returns_the_queued_reply_to_its_authors_drafts(say, acting, account) -> None:
    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    claims.claim(giulia, case_id)
    submitted(giulia, case_id, "On its way")
    claims.take(paolo, case_id, reason="She called me")
    back = cases.view(giulia, case_id).draft
    assert back is not None and (back.text, back.return_reason) == ("On its way", "case_taken")
    assert cases.view(paolo, case_id).under_way is None


def test_taking_is_refused_while_a_reply_is_being_sent(say, acting, account, ctx) -> None:
    from db import replies

    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    claims.claim(giulia, case_id)
    reply = submitted(giulia, case_id)
    with ctx.store.write() as tx:
        replies.change(tx, replies.get(tx, reply.reply_id), status=ReplyState.SENDING)
    with pytest.raises(NotPossible) as refusal:
        claims.take(paolo, case_id, reason="now")
    assert refusal.value.reason == "reply_pending"


def test_release_gives_the_case_back_to_everybody(say, acting) -> None:
    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    claims.claim(giulia, case_id)
    case = claims.release(giulia, case_id)
    assert (case.state, case.owner_id) == (CaseState.NEW, None)
    assert claims.claim(paolo, case_id).owner_id == paolo.actor.user_id


def test_release_is_refused_while_a_promise_is_open(say, acting, clock) -> None:
    case_id, giulia = say("BAD parcel"), acting("giulia")
    claims.claim(giulia, case_id)
    promise = promises.add(giulia, case_id, text="call back", due_at=clock() + timedelta(hours=2))
    with pytest.raises(NotPossible) as refusal:
        claims.release(giulia, case_id)
    assert refusal.value.reason == "promise_open"
    promises.keep(giulia, promise.promise_id)
    assert claims.release(giulia, case_id).state == CaseState.NEW


def test_release_and_resolve_are_refused_while_a_reply_is_queued(say, acting, account) -> None:
    case_id, giulia = say("BAD parcel"), acting("giulia")
    claims.claim(giulia, case_id)
    submitted(giulia, case_id)
    for refused in (lambda: claims.release(giulia, case_id), lambda: cases.resolve(giulia, case_id, code=RESOLVED)):
        with pytest.raises(NotPossible) as refusal:
            refused()
        assert refusal.value.reason == "reply_pending"


RESOLVED = ResolutionCode.ANSWERED


def test_hand_over_moves_case_promise_and_words_and_tells_the_new_owner(say, acting, clock) -> None:
    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    claims.claim(giulia, case_id)
    promises.add(giulia, case_id, text="call back", due_at=clock() + timedelta(hours=2))
    case = claims.hand_over(giulia, case_id, to_user_id=paolo.actor.user_id, note="She wants a refund")
    assert (case.owner_id, case.hand_overs) == (paolo.actor.user_id, 1)
    view = cases.view(paolo, case_id)
    assert [p.owner_name for p in view.promises] == ["Paolo"]
    assert [p.text for p in view.posts if p.kind == "note"] == ["She wants a refund"]
    assert [n.kind for n in unread(paolo)] == ["case_handed_over"]


def test_hand_over_needs_a_note_and_a_colleague_who_is_there(say, acting, ctx) -> None:
    from db import users

    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    claims.claim(giulia, case_id)
    with pytest.raises(Invalid):
        claims.hand_over(giulia, case_id, to_user_id=paolo.actor.user_id, note="")
    with ctx.store.write() as tx:
        users.change(tx, paolo.actor.user_id, away=True)
    with pytest.raises(Invalid) as refusal:
        claims.hand_over(giulia, case_id, to_user_id=paolo.actor.user_id, note="please")
    assert refusal.value.values["reason"] == "colleague"


def test_colleague_cannot_hand_over_what_is_not_theirs_but_a_manager_can(say, acting) -> None:
    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    manager = acting("anna", roles=("manager",))
    claims.claim(giulia, case_id)
    with pytest.raises(AlreadyClaimed):
        claims.hand_over(paolo, case_id, to_user_id=paolo.actor.user_id, note="mine now")
    case = claims.hand_over(manager, case_id, to_user_id=paolo.actor.user_id, note="Paolo knows her")
    assert case.owner_id == paolo.actor.user_id
    assert [n.kind for n in unread(giulia)] == ["case_handed_over"]


def test_manager_assigns_an_ownerless_case(say, acting) -> None:
    case_id, giulia, manager = say("BAD parcel"), acting("giulia"), acting("anna", roles=("manager",))
    case = claims.hand_over(manager, case_id, to_user_id=giulia.actor.user_id, note="yours")
    assert (case.state, case.owner_id, case.hand_overs) == (CaseState.OPEN, giulia.actor.user_id, 0)


def test_a_case_given_away_by_somebody_is_not_told_as_claimed_nor_as_handed_on(say, acting) -> None:
    case_id, giulia, manager = say("BAD parcel"), acting("giulia"), acting("anna", roles=("manager",))
    claims.hand_over(manager, case_id, to_user_id=giulia.actor.user_id, note="yours")
    assert cases.view(giulia, case_id).events[-1].kind == "assigned"
    (told,) = unread(giulia)
    with speaking("en"):
        assert "which nobody had" in notice_words(told.kind, customer="Mara", by="Anna")


def test_lock_says_who_is_on_it_until_the_lease_ends(say, acting, clock) -> None:
    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    assert claims.lock(giulia, case_id).mine
    seen = claims.lock(paolo, case_id)
    assert (seen.mine, seen.holder_name) == (False, "Giulia")
    assert cases.view(paolo, case_id).lock_name == "Giulia"
    clock.move(seconds=60)
    assert claims.lock(giulia, case_id).until == clock() + timedelta(seconds=90)
    clock.move(seconds=91)
    assert cases.view(paolo, case_id).lock_name is None
    assert claims.lock(paolo, case_id).mine


def test_letting_go_of_a_lock_frees_it_and_only_its_holder_can(say, acting) -> None:
    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    claims.lock(giulia, case_id)
    claims.unlock(paolo, case_id)
    assert not claims.lock(paolo, case_id).mine
    claims.unlock(giulia, case_id)
    assert claims.lock(paolo, case_id).mine


def test_typing_does_not_make_a_colleagues_act_stale(say, acting) -> None:
    case_id, giulia = say("BAD parcel"), acting("giulia")
    before = cases.view(giulia, case_id).case.version
    claims.lock(giulia, case_id)
    assert cases.view(giulia, case_id).case.version == before


def test_presence_shows_who_looks_at_what(say, acting, ctx, clock) -> None:
    from db import presence

    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    claims.see(giulia, case_id)
    claims.see(paolo, None)
    with ctx.store.read() as tx:
        online = presence.online(tx, since=clock() - timedelta(seconds=30))
    assert [(p.name, p.case_id) for p in online] == [("Giulia", case_id), ("Paolo", None)]


def test_notices_are_counted_and_read_only_by_their_owner(say, acting, ctx) -> None:
    from services.notices import mark_read

    case_id, giulia, paolo = say("BAD parcel"), acting("giulia"), acting("paolo")
    claims.claim(giulia, case_id)
    claims.take(paolo, case_id, reason="because")
    ids = [n.notice_id for n in unread(giulia)]
    assert mark_read(paolo, ids) == 0
    with ctx.store.read() as tx:
        assert notices.unread_count(tx, giulia.actor.user_id) == 1
    assert mark_read(giulia, ids) == 1 and unread(giulia) == []


def test_a_lock_says_whether_it_changed_anything_for_the_others(say, acting) -> None:
    case_id, ctx = say("BAD", author="zoe"), acting("paolo")
    claims.claim(ctx, case_id)
    assert [claims.lock(ctx, case_id).is_new for _ in range(2)] == [True, False]
    assert [claims.unlock(ctx, case_id) for _ in range(2)] == [True, False]
