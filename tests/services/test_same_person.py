"""Two who turn out to be one: joined by a colleague, with evidence, and taken apart again without a trace."""

from __future__ import annotations

import random
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import select

from db.tables import audit, authors, case_events, case_mentions, cases, joins, notes, notices, promises, replies
from domain.errors import DeskError, Invalid, NotAllowed, NotPossible, OutcomeUnknown
from domain.mention import Audience
from domain.same_person import Basis
from domain.states import CaseState
from services import cases as case_acts
from services import claims, drafts, join_view, outbox, profile, same_person, team
from services import promises as ledger
from services.notices import unread
from services.same_person import Evidence
from tests.fakes import a_post

TOLD = Evidence(Basis.TOLD_US, note="Mara told us on the telephone")
#: What follows from the posts is ranked anew; everything else has to be as it was.
RANKED_ANEW = {"version", "rerank_at", "arrived_version", "priority", "reasons"}


@pytest.fixture
def giulia(acting, account):
    return acting("giulia")


@pytest.fixture
def paolo(acting, account):
    return acting("paolo")


def who(ctx, case_id: int) -> int:
    with ctx.store.read() as tx:
        return tx.execute(select(cases.c.customer_id).where(cases.c.id == case_id)).scalar_one()


def everything(ctx) -> dict[str, list[tuple[object, ...]]]:
    """All that says what belongs to whom, and how each case stands."""
    with ctx.store.read() as tx:
        shown = {
            "cases": [c for c in cases.c if c.name not in RANKED_ANEW and c.name != "reopened_at"],
            "case_mentions": list(case_mentions.c),
            "authors": [authors.c.id, authors.c.customer_id, authors.c.home_customer_id],
            "replies": [c for c in replies.c if c.name != "version"],
            "promises": list(promises.c),
            "notes": [c for c in notes.c if c.name not in {"id", "created_at"}],
        }
        return {
            name: sorted((tuple(row) for row in tx.execute(select(*columns))), key=str)
            for name, columns in shown.items()
        }


def without_notes_of(found: dict[str, list[tuple[object, ...]]]) -> dict[str, list[tuple[object, ...]]]:
    """What a colleague wrote as evidence stays; it is no part of what was before."""
    kept = [row for row in found["notes"] if "telephone" not in str(row)]
    return found | {"notes": kept}


def test_posts_of_both_stand_in_one_case_and_one_history(giulia, ctx, say) -> None:
    one, other = say("BAD parcel", author="mara"), say("hello again", author="mara_m")
    joined = same_person.join(giulia, who(ctx, one), who(ctx, other), evidence=TOLD)
    view = profile.view(giulia, joined.kept_customer_id)
    assert {i.handle for i in view.identities} == {"mara", "mara_m"}
    assert {p.text for p in view.posts} == {"BAD parcel", "hello again"}
    assert [c.case_id for c in view.cases if c.resolution is None] == [one]
    assert [(j.name, j.basis) for j in view.joins] == [("Mara_M", Basis.TOLD_US)]
    assert {p.text for p in case_acts.view(giulia, one).posts if p.in_case} == {"BAD parcel", "hello again"}
    assert [c.name for c in profile.customers(giulia).customers] == ["Mara"]


def test_the_more_urgent_and_the_older_clock_win(giulia, ctx, say, clock) -> None:
    calm = say("hello", author="mara")
    began = clock()
    clock.move(hours=3)
    urgent = say("BAD parcel", author="mara_m")
    level = case_acts.view(giulia, urgent).case.urgency_level
    same_person.join(giulia, who(ctx, calm), who(ctx, urgent), evidence=TOLD)
    case = case_acts.view(giulia, urgent).case
    assert (case.urgency_level, case.waiting_since, case.state) == (level, began, CaseState.NEW)
    absorbed = case_acts.view(giulia, calm).case
    assert (absorbed.state, absorbed.resolution) == (CaseState.DISMISSED, "joined")
    with pytest.raises(NotPossible) as refused:
        case_acts.reopen(giulia, calm)
    assert refused.value.reason == "case_joined" and "reopen" not in case_acts.view(giulia, calm).may


