"""Is what is counted hour by hour always the sum of the rows, whatever happened to them, and counted anew the same?"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from collectors.protocol import Page
from db import brands as brands_db
from db import rollups
from domain.errors import Invalid, Refused
from domain.judgement import Correction, Kind, ReasonCode, Sentiment, UrgencyLevel
from domain.waiting import BOUNDS_S, stretch_of
from domain.window import Step, Window, day_number, hours_of, zone
from services import brands, cases, claims, drafts, intake, outbox, recounting, trends, triage, watches
from tests.fakes import a_post
from tests.services import raw_counts
from tests.services.raw_counts import counted

WORDS = ("BAD parcel", "where is it?", "THANKS", "SPAM cheap", "URGENT smoke", "HUH")
ZONES = ("Europe/Rome", "UTC", "America/New_York", "Asia/Tokyo")
BEGIN = datetime(2026, 3, 26, 9, 0, tzinfo=UTC)  # The clocks of Rome change on the 29th.


class Life:
    """A desk on which anything happens, in an order drawn by chance."""

    def __init__(self, ctx, watch, classifier, acting, clock, seed):
        self.ctx, self.watch, self.classifier, self.clock = ctx, watch, classifier, clock
        self.random = random.Random(seed)
        self.people = [acting("giulia"), acting("anna", roles=("manager", "operator"))]
        self.posts = []
        self.second = brands.add_watch(ctx, watch.brand_id, name="second", terms=(), channels=("fake",))
        self.rival = watches.add_watch(ctx, watch.brand_id, name="Rival", terms=(), is_competitor=True)

    def write(self):
        n = len(self.posts)
        at = self.clock() - timedelta(minutes=self.random.randrange(60 * 40), seconds=self.random.randrange(60))
        options = {"language": self.random.choice(["it", "it-CH", "EN", None])}
        if n and self.random.random() < 0.2:
            options["is_repost"] = True
        post = a_post(
            self.random.choice(WORDS), native_id=f"n{n}", author=f"a{self.random.randrange(6)}", at=at, **options
        )
        self.posts.append(post)
        self.store(post)

    def store(self, post):
        watch = self.random.choice([self.watch, self.watch, self.second, self.rival])
        intake.store(self.ctx, watch, Page((post,), None))

    def edit(self):
        post = self.pick()
        self.store(
            a_post(
                "BAD again",
                native_id=post.native_id,
                author=post.author.native_id,
                at=post.published_at,
                edited_at=self.clock(),
            )
        )

    def delete(self):
        post = self.pick()
        self.store(
            a_post("", native_id=post.native_id, author=post.author.native_id, at=post.published_at, deleted=True)
        )

    def again(self):
        self.store(self.pick())

    def judge(self):
        triage.judge_pending(self.ctx, self.classifier, posts=self.random.randrange(1, 9))

    def correct(self):
        label = self.random.choice(
            [
                Correction(kind=Kind.PRAISE),
                Correction(urgency_level=UrgencyLevel.NO_ACTION),
                Correction(sentiment=Sentiment.POSITIVE),
                Correction(kind=Kind.COMPLAINT, urgency_level=UrgencyLevel(2)),
            ]
        )
        triage.correct(self.person(), self.random.randrange(1, len(self.posts) + 1), label)

    def answer(self):
        person, case_id = self.person(), self.case()
        claims.claim(person, case_id)
        draft = drafts.save(person, case_id, mention_id=cases.view(person, case_id).route.mention_id, text="We look.")
        drafts.submit(person, draft.reply_id, undo_s=0)
        outbox.deliver_due(self.ctx, worker="w")

    def resolve(self):
        cases.resolve(self.person(), self.case(), code=self.random.choice(list(cases.ResolutionCode)))

    def dismiss(self):
        cases.dismiss(self.people[1], self.case(), reason=cases.DismissReason.NOISE)

    def pick(self):
        return self.random.choice(self.posts)

    def person(self):
        return self.random.choice(self.people)

    def case(self):
        with self.ctx.store.read() as tx:
            known = tx.execute(text("SELECT count(*) FROM cases")).scalar_one()
        return self.random.randrange(1, known + 1) if known else 1

    def run(self, steps):
        acts = [self.write] * 5 + [self.edit, self.delete, self.again, self.judge, self.judge, self.correct]
        acts += [self.answer, self.answer, self.resolve, self.resolve, self.dismiss]
        self.write()
        for _ in range(steps):
            self.clock.move(minutes=self.random.randrange(1, 90))
            try:
                self.random.choice(acts)()
            except Refused:
                continue  # Not possible now: nothing has changed.


@pytest.mark.parametrize("seed", [1])
def test_every_window_is_what_its_rows_say(ctx, watch, account, classifier, acting, clock, seed):
    clock.now = BEGIN
    life = Life(ctx, watch, classifier, acting, clock, seed)
    life.run(90)
    rows = raw_counts.read(ctx)
    assert len(rows.mentions) > 25 and len(rows.cases) > 4
    for _ in range(25):
        first = BEGIN.date() + timedelta(days=life.random.randrange(-3, 8))
        last = first + timedelta(days=life.random.randrange(0, 5))
        window = Window(first, last, life.random.choice(ZONES))
        only = (life.random.choice(["", "fake"]), life.random.choice(["", "it", "en", "und"]))
        expect_the_same(ctx, rows, watch.brand_id, window, only, life.rival.id)


def expect_the_same(ctx, rows, brand_id, window, only, rival):
    chosen = {"channels": [only[0]] if only[0] else [], "languages": [only[1]] if only[1] else []}
    seen = trends.trends(ctx, brand_id, window, **chosen)
    raw = raw_counts.posts(rows, brand_id, window, only=only)
    kinds = {kind: sum(n for (k, _s), n in raw.labels.items() if k == kind) for kind in Kind}
    told = seen.now
    assert dict(told.kinds) | {Kind.SPAM: told.spam} == kinds
    assert told.unjudged == raw.unjudged and told.posts == told.judged + told.unjudged
    assert (told.own, told.reposts, told.deleted) == tuple(raw.left_out[n] for n in ("own", "reposts", "deleted"))
    assert sum(p.figures.posts for p in seen.points if p.figures) == told.posts
    if not any(only):
        assert dict(seen.models) == dict(raw.models)
        other = raw_counts.posts(rows, brand_id, window, rival=rival)
        with ctx.store.read() as tx:
            scope = rollups.Scope(*hours_of(window.stretch))
            heard = rollups.voices(tx, brand_id, scope, watch_ids=[rival]).get(rival, rollups.PostCounts())
        assert sum(heard.labels) + heard.unjudged == sum(other.labels.values()) + other.unjudged
    cases_told, raw_cases = seen.answers, raw_counts.answers(rows, brand_id, window, only=only)
    stretches = [stretch_of(s) for s in raw_cases.waits_s]
    bounds = [*trends.ANSWERED_WITHIN_S, None]
    ends = [BOUNDS_S.index(b) if b else len(BOUNDS_S) for b in bounds]
    expected, begin = [], -1
    for end in ends:
        expected.append(sum(begin < s <= end for s in stretches))
        begin = end
    assert [n for _b, n in cases_told.within] == expected
    assert cases_told.unanswered == raw_cases.unanswered
    assert (cases_told.solved.n, cases_told.solved.hits) == (raw_cases.closed, raw_cases.solved)
    assert cases_told.reopened == raw_cases.reopened


def test_every_theme_of_a_window_is_what_its_rows_say(ctx, watch, account, classifier, acting, clock):
    clock.now = BEGIN
    life = Life(ctx, watch, classifier, acting, clock, 2)
    life.run(50)
    rows = raw_counts.read(ctx)
    for days in (1, 4, 9):
        window = Window(BEGIN.date() - timedelta(days=1), BEGIN.date() + timedelta(days=days - 2), "Europe/Rome")
        plain = trends.trends(ctx, watch.brand_id, window)
        known = {group.name: group.figures for group in plain.by_theme}
        for theme in (ReasonCode.MONEY, ReasonCode.SAFETY):
            raw = raw_counts.posts(rows, watch.brand_id, window, theme=theme)
            told = trends.trends(ctx, watch.brand_id, window, theme=theme)
            spam = sum(n for (kind, _tone), n in raw.labels.items() if kind == Kind.SPAM)
            assert told.now.posts == sum(raw.labels.values()) + raw.unjudged - spam
            assert sum(p.figures.posts for p in told.points if p.figures) == told.now.posts
            assert told.answers == plain.answers
            assert told.now.posts == (known[theme].posts if theme in known else 0)
        assert days < 9 or set(known) == {"money", "safety"}


def test_days_are_counted_as_their_hours_are(ctx, watch, account, classifier, acting, clock):
    clock.now = BEGIN
    Life(ctx, watch, classifier, acting, clock, 3).run(40)
    window = Window(BEGIN.date() - timedelta(days=3), BEGIN.date() + timedelta(days=6), "Europe/Rome")
    by_days = trends.trends(ctx, watch.brand_id, window)
    with ctx.store.write() as tx:
        tx.execute(text("DELETE FROM day_rollups"))
    assert trends.trends(ctx, watch.brand_id, window).now.posts == 0 < by_days.now.posts
    with ctx.store.write() as tx:  # What is not of the brand's clock is read by the hour.
        tx.execute(text("UPDATE brand_turns SET offset_h = offset_h + 1"))
    by_hours = trends.trends(ctx, watch.brand_id, window)
    assert [p.figures for p in by_hours.points] == [p.figures for p in by_days.points]
    assert (by_hours.now, by_hours.before, by_hours.by_channel) == (by_days.now, by_days.before, by_days.by_channel)
    with pytest.raises(Invalid, match="rebuild"):
        trends.trends(ctx, watch.brand_id, window, theme=ReasonCode.MONEY)


def test_weeks_are_counted_as_their_days_are(ctx, watch, account, classifier, acting, clock):
    clock.now = BEGIN + timedelta(days=3)  # From a Sunday into a Monday.
    Life(ctx, watch, classifier, acting, clock, 3).run(40)
    for days_before in (95, 96, 99):
        window = Window(BEGIN.date() - timedelta(days=days_before), BEGIN.date() + timedelta(days=6), "Europe/Rome")
        scope = rollups.Scope(*hours_of(window.stretch), days=window.day_numbers)
        seen = trends.trends(ctx, watch.brand_id, window)
        with ctx.store.read() as tx:
            cells = rollups.cells(tx, watch.brand_id, scope, days=rollups.Days(()))
        for point in (point for point in seen.points if point.figures):
            first, end = (
                day_number(at.astimezone(zone(window.timezone)).date())
                for at in (point.stretch.from_at, point.stretch.to_at)
            )
            inside = [cell.counts for cell in cells if first <= cell.step < end]
            spam = sum(counts.of(kind=Kind.SPAM) for counts in inside)
            assert point.figures.posts == sum(sum(c.labels) + c.unjudged for c in inside) - spam
        assert seen.step is Step.WEEK and sum(p.figures.posts > 0 for p in seen.points if p.figures) >= 2
        assert sum(group.figures.posts for group in seen.by_language) == seen.now.posts


def test_counting_anew_changes_nothing(ctx, watch, account, classifier, acting, clock):
    clock.now = BEGIN
    Life(ctx, watch, classifier, acting, clock, 5).run(60)
    before = counted(ctx)
    recounting.rebuild(ctx, watch.brand_id)
    assert counted(ctx) == before and before["mention_rollups"] and before["case_rollups"]
    assert {row[2] for row in before["day_rollups"]} == {"", "money", "safety"}
    recounting.rebuild(ctx)
    assert counted(ctx) == before


def test_counts_that_were_lost_come_back(ctx, watch, say, clock):
    say("BAD parcel")
    before = counted(ctx)
    with ctx.store.write() as tx:
        tx.execute(text("DELETE FROM mention_rollups"))
        tx.execute(text("UPDATE case_rollups SET unanswered = 7"))
    recounting.rebuild(ctx)
    assert counted(ctx) == before


def test_a_brand_that_goes_leaves_no_counts(ctx, watch, say):
    say("BAD parcel")
    with ctx.store.write() as tx:
        brands_db.remove(tx, watch.brand_id)
    assert not any(counted(ctx).values())


def test_a_watch_that_becomes_a_competitors_takes_its_posts_along(ctx, watch, say, clock):
    say("BAD parcel")
    window = trends.window_of(ctx, watch.brand_id)
    assert trends.trends(ctx, watch.brand_id, window).now.posts == 1
    watches.change_watch(ctx, replace(watch, is_competitor=True))
    assert trends.trends(ctx, watch.brand_id, window).now.posts == 0
    after = counted(ctx)
    recounting.rebuild(ctx)
    assert counted(ctx) == after
