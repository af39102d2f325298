"""Can every test fail, and does none skip silently, sleep long or hide behind an empty name?"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, parsed

# The one place that may skip, because it says so at the end of the run.
SAYS_IT_ALOUD = "tests/not_run.py"
SILENT = {"skip", "skipif", "xfail", "importorskip"}
LONGEST_SLEEP_S = 1
# A call counts as a check when its name begins like this: `expect(row).to_be_visible()`, `assert_same(...)`.
CHECKING = ("assert", "expect", "raises", "warns", "fail", "wait_for")


def written_tests() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        yield str(path.relative_to(ROOT)), parsed(path.read_text(encoding="utf-8"))


def silent_skips(name: str, tree: ast.Module) -> list[str]:
    if name == SAYS_IT_ALOUD:
        return []
    names = [(node, ast.unparse(node)) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return [
        f"{name}:{node.lineno} {words}: use not_run, which says so at the end"
        for node, words in names
        if words.startswith("pytest.") and node.attr in SILENT
    ]


def long_sleeps(name: str, tree: ast.Module) -> list[str]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.sleep"]
    return [
        f"{name}:{call.lineno} sleeps {call.args[0].value} s"
        for call in calls
        if isinstance(call.args[0], ast.Constant) and call.args[0].value > LONGEST_SLEEP_S
    ]


def without_a_check(name: str, tree: ast.Module) -> list[str]:
    checking = suite_checks() | checking_functions((tree,))
    return [
        f"{name}:{node.lineno} {node.name} checks nothing"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not _checks(node, checking)
    ]


def checking_functions(trees: tuple[ast.Module, ...]) -> set[str]:
    """Names of the tests' own functions that check something, directly or through one another."""
    functions = [node for tree in trees for node in _functions(tree) if not node.name.startswith("test_")]
    checking: set[str] = set()
    while found := {node.name for node in functions if node.name not in checking and _checks(node, checking)}:
        checking |= found
    return checking


@cache
def suite_checks() -> set[str]:
    """Names of the functions anywhere under tests/ that check something."""
    return checking_functions(tuple(tree for _, tree in written_tests()))


@cache
def _functions(tree: ast.Module) -> tuple[ast.FunctionDef, ...]:
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _checks(function: ast.FunctionDef, checking: set[str]) -> bool:
    return any(isinstance(node, ast.Assert) for node in ast.walk(function)) or any(
        name in checking or name.startswith(CHECKING) for name in _called(function)
    )


@cache
def _called(function: ast.FunctionDef) -> frozenset[str]:
    """Names of everything a function calls: `expect(row).to_be_visible()` gives expect and to_be_visible."""
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    attributes = {call.attr for call in calls if isinstance(call, ast.Attribute)}
    return frozenset(attributes | {call.id for call in calls if isinstance(call, ast.Name)})


def names_without_a_sentence(name: str, tree: ast.Module) -> list[str]:
    return [
        f"{name}:{node.lineno} {node.name} does not say what must hold"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and node.name.count("_") < 3
    ]


RULES = (silent_skips, long_sleeps, without_a_check, names_without_a_sentence)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_test_file_keeps_the_rule(rule) -> None:
    assert [complaint for name, tree in written_tests() for complaint in rule(name, tree) if name != _THIS] == []


_THIS = str(Path(__file__).resolve().relative_to(ROOT))
BREACHES = [
    (silent_skips, "pytest.skip('no browser')"),
    (silent_skips, "@pytest.mark.xfail\ndef test_a_b_c(): assert x"),
    (silent_skips, "x = pytest.importorskip('y')"),
    (long_sleeps, "time.sleep(2)"),
    (without_a_check, "def test_claim_is_refused_twice():\n    claim(1)"),
    (without_a_check, "def utter(x):\n    print(x)\ndef test_row_is_told_once():\n    utter(row)"),
    (names_without_a_sentence, "def test_claim(): assert claim(1)"),
]


@pytest.mark.parametrize(("rule", "text"), BREACHES)
def test_a_breach_is_noticed(rule, text: str) -> None:
    assert len(rule("tests/x.py", ast.parse(text))) == 1


KEPT = [
    (without_a_check, "def test_claim_is_refused_twice():\n    with pytest.raises(Refused): claim(1)"),
    (without_a_check, "def test_row_is_shown_once():\n    expect(row).to_be_visible()"),
    (without_a_check, "def utter(x):\n    assert x\ndef test_row_is_told_once():\n    utter(row)"),
    (long_sleeps, "time.sleep(0.01)"),
]


@pytest.mark.parametrize(("rule", "text"), KEPT)
def test_what_is_allowed_passes(rule, text: str) -> None:
    assert rule("tests/x.py", ast.parse(text)) == []
