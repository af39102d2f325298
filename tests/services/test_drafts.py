"""What becomes of the words somebody types: kept, submitted, taken back?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import AlreadyClaimed, Invalid, NotPossible, PublishingOff, StaleVersion, TooLong
from domain.states import ReplyState
from services import brands, cases, claims, drafts


@pytest.fixture
def owned(say, acting, account):
    """A case of Giulia's, her context, and the post to answer."""
    case_id, giulia = say("BAD parcel"), acting("giulia")
    claims.claim(giulia, case_id)
    return case_id, giulia, cases.view(giulia, case_id).route.mention_id


def test_draft_is_kept_and_shown_again(owned) -> None:
    case_id, giulia, post = owned
    saved = drafts.save(giulia, case_id, mention_id=post, text="Dear Mara", version=0)
    shown = cases.view(giulia, case_id).draft
    assert shown is not None and (shown.text, shown.version) == ("Dear Mara", saved.version)


def test_saving_the_same_words_again_changes_nothing(owned) -> None:
    case_id, giulia, post = owned
    first = drafts.save(giulia, case_id, mention_id=post, text="Dear Mara", version=0)
    assert drafts.save(giulia, case_id, mention_id=post, text="Dear Mara", version=0) == first


def test_second_tab_is_told_what_is_stored_and_nothing_is_lost(owned) -> None:
    case_id, giulia, post = owned
    seen = drafts.save(giulia, case_id, mention_id=post, text="one", version=0)
    drafts.save(giulia, case_id, mention_id=post, text="one two", version=seen.version)
    with pytest.raises(StaleVersion) as refusal:
        drafts.save(giulia, case_id, mention_id=post, text="one three", version=seen.version)
    assert refusal.value.values["text"] == "one two"
    kept = cases.view(giulia, case_id).draft
    assert kept is not None and kept.text == "one two" and kept.version == refusal.value.values["version"]


def test_odd_text_is_stored_safely(owned) -> None:
    case_id, giulia, post = owned
    text = "<b>ciao</b>\ud800 👩‍👩‍👧 ‮x\0 'quoted'"
    saved = drafts.save(giulia, case_id, mention_id=post, text=text)
    assert saved.text == "<b>ciao</b>\ufffd 👩‍👩‍👧 x 'quoted'"


def test_draft_of_more_than_twenty_thousand_characters_is_refused(owned) -> None:
    case_id, giulia, post = owned
    with pytest.raises(Invalid):
        drafts.save(giulia, case_id, mention_id=post, text="x" * 20_001)
    assert cases.view(giulia, case_id).draft is None


def test_draft_cannot_answer_a_post_of_another_case(owned, say) -> None:
    case_id, giulia, _ = owned
    other = cases.view(giulia, say("BAD box", author="luca")).route.mention_id
    with pytest.raises(Invalid):
        drafts.save(giulia, case_id, mention_id=other, text="wrong person")
    assert cases.view(giulia, case_id).draft is None


def test_submitted_reply_waits_for_the_undo_time(owned, clock) -> None:
    case_id, giulia, post = owned
    draft = drafts.save(giulia, case_id, mention_id=post, text="On its way")
    reply = drafts.submit(giulia, draft.reply_id, undo_s=15)
    assert (reply.status, reply.send_after) == (ReplyState.QUEUED, clock() + timedelta(seconds=15))
    assert cases.view(giulia, case_id).under_way == reply


def test_undo_brings_the_words_back(owned) -> None:
    case_id, giulia, post = owned
    draft = drafts.save(giulia, case_id, mention_id=post, text="Too fast")
    drafts.submit(giulia, draft.reply_id, undo_s=15)
    assert drafts.undo(giulia, draft.reply_id).text == "Too fast"
    assert cases.view(giulia, case_id).under_way is None


def test_undo_keeps_what_was_typed_in_the_meantime(owned) -> None:
    case_id, giulia, post = owned
    draft = drafts.save(giulia, case_id, mention_id=post, text="First")
    drafts.submit(giulia, draft.reply_id, undo_s=15)
    drafts.save(giulia, case_id, mention_id=post, text="Second")
    assert drafts.undo(giulia, draft.reply_id).text == "First\n\nSecond"


def test_only_the_author_takes_a_reply_back(owned, acting) -> None:
    case_id, giulia, post = owned
    draft = drafts.save(giulia, case_id, mention_id=post, text="Mine")
    drafts.submit(giulia, draft.reply_id, undo_s=15)
    with pytest.raises(NotPossible):
        drafts.undo(acting("paolo"), draft.reply_id)
    assert cases.view(giulia, case_id).under_way is not None


def test_empty_reply_is_refused(owned) -> None:
    case_id, giulia, post = owned
    draft = drafts.save(giulia, case_id, mention_id=post, text=" \n ")
    with pytest.raises(Invalid) as refusal:
        drafts.submit(giulia, draft.reply_id)
    assert refusal.value.values["reason"] == "empty"


def test_over_long_reply_is_refused_with_the_count_and_kept(owned) -> None:
    case_id, giulia, post = owned
    draft = drafts.save(giulia, case_id, mention_id=post, text="x" * 301)
    with pytest.raises(TooLong) as refusal:
        drafts.submit(giulia, draft.reply_id)
    assert (refusal.value.length, refusal.value.limit) == (301, 300)
    kept = cases.view(giulia, case_id).draft
    assert kept is not None and len(kept.text) == 301


