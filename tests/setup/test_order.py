"""Do tests that take long begin first, and the others stay in their order?"""

from pathlib import Path
from types import SimpleNamespace

from tests.order import HERE, LONG, pytest_collection_modifyitems


def test_long_tests_begin_first_and_the_others_stay_as_they_are() -> None:
    paths = ["cli/b.py", "scenarios/c.py", "cli/a.py", "test_x.py", "network/z.py", "network/y.py"]
    items = [SimpleNamespace(path=HERE / path) for path in paths]
    items.append(SimpleNamespace(path=Path("/elsewhere/network/test_it.py")))
    pytest_collection_modifyitems(items)
    assert [str(item.path).removeprefix(f"{HERE}/") for item in items] == [
        *("network/z.py", "network/y.py", "scenarios/c.py", "cli/b.py", "cli/a.py", "test_x.py"),
        "/elsewhere/network/test_it.py",
    ]
    assert all(list((HERE / folder).glob("test_*.py")) for folder in LONG)
