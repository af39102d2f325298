"""Does the reading of the whole run find what it looks for?"""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from tests import leaks

#: These tests show what nothing else may.
SHOWS_ON_PURPOSE = True


def found() -> list[str]:
    """What has shown so far in this test; it is forgiven."""
    shown, leaks._found[:] = list(leaks._found), []
    return shown


def test_a_secret_in_a_log_of_a_library_is_found() -> None:
    logging.getLogger("httpx").debug("Authorization: Bearer %s", "hush-" + "planted")
    assert "httpx" in found()[0]


def test_words_of_a_post_in_a_trace_are_found() -> None:
    try:
        raise ValueError(f"cannot read {leaks.WORDS}")
    except ValueError:
        logging.getLogger("collectors.x").exception("put aside")
    assert found()


def test_a_secret_in_what_a_command_says_is_found() -> None:
    said = "print('hush-' + 'planted')"
    subprocess.run([sys.executable, "-c", said], capture_output=True, check=True)
    assert found() == ["a command: …hush-planted…"]


def test_a_secret_in_the_audit_is_found(ctx) -> None:
    from db import audit

    with ctx.store.write() as tx:
        line = {"at": ctx.clock(), "actor": "system", "user_id": None, "action": "a", "entity": "b", "entity_id": None}
        audit.append(tx, **line, details={"token": "hush-" + "planted"})
    assert "audit" in found()[0]


@pytest.mark.parametrize("harmless", ["hush", "hush-up", "a quiet word"])
def test_what_is_no_secret_is_no_leak(harmless: str) -> None:
    logging.getLogger("httpx").debug(harmless)
    assert found() == []
