"""Which triggers keep the counts, and how are they put up, taken down for a bulk copy, and put up again?"""

# ruff: noqa: S608 - every part of these statements is written here; no word from outside gets into one

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from db.counting import PREFIX, THEME, Sql, cases, days, models, one_more, posts, themes_of, voice_of_match, voices_of

# What of a row has a part in any count: a change of nothing else costs nothing.
_MENTION = ("channel", "language", "published_at", "deleted_at", "is_own", "is_repost")
_LABELS = ("judged_by", "corrected", "kind", "sentiment", "judgement_id", "urgency_level")
_CASE = ("brand_id", "channel", "language", "kind", "resolution", "closed_at", "asked_at", "answered_at", "reopened_at")
#: Of a state only its end counts: whoever claims a case, which many do at once, counts nothing.
_ENDED = "CASE WHEN {r}.state IN ('resolved', 'dismissed') THEN {r}.state END"

#: A row that needs no other to be counted.
_ALONE = "WHERE 1 = 1"


@dataclass(frozen=True, slots=True)
class Trigger:
    """``moment``: AFTER INSERT, AFTER UPDATE OF a, b …; ``when`` may be empty; ``body``: statements."""

    name: str
    table: str
    moment: str
    when: str
    body: tuple[str, ...]


def triggers(sql: Sql) -> Iterator[Trigger]:
    """Every one of them."""
    yield from _of_matches(sql)
    yield from _of_mentions(sql)
    yield from _of_cases(sql)
    yield from _of_asking(sql)


def _of_matches(sql: Sql) -> Iterator[Trigger]:
    def counted(row: str, sign: int) -> tuple[str, ...]:
        themes = themes_of(sql, f"(SELECT judgement_id FROM mentions WHERE id = {row}.mention_id)")
        alone = [one_more(tally, "r", voice_of_match(row), sign=sign) for tally in (posts(sql), days(sql), models(sql))]
        by_theme = one_more(days(sql, theme=THEME), "r", voice_of_match(row, beside=themes), sign=sign)
        return (*alone, by_theme)

    yield Trigger("match_added", "mention_matches", "AFTER INSERT", "", counted("NEW", 1))
    yield Trigger("match_removed", "mention_matches", "AFTER DELETE", "", counted("OLD", -1))


def _of_mentions(sql: Sql) -> Iterator[Trigger]:
    def counted(row: str, sign: int) -> tuple[str, ...]:
        voices = voices_of(f"{row}.id")
        alone = [one_more(tally, row, voices, sign=sign) for tally in (posts(sql), days(sql), models(sql))]
        themed = voices_of(f"{row}.id", beside=themes_of(sql, f"{row}.judgement_id"))
        return (*alone, one_more(days(sql, theme=THEME), row, themed, sign=sign))

    was, now = counted("OLD", -1), counted("NEW", 1)
    columns = (*_MENTION, *_LABELS)
    yield Trigger(
        "mention_changed", "mentions", f"AFTER UPDATE OF {', '.join(columns)}", _differs(columns), (*was, *now)
    )
    # Before its matches go with it: they say whom it was counted for.
    yield Trigger("mention_removed", "mentions", "BEFORE DELETE", "", was)


def _of_cases(sql: Sql) -> Iterator[Trigger]:
    was = tuple(one_more(tally, "OLD", _ALONE, sign=-1) for tally in cases(sql))
    now = tuple(one_more(tally, "NEW", _ALONE) for tally in cases(sql))
    ended = f"{_ENDED.replace('{r}', 'OLD')} IS DISTINCT FROM {_ENDED.replace('{r}', 'NEW')}"
    changed = f"{_differs(_CASE)} OR {ended}"
    yield Trigger("case_added", "cases", "AFTER INSERT", "", now)
    yield Trigger("case_changed", "cases", f"AFTER UPDATE OF state, {', '.join(_CASE)}", changed, (*was, *now))
    yield Trigger("case_removed", "cases", "BEFORE DELETE", "", was)


def _differs(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)


