"""Which product modules are there, and what does each import? Reads the source, imports nothing."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("domain", "collectors", "classifiers", "db", "services", "worker", "desk")
ROOT_MODULES = ("settings", "bootstrap", "app")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module or name, absolute: `from db.engine import Store` gives db.engine and db.engine.Store."""

    target: str
    line: int
    at_module_level: bool


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file of the product under its dotted name."""

    name: str
    text: str
    is_package: bool = False

    @property
    def tree(self) -> ast.Module:
        return parsed(self.text)

    @property
    def package(self) -> str:
        """The folder at the top level, or the module itself when it lies there."""
        return self.name.split(".")[0]

    def is_in(self, *prefixes: str) -> bool:
        return any(lies_under(self.name, prefix) for prefix in prefixes)


@cache
def parsed(text: str) -> ast.Module:
    return ast.parse(text)


def lies_under(name: str, prefix: str) -> bool:
    """True for the module itself and everything below it."""
    return name == prefix or name.startswith(prefix + ".")


@cache
def product_modules() -> tuple[Module, ...]:
    """Every module of the product, tests and the set-up script aside."""
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    files += [ROOT / f"{name}.py" for name in ROOT_MODULES if (ROOT / f"{name}.py").exists()]
    return tuple(_read(path) for path in files)


def _read(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_package else parts)
    return Module(name=name, text=path.read_text(encoding="utf-8"), is_package=is_package)


def imports(module: Module) -> Iterator[Import]:
    """Everything this module imports; imports for the type checker alone count too, they couple just as well."""
    for node, at_module_level in _walk(module.tree, at_module_level=True):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, at_module_level)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(module, node)
            yield Import(base, node.lineno, at_module_level)
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node.lineno, at_module_level)


def _walk(node: ast.AST, *, at_module_level: bool) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(node):
        yield child, at_module_level
        inside = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        yield from _walk(child, at_module_level=at_module_level and not inside)


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if node.level == 0:
        return node.module or ""
    parts = module.name.split(".")
    kept = parts[: len(parts) - node.level + (1 if module.is_package else 0)]
    return ".".join([*kept, node.module] if node.module else kept)
