"""A seeded desk in a folder of its own, and visitors to it: over HTTP, or at a page without a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from streamlit.testing.v1 import AppTest

import bootstrap
import settings
from desk import backend, i18n, session
from domain.people import Role, Training
from services import sample, sign_in, team, triage
from tests.peers import postgres

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"
#: Argon2 at its cheapest: these tests are about pages, not about how hard a password is to guess.
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PEOPLE = (
    ("sara", "Sara Conti", (Role.OPERATOR,), (), "it"),
    ("paolo", "Paolo Neri", (Role.OPERATOR, Role.MANAGER), ("sample",), "it"),
    ("aoife", "Aoife Byrne", tuple(Role), ("sample",), "en"),
    ("mark", "Mark Reid", (Role.MARKETING,), (), "en"),
)


@pytest.fixture(scope="session")
def seeded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample brand, judged by rules, and four colleagues; copied for each test."""
    folder = tmp_path_factory.mktemp("desk") / "data"
    built = bootstrap.open_backend(settings.load({}, data_dir=str(folder)))
    for login, name, roles, trained, language in PEOPLE:
        team.add_member(
            built.ctx,
            login=login,
            name=name,
            roles=roles,
            trained=[Training(each) for each in trained],
            language=language,
            password=PASSWORD,
            hasher=CHEAP,
        )
    sample.install(built.ctx)
    triage.judge_pending(built.ctx, built.ctx.rules, posts=60)
    built.ctx.store.close()
    return folder


@pytest.fixture(scope="session")
def seeded_database(
    seeded_folder: Path, tmp_path_factory: pytest.TempPathFactory, postgres_server: postgres.Server
) -> str:
    """The same on a server, to be copied."""
    url = postgres_server.fresh()
    there = settings.load({}, data_dir=str(tmp_path_factory.mktemp("desk") / "data"), database_url=url)
    bootstrap.restore(there, seeded_folder / "sportello.db")
    return url


@pytest.fixture
def desk(
    seeded_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str, request: pytest.FixtureRequest
) -> Iterator[bootstrap.Backend]:
    """The seeded desk, as this process's backend; on a file unless the test says otherwise."""
    folder = tmp_path / "data"
    shutil.copytree(seeded_folder, folder)
    monkeypatch.setenv("SPORTELLO_DATA_DIR", str(folder))
    if database:
        server: postgres.Server = request.getfixturevalue("postgres_server")
        server.renew(database, request.getfixturevalue("seeded_database"))
        monkeypatch.setenv("SPORTELLO_DATABASE_URL", database)
    monkeypatch.delenv("SPORTELLO_PUBLISH", raising=False)
    backend.forget()
    yield backend.open_once()
    backend.open_once().ctx.store.close()
    backend.forget()


@pytest.fixture
def empty_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[bootstrap.Backend]:
    """A desk without any brand, and one colleague with every role."""
    monkeypatch.setenv("SPORTELLO_DATA_DIR", str(tmp_path / "data"))
    backend.forget()
    built = backend.open_once()
    team.add_member(
        built.ctx, login="aoife", name="Aoife Byrne", roles=tuple(Role), language="en", password=PASSWORD, hasher=CHEAP
    )
    yield built
    built.ctx.store.close()
    backend.forget()


@pytest.fixture
def sign_in_as(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """Opens a session and lets the pages see its token, as a browser's cookie would.

    The test itself then speaks the colleague's language: it asks widgets for their words outside a page's run.
    """
    languages = ExitStack()

    def open_session(login: str) -> str:
        ctx = backend.open_once().ctx
        signed = sign_in.sign_in(ctx, login, PASSWORD, address="127.0.0.1", hasher=CHEAP)
        monkeypatch.setattr(session, "session_token", lambda: signed.token)
        languages.enter_context(i18n.speaking(signed.member.language))
        return signed.token

    with languages:
        yield open_session


def _one_page(module: str) -> None:
    """A page without the frame around it: Streamlit's test runner cannot stay on a page that is a function."""
    from importlib import import_module

    from desk.session import brand_of, seat

    found = seat()
    import_module(f"desk.pages.{module}").draw(found, brand_of(found))


@pytest.fixture
def draw_page(sign_in_as: Callable[[str], str]) -> Callable[[str, str], AppTest]:
    """One page by its module, without navigation and top line: ``draw_page("sara", "promises")``."""

    def draw(login: str, module: str) -> AppTest:
        sign_in_as(login)
        return AppTest.from_function(_one_page, default_timeout=30, kwargs={"module": module}).run()

    return draw


@pytest.fixture
def visit(sign_in_as: Callable[[str], str]) -> Callable[..., AppTest]:
    """Draws one page for one colleague: ``visit("sara", "promises")``."""

    def draw(login: str, page: str = "queue", *, query: dict[str, str] | None = None, **state: object) -> AppTest:
        sign_in_as(login)
        test = AppTest.from_file(str(ROOT / "desk" / "main.py"), default_timeout=30)
        for name, value in (query or {}).items():
            test.query_params[name] = value
        for name, value in state.items():
            test.session_state[name] = value
        test.run()
        if page != "queue":
            test.session_state["sp_go_to"] = page
            test.run()
        return test

    return draw
