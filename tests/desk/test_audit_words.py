"""Every act the services record has words on the audit page."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from desk.audit_words import ACTS, about_words, act_words
from desk.i18n import speaking

ROOT = Path(__file__).resolve().parents[2]


def recorded_acts() -> set[str]:
    """The names of acts that stand as plain words in the services."""
    named: set[str] = set()
    for path in sorted((ROOT / "services").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", "")
            given = [node.args[1]] if called == "act" and len(node.args) > 1 else []
            given += [word.value for word in node.keywords if called == "require" and word.arg == "action"]
            named |= {each.value for each in given if isinstance(each, ast.Constant)}
    return named


def test_every_recorded_act_has_words() -> None:
    assert len(recorded_acts()) > 40
    assert recorded_acts() - set(ACTS) == set()


def test_acts_are_said_in_the_readers_language() -> None:
    with speaking("it"):
        assert act_words("case.claim") == "ha preso in carico un caso"
        assert about_words("case", 7) == "caso 7"


@pytest.mark.parametrize("unknown", ["case.future", "page"])
def test_an_act_of_another_release_keeps_its_name(unknown: str) -> None:
    assert act_words(unknown) == unknown
