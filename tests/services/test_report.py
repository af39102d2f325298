"""Does the champion's report tell a month truly: with many, with one, with nobody, and without saying who?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import event, insert, select, text

from collectors.protocol import Page
from db import counting_triggers
from db import report as rows
from db.tables import audit, mentions, problem_cases, problems
from domain.errors import Invalid, NotAllowed, NotFound
from domain.judgement import ReasonCode
from domain.mention import Audience
from domain.report import days_of
from domain.window import Stretch
from services import brands, cases, claims, drafts, intake, outbox, promises, report, triage
from services.cases import ResolutionCode
from services.report import Month
from tests.conftest import case_of
from tests.fakes import a_post

MARCH = Month(2026, 3)
PURPOSE = "answer the works council"
COMPLAINT = "BAD: sono Ludovica Bellandi, 347 1122334, vedi https://foto.example/ludo e @ludo"
THANKS = "THANKS, tutto risolto, grazie a Giulia e a Ludovica! ludo.bella@posta.example"
PLANTED = ("ludovica", "bellandi", "1122334", "foto.example", "ludo.bella", "posta.example", "giulia", "@ludo")


@pytest.fixture
def month(ctx, watch, account, classifier, clock, acting):
    """A colleague who answers: ``month.story("mara", thanks="THANKS")`` runs a whole case and says its number."""
    giulia, numbers = acting("giulia"), count()

    class Month:
        ctx = giulia

        def write(self, author, words, **fields):
            post = a_post(words, author=author, native_id=f"n{next(numbers)}", at=clock(), **fields)
            intake.store(ctx, watch, Page((post,), None))
            triage.judge_pending(ctx, classifier, posts=100)
            return case_of(ctx, post)

        def answer(self, case_id):
            case = cases.view(giulia, case_id).case
            if case.owner_id is None:
                claims.claim(giulia, case_id)
            draft = drafts.save(giulia, case_id, mention_id=case.last_mention_id, text="We look into it.")
            drafts.submit(giulia, draft.reply_id, undo_s=0)
            outbox.deliver_due(ctx, worker="w")

        def story(self, author, *, complaint=COMPLAINT, thanks=THANKS, **fields):
            case_id = self.write(author, complaint, **fields)
            clock.move(minutes=50)
            self.answer(case_id)
            clock.move(minutes=50)
            if thanks:
                self.write(author, thanks, **fields)
                clock.move(minutes=5)
            return case_id

    return Month()


def test_a_month_is_told_with_what_each_figure_rests_on(ctx, brand, month, clock) -> None:
    for n in range(4):
        case_id = month.story(f"person{n}")
        cases.resolve(month.ctx, case_id, code=ResolutionCode.CUSTOMER_CONFIRMED)
    month.story("stays", thanks="BAD still nothing")
    month.story("silent", thanks="")
    clock.now = datetime(2026, 4, 3, tzinfo=UTC)
    told = report.report(ctx, brand.id, MARCH)
    assert (told.now.answered, told.before.answered, told.now.answers.asked) == (6, 0, 6)
    assert (told.now.thanks.hits, told.now.thanks.n) == (4, 5) and told.now.thanks.low < 0.8 < told.now.thanks.high
    assert told.now.answers.solved.hits == told.now.answers.solved.n == 4 and told.now.answers.half_s == 3600
    [concern] = told.concerns.told
    assert (concern.code, concern.customers, told.concerns.complaints) == (ReasonCode.MONEY, 6, 7)
    assert len(told.examples) == 3 and told.models[0][0] == "fake-1" and not told.was_there
    before = report.report(ctx, brand.id, Month(2026, 4))
    assert before.now.answered == 0 and before.was_there
    assert before.before.answered == 6, "three days of April against three of March"


def test_nobody_is_named_in_an_example_and_no_link_leads_there(ctx, brand, month, clock) -> None:
    for n in range(5):
        month.story(f"ludovica.bellandi{n}", url="https://net.example/ludo/1", conversation_id="one-talk")
    told = report.report(ctx, brand.id, MARCH)
    assert len(told.examples) == 3
    said = repr(told).casefold()
    assert [secret for secret in PLANTED if secret in said] == []
    assert "net.example" not in said and "risolto" in said
    linked = report.report(ctx, brand.id, MARCH, links=True, purpose=PURPOSE)
    assert {each.thanks.url for each in linked.examples} == {"https://net.example/ludo/1"}


def test_only_what_everybody_may_read_is_quoted(ctx, brand, month) -> None:
    for n in range(5):
        month.story(f"p{n}", audience=Audience.NAMED)
    told = report.report(ctx, brand.id, MARCH)
    assert told.now.thanks.hits == 5 and told.examples == ()


def test_deleted_thanks_are_neither_counted_nor_quoted(ctx, brand, month) -> None:
    for n in range(5):
        month.story(f"p{n}")
    with ctx.store.write() as tx:
        gone = select(mentions.c.id).where(mentions.c.text.like("THANKS%")).order_by(mentions.c.id.desc()).limit(4)
        for row in tx.execute(gone).all():
            tx.execute(text(f"UPDATE mentions SET deleted_at = published_at WHERE id = {row[0]}"))
    told = report.report(ctx, brand.id, MARCH)
    assert told.now.answered == 5 and told.now.thanks.n == 1 and told.now.thanks.value is None
    assert told.examples == (), "the one that is left would stand alone among five who were answered"


def test_a_month_of_one_customer_tells_no_share_and_quotes_nobody(ctx, brand, month) -> None:
    cases.resolve(month.ctx, month.story("mara"), code=ResolutionCode.CUSTOMER_CONFIRMED)
    told = report.report(ctx, brand.id, MARCH)
    assert (told.now.answered, told.now.thanks.n, told.now.thanks.value) == (1, 1, None)
    assert told.now.answers.half_s is None and told.now.answers.solved.value is None
    assert told.examples == () and told.concerns.told == ()


def test_a_month_without_anything_has_no_invented_nought(ctx, brand, watch) -> None:
    told = report.report(ctx, brand.id, MARCH)
    assert told.now.answered == 0 and told.now.thanks.value is None and told.now.promises.kept.value is None
    assert told.now.posts.net.value is None and told.concerns.complaints == 0 and told.examples == ()


def test_promises_are_those_whose_date_lay_in_the_month_and_is_over(ctx, brand, month, clock) -> None:
    made = []
    for n in range(7):
        case_id = month.write(f"p{n}", "BAD")
        claims.claim(month.ctx, case_id)
        due = clock() + (timedelta(days=2) if n < 6 else timedelta(days=60))
        made.append(promises.add(month.ctx, case_id, text="call", due_at=due).promise_id)
    for promise_id in made[:4]:
        promises.keep(month.ctx, promise_id)
    promises.break_(month.ctx, made[4])
    assert report.report(ctx, brand.id, MARCH).now.promises.kept.n == 0, "none has fallen due"
    clock.move(days=5)
    told = report.report(ctx, brand.id, MARCH).now.promises
    assert (told.kept.hits, told.kept.n, told.broken, told.open) == (4, 6, 1, 1)


def test_many_promises_to_few_people_tell_no_share(ctx, brand, month, clock) -> None:
    case_id = month.write("mara", "BAD")
    claims.claim(month.ctx, case_id)
    for _n in range(8):
        promises.keep(month.ctx, promises.add(month.ctx, case_id, text="x", due_at=clock() + timedelta(1)).promise_id)
    clock.move(days=3)
    kept = report.report(ctx, brand.id, MARCH).now.promises.kept
    assert kept.n == 8 and kept.value is None


def test_days_are_those_of_the_brands_clock(ctx, brand, month, clock) -> None:
    clock.now = datetime(2026, 3, 31, 21, 30, tzinfo=UTC)  # 23:30 in Rome
    month.story("mara")  # answered at 00:20 on the first of April there
    assert report.report(ctx, brand.id, MARCH).now.answered == 0
    assert report.report(ctx, brand.id, Month(2026, 4)).now.answered == 1


def test_a_running_month_is_held_against_no_fuller_days(ctx, brand, month, clock) -> None:
    clock.now = datetime(2026, 3, 3, 7, tzinfo=UTC)  # 8:00 in Rome
    month.story("mara")
    clock.now = datetime(2026, 3, 3, 15, tzinfo=UTC)
    for n in range(2):
        month.story(f"late{n}", thanks="")
    clock.now = datetime(2026, 4, 3, 9, tzinfo=UTC)  # 11:00 there
    told = report.report(ctx, brand.id, Month(2026, 4)).before
    assert (told.answered, told.thanks.n, told.answers.asked, told.posts.posts) == (1, 1, 1, 2)
    clock.now = datetime(2026, 4, 4, tzinfo=UTC)
    told = report.report(ctx, brand.id, Month(2026, 4)).before
    assert (told.answered, told.answers.asked, told.posts.posts) == (3, 3, 4)


def test_shared_problems_are_told_by_title_where_enough_people_had_them(ctx, brand, month, clock) -> None:
    known = [month.write(f"p{n}", "BAD") for n in range(6)]
    rows = (("Grid of Lodi, see Giulia", known[:5], True), ("Two of them", known[:2], True), ("App", known[1:], False))
    with ctx.store.write() as tx:
        for title, found, is_closed in rows:
            ended = {"state": "closed", "closed_at": clock(), "outcome": "solved"} if is_closed else {"state": "open"}
            values = {"brand_id": brand.id, "title": title, "about": "", "opened_at": clock()} | ended
            problem_id = tx.execute(insert(problems).values(**values).returning(problems.c.id)).scalar_one()
            left = {"left_at": clock(), "left_why": "closed"} if is_closed else {}
            for case_id in found:
                tx.execute(
                    insert(problem_cases).values(problem_id=problem_id, case_id=case_id, added_at=clock(), **left)
                )
    clock.move(hours=1)
    shared = report.report(ctx, brand.id, MARCH).shared
    [(title, people)] = shared.closed
    assert title.startswith("Grid of Lodi, see person-") and people == 5 and shared.closed_smaller == 1
    assert shared.open == (("App", 5),) and shared.open_smaller == 0
    assert report.report(ctx, brand.id, Month(2026, 2)).shared.open == ()


def test_who_joins_a_problem_later_does_not_change_a_month_that_is_over(ctx, brand, month, clock) -> None:
    known = [month.write(f"p{n}", "BAD") for n in range(8)]
    with ctx.store.write() as tx:
        values = {"brand_id": brand.id, "title": "App", "about": "", "opened_at": clock(), "state": "open"}
        problem_id = tx.execute(insert(problems).values(**values).returning(problems.c.id)).scalar_one()
        for n, case_id in enumerate(known):
            at = clock() if n < 5 else datetime(2026, 4, 2, tzinfo=UTC)
            tx.execute(insert(problem_cases).values(problem_id=problem_id, case_id=case_id, added_at=at))
    clock.now = datetime(2026, 4, 3, tzinfo=UTC)
    assert report.report(ctx, brand.id, MARCH).shared.open == (("App", 5),)
    assert report.report(ctx, brand.id, Month(2026, 4)).shared.open == (("App", 8),)


def test_another_brand_is_never_among_them(ctx, brand, month) -> None:
    for n in range(5):
        month.story(f"p{n}")
    other = report.report(ctx, brands.add_brand(ctx, "Other").id, MARCH)
    assert other.now.answered == other.now.thanks.n == other.concerns.complaints == 0


def test_whoever_only_answers_is_refused_and_it_is_written_down(ctx, brand, acting) -> None:
    for asked, links in ((report.report, False), (report.taken, False), (report.report, True)):
        with pytest.raises(NotAllowed):
            asked(acting(f"sara-{asked.__name__}-{links}".lower()), brand.id, MARCH, links=links)
    for ask in (report.months, report.usual_month):
        with pytest.raises(NotAllowed):
            ask(acting(f"sara-{ask.__name__}".replace("_", "-")), brand.id)
    marketing = acting("mark", roles=("marketing",))
    assert report.report(marketing, brand.id, MARCH).now.answered == 0
    with pytest.raises(NotAllowed):
        report.report(marketing, brand.id, MARCH, links=True)
    with ctx.store.read() as tx:
        lines = tx.execute(select(audit.c.action, audit.c.outcome)).all()
    refused = [line.action for line in lines if line.outcome == "refused"]
    assert refused == ["report.read", "report.take", *["report.read"] * 3, "report.links"]


def test_links_need_a_purpose_and_each_reading_with_them_is_written_down(ctx, brand, acting) -> None:
    paolo = acting("paolo", roles=("manager",))
    for asked in (report.report, report.taken):
        for purpose in (None, " why? "):
            with pytest.raises(Invalid):
                asked(paolo, brand.id, MARCH, links=True, purpose=purpose)
    report.report(paolo, brand.id, MARCH)
    report.report(paolo, brand.id, MARCH, links=True, purpose=f" {PURPOSE}\x00\n")
    report.taken(paolo, brand.id, MARCH, links=True, purpose=PURPOSE)
    report.taken(paolo, brand.id, MARCH, purpose="not needed without links")
    with ctx.store.read() as tx:
        lines = tx.execute(select(audit).where(audit.c.action.like("report.%")).order_by(audit.c.id)).all()
    done = [(line.action, line.entity_id, line.reason, line.details) for line in lines if line.outcome == "done"]
    assert done == [
        ("report.links", brand.id, PURPOSE, {"month": "2026-03", "links": True}),
        ("report.take", brand.id, PURPOSE, {"month": "2026-03", "links": True}),
        ("report.take", brand.id, None, {"month": "2026-03", "links": False}),
    ]


def test_a_brand_nobody_knows_and_a_month_that_is_none_are_refused(ctx) -> None:
    with pytest.raises(NotFound):
        report.report(ctx, 999, MARCH)
    with pytest.raises(Invalid):
        Month(2026, 13)


def test_the_month_that_is_over_is_asked_for_unless_the_desk_is_new(ctx, brand, month, clock) -> None:
    assert report.usual_month(ctx, brand.id) == MARCH, "nothing was heard before"
    month.write("mara", "BAD")
    assert report.usual_month(ctx, brand.id) == MARCH
    clock.now = datetime(2026, 4, 3, tzinfo=UTC)
    assert report.usual_month(ctx, brand.id) == MARCH and report.months(ctx, brand.id)[0] == Month(2026, 4)
    assert report.months(ctx, brand.id)[-1].first == date(2025, 4, 1)


def test_an_earlier_month_reads_nothing_of_what_was_written_since(ctx, brand, month, clock) -> None:
    told = month.story("mara", complaint="BAD no heating", thanks="THANKS")
    later = month.story("nino", complaint="BAD no heating", thanks="")
    clock.now = datetime(2026, 5, 5, tzinfo=UTC)
    assert month.write("nino", "and now?") == later and month.write("mara", "and the new one?") == told
    march, may = (days_of(Month(2026, n), "Europe/Rome", now=clock()).window.stretch for n in (3, 5))
    with ctx.store.read() as tx:
        assert rows.wrote_again(tx, brand.id, march) == [told], "nino wrote again in May alone"
        assert rows.wrote_again(tx, brand.id, may) == [told, later]
        [(_case, posts, sent)] = rows.stories(tx, [told], to_at=march.to_at)
    assert [post.text for post in posts] == ["BAD no heating", "THANKS"] and len(sent) == 1


@pytest.mark.databases("sqlite")
def test_the_rows_of_a_month_are_found_by_an_index(ctx, brand) -> None:
    asked = []
    listen = event.listen
    listen(ctx.store.engine, "before_cursor_execute", lambda c, cur, said, given, *rest: asked.append((said, given)))
    report.report(ctx, brand.id, MARCH)
    with ctx.store.read() as tx:
        list(rows.stories(tx, [1, 2], to_at=datetime(2026, 4, 1, tzinfo=UTC)))
    wanted = (
        ("ix_replies_sent", "JOIN cases ON cases.id = replies.case_id"),
        ("ix_mentions_time (published_at>? AND published_at<?)", "cases.answered_at < mentions.published_at"),
        ("sqlite_autoindex_case_mentions_1 (case_id=?)", "FROM case_mentions WHERE case_mentions.case_id IN"),
    )
    for index, words in wanted:
        statement, given = next((said, given) for said, given in asked if words in " ".join(said.split()))
        with ctx.store.engine.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
            assert index in str(plan.all())


MANY = """
INSERT INTO customers (id, name, about, dont_ask_again, first_seen_at, last_seen_at)
SELECT i, 'C', '', '', now(), now() FROM generate_series(1, 8000) i;
INSERT INTO authors (id, channel, origin, native_id, customer_id, handle, name, bio, location, updated_at)
SELECT i, 'fake', '', 'a' || i, i, 'a', 'A', '', '', now() FROM generate_series(1, 8000) i;
INSERT INTO conversations (id, channel, origin, native_id) VALUES (1, 'fake', '', 'c');
INSERT INTO mentions (id, channel, origin, native_id, conversation_id, author_id, text, media, published_at,
                      received_at, is_own, is_repost, is_history, corrected)
