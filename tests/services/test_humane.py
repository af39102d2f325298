"""Could anybody be timed or ranked? Nothing that would allow it is kept, shown, exported or offered to programs."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from babel.messages.pofile import read_po

from db.tables import metadata
from desk.i18n import catalogue_path
from domain.export import Subject
from services import report, report_views, trend_views, trends
from services.export_columns import columns_of
from services.trend_views import Trends
from settings import Settings
from tests.docs.commands import ROOT

#: Names by which the time a colleague takes would be kept, or colleagues be put in an order.
STOPWATCH = re.compile(
    r"handl\w*_(time|s|ms|seconds)|(work|talk|typing|reading|active|idle)_(time|s|seconds)|time_(spent|to_handle)|"
    r"duration|elapsed|stopwatch|\baht\b|leader_?board|ranking_of|productivity|performance|"
    r"(replies|cases|answers|solved|closed)_(per|by)_(user|operator|colleague|agent|person)"
)
#: The same said to a reader, in either language.
SAID = re.compile(
    r"handling time|handle time|leaderboard|productivity|per operator|per agent|fastest|slowest|tempo di gestione|"
    r"tempo di lavorazione|produttività|per operatore|classifica dei|più veloce d|più lento",
    re.IGNORECASE,
)
#: Who of the team it was.
COLLEAGUE = re.compile(r"(owner|user|author|operator|actor|member|approver|colleague)(_id|_name)?$")
#: These sentences say that there is no such thing, or that somebody was a moment earlier at one case.
ALLOWED = ("never per operator", "mai per operatore", "è stato più veloce", "era più veloce", "was faster")


def fields_below(kind: type, seen: set[type] | None = None) -> set[str]:
    """The names of every field of a value and of the values inside it."""
    seen = seen if seen is not None else set()
    if kind in seen or not dataclasses.is_dataclass(kind):
        return set()
    seen.add(kind)
    names = {field.name for field in dataclasses.fields(kind)}
    for inner in vars(trend_views).values():
        if isinstance(inner, type) and dataclasses.is_dataclass(inner):
            names |= fields_below(inner, seen)
    return names


def names_in(document: object) -> set[str]:
    """Every key, and every enumerated or named parameter, of a JSON document."""
    if isinstance(document, dict):
        own = {str(document["name"])} if isinstance(document.get("name"), str) else set()
        return own | set(document) | {name for each in document.values() for name in names_in(each)}
    return {name for each in document for name in names_in(each)} if isinstance(document, list) else set()


def test_no_column_of_the_schema_keeps_how_long_a_colleague_took() -> None:
    columns = [f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns]
    assert [name for name in columns if STOPWATCH.search(name)] == [] and len(columns) > 200


@pytest.mark.parametrize("table", ["mention_rollups", "day_rollups", "model_rollups", "case_rollups"])
def test_what_is_counted_knows_no_colleague(table: str) -> None:
    counted = metadata.tables[table]
    assert {key.column.table.name for key in counted.foreign_keys} == {"brands"}
    assert [column.name for column in counted.columns if COLLEAGUE.search(column.name)] == []


def test_no_figure_of_the_trends_names_a_colleague_and_none_can_be_asked_for() -> None:
    names = fields_below(Trends) | set(trends.trends.__kwdefaults__ or {}) | set(trends.trends.__annotations__)
    assert "answers" in names and "unanswered" in names
    assert [name for name in names if COLLEAGUE.search(name) or STOPWATCH.search(name)] == []


def test_no_figure_of_the_report_names_a_colleague() -> None:
    asked = set(report.report.__kwdefaults__ or {}) | set(report.report.__annotations__)
    names = asked.union(*(fields_below(kind) for kind in vars(report_views).values() if isinstance(kind, type)))
    assert {"answered", "thanks", "kept", "links"} <= names
    assert [name for name in names if COLLEAGUE.search(name) or STOPWATCH.search(name)] == []


@pytest.mark.parametrize("subject", list(Subject))
def test_no_export_has_a_stopwatch_and_the_trends_nobodys_name(subject: Subject) -> None:
    names = [column.name for column in columns_of(subject, identified=True)]
    assert names and [name for name in names if STOPWATCH.search(name)] == []
    if subject is Subject.TRENDS:
        assert [name for name in names if COLLEAGUE.search(name)] == []


def test_the_interface_for_programs_offers_neither() -> None:
    described = json.loads((ROOT / "docs/reference/openapi.json").read_text(encoding="utf-8"))
    names = names_in(described)
    assert len(names) > 40 and [name for name in names if STOPWATCH.search(name)] == []
    asked = {
        p["name"] for path in described["paths"].values() for p in path["get"].get("parameters", ()) if "name" in p
    }
    assert [name for name in asked if COLLEAGUE.search(name)] == []


def test_no_page_speaks_of_speed_or_of_an_order_among_colleagues() -> None:
    with catalogue_path("it").open("rb") as file:
        catalogue = read_po(file, locale="it")
    said = [
        str(words)
        for message in catalogue
        for words in (message.id, message.string)
        if SAID.search(str(words)) and not any(fine in str(words) for fine in ALLOWED)
    ]
    assert said == []


def test_the_least_group_is_five_unless_the_firm_says_otherwise() -> None:
    assert Settings().least_people == 5


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("handling_time", True),
        ("handle_s", True),
        ("avg_duration_s", True),
        ("cases_per_operator", True),
        ("leaderboard", True),
        ("waiting_since", False),
        ("answered_at", False),
        ("hand_overs", False),
    ],
)
def test_a_stopwatch_would_be_noticed(name: str, is_one: bool) -> None:
    assert bool(STOPWATCH.search(name)) is is_one
