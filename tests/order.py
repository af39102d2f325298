"""In which order do the tests run? Those first that wait long, so that all test processes come to an end together.

Each process begins with its own stretch of the list, which keeps together what shares a server or a model; who has done
all takes from the end of what another still has to do. A long test must therefore not stand at an end.
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
#: Folders of `tests/` with tests that take seconds to minutes, the longest first.
LONG = ("network", "browser", "scenarios")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put them first; the others stay in their order."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    folder = item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""
    return LONG.index(folder) if folder in LONG else len(LONG)
