"""Does the worked example run as the page about it says: reviews in by poll and by call, the answer back out?"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware

import bootstrap
from db import brands as brands_db
from desk import backend
from desk.auth import SignedInOnly
from desk.hooks import ROUTES
from domain.brand import Account, Watch
from domain.people import Role, Training
from domain.states import ReplyState
from services import accounts, brands, cases, claims, drafts, intake, outbox, queue, team
from services.context import Context
from tests.desk.conftest import CHEAP

EXAMPLE = Path(__file__).parents[2] / "docs" / "howto" / "examples" / "reviews_source.py"
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
ANSWER = "Ci dispiace, Mara: lo cerchiamo subito."


class Shop:
    """The example, as somebody at a terminal sees it."""

    def __init__(self, secret_file: Path, *, hook: str = "") -> None:
        called = ["--hook", hook] if hook else []
        kept = ["--secret-file", str(secret_file), "--file", str(secret_file.with_name("reviews.json"))]
        command = [sys.executable, "-I", str(EXAMPLE), *kept, "--port", "0", *called]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
        self._program = subprocess.Popen(command, **pipes)  # type: ignore[call-overload]
        self.url = self.reads().split()[4]

    def reads(self) -> str:
        return str(self._program.stdout.readline()).strip()

    def types(self, line: str) -> str:
        self._program.stdin.write(f"{line}\n")
        self._program.stdin.flush()
        return self.reads()

    def close(self) -> None:
        self._program.stdin.close()
        self._program.stdout.close()
        self._program.wait(10)


@pytest.fixture
def ctx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """A desk that may publish, without its own pause for second thoughts."""
    monkeypatch.setenv("SPORTELLO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SPORTELLO_PUBLISH", "live")
    monkeypatch.setenv("SPORTELLO_UNDO_S", "0")
    backend.forget()
    built: bootstrap.Backend = backend.open_once()
    yield built.ctx
    built.ctx.store.close()
    backend.forget()


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    return file


@pytest.fixture
def shop(secret_file: Path) -> Iterator[Shop]:
    started = Shop(secret_file)
    yield started
    started.close()


def connected(ctx: Context, secret_file: Path, base_url: str | None) -> tuple[Account, Watch]:
    brand = brands.add_brand(ctx, "Aurora")
    known = {"channel": "http_connector", "handle": "reviews", "secret_ref": str(secret_file)}
    account = accounts.add_account(ctx, brand.id, **known, base_url=base_url)
    accounts.set_publishing(ctx, account.id, on=True)
    return account, brands.add_watch(ctx, brand.id, name="reviews", terms=(), channels=("http_connector",))


@contextmanager
def desk_open() -> Iterator[str]:
    """The desk's own address for sources, on a port of this machine."""
    app = Starlette(routes=ROUTES, middleware=[Middleware(SignedInOnly)])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def operator(ctx: Context) -> Callable[[], Context]:
    def make() -> Context:
        known = {"roles": tuple(Role), "trained": [Training("http_connector")], "password": "correct horse"}
        added = team.add_member(ctx, login="aoife", name="Aoife Byrne", hasher=CHEAP, **known)
        return backend.open_once().for_member(added.member)

    return make


def test_reviews_are_polled_answered_where_they_stand_and_gone_when_deleted(ctx, shop, secret_file, operator) -> None:
    account, watch = connected(ctx, secret_file, shop.url)
    assert shop.types("Mara: dov'è il mio pacco? È una truffa") == "r1: kept until the desk asks"
    shop.types("Ugo: tutto bene, grazie")
    outcome = intake.poll(ctx, "http_connector", watch.id)
    assert (outcome.stored, outcome.error, outcome.gaps) == (2, None, ())
    aoife = operator()
    entries = queue.page(aoife, queue.QueueFilter(account.brand_id)).entries
    case_id = next(entry.case_id for entry in entries if "pacco" in entry.text)
    claims.claim(aoife, case_id)
    draft = drafts.save(aoife, case_id, mention_id=cases.view(aoife, case_id).route.mention_id, text=ANSWER)
    reply = drafts.submit(aoife, draft.reply_id, undo_s=0)
    assert outbox.deliver_due(ctx, worker="test").sent == 1
    assert shop.reads() == f"answer to r1: {ANSWER}"
    [sent] = [each for each in outbox.page(aoife, account.brand_id) if each.reply_id == reply.reply_id]
    assert (sent.status, sent.url) == (ReplyState.SENT, f"{shop.url}/reviews/r1#a1")
    shop.types("gone r1")
    assert intake.poll(ctx, "http_connector", watch.id).fetched == 1
    assert cases.view(aoife, case_id).posts[0].text == ""


def test_review_is_on_the_desk_as_soon_as_it_is_written_when_the_shop_calls(ctx, secret_file) -> None:
    account, watch = connected(ctx, secret_file, None)
    with desk_open() as desk:
        shop = Shop(secret_file, hook=f"{desk}/hooks/{account.id}")
        try:
            assert shop.types("Mara: dov'è il mio pacco?") == "r1: stored"
            [entry] = queue.page(ctx, queue.QueueFilter(account.brand_id)).entries
            assert entry.text == "dov'è il mio pacco?"
            # Polled as well, it is the same review.
            with ctx.store.write() as tx:
                brands_db.change_account(tx, account.id, base_url=shop.url)
            outcome = intake.poll(ctx, "http_connector", watch.id)
            assert (outcome.fetched, outcome.stored, outcome.duplicates) == (1, 0, 1)
            assert shop.types("gone r1") == "r1: known"
            assert queue.page(ctx, queue.QueueFilter(account.brand_id)).entries == ()
        finally:
            shop.close()
