"""What is compiled once a test process, and not once a test? SQL statements, as in a desk that has run for a while.

A desk opens its database once; every test opens another one, and SQLAlchemy would forget all its statements with each.
Processes that tests start, and do not fork, compile on their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine

from db import on_postgresql, on_sqlite


class Compiled(dict[Any, Any]):
    """Statements of one kind of database. SQLAlchemy puts the dialect in front of each key, which is of one engine."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


_compiled = {"sqlite": Compiled(), "postgresql": Compiled()}


def _create(url: URL, **how: Any) -> Engine:
    options = {**how.pop("execution_options", {}), "compiled_cache": _compiled[url.get_backend_name()]}
    return create_engine(url, **how, execution_options=options)


@contextmanager
def sharing() -> Iterator[None]:
    """While it lasts, every store of this process shares its statements with the others on a database of its kind."""
    modules = (on_sqlite, on_postgresql)
    before = [vars(module)["create_engine"] for module in modules]
    for module in modules:
        vars(module)["create_engine"] = _create
    try:
        yield
    finally:
        for module, make in zip(modules, before, strict=True):
            vars(module)["create_engine"] = make


@pytest.fixture(scope="session", autouse=True)
def statements_stay_compiled() -> Iterator[None]:
    """All tests of this process share them."""
    with sharing():
        yield
