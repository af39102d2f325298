"""Does the model's word reach the queue, and does a person's word win over it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from collectors.protocol import Page
from db import profiles
from db.mentions import Waiting
from db.tables import audit, cases, corrections, judgements, mentions
from domain.errors import NotAllowed, NotFound
from domain.judgement import Correction, Judgement, Kind, Reason, Sentiment, UrgencyLevel
from services import intake, recounting, triage
from services.queue import QueueFilter, page
from tests.fakes import FakeClassifier, a_post
from tests.services.raw_counts import counted


def labels(ctx, mention_id=1):
    columns = (mentions.c.sentiment, mentions.c.kind, mentions.c.urgency_level, mentions.c.judged_by)
    with ctx.store.read() as tx:
        return tuple(tx.execute(select(*columns).where(mentions.c.id == mention_id)).one())


def test_judging_marks_the_case_judged_and_keeps_both_opinions(ctx, brand, say, classifier):
    say("BAD parcel")
    assert [e.judged for e in page(ctx, QueueFilter(brand.id)).entries] == [False]
    assert triage.judge_pending(ctx, classifier, posts=100) == 1
    assert [e.judged for e in page(ctx, QueueFilter(brand.id)).entries] == [True]
    with ctx.store.read() as tx:
        assert tx.execute(select(judgements.c.model)).scalars().all() == ["fake-rules", "fake-1"]
    assert triage.judge_pending(ctx, classifier, posts=100) == 0


def test_live_posts_are_judged_before_history_and_the_newest_first(ctx, say, classifier):
    for author in ("one", "two", "three"):
        say(f"post by {author}", author=author)
    with ctx.store.write() as tx:
        tx.execute(update(mentions).where(mentions.c.id == 3).values(is_history=True))
    triage.judge_pending(ctx, classifier, posts=3)
    assert classifier.seen == ["post by two", "post by one", "post by three"]


def waiting(*lengths: int, history: bool = False) -> list[Waiting]:
    return [Waiting(at, "x" * length, None, history) for at, length in enumerate(lengths, 1000 * history)]


def test_a_batch_holds_the_newest_post_and_those_most_like_it_in_length():
    found = triage.batch_of(waiting(30, 500, 28, 900, 33, 31), most=4)
    assert [len(post.text) for post in found] == [30, 31, 28, 33]


def test_a_short_list_is_judged_as_it_stands():
    posts = waiting(30, 500, 28)
    assert triage.batch_of(posts, most=3) == posts
    assert triage.batch_of([], most=3) == []


def test_history_waits_while_anything_live_does():
    live, old = waiting(300), waiting(299, 300, 301, history=True)
    assert triage.batch_of([*live, *old], most=3) == live
    assert triage.batch_of(old, most=3) == old


def test_a_batch_of_long_posts_is_short_and_never_empty():
    assert len(triage.batch_of(waiting(*[1_000] * 64), most=64)) == 8
    assert len(triage.batch_of(waiting(*[1_000_000] * 64), most=64)) == 4
    assert len(triage.batch_of(waiting(*[100] * 64), most=64)) == 64


def test_a_live_post_is_in_the_next_batch_while_a_backlog_runs(ctx, say):
    for number in range(12):
        say("old " * 40, author=f"author{number}")
    with ctx.store.write() as tx:
        tx.execute(update(mentions).values(is_history=True))

    class Interrupted(FakeClassifier):
        def judge(self, texts):
            if len(self.seen) == 4:
                say("URGENT smoke", author="somebody")
            self.batches = [*getattr(self, "batches", []), list(texts)]
            return super().judge(texts)

    busy = Interrupted()
    small = replace(ctx, settings=replace(ctx.settings, judge_batch_posts=4))
    assert triage.judge_pending(small, busy, posts=100) == 13
    assert [len(batch) for batch in busy.batches] == [4, 4, 1, 4]
    assert busy.batches[2] == ["URGENT smoke"]


def test_no_more_posts_are_judged_than_asked(ctx, say, classifier):
    for author in ("one", "two", "three"):
        say("x", author=author)
    assert triage.judge_pending(ctx, classifier, posts=2) == 2


def test_a_post_edited_while_the_model_thinks_waits_for_another_look(ctx, watch, clock):
    post = a_post("fine", native_id="1")
    intake.store(ctx, watch, Page((post,), None))

    class Slow(FakeClassifier):
        def judge(self, texts):
            if not self.seen:
                edited = replace(post, text="URGENT smoke", edited_at=clock())
                intake.store(ctx, watch, Page((edited,), None))
            return super().judge(texts)

    slow = Slow()
    triage.judge_pending(ctx, slow, posts=1)
    assert labels(ctx)[3] is None
    triage.judge_pending(ctx, slow, posts=1)
    assert labels(ctx) == ("negative", "complaint", 3, "fake-1")


def test_sure_spam_that_nobody_owns_leaves_the_queue_and_can_come_back(ctx, brand, say, classifier, acting):
    from services import cases as case_acts

    say("SPAM win a phone")
    assert len(page(ctx, QueueFilter(brand.id)).entries) == 1, "the rules alone never dismiss"
    triage.judge_pending(ctx, classifier, posts=10)
    assert page(ctx, QueueFilter(brand.id)).entries == ()
    with ctx.store.read() as tx:
        assert tx.execute(select(cases.c.state, cases.c.resolution)).one() == ("dismissed", "spam")
    case_acts.reopen(acting("paolo"), 1)
    triage.rejudge(ctx, FakeClassifier("fake-2"), posts=10)
    assert len(page(ctx, QueueFilter(brand.id)).entries) == 1, "a person's decision stays"


class Doubtful(FakeClassifier):
    """Calls nothing spam: one word is a question, another a danger."""

    def _one(self, text):
        return super()._one(text.replace("SPAM odd", "URGENT odd").replace("SPAM", "calm"))


def test_what_the_desk_called_spam_comes_back_when_it_is_judged_otherwise(ctx, brand, say, classifier, acting):
    from services import cases as case_acts

    for number in range(3):
        say(f"SPAM {number}", author=f"a{number}")
    triage.judge_pending(ctx, classifier, posts=10)
    paolo = acting("paolo")
    case_acts.reopen(paolo, 3)
    case_acts.dismiss(paolo, 3, reason="spam")
    say("hello", author="a1")
    triage.rejudge(ctx, Doubtful("fake-2"), posts=10)
    assert sorted(e.text for e in page(ctx, QueueFilter(brand.id)).entries) == ["SPAM 0", "hello"], "of a1 the newer"
    with ctx.store.read() as tx:
        assert [e.kind for e in profiles.events(tx, 1)][-2:] == ["dismissed", "brought_back"]
    triage.rejudge(ctx, FakeClassifier("fake-3"), posts=10)
    assert [e.text for e in page(ctx, QueueFilter(brand.id)).entries] == ["hello"]


def test_the_worker_looks_again_at_what_was_set_aside_as_spam_in_the_last_fortnight(ctx, brand, say, classifier, clock):
    say("SPAM odd and old", author="old")
    triage.judge_pending(ctx, classifier, posts=10)
    clock.now += timedelta(days=ctx.settings.reopen_window_days + 1)
    say("SPAM odd smell", author="ada")
    triage.judge_pending(ctx, classifier, posts=10)
    say("hello", author="new")
    triage.judge_pending(ctx, Doubtful("fake-2"), posts=10)
    assert triage.rejudge_open(ctx, lambda: Doubtful("fake-2"), posts=10) == 1
    assert sorted(e.text for e in page(ctx, QueueFilter(brand.id)).entries) == ["SPAM odd smell", "hello"]


def test_spam_set_aside_long_ago_stays_there_when_judged_anew_and_a_person_brings_a_danger_back(
    ctx, brand, say, classifier, clock, acting
):
    say("SPAM odd smell", author="ada")
    say("SPAM phone", author="ugo")
    triage.judge_pending(ctx, classifier, posts=10)
    clock.now += timedelta(days=ctx.settings.reopen_window_days + 1)
    assert triage.rejudge(ctx, Doubtful("fake-2"), posts=10).posts == 2
    assert page(ctx, QueueFilter(brand.id)).entries == ()
    assert labels(ctx)[2:] == (3, "fake-2"), "it has its new labels all the same"
    paolo = acting("paolo")
    for mention_id in (1, 2):
        triage.correct(paolo, mention_id, Correction(kind=Kind.COMPLAINT))
    assert [e.text for e in page(ctx, QueueFilter(brand.id)).entries] == ["SPAM odd smell"]


def test_spam_that_a_person_calls_a_question_comes_back(ctx, brand, say, classifier, acting):
    say("SPAM win a phone")
    triage.judge_pending(ctx, classifier, posts=10)
    triage.correct(acting("paolo"), 1, Correction(kind=Kind.QUESTION))
    assert len(page(ctx, QueueFilter(brand.id)).entries) == 1


@pytest.mark.parametrize("text", ["SPAM HUH", "fine"])
def test_unsure_or_mixed_spam_stays_in_the_queue(ctx, brand, say, classifier, text):
    say("SPAM one")
    say(text)
    triage.judge_pending(ctx, classifier, posts=10)
    assert len(page(ctx, QueueFilter(brand.id)).entries) == 1


class Reader(FakeClassifier):
    """Gives the same labels under the same revision, and shows one letter less of what is urgent."""

    def __init__(self, reading: int = 2) -> None:
        super().__init__()
        self.card = replace(self.card, reading=reading)

    def _one(self, text: str) -> Judgement:
        found = super()._one(text)
        return replace(found, reasons=tuple(Reason(r.code, (r.evidence[0], r.evidence[1] - 1)) for r in found.reasons))


def test_words_that_are_chosen_otherwise_are_told_anew_for_the_same_labels(ctx, say, classifier):
    for author in ("one", "two", "three"):
        say("URGENT smoke", author=author)
    triage.judge_pending(ctx, classifier, posts=10)
    assert triage.rejudge(ctx, classifier, posts=10).posts == 0, "nothing has changed yet"
    before = labels(ctx)
    assert triage.rejudge(ctx, Reader(), posts=10).posts == 3
    assert labels(ctx) == (*before[:3], "fake-1+r2"), "the same labels, by what reads otherwise"
    with ctx.store.read() as tx:
        last = select(judgements.c.reasons).join(mentions, mentions.c.judgement_id == judgements.c.id)
        assert {row[0]["evidence"][1] for row in tx.execute(last).scalars()} == {5}
    assert triage.rejudge(ctx, Reader(), posts=10).posts == 0, "once is enough"


def test_the_worker_judges_open_cases_by_a_new_reading_and_leaves_the_rest(ctx, say, classifier, acting):
    from services import cases as case_acts

    for author in ("one", "two", "three"):
        say("URGENT smoke", author=author)
    triage.judge_pending(ctx, classifier, posts=10)
    case_acts.dismiss(acting("paolo"), 2, reason="noise")
    assert triage.rejudge_open(ctx, Reader, posts=1) == 0, "nobody has met the new reading"
    say("URGENT gas", author="four")
    assert triage.judge_pending(ctx, Reader(), posts=10) == 1
    assert triage.rejudge_open(ctx, FakeClassifier, posts=1) == 0, "an older worker leaves it alone"
    assert triage.judge_pending(ctx, classifier, posts=10) == 0
    assert triage.rejudge_open(ctx, Reader, posts=1) == 2
    assert [labels(ctx, n)[3] for n in range(1, 5)] == ["fake-1+r2", "fake-1", "fake-1+r2", "fake-1+r2"]
    assert triage.rejudge_open(ctx, lambda: pytest.fail("nothing is left"), posts=1) == 0
    assert triage.rejudge(ctx, Reader(), posts=10).posts == 1


def test_looking_back_goes_round_by_round_and_ends_with_the_last_one(ctx, say, classifier, monkeypatch):
    monkeypatch.setattr(triage, "LOOK_BACK_POSTS", 2)
    for number in range(4):
        say("URGENT smoke", author=f"who{number}")
    triage.judge_pending(ctx, classifier, posts=10)
    say("URGENT gas", author="new")
    triage.judge_pending(ctx, Reader(), posts=10)
    assert [triage.rejudge_open(ctx, Reader, posts=1) for _ in range(3)] == [2, 2, 0]
    assert {labels(ctx, n)[3] for n in range(1, 6)} == {"fake-1+r2"}
    assert triage.rejudge_open(ctx, lambda: pytest.fail("nothing is left"), posts=1) == 0


def old_history(ctx, watch, number: int) -> None:
    from services.storing import look_first, store_posts

    with ctx.store.write() as tx:
        posts = [a_post(f"long ago {n}", author=f"past{n}") for n in range(number)]
        store_posts(tx, ctx, watch, look_first(ctx, posts, is_history=True), now=ctx.clock())


def waiting_history(ctx) -> int:
    with ctx.store.read() as tx:
        return len(list(tx.execute(text("SELECT id FROM mentions WHERE judged_by IS NULL AND is_history"))))


def test_looking_back_goes_before_history_and_history_goes_on_meanwhile(ctx, watch, say, classifier):
    small = replace(ctx, settings=replace(ctx.settings, judge_batch_posts=2))
    for author in ("one", "two", "three"):
        say("URGENT smoke", author=author)
    triage.judge_pending(small, classifier, posts=10)
    old_history(ctx, watch, 9)
    say("URGENT gas", author="four")
    assert triage.judge_pending(small, Reader(), posts=100) == 1, "the live post, and then open work has the word"
    assert triage.judge_pending(small, Reader(), posts=100) == 2, "a batch all the same, should looking back ever fail"
    assert triage.judge_pending(small, classifier, posts=4) == 4, "what does not look back has nothing to wait for"
    assert triage.rejudge_open(small, Reader, posts=2) == 3 and waiting_history(ctx) == 3
    assert triage.judge_pending(small, Reader(), posts=100) == 3
    assert {labels(ctx, n)[3] for n in (1, 2, 3, 13)} == {"fake-1+r2"}


def test_a_first_model_has_nothing_to_look_back_at_and_judges_a_past_in_one_go(ctx, watch, say, classifier):
    say("URGENT smoke")
    old_history(ctx, watch, 5)
    small = replace(ctx, settings=replace(ctx.settings, judge_batch_posts=2))
    assert triage.judge_pending(small, classifier, posts=100) == 6


def test_live_posts_interrupt_looking_back_which_comes_to_its_end_all_the_same(ctx, say, classifier):
    for number in range(4):
        say("URGENT smoke", author=f"who{number}")
    triage.judge_pending(ctx, classifier, posts=10)
    say("URGENT gas", author="new")
    triage.judge_pending(ctx, Reader(), posts=10)

    class Busy(Reader):
        def judge(self, texts):
            say("and another", author=f"more{len(self.seen)}")
            return super().judge(texts)

    busy, rounds = Busy(), 0
    while triage.rejudge_open(ctx, lambda: busy, posts=1):
        rounds += 1
        assert triage.has_live_pending(ctx), "a piece a round, as there is always somebody who waits"
    assert rounds == 4 and busy.seen == ["URGENT smoke"] * 4


def test_what_changes_or_goes_while_open_work_is_judged_again_is_not_judged_round_after_round(
    ctx, watch, classifier, clock, monkeypatch
):
    """LOOK_BACK_POSTS is small: what stayed "judged by another" would fill every round."""
    monkeypatch.setattr(triage, "LOOK_BACK_POSTS", 2)
    # Two of one customer: the case of what goes stays open.
    posts = [a_post(f"URGENT {n}", native_id=str(n), author=f"who{n // 2}") for n in range(6)]
    intake.store(ctx, watch, Page(tuple(posts), None))
    triage.judge_pending(ctx, classifier, posts=10)
    intake.store(ctx, watch, Page((a_post("URGENT gas", author="new"),), None))

    class Interrupted(Reader):
        def judge(self, texts):
            for post in (post for post in posts if post.text in texts):
                edited = replace(post, text=post.text + " indeed", edited_at=clock.move(seconds=1))
                gone = replace(post, text="", deleted=True)
                intake.store(ctx, watch, Page((edited if int(post.native_id) % 2 else gone,), None))
            return super().judge(texts)

    newer = Interrupted()
    triage.judge_pending(ctx, newer, posts=1)
    rounds = 0
    while triage.readings.due(ctx) is not None:
        rounds += 1
        assert rounds < 10, "it ends"
        triage.rejudge_open(ctx, lambda: newer, posts=2)
        triage.judge_pending(ctx, classifier, posts=10)  # The older worker is beside it, and judges what was changed.
    again = [f"URGENT {n} indeed" for n in (1, 3, 5)]
    assert sorted(newer.seen) == sorted([*(post.text for post in posts), "URGENT gas", *again]), "each wording once"


def test_what_an_older_worker_judges_beside_a_newer_one_is_judged_anew(ctx, say, classifier):
    say("URGENT smoke", author="one")
    triage.judge_pending(ctx, Reader(), posts=10)
    say("URGENT gas", author="two")
    triage.judge_pending(ctx, classifier, posts=10)
    assert triage.rejudge(ctx, Reader(), posts=10).posts == 1
    assert labels(ctx, 2)[3] == "fake-1+r2"


def test_a_stopped_telling_goes_on_with_what_is_left_and_leaves_out_what_came_since(ctx, say, classifier):
    for author in ("one", "two", "three"):
        say("URGENT smoke", author=author)
    triage.judge_pending(ctx, classifier, posts=10)
    say("URGENT gas", author="four")
    triage.judge_pending(ctx, Reader(), posts=10)
    assert triage.rejudge(ctx, Reader(), posts=1).posts == 1
    assert triage.rejudge(ctx, Reader(), posts=10).posts == 2
    assert triage.rejudge(ctx, classifier, posts=10).posts == 0, "an older program turns nothing back"


def test_a_correction_wins_over_this_model_and_the_next(ctx, brand, say, classifier, acting):
    say("BAD parcel")
    triage.judge_pending(ctx, classifier, posts=10)
    triage.correct(acting("paolo"), 1, Correction(kind=Kind.PRAISE, urgency_level=UrgencyLevel.NO_ACTION))
    assert labels(ctx) == ("negative", "praise", 0, "fake-1")
    [entry] = page(ctx, QueueFilter(brand.id)).entries
    assert entry.level == 0 and "corrected" in [r.code for r in entry.reasons]
    assert triage.rejudge(ctx, FakeClassifier("fake-2"), posts=10).posts == 1
    assert labels(ctx) == ("negative", "praise", 0, "fake-2")


def test_the_latest_correction_of_each_label_wins(ctx, say, acting):
    say("BAD parcel")
    paolo = acting("paolo")
    triage.correct(paolo, 1, Correction(kind=Kind.PRAISE, sentiment=Sentiment.POSITIVE))
    triage.correct(paolo, 1, Correction(kind=Kind.IDEA))
    assert labels(ctx)[:2] == ("positive", "idea")


def test_a_correction_needs_the_right_and_leaves_a_line(ctx, say, acting):
    say("BAD parcel")
    with pytest.raises(NotAllowed):
        triage.correct(acting("marta", roles=("marketing",)), 1, Correction(kind=Kind.IDEA))
    with pytest.raises(NotFound):
        triage.correct(acting("paolo"), 99, Correction(kind=Kind.IDEA))
    with ctx.store.read() as tx:
        wanted = select(audit.c.outcome).where(audit.c.action == "judgement.correct")
        assert tx.execute(wanted).scalars().all() == ["refused", "refused"]
        assert tx.execute(select(corrections)).all() == []


class Linguist(FakeClassifier):
    """Hears Italian where others hear English, and nothing at all in "ok"."""

    def _one(self, text):
        return replace(super()._one(text), language="und" if text == "ok" else "it")


def test_a_language_is_told_anew_unless_the_network_said_another(ctx, say, classifier):
    for author, words, said in (("a", "boh", None), ("b", "hm", "fr"), ("c", "ok", None)):
        say(words, author=author, language=said)
    triage.judge_pending(ctx, classifier, posts=10)
    for judge, wanted in ((FakeClassifier("fake-2"), ["en", "fr", "en"]), (Linguist("fake-3"), ["it", "fr", "en"])):
        triage.rejudge(ctx, judge, posts=10)
        with ctx.store.read() as tx:
            assert tx.execute(select(mentions.c.language).order_by(mentions.c.id)).scalars().all() == wanted
    told = counted(ctx)
    recounting.rebuild(ctx)
    assert counted(ctx) == told, "what is counted by language went along"


def test_rejudging_goes_on_where_it_stopped(ctx, say, classifier):
    for author in ("one", "two", "three"):
        say("x", author=author)
    triage.judge_pending(ctx, classifier, posts=10)
    newer = FakeClassifier("fake-2")
    first = triage.rejudge(ctx, newer, posts=2)
    assert (first.posts, first.below_id) == (2, 2)
    assert triage.rejudge(ctx, newer, posts=2, below_id=first.below_id).posts == 1
    assert triage.rejudge(ctx, newer, posts=2).posts == 0


def test_what_was_judged_cannot_be_rewritten(ctx, say, classifier):
    say("BAD parcel")
    with pytest.raises(IntegrityError, match="append-only"), ctx.store.write() as tx:
        tx.execute(text("UPDATE judgements SET kind = 'praise'"))