def test_reply_to_one_does_not_answer_what_the_other_wrote_before_they_were_one(giulia, ctx, say, clock) -> None:
    waits = say("BAD parcel", author="mara_m")
    since = clock()
    clock.move(hours=1)
    answered = say("hello", author="mara")
    answer(giulia, ctx, answered)
    clock.move(hours=1)
    same_person.join(giulia, who(ctx, answered), who(ctx, waits), evidence=TOLD)
    case = case_acts.view(giulia, answered).case
    assert (case.state, case.waiting_since) == (CaseState.OPEN, since)
    answer(giulia, ctx, answered)
    assert case_acts.view(giulia, answered).case.state is CaseState.WAITING


def answer(person, ctx, case_id: int, **promise) -> None:
    claims.claim(person, case_id)
    post = case_acts.view(person, case_id).route.mention_id
    draft = drafts.save(person, case_id, mention_id=post, text=f"Done {case_id} {ctx.clock()}", **promise)
    drafts.submit(person, draft.reply_id, undo_s=0)
    outbox.deliver_due(ctx, worker="w1")


def test_two_owners_are_both_told_and_the_chosen_one_goes_on_with_the_promises(giulia, paolo, acting, ctx, say, clock):
    one, other = say("BAD parcel", author="mara"), say("BAD again", author="mara_m")
    claims.claim(giulia, one)
    claims.claim(paolo, other)
    ledger.add(giulia, one, text="Call back", due_at=clock() + timedelta(days=1))
    anna = acting("anna")
    before = join_view.preview(anna, who(ctx, one), who(ctx, other))
    assert before.owners_differ and before.open_promises == 1 and before.refused is None
    paolo_id = paolo.actor.user_id
    same_person.join(anna, who(ctx, one), who(ctx, other), evidence=TOLD, owner_id=paolo_id)
    case = case_acts.view(anna, other).case
    assert (case.owner_id, case.state) == (paolo_id, CaseState.OPEN)
    assert [p.owner_id for p in ledger.of_case(anna, other)] == [paolo_id] if hasattr(ledger, "of_case") else True
    assert [p.case_id for p in case_acts.view(anna, other).promises] == [other]
    assert [[n.kind for n in unread(each)] for each in (giulia, paolo)] == [["persons_joined"]] * 2


@pytest.mark.parametrize("how", ["queued", "sending", "uncertain", "awaiting"])
def test_while_a_reply_is_on_its_way_neither_is_possible(how, giulia, acting, ctx, say, network, clock) -> None:
    one, other = say("BAD parcel", author="mara"), say("BAD again", author="mara_m")
    person = acting("nina", trained=()) if how == "awaiting" else giulia
    claims.claim(person, one)
    draft = drafts.save(person, one, mention_id=case_acts.view(person, one).route.mention_id, text="Done")
    drafts.submit(person, draft.reply_id, undo_s=60 if how == "queued" else 0)
    if how == "uncertain":
        network.failures, network.lookup_failures = [OutcomeUnknown()], [ValueError("unreadable")]
        outbox.deliver_due(ctx, worker="w1")
    elif how == "sending":
        with ctx.store.write() as tx:
            tx.execute(replies.update().values(status="sending", lease_until=clock() + timedelta(minutes=1)))
    before = everything(ctx)
    assert join_view.preview(giulia, who(ctx, one), who(ctx, other)).refused == "reply_pending"
    with pytest.raises(NotPossible) as refused:
        same_person.join(giulia, who(ctx, other), who(ctx, one), evidence=TOLD)
    assert refused.value.reason == "reply_pending" and everything(ctx) == before


def test_separating_waits_for_a_reply_as_well_and_happens_once(giulia, ctx, say) -> None:
    one, other = say("BAD parcel", author="mara"), say("BAD again", author="mara_m")
    joined = same_person.join(giulia, who(ctx, one), who(ctx, other), evidence=TOLD)
    claims.claim(giulia, one)
    draft = drafts.save(giulia, one, mention_id=case_acts.view(giulia, one).route.mention_id, text="Done")
    drafts.submit(giulia, draft.reply_id, undo_s=60)
    with pytest.raises(NotPossible):
        same_person.separate(giulia, joined.id)
    drafts.undo(giulia, draft.reply_id)
    same_person.separate(giulia, joined.id)
    with pytest.raises(NotPossible) as refused:
        same_person.separate(giulia, joined.id)
    assert refused.value.reason == "join_over"


