"""Can each thing the desk promises be done by a command that exists, and is it driven by a test that exists?"""

import ast
import re
from functools import cache

import pytest

from tests.docs.commands import ROOT, problem_with, quoted_commands

COVERAGE = ROOT / "docs" / "coverage.md"
PROMISED = "L1 L2 L3 L4 L5 L6 U1 U2 U3 U4 U5 T1 T2 K1 K2 K3 A1 A2 A3 C1 C2 F1 F5 P1 W1 W2 W3 W4 S1 S2 S3 S4 S5".split()
ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def rows() -> list[tuple[str, str, str, str]]:
    """Code, what a user does on the desk, command, tests."""
    return ROW.findall(COVERAGE.read_text(encoding="utf-8"))


@cache
def functions_of(path: str) -> frozenset[str]:
    file = ROOT / path
    if not file.exists():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if _is_test(node))


def _is_test(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")


def missing_tests(cell: str) -> list[str]:
    """The tests a cell names that are not there."""
    named = re.findall(r"`([^`]+)`", cell)
    return [name for name in named if name.rpartition("::")[2] not in functions_of(name.rpartition("::")[0])]


def test_every_promise_has_its_row() -> None:
    assert {code for code, *_ in rows()} == set(PROMISED)


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row[0]} {row[1][:40]}")
def test_row_names_a_command_and_a_test_that_exist(row: tuple[str, str, str, str]) -> None:
    _, _, command, tests = row
    quoted = list(quoted_commands(command))
    assert quoted and [problem for words in quoted if (problem := problem_with(words))] == []
    assert re.findall(r"`([^`]+)`", tests) and missing_tests(tests) == []


def test_a_test_that_does_not_exist_is_noticed() -> None:
    here = "tests/docs/test_coverage.py"
    assert missing_tests(f"`{here}::test_invented`, `tests/none.py::test_x`") == [
        f"{here}::test_invented",
        "tests/none.py::test_x",
    ]
    assert missing_tests(f"`{here}::test_every_promise_has_its_row`") == []
