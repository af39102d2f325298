"""Who may ask for an export, who fetches it, and what becomes of it when workers die, days pass or months turn?"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from db import export_rows, heard_posts
from db.tables import export_schedules as schedules_table
from db.tables import exports as exports_table
from domain.errors import Invalid, NotAllowed, NotFound, NotPossible
from domain.export import Every, ExportFilter, ExportFormat, ExportOrder, ExportState, Scope, Subject
from services import api_reading, export_making, export_schedules, exports, tokens, trail
from services.export_schedules import next_moment, period_before


@pytest.fixture
def marta(acting):
    """Marketing: takes data away, without names."""
    return acting("marta", roles=("marketing",))


@pytest.fixture
def lucia(acting):
    """A manager: with names too, for a purpose."""
    return acting("lucia", roles=("manager",))


@pytest.fixture
def order(brand, say):
    say("BAD parcel")
    return ExportOrder(brand.id, Subject.MENTIONS, ExportFormat.CSV)


def named(order: ExportOrder, purpose: str | None = "Survey on the launch") -> ExportOrder:
    from dataclasses import replace

    return replace(order, identified=True, purpose=purpose)


def acts_of(ctx) -> list[tuple[str, str, str | None]]:
    return [(line.action, line.outcome, line.reason) for line in trail.page(ctx, rows=20)]


def test_marketing_asks_and_fetches_and_both_are_recorded(ctx, marta, order) -> None:
    asked = exports.ask(marta, order)
    assert asked.state is ExportState.WAITING
    assert export_making.make_next(ctx, worker="w") and not export_making.make_next(ctx, worker="w")
    [ready] = exports.mine(marta)
    assert (ready.state, ready.rows_done, ready.has_dictionary) == (ExportState.DONE, 1, True)
    file = exports.open_file(marta, ready.export_id)
    assert file.path.stat().st_mode & 0o777 == 0o600 and file.name == "aurora-mentions-2026-03-02-0900.csv"
    assert exports.open_file(marta, ready.export_id, dictionary=True).path.is_file()
    done = [action for action, outcome, _ in acts_of(ctx) if outcome == "done"]
    assert done.count("export.ask") == 1 and done.count("export.download") == 1


def test_operators_take_nothing_away(acting, order) -> None:
    sara = acting("sara")
    for act in (lambda: exports.ask(sara, order), lambda: exports.mine(sara), lambda: exports.open_file(sara, 1)):
        with pytest.raises(NotAllowed):
            act()


def test_nobody_takes_the_cases_of_a_colleague_away_by_themselves(lucia, acting, order) -> None:
    from dataclasses import replace

    sara = acting("sara")
    of = {who.actor.name: ExportFilter(owner_id=who.actor.user_id) for who in (sara, lucia)}
    cases = replace(order, subject=Subject.CASES)
    with pytest.raises(NotAllowed):
        exports.ask(lucia, replace(cases, filter=of[sara.actor.name]))
    assert exports.ask(lucia, replace(cases, filter=of[lucia.actor.name])).state is ExportState.WAITING


def test_what_was_ordered_of_a_colleague_before_is_made_no_more(ctx, marta, lucia, acting, order, clock) -> None:
    from dataclasses import replace

    sara = acting("sara")
    cases = replace(order, subject=Subject.CASES)
    export_schedules.add(marta, cases, name="Weekly", every=Every.WEEK, folder="marketing")
    exports.ask(marta, cases)
    with ctx.store.write() as tx:
        for table in (exports_table, schedules_table):
            tx.execute(update(table).values(filter={"owner_id": sara.actor.user_id}))
    clock.move(days=8)
    assert export_schedules.order_due(ctx) == 1
    assert export_making.make_next(ctx, worker="w") and export_making.make_next(ctx, worker="w")
    with ctx.store.read() as tx:
        made = tx.execute(select(exports_table.c.state, exports_table.c.error_key, exports_table.c.stored_name)).all()
    assert set(made) == {(ExportState.FAILED, "not_allowed", None)} and len(made) == 2


def test_names_need_the_right_and_a_purpose_which_is_recorded(ctx, marta, lucia, order) -> None:
    with pytest.raises(NotAllowed):
        exports.ask(marta, named(order))
    for purpose in (None, "", "  ", "x"):
        with pytest.raises(Invalid, match="purpose"):
            exports.ask(lucia, named(order, purpose))
    assert exports.ask(lucia, named(order)).purpose == "Survey on the launch"
    assert ("export.ask", "done", "Survey on the launch") in acts_of(ctx)


def test_a_download_that_claims_to_go_on_is_recorded_when_none_began(ctx, marta, order) -> None:
    """A browser that asks for the rest of a file (Range) may never have asked for its beginning."""
    asked = exports.ask(marta, order)
    export_making.make_next(ctx, worker="w")
    exports.open_file(marta, asked.export_id, dictionary=True)
    lines = [action for action, _, _ in acts_of(ctx)]
    assert "export.download" not in lines, "the dictionary holds nobody's words"
    for _ in range(3):
        exports.open_file(marta, asked.export_id, is_first=False)
    assert [action for action, _, _ in acts_of(ctx)].count("export.download") == 1


def test_a_file_is_not_taken_a_second_time_unrecorded_by_asking_for_all_but_its_first_byte(
    ctx, marta, order, clock
) -> None:
    asked = exports.ask(marta, order)
    export_making.make_next(ctx, worker="w")
    exports.open_file(marta, asked.export_id)
    for seconds, recorded in ((exports.DOWNLOAD_S - 60, 1), (120, 2), (60, 2)):
        clock.move(seconds=seconds)
        exports.open_file(marta, asked.export_id, is_first=False)
        assert [action for action, _, _ in acts_of(ctx)].count("export.download") == recorded


def test_a_folder_that_cannot_be_written_is_said_and_stops_no_other_export(ctx, marta, order, clock) -> None:
    export_schedules.add(marta, order, name="Weekly", every=Every.WEEK, folder="marketing")
    ctx.settings.export_path.mkdir(parents=True, exist_ok=True)
    (ctx.settings.export_path / "marketing").write_text("somebody's file")
    clock.move(days=7)
    assert export_schedules.order_due(ctx) == 1
    exports.ask(marta, order)
    while export_making.make_next(ctx, worker="w"):
        pass
    with ctx.store.read() as tx:
        rows = tx.execute(select(exports_table.c.state, exports_table.c.error_key).order_by(exports_table.c.id)).all()
    assert [tuple(row) for row in rows] == [("failed", "unavailable"), ("done", None)]
    left = [path for path in exports.folder_of(ctx).iterdir() if "dictionary" not in path.name]
    assert len(left) == 1, "what nobody can fetch is not kept"


def test_a_file_belongs_to_who_asked_for_it(ctx, marta, lucia, order) -> None:
    asked = exports.ask(marta, order)
    export_making.make_next(ctx, worker="w")
    for act in (exports.open_file, exports.cancel, exports.remove):
        with pytest.raises(NotFound):
            act(lucia, asked.export_id)
    assert exports.mine(lucia) == []


def test_one_that_waits_is_cancelled_at_once_and_one_under_way_soon(ctx, marta, order, monkeypatch) -> None:
    waiting = exports.ask(marta, order)
    exports.cancel(marta, waiting.export_id)
    assert exports.mine(marta)[0].state is ExportState.CANCELLED
    with pytest.raises(NotPossible):
        exports.cancel(marta, waiting.export_id)
    running = exports.ask(marta, order)
    monkeypatch.setattr(export_making, "TELL_S", 0.0)
    real = export_making.write_file

    def cancelled_meanwhile(*args, **options):
        exports.cancel(marta, running.export_id)
        return real(*args, **options)

    monkeypatch.setattr(export_making, "write_file", cancelled_meanwhile)
    export_making.make_next(ctx, worker="w")
    assert exports.mine(marta)[0].state is ExportState.CANCELLED
    assert list(exports.folder_of(ctx).iterdir()) == []


def test_what_a_dead_worker_left_is_made_by_another_and_given_up_in_the_end(
    ctx, marta, order, clock, monkeypatch
) -> None:
    exports.ask(marta, order)

    class Killed(BaseException):
        pass

    def dies(*args, **options):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(export_making, "write_file", dies)
        with pytest.raises(Killed):
            export_making.make_next(ctx, worker="first")
    assert not export_making.make_next(ctx, worker="second")  # the lease of the first still holds
    clock.move(seconds=export_making.LEASE_S + 1)
    assert export_making.make_next(ctx, worker="second")
    assert exports.mine(marta)[0].state is ExportState.DONE
    exports.ask(marta, order)
    for _ in range(export_making.MOST_ATTEMPTS):
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(export_making, "write_file", dies)
            export_making.make_next(ctx, worker="third")
        clock.move(seconds=export_making.LEASE_S + 1)
    assert export_making.make_next(ctx, worker="fourth")
    assert (exports.mine(marta)[0].state, exports.mine(marta)[0].error) == (ExportState.FAILED, "interrupted")


def test_files_are_deleted_when_their_days_are_over_and_what_nobody_knows_too(ctx, marta, order, clock) -> None:
    asked = exports.ask(marta, order)
    export_making.make_next(ctx, worker="w")
    orphan = exports.folder_of(ctx) / "7-dead.csv.part"
    orphan.write_text("half")
    old = time.time() - export_making.ORPHAN_S - 1
    os.utime(orphan, (old, old))
    for path in exports.folder_of(ctx).iterdir():
        os.utime(path, (old, old))
    export_making.clear_up(ctx)
    assert len(list(exports.folder_of(ctx).iterdir())) == 2 and not orphan.exists()
    clock.move(days=ctx.settings.export_keep_days, seconds=1)
    export_making.clear_up(ctx)
    assert list(exports.folder_of(ctx).iterdir()) == []
    assert exports.mine(marta)[0].state is ExportState.EXPIRED
    with pytest.raises(NotFound):
        exports.open_file(marta, asked.export_id)


def test_who_lost_the_role_meanwhile_gets_no_file(ctx, marta, order, store) -> None:
    from db import users

    exports.ask(marta, order)
    with store.write() as tx:
        users.change(tx, marta.actor.user_id, active=False)
    export_making.make_next(ctx, worker="w")
    with store.read() as tx:
        assert tx.execute(exports_table.select()).one().error_key == "not_allowed"


def test_nobody_fills_the_queue_of_exports(marta, order) -> None:
    for _ in range(exports.MOST_UNDER_WAY):
        exports.ask(marta, order)
    with pytest.raises(NotPossible):
        exports.ask(marta, order)


def test_the_calendar_puts_the_week_before_into_its_folder(ctx, marta, order, clock, say) -> None:
    made = export_schedules.add(marta, order, name="Weekly", every=Every.WEEK, folder="marketing")
    assert made.next_at == datetime(2026, 3, 9, 5, 0, tzinfo=UTC)  # Monday, six o'clock in Rome
    assert export_schedules.order_due(ctx) == 0
    clock.move(days=7)
    say("after the week")
    assert export_schedules.order_due(ctx) == 1 and export_schedules.order_due(ctx) == 0
    export_making.make_next(ctx, worker="w")
    folder = ctx.settings.export_path / "marketing"
    [file] = [path for path in folder.iterdir() if "dictionary" not in path.name]
    text = file.read_text(encoding="utf-8")
    assert "BAD parcel" in text and "after the week" not in text
    assert export_schedules.listed(marta)[0].next_at == datetime(2026, 3, 16, 5, 0, tzinfo=UTC)
    export_schedules.stop(marta, made.schedule_id)
    clock.move(days=30)
    assert export_schedules.order_due(ctx) == 0 and export_schedules.listed(marta) == []


def test_two_of_the_calendar_in_one_folder_are_two_files(ctx, marta, order, clock) -> None:
    for name, every in (("Weekly", Every.WEEK), ("Daily", Every.DAY)):
        export_schedules.add(marta, order, name=name, every=every, folder="marketing")
    clock.move(days=7)
    assert export_schedules.order_due(ctx) == 2
    while export_making.make_next(ctx, worker="w"):
        pass
    made = [path for path in (ctx.settings.export_path / "marketing").iterdir() if "dictionary" not in path.name]
    assert len(made) == 2


@pytest.mark.parametrize("folder", ["../etc", "a/b", "/etc", "", "..", "a\\b"])
def test_a_folder_lies_below_the_one_of_the_setting(marta, order, folder) -> None:
    with pytest.raises(Invalid):
        export_schedules.add(marta, order, name="x", every=Every.DAY, folder=folder)


@pytest.mark.parametrize(
    ("every", "begin", "end", "next_at"),
    [
        (Every.DAY, "2026-03-28T23:00", "2026-03-29T22:00", "2026-03-31T04:00"),
        (Every.WEEK, "2026-03-22T23:00", "2026-03-29T22:00", "2026-04-06T04:00"),
        (Every.MONTH, "2026-01-31T23:00", "2026-02-28T23:00", "2026-04-01T04:00"),
    ],
)
def test_periods_are_those_of_the_brands_clock_also_when_it_changes(every, begin, end, next_at) -> None:
    now = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
    period = tuple(datetime.fromisoformat(f"{moment}+00:00") for moment in (begin, end))
    assert period_before(every, "Europe/Rome", at=now) == period
    assert next_moment(every, "Europe/Rome", after=now) == datetime.fromisoformat(f"{next_at}+00:00")


def test_pages_of_a_period_hold_its_posts_once_and_read_none_stored_long_before_or_after(
    ctx, say, brand, clock, monkeypatch
) -> None:
    bearer = tokens.bearer_of(ctx, tokens.add(ctx, name="BI", scopes=[Scope.MENTIONS]).secret)
    begin = clock()
    moments = [begin - timedelta(days=40)] * 9 + [begin + timedelta(hours=n) for n in range(4)]
    moments += [begin + timedelta(days=20)] * 9 + [begin + timedelta(hours=5)]  # One was found late.
    for n, at in enumerate(moments):
        say(f"post {n}", author=f"a{n % 3}", at=at)
    clock.move(days=30)
    with ctx.store.read() as tx:
        day = heard_posts.ids_between(tx, begin, begin + timedelta(days=1), most=5)
        assert heard_posts.ids_between(tx, begin, begin + timedelta(days=1), most=4) is None
    asked: list[tuple[int, int]] = []
    looked_up: list[datetime] = []
    page_of, ids_of = export_rows.page, heard_posts.ids_between

    def noted(*given: Any, after: int, upto: int, **more: Any) -> Any:
        asked.append((after, upto))
        return page_of(*given, after=after, upto=upto, **more)

    def looked(tx: Any, since: datetime, until: datetime | None, **more: Any) -> Any:
        looked_up.append(since)
        return ids_of(tx, since, until, **more)

    monkeypatch.setattr(export_rows, "page", noted)
    monkeypatch.setattr(heard_posts, "ids_between", looked)

    def texts(until: datetime | None, since: datetime = begin) -> list[str]:
        found, cursor = [], None
        asked.clear()
        looked_up.clear()
        while True:
            page = api_reading.page(
                ctx,
                bearer,
                Subject.MENTIONS,
                brand,
                ExportFilter(since=since, until=until),
                cursor=api_reading.cursor_of(cursor),
                rows=2,
            )
            found += [row["text"] for row in page.rows]
            if page.next_cursor is None:
                return found
            cursor = str(page.next_cursor)

    of_a_day = [f"post {n}" for n in (9, 10, 11, 12, 22)]
    assert texts(begin + timedelta(days=1)) == of_a_day
    assert len(asked) == 3 and looked_up == [begin], "its ends are looked for on the first page alone"
    assert asked[0][0] == day.low - 1 and {upto for _after, upto in asked} == {day.high}
    assert texts(None) == [f"post {n}" for n in range(9, 23)] and looked_up == [begin]
    assert texts(begin + timedelta(minutes=1)) == ["post 9"] and asked == [(day.low - 1, day.low)]
    last = day.high
    assert texts(None, begin + timedelta(days=50)) == [] and asked == [(last, last)]
    monkeypatch.setattr(api_reading, "MOST_LOOKED_UP", 4)
    assert texts(begin + timedelta(days=1)) == of_a_day and asked[0][0] == 0


def test_a_cursor_of_before_is_read_and_what_is_none_is_refused(ctx) -> None:
    for given in ("7", "7-9"):
        assert str(api_reading.cursor_of(given)) == given
    assert api_reading.cursor_of(None).after == 0
    for wrong in ("", "-", "7-", "-7", "7-8-9", "x", "9" * 19, "\N{SUPERSCRIPT TWO}"):
        with pytest.raises(Invalid):
            api_reading.cursor_of(wrong)


def test_a_token_is_shown_once_kept_as_a_hash_and_over_when_revoked(ctx, acting, clock, store) -> None:
    anna = acting("anna", roles=("admin",))
    made = tokens.add(anna, name="BI", scopes=[Scope.MENTIONS], days=10)
    assert made.secret not in repr(made) and made.secret.startswith(made.view.hint)
    bearer = tokens.bearer_of(ctx, made.secret)
    assert bearer is not None and bearer.scopes == {Scope.MENTIONS} and tokens.listed(anna)[0].last_used_at == clock()
    with store.read() as tx:
        from db.tables import api_tokens

        assert made.secret not in str(tx.execute(api_tokens.select()).one())
    tokens.revoke(anna, made.view.token_id)
    assert tokens.bearer_of(ctx, made.secret) is None
    other = tokens.add(anna, name="BI", scopes=[Scope.MENTIONS], days=10)
    clock.move(days=10, seconds=1)
    assert tokens.bearer_of(ctx, other.secret) is None


def test_only_administrators_make_tokens_and_names_need_more(ctx, acting, marta) -> None:
    anna = acting("anna", roles=("admin",))
    with pytest.raises(NotAllowed):
        tokens.add(marta, name="BI", scopes=[Scope.MENTIONS])
    with pytest.raises(NotAllowed):
        tokens.add(anna, name="BI", scopes=[Scope.MENTIONS, Scope.IDENTIFIED], purpose="Survey on the launch")
    for scopes, name in (([], "BI"), ([Scope.IDENTIFIED], "BI"), ([Scope.CASES], " ")):
        with pytest.raises(Invalid):
            tokens.add(ctx, name=name, scopes=scopes)
    with pytest.raises(Invalid, match="purpose"):
        tokens.add(ctx, name="BI", scopes=[Scope.CASES, Scope.IDENTIFIED])


def test_an_export_with_names_cannot_be_stored_without_a_purpose(marta, order, store) -> None:
    from sqlalchemy.exc import IntegrityError

    exports.ask(marta, order)
    with pytest.raises(IntegrityError), store.write() as tx:
        tx.execute(update(exports_table).values(identified=True))
