"""Does anything a test does show a secret? Every log, output, command, and line of the audit of the whole run is read.

Secrets in these tests begin with ``hush-``, and posts and replies that must stay out of logs hold ``WORDS``. All
libraries of networks speak in full detail meanwhile, whatever level the product gave them.
"""

from __future__ import annotations

import logging
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

#: In a post or a reply: no log may hold them.
WORDS = "quarzo-lontano"
PLANTED = re.compile(rf"hush-[0-9a-z-]{{4,}}|{WORDS}")
TALKATIVE = (
    *("httpx", "httpcore", "urllib3", "requests_oauthlib", "oauthlib", "tweepy", "mastodon", "atproto"),
    *("praw", "prawcore", "feedparser", "websockets"),
)
_found: list[str] = []


class _Reader(logging.Handler):
    """Reads what is logged, as a log file would get it."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            said = record.getMessage()
        except Exception:
            return
        if record.exc_info:
            said += logging.Formatter().formatException(record.exc_info)
        _look(f"log of {record.name}", said)


def _look(where: str, said: str) -> None:
    if hit := PLANTED.search(said):
        _found.append(f"{where}: …{said[max(0, hit.start() - 60) : hit.end()]}…")


def _read_audit(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
    if statement.startswith("INSERT INTO audit"):
        _look("audit", repr(parameters))


def _reading(run: Any) -> Any:
    def run_and_read(*given: Any, **options: Any) -> Any:
        done = run(*given, **options)
        for said in (done.stdout, done.stderr):
            if said:
                _look("a command", said.decode("utf-8", "replace") if isinstance(said, bytes) else said)
        return done

    return run_and_read


@pytest.fixture(scope="session", autouse=True)
def whole_run_is_read() -> Iterator[None]:
    """Read everything from here on."""
    reader, run = _Reader(level=0), subprocess.run
    logging.getLogger().addHandler(reader)
    event.listen(Engine, "before_cursor_execute", _read_audit)
    subprocess.run = _reading(run)
    yield
    subprocess.run = run
    event.remove(Engine, "before_cursor_execute", _read_audit)
    logging.getLogger().removeHandler(reader)


@pytest.fixture(autouse=True)
def nothing_leaks(request: pytest.FixtureRequest, whole_run_is_read: None) -> Iterator[None]:
    """Fail the test during which a planted secret showed."""
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield
    for when, name, said in request.node._report_sections:
        _look(f"{name} during {when}", said)
    shown, _found[:] = list(_found), []
    if shown and not getattr(request.module, "SHOWS_ON_PURPOSE", False):
        pytest.fail("a secret showed:\n" + "\n".join(shown[:5]), pytrace=False)