SELECT i, 'fake', '', 'm' || i, 1, (i + 1) / 2, 'The parcel is late and nobody answers', '[]', '2026-03-01', now(),
       false, false, false, false FROM generate_series(1, 16000) i;
INSERT INTO cases (id, brand_id, customer_id, state, version, channel, last_mention_id, sentiment, kind, urgency,
                   urgency_level, unsure, judged, priority, reasons, arrived_version, contacts, hand_overs, opened_at,
                   waiting_since, last_mention_at)
SELECT i, 1, i, 'new', 1, 'fake', 2 * i, 'negative', 'complaint', 1, 1, false, true, 0, '[]', 0, 1, 0, now(), now(),
       now() FROM generate_series(1, 8000) i;
INSERT INTO case_mentions (case_id, mention_id, added_at)
SELECT (i + 1) / 2, i, now() FROM generate_series(1, 16000) i
"""


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("knows", [False, True], ids=["before-it-knows-its-tables", "later"])
def test_the_posts_of_a_case_are_never_searched_for_among_all(ctx, brand, knows) -> None:
    asked = []
    april = datetime(2026, 4, 1, tzinfo=UTC)
    with ctx.store.engine.connect() as tx, tx.begin() as unfinished:
        counting_triggers.take_down(tx)
        for statement in MANY.split(";"):
            tx.execute(text(statement))
        if knows:
            tx.execute(text("ANALYZE"))
        event.listen(tx, "before_cursor_execute", lambda c, cur, said, given, *rest: asked.append((said, given)))
        told = list(rows.stories(tx, range(1, 8001, 10), to_at=april))
        assert [len(posts) for _case, posts, _sent in told] == [2] * 800
        plans = [tx.exec_driver_sql(f"EXPLAIN {said}", given).scalars().all() for said, given in list(asked)]
        unfinished.rollback()
    assert len(plans) >= 4
    assert [plan for plan in plans if "Seq Scan on mentions" in str(plan)] == []


@pytest.mark.databases("postgresql")
def test_a_month_of_many_posts_and_few_answers_is_not_read_whole(ctx, brand) -> None:
    asked = []
    with ctx.store.engine.connect() as tx, tx.begin() as unfinished:
        counting_triggers.take_down(tx)
        for statement in MANY.split(";"):
            tx.execute(text(statement))
        tx.execute(text("UPDATE cases SET answered_at = '2026-02-01' WHERE id = 1"))
        tx.execute(text("ANALYZE"))
        event.listen(tx, "before_cursor_execute", lambda c, cur, said, given, *rest: asked.append((said, given)))
        march = Stretch(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
        assert rows.wrote_again(tx, brand.id, march) == ([1] if brand.id == 1 else [])
        said, given = asked[0]
        plan = str(tx.exec_driver_sql(f"EXPLAIN {said}", given).scalars().all())
        unfinished.rollback()
    assert "pk_mentions" in plan and "ix_mentions_time" not in plan and "Seq Scan on mentions" not in plan
