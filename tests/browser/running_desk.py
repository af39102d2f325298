"""How does a test get the real thing? Desk and worker under their supervisor, on their own port and data folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import URLError
from urllib.request import urlopen

from argon2 import PasswordHasher

import bootstrap
from collectors.sample.story import load_story
from domain.people import Role, Training
from services import brands, cases, queue, team
from services.context import Context, colleague
from settings import Settings

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"
START_S, STOP_S = 60, 10
NOTHING: Mapping[str, str] = {}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can sign in with PASSWORD."""

    login: str
    name: str
    roles: tuple[Role, ...]
    trained: tuple[str, ...] = ()
    mentor: bool = False
    language: str = "it"


@dataclass(frozen=True, slots=True)
class RunningDesk:
    """A desk that answers at ``url``."""

    url: str
    settings: Settings
    process: subprocess.Popen[bytes]

    @property
    def data_dir(self) -> Path:
        return self.settings.data_path

    def sportello(self, *words: object) -> Any:
        """Run a command on this desk as a person would; what it wrote as JSON, or None."""
        return sportello(self.data_dir, *words, database_url=self.settings.database_url)

    @property
    def answers(self) -> bool:
        """Whether a visitor gets the sign-in page now."""
        return _answers(self.url)

    @property
    def desk_pid(self) -> int:
        """The process behind the pages, a child of the supervisor; 0 while there is none."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text("ascii").rpartition(") ")[2].split()[1])
                command = (stat.parent / "cmdline").read_bytes()
            except (OSError, ValueError, IndexError):
                continue  # it ended while we looked
            if parent == self.process.pid and b"app.py" in command:
                return int(stat.parent.name)
        return 0

    @property
    def published(self) -> list[dict[str, Any]]:
        """What has reached the sample's public, one entry a reply."""
        log = self.data_dir / "sample" / "published.jsonl"
        return [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []

    def jump_to(self, post_id: str) -> None:
        """Move the sample's story so that this post is published two seconds from now."""
        post = load_story().post(post_id)
        assert post is not None
        begun = datetime.now(UTC) + timedelta(seconds=2) - post.offset
        _replace(self.data_dir / "sample" / "start.json", json.dumps({"started_at": begun.isoformat()}))

    def hasten_reaction(self, after_s: float) -> None:
        """Date our latest public reply back, so that what follows ``after_s`` later follows two seconds from now."""
        lines = self.published
        lines[-1]["published_at"] = (datetime.now(UTC) + timedelta(seconds=2 - after_s)).isoformat()
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        _replace(self.data_dir / "sample" / "published.jsonl", text)

    def case_of(self, words: str) -> int | None:
        """The judged case in the queue whose latest post holds these words, if it is there by now."""
        with self._store() as ctx:
            filters = [queue.QueueFilter(brand.id, search=words) for brand in brands.list_brands(ctx)]
            entries = [entry for each in filters for entry in queue.page(ctx, each).entries]
        return next((entry.case_id for entry in entries if entry.judged), None)

    def free_cases(self) -> list[int]:
        """Judged cases of the queue that nobody owns, most pressing first."""
        with self._store() as ctx:
            filters = [queue.QueueFilter(brand.id) for brand in brands.list_brands(ctx)]
            entries = [entry for each in filters for entry in queue.page(ctx, each).entries]
        return [entry.case_id for entry in entries if entry.judged and entry.owner_id is None]

    @contextmanager
    def colleague(self, login: str) -> Iterator[Context]:
        """The desk in a colleague's name, open already: what is done with it happens at once."""
        with self._store() as ctx:
            yield ctx.acting_as(colleague(team.find(ctx, login)))

    def case_state(self, case_id: int) -> str:
        """How the case stands in the store."""
        with self._store() as ctx:
            return cases.view(ctx, case_id).case.state

    @contextmanager
    def _store(self) -> Iterator[Context]:
        ctx = bootstrap.open_backend(self.settings).ctx
        try:
            yield ctx
        finally:
            ctx.store.close()


def _replace(path: Path, text: str) -> None:
    """Whoever reads the file finds the old text or the new one, whole."""
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def sportello(data_dir: Path, *words: object, database_url: str = "") -> Any:
    """Run one command of the command line; CalledProcessError when it fails."""
    command = [sys.executable, "-m", "desk.cli", "--data-dir", str(data_dir), *map(str, words)]
    environment = _environment(database_url)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout) if "--json" in words else None


def hire(ctx: Context, who: Colleague) -> None:
    """Add a colleague; the hash is a cheap one, signing in is not what these tests are about."""
    team.add_member(
        ctx,
        login=who.login,
        name=who.name,
        roles=who.roles,
        trained=[Training(channel, who.mentor) for channel in who.trained],
        language=who.language,
        password=PASSWORD,
        hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
    )


@contextmanager
def running_desk(
    data_dir: Path,
    *,
    port: int,
    staff: tuple[Colleague, ...],
    database_url: str = "",
    settings_of_its_own: Mapping[str, str] = NOTHING,
) -> Iterator[RunningDesk]:
    """Start the desk with the sample brand and this staff; nothing of it is left afterwards.

    ``database_url``: an empty database on a server, else a file in the folder.
    """
    settings = Settings(data_dir=str(data_dir), database_url=database_url, model="rules")
    data_dir.mkdir(mode=0o700, exist_ok=True)
    bootstrap.migrate(settings)
    ctx = bootstrap.open_backend(settings).ctx
    for who in staff:
        hire(ctx, who)
    ctx.store.close()
    command = [sys.executable, "-m", "desk.cli", "--data-dir", str(data_dir), "run", "--port", str(port)]
    with (data_dir / "run.log").open("wb") as log:
        environment = _environment(database_url) | dict(settings_of_its_own)
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: _answers(url) or _ended(process, data_dir), limit_s=START_S)
        desk = RunningDesk(url, settings, process)
        wait_for(lambda: desk.case_of("") or _ended(process, data_dir), limit_s=START_S)
        yield desk
    finally:
        _stop(process)


def wait_for(look: Callable[[], T], *, limit_s: float) -> T:
    """Look again and again until something true comes back; TimeoutError after ``limit_s``."""
    deadline = time.monotonic() + limit_s
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {limit_s} s in vain")
        time.sleep(0.2)
    return found


def _environment(database_url: str) -> dict[str, str]:
    """Nobody's own settings; rules judge at once, a reply can be taken back for five seconds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPORTELLO_", "LC_", "LANG"))}
    where = {"SPORTELLO_DATABASE_URL": database_url} if database_url else {}
    return kept | where | {"SPORTELLO_MODEL": "rules", "SPORTELLO_UNDO_S": "5", "PYTHONPATH": str(ROOT)}


def _answers(url: str) -> bool:
    try:
        urlopen(f"{url}/auth/sign-in", timeout=2).close()
    except (URLError, OSError):
        return False
    return True


def _ended(process: subprocess.Popen[bytes], data_dir: Path) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"the desk ended with {process.returncode}: {(data_dir / 'run.log').read_text('utf-8')}")
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
