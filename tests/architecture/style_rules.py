"""How may a module be written? Each rule takes a module and gives the sentences that say what is wrong with it."""

import ast
from collections.abc import Iterator

from tests.architecture.source import Module

LONGEST_MODULE_LINES = 300
LONGEST_FUNCTION_LINES = 40
LONGEST_LAUNCHER_LINES = 60
SHORTEST_DOCSTRING_CHARS = 15
# Names that say nothing about what lies inside.
EMPTY_NAMES = frozenset({"util", "utils", "helper", "helpers", "misc", "info", "data", "common", "stuff", "base_utils"})
SPEAKS_ON_THE_TERMINAL = ("desk.cli", "desk.supervisor", "classifiers.training")
# One statement after the other, written once and never edited: length says nothing there.
WRITTEN_ONCE = "db.migrations"
# Calls on datetime or date that give a local or nameless time.
NAIVE_CALLS = frozenset({"utcnow", "utcfromtimestamp", "today"})
NEEDS_A_ZONE = {"now": 0, "fromtimestamp": 1}


def too_long(module: Module) -> Iterator[str]:
    """Modules over 300 lines, and a launcher over 60."""
    if module.is_in(WRITTEN_ONCE):
        return
    limit = LONGEST_LAUNCHER_LINES if module.name == "app" else LONGEST_MODULE_LINES
    lines = len(module.text.splitlines())
    if lines > limit:
        yield f"{module.name} has {lines} lines; {limit} is the limit"


def long_functions(module: Module) -> Iterator[str]:
    """Functions whose body, without its docstring, is over 40 lines."""
    if module.is_in(WRITTEN_ONCE):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = _body_lines(node)
            if lines > LONGEST_FUNCTION_LINES:
                limit = LONGEST_FUNCTION_LINES
                yield f"{module.name}:{node.lineno} {node.name} has {lines} lines; {limit} is the limit"


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def empty_names(module: Module) -> Iterator[str]:
    """Module and folder names under which anything could lie."""
    for part in module.name.split("."):
        if part in EMPTY_NAMES:
            yield f"{module.name}: '{part}' does not say what lies inside"


def no_question_answered(module: Module) -> Iterator[str]:
    """Modules that do not say in their first line what they are for."""
    docstring = ast.get_docstring(module.tree)
    first = docstring.splitlines()[0].strip() if docstring else ""
    if len(first) < SHORTEST_DOCSTRING_CHARS or first[-1] not in ".?!:":
        yield f"{module.name}: the first docstring line must be a sentence that says what the module answers"


def naive_times(module: Module) -> Iterator[str]:
    """Calls that give a time without a zone."""
    for node in ast.walk(module.tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = ast.unparse(node.func.value).split(".")[-1]
        if owner not in {"datetime", "date", "dt"}:
            continue
        method = node.func.attr
        zoneless = method in NEEDS_A_ZONE and len(node.args) <= NEEDS_A_ZONE[method] and not node.keywords
        if method in NAIVE_CALLS or zoneless:
            yield f"{module.name}:{node.lineno} {owner}.{method} gives a time without a zone"


def prints(module: Module) -> Iterator[str]:
    """Printing outside the command line; elsewhere there is a log."""
    if any(module.name.startswith(prefix) for prefix in SPEAKS_ON_THE_TERMINAL):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield f"{module.name}:{node.lineno} prints: log it, or return it to the command line"


def loose_values(module: Module) -> Iterator[str]:
    """Dataclasses of the domain that can change under the hand of who holds them."""
    if not module.is_in("domain"):
        return
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ClassDef):
            continue
        for decorator in node.decorator_list:
            words = ast.unparse(decorator)
            if words.split("(")[0].endswith("dataclass") and not ("frozen=True" in words and "slots=True" in words):
                yield f"{module.name}:{node.lineno} {node.name} must be a frozen dataclass with slots"


RULES = (too_long, long_functions, empty_names, no_question_answered, naive_times, prints, loose_values)
