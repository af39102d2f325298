"""Which exports come back by the calendar, of which days, and where do they go: a folder, a letter, or both?"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db import alert_addresses
from db import brands as brands_db
from db import export_schedules as schedules_db
from db import exports as exports_db
from db.export_schedules import ScheduleRow
from domain.alert import Medium
from domain.clock import localize
from domain.errors import Invalid
from domain.export import Every, ExportFormat, ExportOrder, Subject
from domain.people import Right
from domain.text import clean, one_line
from services import alert_post
from services.act import act, require
from services.alert_addresses import keep
from services.context import Context
from services.export_orders import read_order, require_order, stored
from services.exports import file_name

#: The hour at which they are made, on the clock of the brand: before anybody looks for them.
AT_HOUR = 6
_FOLDER = re.compile(r"[\w][\w -]{0,79}")


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """One order by the calendar as the desk shows it. ``mail_to``: what may be shown of the addresses it goes to."""

    schedule_id: int
    name: str
    brand: str
    subject: Subject
    format: ExportFormat
    every: Every
    folder: str
    mail_to: tuple[str, ...]
    identified: bool
    next_at: datetime
    last_at: datetime | None


def add(
    ctx: Context, order: ExportOrder, *, name: str, every: Every, folder: str = "", mail_to: str = ""
) -> ScheduleView:
    """Have an export made each day, Monday or first of a month, of the day, week or month before. Needs Right.EXPORT.

    ``folder`` is one folder below the setting ``export_folder``, ``mail_to`` an e-mail address: one of them, or both.
    The period of the order's filter is set by the calendar. Raises Invalid for an empty name, a folder or an address
    that is none, NotPossible("mail_off"), and as ``exports.ask`` does.
    """
    require(ctx, Right.EXPORT, action="schedule.add", entity="export_schedule")
    letter = alert_post.checked(ctx, mail_to) if mail_to.strip() else None
    if letter is not None and letter.medium is not Medium.MAIL:
        raise Invalid("A file goes to an e-mail address.", field="mail_to", what="mail_to")
    with act(ctx, "schedule.add", "export_schedule", needs=Right.EXPORT, reason=order.purpose) as running:
        purpose = require_order(ctx, order)
        brand = brands_db.get(running.tx, order.brand_id)
        name, folder = one_line(clean(name), max_chars=120), one_line(clean(folder), max_chars=80)
        if not name:
            raise Invalid("A scheduled export needs a name.", field="schedule_name", what="schedule_name")
        if not _FOLDER.fullmatch(folder) and (folder or letter is None):
            raise Invalid("A folder's name has letters, digits and hyphens only.", field="folder", what="folder")
        running.entity_id = schedules_db.add(
            running.tx,
            **stored(order, purpose=purpose),
            name=name,
            every=every,
            folder=folder,
            actor=ctx.actor.name,
            user_id=ctx.actor.user_id,
            created_at=running.now,
            next_at=next_moment(every, brand.timezone, after=running.now),
        )
        if letter is not None:
            language = order.style.language
            keep(running, ctx, letter, user_id=None, kinds=(), language=language, schedule_id=running.entity_id)
        running.details.update({"brand": order.brand_id, "format": str(order.format), "identified": order.identified})
        return _view(running.tx, schedules_db.get(running.tx, running.entity_id))


def listed(ctx: Context, brand_id: int | None = None) -> list[ScheduleView]:
    """What is made by the calendar for a brand (None: for all). Needs Right.EXPORT."""
    require(ctx, Right.EXPORT, action="schedule.read", entity="export_schedule")
    with ctx.store.read() as tx:
        return [_view(tx, row) for row in schedules_db.of_brand(tx, brand_id)]


def stop(ctx: Context, schedule_id: int) -> None:
    """Make it no more. Needs Right.EXPORT; NotFound."""
    with act(ctx, "schedule.stop", "export_schedule", schedule_id, needs=Right.EXPORT) as running:
        schedules_db.get(running.tx, schedule_id)
        schedules_db.change(running.tx, schedule_id, active=False)
        for each in alert_addresses.of_schedule(running.tx, schedule_id):
            alert_addresses.remove(running.tx, each.id)


def order_due(ctx: Context) -> int:
    """Order what the calendar asks for; returns how many. What was missed while nobody worked is ordered once."""
    now = ctx.clock()
    with ctx.store.read() as tx:
        if not schedules_db.due(tx, now=now):
            return 0
    with ctx.store.write() as tx:
        rows = schedules_db.due(tx, now=now)
        for row in rows:
            order = _of_the_period_before(row, now)
            # Two of one minute may share a folder: the number of the schedule tells their files apart.
            stem, _, end = file_name(row.slug, order, now.astimezone(ZoneInfo(row.timezone))).rpartition(".")
            exports_db.add(
                tx,
                **stored(order, purpose=row.purpose),
                actor=row.actor,
                user_id=row.user_id,
                schedule_id=row.id,
                file_name=f"{stem}-{row.id}.{end}",
                created_at=now,
            )
            next_at = next_moment(Every(row.every), row.timezone, after=now)
            schedules_db.change(tx, row.id, last_at=now, next_at=next_at)
    return len(rows)


def next_moment(every: Every, timezone: str, *, after: datetime) -> datetime:
    """When it is made next: six o'clock of the next day, Monday or first of a month, by the brand's clock."""
    here = after.astimezone(ZoneInfo(timezone))
    day = here.date()
    while not (_begins(every, day) and _six(day, timezone) > after):
        day += timedelta(days=1)
    return _six(day, timezone)


def period_before(every: Every, timezone: str, *, at: datetime) -> tuple[datetime, datetime]:
    """The day, week or month that was over at this moment, from its first midnight to the one after its last."""
    end = at.astimezone(ZoneInfo(timezone)).date()
    while not _begins(every, end):
        end -= timedelta(days=1)
    start = end - timedelta(days=1)
    while not _begins(every, start):
        start -= timedelta(days=1)
    return localize(datetime.combine(start, time()), timezone), localize(datetime.combine(end, time()), timezone)


def _begins(every: Every, day: date) -> bool:
    return {Every.DAY: True, Every.WEEK: day.weekday() == 0, Every.MONTH: day.day == 1}[every]


def _six(day: date, timezone: str) -> datetime:
    return localize(datetime.combine(day, time(AT_HOUR)), timezone)


def _of_the_period_before(row: ScheduleRow, now: datetime) -> ExportOrder:
    order = read_order(
        brand_id=row.brand_id,
        subject=row.subject,
        format=row.format,
        filter=row.filter,
        style=row.style,
        words=row.words,
        identified=row.identified,
        purpose=row.purpose,
    )
    since, until = period_before(Every(row.every), row.timezone, at=now)
    return replace(order, filter=replace(order.filter, since=since, until=until))


def _view(tx: Connection, row: ScheduleRow) -> ScheduleView:
    return ScheduleView(
        schedule_id=row.id,
        name=row.name,
        brand=row.brand,
        subject=Subject(row.subject),
        format=ExportFormat(row.format),
        every=Every(row.every),
        folder=row.folder,
        mail_to=tuple(each.hint for each in alert_addresses.of_schedule(tx, row.id)),
        identified=row.identified,
        next_at=row.next_at,
        last_at=row.last_at,
    )