def test_reply_to_a_case_nobody_owns_is_refused(say, acting, account) -> None:
    case_id, giulia = say("BAD parcel"), acting("giulia")
    post = cases.view(giulia, case_id).route.mention_id
    draft = drafts.save(giulia, case_id, mention_id=post, text="Hello")
    with pytest.raises(NotPossible) as refusal:
        drafts.submit(giulia, draft.reply_id)
    assert refusal.value.reason == "not_claimed"


def test_manager_cannot_submit_in_a_colleagues_case(owned, acting) -> None:
    case_id, _, post = owned
    anna = acting("anna", roles=("manager",))
    draft = drafts.save(anna, case_id, mention_id=post, text="Let me")
    with pytest.raises(AlreadyClaimed) as refusal:
        drafts.submit(anna, draft.reply_id)
    assert refusal.value.by == "Giulia"


def test_nobody_submits_a_colleagues_draft(owned, acting) -> None:
    case_id, giulia, post = owned
    draft = drafts.save(giulia, case_id, mention_id=post, text="Mine")
    with pytest.raises(NotPossible):
        drafts.submit(acting("paolo"), draft.reply_id)
    assert cases.view(giulia, case_id).under_way is None


def test_second_reply_waits_until_the_first_is_out(owned) -> None:
    case_id, giulia, post = owned
    first = drafts.save(giulia, case_id, mention_id=post, text="One")
    drafts.submit(giulia, first.reply_id, undo_s=15)
    second = drafts.save(giulia, case_id, mention_id=post, text="Two")
    with pytest.raises(NotPossible) as refusal:
        drafts.submit(giulia, second.reply_id)
    assert refusal.value.reason == "reply_pending"


def test_reply_is_refused_while_publishing_is_off_and_the_draft_kept(owned, ctx, account) -> None:
    from dataclasses import replace

    from tests.fakes import FakeChannel, FakeChannels

    case_id, giulia, post = owned
    loud = replace(giulia, channels=FakeChannels(FakeChannel(exempt=False)))
    brands.set_publishing(ctx, account.id, on=False)
    draft = drafts.save(loud, case_id, mention_id=post, text="Hello")
    with pytest.raises(PublishingOff):
        drafts.submit(loud, draft.reply_id)
    view = cases.view(loud, case_id)
    assert view.draft is not None and view.draft.text == "Hello" and not view.route.publishing
    brands.set_publishing(ctx, account.id, on=True)
    assert drafts.submit(loud, draft.reply_id, undo_s=0).status == ReplyState.QUEUED


def test_post_that_the_network_takes_by_hand_only_goes_to_people(owned, network) -> None:
    case_id, giulia, post = owned
    network.by_hand_because = "Replies are closed here"
    route = cases.view(giulia, case_id).route
    assert (route.kind, route.reason) == ("by_hand", "Replies are closed here")
    draft = drafts.save(giulia, case_id, mention_id=post, text="Hello")
    assert drafts.submit(giulia, draft.reply_id).status == ReplyState.BY_HAND


def test_reply_to_a_deleted_post_is_refused(owned, say, watch, ctx) -> None:
    from collectors.protocol import Page
    from services import intake
    from tests.fakes import a_post

    _, giulia, _ = owned
    case_id = say("BAD box", author="luca", native_id="p1")
    claims.claim(giulia, case_id)
    post = cases.view(giulia, case_id).route.mention_id
    draft = drafts.save(giulia, case_id, mention_id=post, text="Hello")
    intake.store(ctx, watch, Page((a_post("", author="luca", native_id="p1", deleted=True),), None))
    with pytest.raises(NotPossible) as refusal:
        drafts.submit(giulia, draft.reply_id)
    assert refusal.value.reason == "parent_deleted"


@pytest.mark.parametrize("promise", [("call back", None), ("call back", -1), (None, 1)])
def test_promise_needs_words_and_a_date_to_come(owned, clock, promise) -> None:
    case_id, giulia, post = owned
    words, hours = promise
    due_at = None if hours is None else clock() + timedelta(hours=hours)
    draft = drafts.save(giulia, case_id, mention_id=post, text="Hi", promise_text=words, promise_due_at=due_at)
    with pytest.raises(Invalid):
        drafts.submit(giulia, draft.reply_id)
    assert cases.view(giulia, case_id).draft is not None


def test_discarded_draft_is_gone_and_only_its_author_can_do_it(owned, acting) -> None:
    case_id, giulia, post = owned
    draft = drafts.save(giulia, case_id, mention_id=post, text="Never mind")
    with pytest.raises(NotPossible):
        drafts.discard(acting("paolo"), draft.reply_id)
    drafts.discard(giulia, draft.reply_id)
    assert cases.view(giulia, case_id).draft is None


def test_imported_post_is_answered_by_hand_whatever_its_length(acting, ctx, brand) -> None:
    from collectors.protocol import Page
    from services import intake, queue
    from tests.fakes import a_post

    watch = brands.add_watch(ctx, brand.id, name="files", terms=(), channels=("import",))
    intake.store(ctx, watch, Page((a_post("BAD parcel", channel="import"),), None))
    giulia = acting("giulia", trained=("import",))
    (entry,) = queue.page(giulia, queue.QueueFilter(brand.id)).entries
    claims.claim(giulia, entry.case_id)
    route = cases.view(giulia, entry.case_id).route
    assert (route.kind, route.reason, route.limit, route.channel_title) == ("by_hand", "no_answers", None, "Import")
    draft = drafts.save(giulia, entry.case_id, mention_id=route.mention_id, text="x" * 5000)
    assert drafts.submit(giulia, draft.reply_id).status == ReplyState.BY_HAND
