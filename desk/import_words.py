"""How is it said why a file, or a row of it, cannot be used? The import names places; this gives them the words."""

from __future__ import annotations

import re

from desk.i18n import N_, _
from desk.sentences import error_words
from domain.errors import DeskError, Invalid, Malformed

#: What the import says, as a pattern, and the sentence for the reader. Groups fill the gaps of the sentence.
_FILES = (
    (
        r"The file has (?P<mb>\d+) MB; an import accepts (?P<most>\d+) MB",
        N_("It has {mb} MB; an import takes {most} MB."),
    ),
    (r"The file cannot be opened", N_("It cannot be opened. Choose it again.")),
    (r"The file is empty", N_("It is empty.")),
    (r"This is an old Excel file", N_("It is an old Excel file (.xls): save it as .xlsx or CSV.")),
    (r"The file is one JSON list", N_("It is one JSON list: save it with one object per line.")),
    (r"The file contains NUL", N_("It contains NUL characters, so it is no text: save it as CSV in UTF-8.")),
    (r"The encoding of the file cannot be told", N_("Its encoding cannot be told: save it as CSV in UTF-8.")),
    (r"Line (?P<line>\d+) cannot be read", N_("Line {line} cannot be read. Nothing was stored.")),
    (r"The file has (?P<n>\d+) columns", N_("It has {n} columns: these cannot be posts.")),
    (r"The file has no header line", N_("It has no first line with the names of the columns.")),
    (r"The workbook is damaged", N_("The workbook is damaged and cannot be read.")),
    (r"This is a ZIP archive", N_("It is a ZIP archive and no workbook: unpack it first.")),
    (r"The workbook unpacks", N_("Unpacked, the workbook is far larger than an import takes.")),
    (r"The file has no column (?P<name>.+?);", N_("It has no column {name}.")),
    (r"The brand has no watch", N_("The brand has no search of its own yet: add one first.")),
    (r"No column looks like", N_("No column looks like the text of a post: say which one it is.")),
    (r"Line (?P<line>\d+): (?P<have>\d+) columns", N_("Line {line} has {have} columns, unlike the first.")),
    (r"No row has a text", N_("No row has a text in the column chosen: choose another.")),
)
_ROWS = (
    (r"no text", N_("no text")),
    (r"the date cannot be read", N_("the date cannot be read")),
    (r"the date lies in the future", N_("the date lies in the future")),
    (r"the date lies before 1990", N_("the date lies before 1990")),
    (r"(?P<have>\d+) columns, the header has (?P<want>\d+)", N_("{have} columns, the first line has {want}")),
    (r"not a JSON object", N_("no JSON object")),
)


def import_words(error: DeskError) -> str:
    """Why a file cannot be used; what has no words here is said as the import says it."""
    return _said(str(error), _FILES) if isinstance(error, Invalid | Malformed) else str(error)


def reason_words(error: DeskError, *, timezone: str) -> str:
    """Why an import did not happen, or ended; what is no fault of the file is said as anywhere on the desk."""
    if isinstance(error, Invalid | Malformed):
        return " ".join((_("This file cannot be used."), import_words(error)))
    return error_words(error, timezone=timezone)


def problem_words(problem: str) -> str:
    """What looks odd about a file before anything is stored."""
    return _said(problem, _FILES)


def reject_words(reason: str) -> str:
    """Why a row was left out."""
    return _said(reason, _ROWS)


def _said(told: str, sentences: tuple[tuple[str, str], ...]) -> str:
    for pattern, sentence in sentences:
        if found := re.match(pattern, told):
            return _(sentence).format(**found.groupdict())
    return told
