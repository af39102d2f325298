"""Does a reply of somebody who is still learning wait for a second pair of eyes?"""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from db.tables import audit, case_events, notices, replies
from domain.errors import Invalid, NotAllowed, NotPossible, TooLong
from domain.states import ReplyState
from services import approvals, cases, claims, drafts, outbox
from services.notices import unread


@pytest.fixture
def waiting(say, acting, account):
    """A trainee's reply that waits: (case, the trainee's context, reply)."""
    case_id, nina = say("BAD parcel"), acting("nina", trained=())
    claims.claim(nina, case_id)
    view = cases.view(nina, case_id)
    assert view.route.needs_approval
    draft = drafts.save(nina, case_id, mention_id=view.route.mention_id, text="Sorry, Mara")
    reply = drafts.submit(nina, draft.reply_id)
    assert reply.status == ReplyState.AWAITING_APPROVAL
    return case_id, nina, reply.reply_id


def test_trainees_reply_is_listed_with_the_post_it_answers(waiting, acting) -> None:
    _, nina, reply_id = waiting
    mentor = acting("giulia", mentor=True)
    (item,) = approvals.waiting(mentor)
    assert (item.reply.reply_id, item.parent_text, item.parent_author) == (reply_id, "BAD parcel", "Mara")
    assert item.may_approve and not approvals.waiting(nina)[0].may_approve


def test_nothing_goes_out_before_somebody_approves(waiting, ctx, network, acting) -> None:
    outbox.deliver_due(ctx, worker="w1")
    assert network.texts == []
    approvals.approve(acting("giulia", mentor=True), waiting[2])
    outbox.deliver_due(ctx, worker="w1")
    assert network.texts == ["Sorry, Mara"]


def test_author_never_approves_even_as_a_manager(say, acting, account) -> None:
    case_id, nina = say("BAD parcel"), acting("nina", roles=("manager",), trained=())
    claims.claim(nina, case_id)
    draft = drafts.save(nina, case_id, mention_id=cases.view(nina, case_id).route.mention_id, text="Hi")
    reply_id = drafts.submit(nina, draft.reply_id).reply_id
    with pytest.raises(NotPossible) as refusal:
        approvals.approve(nina, reply_id)
    assert refusal.value.reason == "four_eyes"
    assert cases.view(nina, case_id).under_way.status == ReplyState.AWAITING_APPROVAL


def test_database_itself_refuses_an_author_as_approver(waiting, ctx) -> None:
    _, nina, reply_id = waiting
    with pytest.raises(IntegrityError), ctx.store.write() as tx:
        tx.execute(update(replies).where(replies.c.id == reply_id).values(approver_id=nina.actor.user_id))


@pytest.mark.parametrize("options", [{"mentor": False}, {"trained": ("other",), "mentor": True}])
def test_only_a_manager_or_a_mentor_of_the_channel_approves(waiting, acting, options) -> None:
    with pytest.raises(NotAllowed):
        approvals.approve(acting("paolo", **options), waiting[2])
    assert approvals.approve(acting("anna", roles=("manager",)), waiting[2]).approver_name == "Anna"


def test_edited_text_goes_out_and_the_author_is_told(waiting, acting, ctx, network) -> None:
    case_id, nina, reply_id = waiting
    mentor = acting("giulia", mentor=True)
    approvals.approve(mentor, reply_id, text="We are sorry, Mara")
    outbox.deliver_due(ctx, worker="w1")
    assert network.texts == ["We are sorry, Mara"]
    assert [(n.kind, n.details["edited"]) for n in unread(nina)] == [("reply_approved_changed", True)]
    assert "reply_edited_by_approver" in [e.kind for e in cases.view(nina, case_id).events]


def test_the_authors_own_words_stay_beside_what_went_out_and_nowhere_else(waiting, acting, ctx) -> None:
    _, nina, reply_id = waiting
    approvals.approve(acting("giulia", mentor=True), reply_id, text="We are sorry, Mara")
    (sent,) = outbox.page(nina)
    assert (sent.author_text, sent.text) == ("Sorry, Mara", "We are sorry, Mara")
    with ctx.store.read() as tx:
        told = [str(row) for table in (audit, case_events, notices) for row in tx.execute(select(table))]
    assert not any("Sorry, Mara" in row for row in told)


def test_a_reply_approved_as_written_keeps_no_second_copy(waiting, acting) -> None:
    approvals.approve(acting("giulia", mentor=True), waiting[2], text=" Sorry, Mara ")
    assert outbox.page(waiting[1])[0].author_text is None


def test_the_approver_reads_the_notes_and_knows_how_long_it_may_be(waiting, acting) -> None:
    case_id, nina, _ = waiting
    for n in range(5):
        cases.add_note(nina, case_id, f"note {n}")
    (item,) = approvals.waiting(acting("giulia", mentor=True))
    assert [note.text for note in item.notes] == ["note 2", "note 3", "note 4"]
    assert (item.limit, item.unit) == (300, "codepoints")


def test_edited_text_is_measured_too(waiting, acting) -> None:
    mentor = acting("giulia", mentor=True)
    with pytest.raises(TooLong):
        approvals.approve(mentor, waiting[2], text="x" * 400)
    assert len(approvals.waiting(mentor)) == 1


def test_rejected_reply_returns_as_a_draft_with_the_note(waiting, acting) -> None:
    case_id, nina, reply_id = waiting
    mentor = acting("giulia", mentor=True)
    with pytest.raises(Invalid):
        approvals.reject(mentor, reply_id, note=" ")
    approvals.reject(mentor, reply_id, note="Warmer, please")
    draft = cases.view(nina, case_id).draft
    assert draft is not None and (draft.text, draft.return_note) == ("Sorry, Mara", "Warmer, please")
    assert [n.kind for n in unread(nina)] == ["reply_rejected"]
    assert approvals.waiting(mentor) == []


def test_author_withdraws_and_then_nobody_can_approve(waiting, acting) -> None:
    _, nina, reply_id = waiting
    assert drafts.withdraw(nina, reply_id).text == "Sorry, Mara"
    with pytest.raises(NotPossible) as refusal:
        approvals.approve(acting("giulia", mentor=True), reply_id)
    assert refusal.value.reason == "reply_draft"


def test_admin_who_works_alone_waits_for_nobody(say, acting, account, member) -> None:
    case_id, boss = say("BAD parcel"), acting("boss", roles=("admin", "operator"), trained=())
    claims.claim(boss, case_id)
    view = cases.view(boss, case_id)
    assert not view.route.needs_approval
    draft = drafts.save(boss, case_id, mention_id=view.route.mention_id, text="Hello")
    member("anna", roles=("manager",))
    assert drafts.submit(boss, draft.reply_id).status == ReplyState.AWAITING_APPROVAL
    drafts.withdraw(boss, draft.reply_id)
    assert cases.view(boss, case_id).route.needs_approval