def test_evidence_must_show_something(giulia, ctx, say) -> None:
    one = say("BAD parcel, I am @mara_m elsewhere", author="mara")
    other, third = say("BAD again", author="mara_m"), say("BAD third", author="luca")
    alone = say("I am mara", author="mara_p", audience=Audience.NAMED)
    post = case_acts.view(giulia, one).route.mention_id
    foreign, private = (case_acts.view(giulia, c).route.mention_id for c in (third, alone))
    said = Basis.SAID_PUBLICLY
    for other_case, evidence, why in (
        (other, Evidence(said), "evidence_post"),
        (other, Evidence(Basis.TOLD_US), "evidence_note"),
        (other, Evidence(said, mention_id=foreign), "evidence_post"),
        (other, Evidence(said, mention_id=post, words="not there"), "evidence_words"),
        (alone, Evidence(said, mention_id=private), "evidence_private"),
        (one, Evidence(said, mention_id=post), "same_profile"),
    ):
        with pytest.raises(Invalid) as refused:
            same_person.join(giulia, who(ctx, one), who(ctx, other_case), evidence=evidence)
        assert refused.value.values["reason"] == why
    shown = Evidence(said, mention_id=post, words="@mara_m elsewhere")
    joined = same_person.join(giulia, who(ctx, one), who(ctx, other), evidence=shown)
    assert profile.view(giulia, joined.kept_customer_id).joins[0].words == "@mara_m elsewhere"
    with pytest.raises(NotPossible) as refused:
        same_person.join(giulia, who(ctx, third), joined.joined_customer_id, evidence=TOLD)
    assert refused.value.reason == "joined_elsewhere"


def test_no_text_is_kept_with_a_join_and_audit_and_events_hold_ids_only(giulia, ctx, say) -> None:
    one, other = say("BAD secretword parcel", author="mara"), say("BAD again", author="mara_m")
    post = case_acts.view(giulia, one).route.mention_id
    evidence = Evidence(Basis.SAID_PUBLICLY, mention_id=post, words="secretword")
    joined = same_person.join(giulia, who(ctx, one), who(ctx, other), evidence=evidence)
    same_person.separate(giulia, joined.id)
    with ctx.store.read() as tx:
        written = [str(row) for table in (joins, audit, case_events, notices) for row in tx.execute(select(table))]
        acts = tx.execute(select(audit.c.action, audit.c.outcome)).all()
    assert not [row for row in written if "secretword" in row or "Mara" in row]
    assert {("customer.join", "done"), ("customer.separate", "done")} <= {tuple(row) for row in acts}


@pytest.mark.parametrize("roles", [("marketing",), ("admin",)])
def test_who_does_not_work_on_cases_joins_nobody(roles, acting, giulia, ctx, say) -> None:
    one, other = say("BAD parcel", author="mara"), say("BAD again", author="mara_m")
    outsider = acting("eva", roles=roles)
    for refused in (
        lambda: same_person.join(outsider, who(ctx, one), who(ctx, other), evidence=TOLD),
        lambda: join_view.preview(outsider, who(ctx, one), who(ctx, other)),
    ):
        with pytest.raises(NotAllowed):
            refused()
    joined = same_person.join(giulia, who(ctx, one), who(ctx, other), evidence=TOLD)
    with pytest.raises(NotAllowed):
        same_person.separate(outsider, joined.id)


def test_nobody_is_ever_joined_by_the_desk_itself(ctx, say) -> None:
    one, other = say("BAD parcel", author="mara"), say("BAD again", author="mara_m")
    with pytest.raises(NotAllowed):
        same_person.join(ctx, who(ctx, one), who(ctx, other), evidence=TOLD)