#: When the customer asked first, in which language, and when we first answered: from the rows that say so.
_FIRST_POST = (
    "FROM case_mentions cm JOIN mentions m ON m.id = cm.mention_id WHERE cm.case_id = cases.id AND NOT m.is_own "
    "ORDER BY m.published_at, m.id LIMIT 1"
)
ASKED = f"asked_at = (SELECT m.published_at {_FIRST_POST}), language = (SELECT m.language {_FIRST_POST})"
ANSWERED = (
    "answered_at = (SELECT min(p.sent_at) FROM replies p "
    "WHERE p.case_id = cases.id AND p.status IN ('sent', 'deleted'))"
)
REOPENED = (
    "reopened_at = (SELECT max(e.at) FROM case_events e WHERE e.case_id = cases.id AND e.kind = 'reopened_by_customer')"
)


def _of_asking(sql: Sql) -> Iterator[Trigger]:
    asked = f"UPDATE cases SET {ASKED} WHERE id = {{row}}.case_id"
    answered = f"UPDATE cases SET {ANSWERED} WHERE id = {{row}}.case_id"
    moved = tuple(asked.format(row=row) for row in ("OLD", "NEW"))
    turned = tuple(answered.format(row=row) for row in ("OLD", "NEW"))
    yield Trigger("post_attached", "case_mentions", "AFTER INSERT", "", moved[1:])
    yield Trigger("post_moved", "case_mentions", "AFTER UPDATE OF case_id", "OLD.case_id <> NEW.case_id", moved)
    yield Trigger("post_detached", "case_mentions", "AFTER DELETE", "", moved[:1])
    its_cases = "(SELECT case_id FROM case_mentions WHERE mention_id = NEW.id)"
    spoken = f"UPDATE cases SET {ASKED} WHERE id IN {its_cases}"
    yield Trigger("language_found", "mentions", "AFTER UPDATE OF language", _differs(("language",)), (spoken,))
    told = "NEW.status IN ('sent', 'deleted')"
    yield Trigger("reply_brought", "replies", "AFTER INSERT", told, turned[1:])
    yield Trigger("reply_sent", "replies", "AFTER UPDATE OF status, sent_at, case_id", told, turned)
    again = f"UPDATE cases SET {REOPENED} WHERE id = NEW.case_id"
    yield Trigger("case_reopened", "case_events", "AFTER INSERT", "NEW.kind = 'reopened_by_customer'", (again,))


def put_up(connection: Connection) -> None:
    """Begin to count: from here on every change is counted. What is there already is not (see ``db.rollups``)."""
    sql = Sql(connection.dialect.name == "sqlite")
    for trigger in triggers(sql):
        for statement in _made(trigger, sql):
            connection.exec_driver_sql(statement)


def take_down(connection: Connection) -> bool:
    """Stop counting, for a copy that brings the counts along; says whether anything counted here."""
    is_sqlite = connection.dialect.name == "sqlite"
    here = (
        f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, {len(PREFIX)}) = '{PREFIX}'"
        if is_sqlite
        else "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        f"WHERE c.relnamespace = cast(current_schema() AS regnamespace) AND starts_with(t.tgname, '{PREFIX}')"
    )
    present = set(connection.exec_driver_sql(here).scalars())
    for trigger in triggers(Sql(is_sqlite)):
        if PREFIX + trigger.name in present:
            where = "" if is_sqlite else f" ON {trigger.table}"
            connection.exec_driver_sql(f"DROP TRIGGER {PREFIX}{trigger.name}{where}")
            if not is_sqlite:
                connection.exec_driver_sql(f"DROP FUNCTION {PREFIX}{trigger.name}()")
    return bool(present)


def _made(trigger: Trigger, sql: Sql) -> Iterator[str]:
    name, body = PREFIX + trigger.name, "; ".join(trigger.body)
    # SQLite before 3.39 says it so, and later ones too.
    told = trigger.when.replace(" IS DISTINCT FROM ", " IS NOT ") if sql.is_sqlite else trigger.when
    when = f"WHEN ({told}) " if told else ""
    head = f"CREATE TRIGGER {name} {trigger.moment} ON {trigger.table} FOR EACH ROW {when}"
    if sql.is_sqlite:
        yield f"{head}BEGIN {body}; END"
        return
    back = "OLD" if trigger.moment == "BEFORE DELETE" else "NULL"
    yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN {back}; END $$"
    yield f"{head}EXECUTE FUNCTION {name}()"
