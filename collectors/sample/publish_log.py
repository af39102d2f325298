"""Where do the sample's replies go? To a log with exactly one line for each, whatever is killed meanwhile.

A line counts once its line break is on disk. Writers hold an exclusive file lock from the search for the
key to the fsync, so two processes never interleave and never write a key twice. What a killed writer left
without a line break was never published: the next writer cuts it off, readers pass over it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from domain.clock import require_aware
from domain.errors import Misconfigured, OutcomeUnknown, Unavailable


@dataclass(frozen=True, slots=True)
class LoggedReply:
    """One published reply. ``key`` comes first in its line: that is how the line is found."""

    key: str
    remote_id: str
    reply_id: int
    account_handle: str
    parent_id: str
    conversation_id: str
    text: str
    language: str | None
    published_at: datetime

    def line(self) -> bytes:
        """This reply as one line of JSON; lone surrogates become escapes, so any text can be written."""
        values = asdict(self) | {"published_at": self.published_at.isoformat()}
        return json.dumps(values, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> LoggedReply:
        """The reply in a line; ValueError, KeyError or TypeError for anything that is not one."""
        values = json.loads(line)
        moment = require_aware(datetime.fromisoformat(values.pop("published_at")))
        return cls(**values, published_at=moment)


@dataclass(frozen=True, slots=True)
class PublishLog:
    """The log file. All methods may be called from several processes at once."""

    path: Path

    def append(self, reply: LoggedReply) -> LoggedReply:
        """Publish ``reply`` unless its key is there already; return what stands in the log.

        Raises Unavailable when nothing was published and OutcomeUnknown when that is not certain.
        """
        with self._locked(fcntl.LOCK_EX):
            descriptor = self._open()
            try:
                known = _whole_lines(_read(descriptor))
                found = _find(known, reply.key, self.path)
                if found is None:
                    _cut(descriptor, len(known))
                    _write(descriptor, reply.line(), at=len(known))
            finally:
                os.close(descriptor)
        return found or reply

    def find(self, key: str) -> LoggedReply | None:
        """The published reply of that key. Raises Unavailable when the log cannot be read."""
        return _find(self._content(), key, self.path)

    def replies(self) -> tuple[LoggedReply, ...]:
        """Every published reply in order. Raises Misconfigured for a whole line that is not one."""
        lines = self._content().split(b"\n")[:-1]
        return tuple(_parse(line, self.path, number) for number, line in enumerate(lines, start=1))

    def clear(self) -> None:
        """Forget every reply."""
        with self._locked(fcntl.LOCK_EX):
            self.path.unlink(missing_ok=True)

    def _content(self) -> bytes:
        with self._locked(fcntl.LOCK_SH):
            try:
                return _whole_lines(self.path.read_bytes())
            except FileNotFoundError:
                return b""
            except OSError as error:
                raise Unavailable(f"The sample's log cannot be read: {error.strerror}.") from error

    def _open(self) -> int:
        is_new = not self.path.exists()
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if is_new:
                sync_folder(self.path.parent)
        except OSError as error:
            raise Unavailable(f"The sample's log cannot be opened: {error.strerror}.") from error
        return descriptor

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        # The lock has a file of its own, which is never removed: the log may be, by clear().
        with locked(self.path.with_suffix(".lock"), how):
            yield


@contextmanager
def locked(path: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Hold a lock on ``path`` between processes; it ends with its holder, killed or not. Raises Unavailable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(f"The sample's folder cannot be used: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    try:
        return os.pread(descriptor, size, 0)
    except OSError as error:
        raise Unavailable(f"The sample's log cannot be read: {error.strerror}.") from error


def _whole_lines(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


def _find(content: bytes, key: str, path: Path) -> LoggedReply | None:
    # JSON escapes line breaks inside texts, so this can only match at the start of a line.
    wanted = b'\n{"key": ' + json.dumps(key, ensure_ascii=False).encode("utf-8", "backslashreplace") + b","
    start = (b"\n" + content).find(wanted)
    if start < 0:
        return None
    return _parse(content[start : content.index(b"\n", start)], path, content.count(b"\n", 0, start) + 1)


def _parse(line: bytes, path: Path, number: int) -> LoggedReply:
    try:
        return LoggedReply.parse(line)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Misconfigured(f"Line {number} of {path.name} in the sample's folder is damaged.") from error


def _cut(descriptor: int, length: int) -> None:
    try:
        os.ftruncate(descriptor, length)
    except OSError as error:
        raise Unavailable(f"The sample's log cannot be repaired: {error.strerror}.") from error


def _write(descriptor: int, line: bytes, *, at: int) -> None:
    try:
        written = os.write(descriptor, line)
        if written != len(line):
            raise OSError(f"only {written} of {len(line)} bytes were written")
    except OSError as error:
        # Without its line break it is not published; the next writer cuts what may have stayed behind.
        _cut(descriptor, at)
        raise Unavailable(f"The sample's log cannot be written: {error.strerror or error}.") from error
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise OutcomeUnknown(f"The sample's log may not be on disk: {error.strerror}.") from error