def test_what_came_in_since_goes_with_its_author_and_no_work_is_lost(giulia, ctx, say, clock) -> None:
    one, other = say("BAD parcel", author="mara"), say("BAD again", author="mara_m")
    joined = same_person.join(giulia, who(ctx, one), who(ctx, other), evidence=TOLD)
    clock.move(minutes=5)
    say("BAD still", author="mara_m")
    answer(giulia, ctx, one, promise_text="Call", promise_due_at=clock() + timedelta(days=1))
    clock.move(minutes=5)
    say("hello from mara", author="mara")
    same_person.separate(giulia, joined.id)
    theirs = {p.text: p.case_id for p in profile.view(giulia, joined.joined_customer_id).posts if not p.is_own}
    assert theirs == {"BAD again": other, "BAD still": other}
    mine = {p.text for p in profile.view(giulia, joined.kept_customer_id).posts if not p.is_own}
    assert mine == {"BAD parcel", "hello from mara"}
    # The reply answered the newest post then, which was the other one's: it and its promise went along.
    assert [p.case_id for p in profile.view(giulia, joined.joined_customer_id).promises] == [other]
    assert case_acts.view(giulia, one).case.owner_id == giulia.actor.user_id


def test_reply_to_what_one_wrote_before_goes_back_with_that_post(giulia, ctx, say, clock) -> None:
    one = say("BAD parcel", author="mara")
    clock.move(minutes=1)
    other = say("BAD again", author="mara_m")
    joined = same_person.join(giulia, who(ctx, one), who(ctx, other), evidence=TOLD)
    clock.move(minutes=5)
    answer(giulia, ctx, one)  # It answers the newest post, which only the other one wrote.
    same_person.separate(giulia, joined.id)
    with ctx.store.read() as tx:
        rows = tx.execute(
            select(replies.c.case_id, cases.c.id, cases.c.customer_id, cases.c.last_reply_at).join_from(
                replies, cases, cases.c.id == replies.c.case_id
            )
        ).all()
        left = tx.execute(select(cases.c.last_reply_at).where(cases.c.id == one)).scalar_one()
    assert [(row.case_id, row.customer_id) for row in rows] == [(other, joined.joined_customer_id)]
    assert rows[0].last_reply_at is not None and left is None


def test_case_opened_since_with_posts_of_both_becomes_two(giulia, ctx, say, clock) -> None:
    one = say("BAD parcel", author="mara")
    claims.claim(giulia, one)
    case_acts.resolve(giulia, one, code=case_acts.ResolutionCode.ANSWERED)
    other = say("BAD again", author="mara_m")
    case_acts.dismiss(giulia, other, reason=case_acts.DismissReason.NOISE)
    joined = same_person.join(giulia, who(ctx, one), who(ctx, other), evidence=TOLD)
    clock.move(days=20)
    both = say("BAD new", author="mara")
    assert say("BAD new too", author="mara_m") == both
    claims.claim(giulia, both)
    same_person.separate(giulia, joined.id)
    live = {
        p.text: p.case_id
        for each in (joined.kept_customer_id, joined.joined_customer_id)
        for p in profile.view(giulia, each).posts
    }
    assert live["BAD new"] == both != live["BAD new too"]
    twin = case_acts.view(giulia, live["BAD new too"]).case
    assert (twin.owner_id, twin.state, twin.customer_id) == (
        giulia.actor.user_id,
        CaseState.OPEN,
        joined.joined_customer_id,
    )


def test_deleted_identity_takes_its_name_along_everywhere(giulia, ctx, watch, say) -> None:
    from collectors.protocol import Page
    from services import intake

    one, other = say("BAD parcel", author="mara", native_id="p1"), say("BAD again", author="zoe", native_id="p2")
    joined = same_person.join(giulia, who(ctx, one), who(ctx, other), evidence=TOLD)
    intake.store(ctx, watch, Page((a_post("", author="mara", native_id="p1", deleted=True),), None))
    view = profile.view(giulia, joined.kept_customer_id)
    assert view.name == "Zoe" and {i.name for i in view.identities} == {"", "Zoe"}


def world(dice: random.Random, ctx, people, say, clock) -> list[int]:
    """Three customers in whatever state: posts, owners, answers, promises, drafts, notes, snoozes."""
    found = []
    for author in ("mara", "mara_m", "mara_r"):
        clock.move(minutes=dice.randint(1, 90))
        case_id = say(dice.choice(["BAD parcel", "hello", "thanks"]) + f" {author}", author=author)
        person = dice.choice(people)
        for act in dice.sample(["claim", "answer", "promise", "draft", "note", "snooze", "again", "resolve"], 4):
            clock.move(minutes=1)
            try:
                do(act, dice, ctx, person, case_id, say, author, clock)
            except DeskError:
                pass
        found.append(who(ctx, case_id))
    return found


