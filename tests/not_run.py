"""What could this machine not test? A test says so here, and the run ends with a list of it.

A test that lacks something of the machine (a browser, a database server) calls `not_run`. It is then counted
as skipped, and the last lines of the run name it with the reason and the way out:

    not run: tests/browser/test_queue.py::test_claim — no Chromium here — apt install chromium

With SPORTELLO_NOTHING_NOT_RUN=1 the same call fails the test. Plain `pytest.skip` is not used in this repository.
"""

import os
from typing import NoReturn

import pytest

FORBIDDEN_BY = "SPORTELLO_NOTHING_NOT_RUN"
PROPERTY = "not_run"


class NotRun(pytest.skip.Exception):
    """Raised by `not_run`; carries the reason and the way out in words."""

    def __init__(self, reason: str, way_out: str) -> None:
        super().__init__(f"{reason} — {way_out}")


def not_run(reason: str, way_out: str) -> NoReturn:
    """End this test because the machine lacks something: why, and what the reader can do about it."""
    if os.environ.get(FORBIDDEN_BY) == "1":
        pytest.fail(f"not run, and {FORBIDDEN_BY}=1 forbids that: {reason} — {way_out}", pytrace=False)
    raise NotRun(reason, way_out)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Write the note into the report, so that it also travels home from a second test process."""
    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, NotRun):
        report.user_properties.append((PROPERTY, str(call.excinfo.value)))
    return report


def pytest_terminal_summary(terminalreporter):
    """The list at the end, one line a test."""
    for report in terminalreporter.getreports("skipped"):
        for name, note in report.user_properties:
            if name == PROPERTY:
                terminalreporter.write_line(f"not run: {report.nodeid} — {note}", yellow=True)
