"""How is the whole database copied away and brought back, without stopping the desk for the copy?

A copy is one SQLite file, whatever database it was made of, so that it can be brought back to either: a desk
moves to a server, or away from one, by a backup and a restore.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import make_url

from db import on_server
from db.engine import BUSY_TIMEOUT_MS, is_sqlite
from db.schema import known_revisions
from domain.errors import Invalid, NotPossible, Unavailable

_FIRST_BYTES = b"SQLite format 3\x00"


def backup(url: str, file: Path) -> None:
    """Write a consistent copy of the database at ``url`` to ``file``, readable by its owner only.

    The desk may go on writing. An existing file is never overwritten; a copy that fails leaves no file.
    Raises Invalid for a bad target.
    """
    if is_sqlite(url) and not _path(url).exists():
        raise Invalid("There is no database to copy yet.", field="database")
    if file.exists():
        raise Invalid(f"{file} exists already; name a new file.", field="file")
    part = file.with_name(file.name + ".part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        if is_sqlite(url):
            _copy(_path(url), part)
        else:
            on_server.copy_away(url, part)
            _stand_alone(part)
        _require_sound(part)
        os.replace(part, file)
    except (OSError, sqlite3.Error) as err:
        raise Unavailable(f"The copy could not be written: {err}.") from err
    finally:
        _clear(part)


def restore(url: str, file: Path, *, prepare: Callable[[str], None] | None = None) -> None:
    """Replace the database at ``url`` by the copy in ``file``; what is there now is kept beside it.

    The copy is checked first: its format, its integrity, and that this version knows its schema.
    ``prepare`` gets the URL of the checked copy and may change it before it takes its place; what it
    raises ends the restore with nothing changed.
    Stop the desk before: raises NotPossible while another process uses the database.
    """
    _require_ours(file)
    try:
        if not is_sqlite(url):
            with TemporaryDirectory(prefix="sportello-restore-") as folder:
                part = Path(folder, "copy.db")
                _prepared(file, part, prepare)
                on_server.bring_back(part, url)
            return
        target = _path(url)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".restoring")
        try:
            _clear(part)
            _prepared(file, part, prepare)
            if target.exists():
                _set_aside(target)
            os.replace(part, target)
        finally:
            _clear(part)
    except (OSError, sqlite3.Error) as err:
        raise Unavailable(f"The copy could not be brought back: {err}.") from err


def _prepared(file: Path, part: Path, prepare: Callable[[str], None] | None) -> None:
    _copy(file, part)
    if prepare is not None:
        prepare(f"sqlite:///{part}")
        _stand_alone(part)
    _require_sound(part)


def _path(url: str) -> Path:
    return Path(make_url(url).database or "")


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, timeout=BUSY_TIMEOUT_MS / 1000)) as reader:
        with closing(sqlite3.connect(target)) as writer:
            reader.backup(writer)
    _stand_alone(target)


def _stand_alone(file: Path) -> None:
    """Make the database one file: no log beside it that could be left behind."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode=DELETE")


def _clear(part: Path) -> None:
    """Remove a copy in the making with everything that lies beside it."""
    for beside in ("", "-wal", "-shm", "-journal", ".migrate-lock"):
        part.with_name(part.name + beside).unlink(missing_ok=True)


def _require_ours(file: Path) -> None:
    """Refuse anything that is not a sound database of a schema this version knows."""
    try:
        with file.open("rb") as handle:
            if handle.read(len(_FIRST_BYTES)) != _FIRST_BYTES:
                raise Invalid(f"{file} is not a backup of Sportello.", field="file")
        with closing(sqlite3.connect(f"file:{file.resolve()}?mode=ro", uri=True)) as reader:
            row = reader.execute("SELECT version_num FROM alembic_version").fetchone()
    except OSError as err:
        raise Invalid(f"{file} cannot be read: {err.strerror}.", field="file") from err
    except sqlite3.Error:
        raise Invalid(f"{file} is not a backup of Sportello, or it is damaged.", field="file") from None
    if row is None or row[0] not in known_revisions():
        raise Invalid(f"{file} was written by another version of Sportello; update the program first.", field="file")
    _require_sound(file)


def _require_sound(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file.resolve()}?mode=ro", uri=True)) as reader:
            verdict = reader.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as err:
        verdict = str(err)
    if verdict != "ok":
        raise Invalid(f"{file} is damaged: {verdict}.", field="file")


def _set_aside(target: Path) -> None:
    """Move the present database away whole: its log is folded in first, which also proves that nobody uses it."""
    with closing(sqlite3.connect(target, timeout=1.0, isolation_level=None)) as present:
        try:
            present.execute("PRAGMA locking_mode=EXCLUSIVE")
            present.execute("BEGIN EXCLUSIVE")
            present.execute("COMMIT")
            present.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError:
            raise NotPossible("The desk is running: stop it before bringing a copy back.", reason="in_use") from None
        except sqlite3.DatabaseError:
            pass  # A damaged database is no reason not to bring a sound one back.
    os.replace(target, target.with_name(target.name + ".before-restore"))
    for beside in ("-wal", "-shm"):
        target.with_name(target.name + beside).unlink(missing_ok=True)