def do(act: str, dice: random.Random, ctx, person, case_id: int, say, author: str, clock) -> None:
    acts = {
        "claim": lambda: claims.claim(person, case_id),
        "answer": lambda: answer(person, ctx, case_id),
        "promise": lambda: ledger.add(person, case_id, text="Call", due_at=clock() + timedelta(days=1)),
        "draft": lambda: drafts.save(
            person, case_id, mention_id=case_acts.view(person, case_id).route.mention_id, text=f"Dear {author}"
        ),
        "note": lambda: case_acts.add_note(person, case_id, f"about {author}"),
        "snooze": lambda: case_acts.snooze(person, case_id, until=clock() + timedelta(hours=5)),
        "again": lambda: say(f"BAD again {clock()}", author=author),
        "resolve": lambda: case_acts.resolve(person, case_id, code=case_acts.ResolutionCode.ANSWERED),
    }
    acts[act]()


@pytest.mark.parametrize("seed", range(5))
def test_joined_and_separated_everything_is_as_it_was(seed, giulia, paolo, ctx, say, clock) -> None:
    dice = random.Random(seed)
    one, other, third = world(dice, ctx, [giulia, paolo], say, clock)
    rank_all(ctx)
    before = everything(ctx)
    joined = same_person.join(giulia, one, other, evidence=TOLD)
    if dice.random() < 0.7:
        kept, added = dice.choice([(one, third), (third, one)])
        more = same_person.join(paolo, kept, added, evidence=TOLD)
        order = [joined.id, more.id]
        dice.shuffle(order)
    else:
        order = [joined.id]
    for join_id in order:
        same_person.separate(giulia, join_id)
    rank_all(ctx)
    after = without_notes_of(everything(ctx))
    for name, rows in before.items():
        assert after[name] == rows, f"{name} with seed {seed}"


def rank_all(ctx) -> None:
    from services import episodes

    with ctx.store.write() as tx:
        ids = list(tx.execute(select(cases.c.id).where(cases.c.state.in_(["new", "open"]))).scalars())
        episodes.rerank_many(tx, ctx, ids, ctx.clock())


def test_two_colleagues_at_once_join_once(giulia, paolo, ctx, say) -> None:
    one, other = say("BAD parcel", author="mara"), say("BAD again", author="mara_m")
    ids, outcomes = (who(ctx, one), who(ctx, other)), []

    def attempt(person, first: int, second: int) -> None:
        try:
            same_person.join(person, first, second, evidence=TOLD)
            outcomes.append("joined")
        except NotPossible as refused:
            outcomes.append(refused.reason)

    threads = [Thread(target=attempt, args=(giulia, *ids)), Thread(target=attempt, args=(paolo, *ids[::-1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["joined", "joined_elsewhere"]
    with ctx.store.read() as tx:
        assert len(tx.execute(select(joins)).all()) == 1


def test_what_a_colleague_joined_noted_and_promised_stays_when_they_leave(giulia, acting, ctx, say, clock) -> None:
    one, other = say("BAD parcel", author="mara"), say("BAD again", author="mara_m")
    claims.claim(giulia, one)
    ledger.add(giulia, one, text="Call back", due_at=clock() + timedelta(days=1))
    case_acts.add_note(giulia, one, "Prefers the morning")
    joined = same_person.join(giulia, who(ctx, one), who(ctx, other), evidence=TOLD)
    team.disable(ctx, giulia.actor.user_id)
    paolo = acting("paolo")
    view = profile.view(paolo, joined.kept_customer_id)
    assert {n.text for n in view.notes} == {"Prefers the morning", TOLD.note} and len(view.promises) == 1
    assert [(j.by_name, j.basis) for j in view.joins] == [("Giulia", Basis.TOLD_US)]
    assert same_person.separate(paolo, joined.id).separated_at == clock()
