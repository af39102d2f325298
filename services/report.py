"""What did care return this month? The champion's report: figures of a month, held against the month before.

Nothing here is about a colleague: there is no figure for a person of the team, and no way to ask for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from db import brands as brands_db
from db import report as rows
from db import rollups, unheard
from db.report import MOST_COMPLAINTS, PostOfCase
from domain.judgement import ReasonCode
from domain.metrics import share
from domain.people import Right
from domain.report import Month, Said, Turn, days_of, month_from, month_of, turn_of
from domain.text import clean, one_line
from domain.window import HOUR_S, Stretch, Window, zone
from services import report_examples, trends
from services.act import act, require
from services.context import Context
from services.export_orders import LONGEST_PURPOSE_CHARS, require_purpose
from services.report_examples import Told
from services.report_views import Concern, Concerns, Promises, Report, Returned, Shared

__all__ = ["Month", "Report", "month_from", "months", "report", "taken", "usual_month"]

#: What of a complaint's reasons a firm can mend; how many read it, or by when, is no theme.
THEMES = (
    *(ReasonCode.SAFETY, ReasonCode.HARM, ReasonCode.FRAUD_SECURITY, ReasonCode.PRIVACY, ReasonCode.OUTAGE),
    *(ReasonCode.MONEY, ReasonCode.STAFF_CONDUCT, ReasonCode.REPEAT_CONTACT, ReasonCode.CHURN),
)
MOST_CONCERNS = 4
#: So many months the page offers; a command takes any.
MONTHS_BACK = 13


def report(ctx: Context, brand_id: int, month: Month, *, links: bool = False, purpose: str | None = None) -> Report:
    """The report of a month. Needs Right.TRENDS, with ``links`` to the posts quoted Right.IDENTIFY and a purpose too.

    Links say who wrote: each reading with them leaves a line in the audit trail, with the purpose. Raises NotAllowed,
    Invalid for links without a purpose, NotFound.
    """
    require(ctx, Right.TRENDS, action="report.read", entity="brand")
    if links:
        _leave_line(ctx, "report.links", brand_id, month, needs=Right.IDENTIFY, links=True, purpose=purpose)
    return _read(ctx, brand_id, month, links=links)


def taken(ctx: Context, brand_id: int, month: Month, *, links: bool = False, purpose: str | None = None) -> Report:
    """The report, to be carried out of the desk: on paper or by a command. Leaves a line in the audit trail.

    Needs and raises what ``report`` does.
    """
    require(ctx, Right.TRENDS, action="report.take", entity="brand")
    needs = Right.IDENTIFY if links else Right.TRENDS
    _leave_line(ctx, "report.take", brand_id, month, needs=needs, links=links, purpose=purpose)
    return _read(ctx, brand_id, month, links=links)


def _leave_line(
    ctx: Context, action: str, brand_id: int, month: Month, *, needs: Right, links: bool, purpose: str | None
) -> None:
    """Who reads, which month, and what the names are needed for where links are among it."""
    said = one_line(clean(purpose or ""), max_chars=LONGEST_PURPOSE_CHARS) if links else ""
    with act(ctx, action, "brand", brand_id, needs=needs, reason=said or None) as running:
        brands_db.get(running.tx, brand_id)
        if links:
            require_purpose(said)
        running.details |= {"month": str(month), "links": links}


def _read(ctx: Context, brand_id: int, month: Month, *, links: bool) -> Report:
    """The report itself.

    Costs two readings of the trends, which grow with hours and not with posts, and of rows those of the month alone:
    its replies, the promises due, its complaints (5,000 at most), and the cases whose customers wrote again.
    """
    now, least = ctx.clock(), ctx.settings.least_people
    with ctx.store.read() as tx:
        brand = brands_db.get(tx, brand_id)
    days = days_of(month, brand.timezone, now=now)
    with ctx.store.read() as tx:
        told = _turns(tx, brand_id, days.window.stretch)
        told_before = _turns(tx, brand_id, days.earlier)
        concerns = _concerns(tx, brand_id, days.window.stretch, least=least)
        began_at, _accounts = unheard.listens_since(tx, brand_id)
        problems = rows.shared_problems(tx, brand_id, days.window.stretch)
        parts = [_counted(tx, brand_id, stretch, now=now) for stretch in (days.window.stretch, days.earlier)]
    seen, seen_before = trends.trends(ctx, brand_id, days.window), trends.counted(ctx, brand_id, days.earlier)
    now_told = _returned((seen.now, seen.answers, seen.heard), parts[0], told, least)
    # Quoted only where the figure beside it is told: a month of few is a month in which everybody knows who wrote.
    is_enough = now_told.thanks.value is not None
    return Report(
        brand_id=brand_id,
        brand=brand.name,
        is_sample=brand.is_sample,
        month=month,
        days=days,
        read_at=now,
        now=now_told,
        before=_returned(seen_before, parts[1], told_before, least),
        examples=report_examples.examples(ctx, brand_id, told, links=links) if is_enough else (),
        concerns=concerns,
        shared=_shared(ctx, brand_id, problems, least),
        models=seen.models,
        least_people=least,
        with_links=links,
        was_there=began_at < days.earlier.to_at,
    )


def usual_month(ctx: Context, brand_id: int) -> Month:
    """The month a report is asked for unless somebody names another, by the brand's clock.

    The last one that is over; where nothing was heard before this one began, this one. Needs Right.TRENDS.
    """
    require(ctx, Right.TRENDS, action="report.read", entity="brand")
    with ctx.store.read() as tx:
        timezone = brands_db.get(tx, brand_id).timezone
        first_hour = rollups.first_hour(tx, brand_id)
    running = month_of(ctx.clock().astimezone(zone(timezone)).date())
    begins_at = Window(running.first, running.first, timezone).stretch.from_at
    is_new = first_hour is None or first_hour * HOUR_S >= begins_at.timestamp()
    return running if is_new else running.before


def months(ctx: Context, brand_id: int) -> tuple[Month, ...]:
    """This month and those before it that can be asked for, the latest first: a year of them. Needs Right.TRENDS."""
    require(ctx, Right.TRENDS, action="report.read", entity="brand")
    with ctx.store.read() as tx:
        timezone = brands_db.get(tx, brand_id).timezone
    found = [month_of(ctx.clock().astimezone(zone(timezone)).date())]
    while len(found) < MONTHS_BACK:
        found.append(found[-1].before)
    return tuple(found)


_Counts = tuple[int, rows.PromiseCounts]


def _counted(tx: Connection, brand_id: int, stretch: Stretch, *, now: datetime) -> _Counts:
    return rows.answered(tx, brand_id, stretch), rows.promised(tx, brand_id, stretch, now=now)


def _returned(
    seen: tuple[trends.Figures, trends.Answers, trends.Heard], counted: _Counts, told: Sequence[Told], least: int
) -> Returned:
    customers = {each.customer_id: False for each in told}
    customers |= {each.customer_id: True for each in told if each.turn.thanks is not None}
    posts, answers, heard = seen
    answered, promised = counted
    due = promised.kept + promised.broken + promised.open
    # Few customers with many promises are few people: their share is not told either.
    enough = least if promised.people >= least else due + 1
    return Returned(
        posts=posts,
        answers=answers,
        answered=answered,
        thanks=share(sum(customers.values()), len(customers), least=least),
        promises=Promises(share(promised.kept, due, least=enough), promised.broken, promised.open),
        heard=heard,
    )


def _turns(tx: Connection, brand_id: int, stretch: Stretch) -> list[Told]:
    """Of every customer who complained, was answered and wrote again in the stretch: how it went on."""
    found = []
    for _case_id, posts, replied_at in rows.stories(tx, rows.wrote_again(tx, brand_id, stretch), to_at=stretch.to_at):
        by_id = {post.mention_id: post for post in posts}
        turn = turn_of(map(_said, posts), replied_at, from_at=stretch.from_at, to_at=stretch.to_at)
        if turn is not None:
            found.append(_told(turn, by_id))
    return found


def _told(turn: Turn, by_id: dict[int, PostOfCase]) -> Told:
    complaint = by_id[turn.complaint.mention_id]
    return Told(complaint.customer_id, turn, complaint, by_id[turn.thanks.mention_id] if turn.thanks else None)


def _said(post: PostOfCase) -> Said:
    return Said(post.mention_id, post.at, post.text, post.kind, post.sentiment, post.corrected)


def _concerns(tx: Connection, brand_id: int, stretch: Stretch, *, least: int) -> Concerns:
    complaints = rows.reasons_of_complaints(tx, brand_id, stretch)
    by_code: dict[ReasonCode, set[int]] = {code: set() for code in THEMES}
    for customer_id, reasons in complaints:
        for reason in reasons:
            if reason["code"] in by_code:
                by_code[ReasonCode(reason["code"])].add(customer_id)
    told = [Concern(code, len(who)) for code, who in by_code.items() if len(who) >= max(1, least)]
    told.sort(key=lambda each: -each.customers)
    customers = len({customer_id for customer_id, _ in complaints})
    return Concerns(tuple(told[:MOST_CONCERNS]), len(complaints), customers, len(complaints) < MOST_COMPLAINTS)


def _shared(ctx: Context, brand_id: int, problems: Sequence[rows.SharedProblem], least: int) -> Shared:
    large = [each for each in problems if each.customers >= max(1, least)]
    titles = report_examples.titles(ctx, brand_id, [each.title for each in large])
    told = [(title, each.customers, each.is_open) for title, each in zip(titles, large, strict=True)]
    small = [each.is_open for each in problems if each not in large]
    return Shared(
        closed=tuple((title, n) for title, n, is_open in told if not is_open),
        open=tuple((title, n) for title, n, is_open in told if is_open),
        closed_smaller=small.count(False),
        open_smaller=small.count(True),
    )
