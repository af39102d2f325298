"""What can be taken away from the desk, in which form, and how far has it come?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.clock import require_aware


class Subject(StrEnum):
    """What the rows of an export are."""

    MENTIONS = "mentions"
    CASES = "cases"
    REPLIES = "replies"
    TRENDS = "trends"


class ExportFormat(StrEnum):
    """The kind of file; its value is the ending of the file's name."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JSONL = "jsonl"


class ExportState(StrEnum):
    """How far an export has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    EXPIRED = "expired"


#: States in which a worker still has something to do.
UNDER_WAY = frozenset({ExportState.WAITING, ExportState.RUNNING})


class Every(StrEnum):
    """How often an export by the calendar is made: on each day, each Monday, each first of a month."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Scope(StrEnum):
    """What a token of the firm's own tools opens."""

    MENTIONS = "mentions"
    CASES = "cases"
    TRENDS = "trends"
    EXPORTS = "exports"
    IDENTIFIED = "identified"


#: Signs that a spreadsheet takes for the border of a cell.
SEPARATORS = (",", ";", "\t")
DECIMALS = (".", ",")


@dataclass(frozen=True, slots=True)
class Style:
    """How a CSV file is written, and in which language its dictionary speaks.

    ``local_times``: on the clock of the brand, as a spreadsheet understands them, instead of UTC with a ``Z``.
    A decimal comma needs another separator than the comma.
    """

    separator: str = ","
    decimal: str = "."
    bom: bool = False
    local_times: bool = False
    language: str = "en"

    def __post_init__(self) -> None:
        if self.separator not in SEPARATORS or self.decimal not in DECIMALS:
            raise ValueError("the separator is one of , ; tab and the decimal sign a point or a comma")
        if self.separator == self.decimal:
            raise ValueError("separator and decimal sign must differ")


#: As programs read it: RFC 4180, UTF-8, points, UTC.
PLAIN = Style()
#: As a spreadsheet opens it by a double click, in an English and in an Italian house.
SPREADSHEET_EN = Style(bom=True, local_times=True)
SPREADSHEET_IT = Style(separator=";", decimal=",", bom=True, local_times=True, language="it")


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Which rows. Empty tuples mean all; moments are aware, ``until`` is exclusive.

    ``watches`` narrows to posts that matched one of them. ``states``, ``owner_id``, ``promised`` and ``snoozed``
    are the queue's and hold for cases alone; ``snoozed`` False leaves out those that sleep. ``search`` looks in
    names, handles and texts; ``people`` in names and handles only. ``languages`` are without their region, ``language``
    is one as it was found; ``theme`` is a contact reason. Both are the trends', and of posts and trends alone.
    """

    channels: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    watches: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    language: str | None = None
    languages: tuple[str, ...] = ()
    theme: str = ""
    search: str = ""
    people: str = ""
    states: tuple[str, ...] = ()
    owner_id: int | None = None
    promised: bool = False
    snoozed: bool = True

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, require_aware(given))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column means, in the words of the asker's language."""

    column: str
    words: str


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """One export as somebody asked for it. ``identified`` needs a ``purpose``."""

    brand_id: int
    subject: Subject
    format: ExportFormat
    filter: ExportFilter = field(default_factory=ExportFilter)
    style: Style = PLAIN
    identified: bool = False
    purpose: str | None = None
    meanings: tuple[Meaning, ...] = ()
