"""What has to be true before desk and worker start? A free port, one supervisor, the schema, somebody to sign in."""

from __future__ import annotations

import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import bootstrap
from domain.errors import Misconfigured, NotPossible
from services import team
from settings import Settings


@contextmanager
def prepare(settings: Settings) -> Iterator[str | None]:
    """Make the desk startable, and hold the folder for this supervisor alone while the block runs.

    Yields the first administrator's password at the very first start, else None. Raises Misconfigured
    for a taken port or an unusable folder, NotPossible when a desk already runs on this folder.
    """
    require_free(settings.host, settings.port)
    bootstrap.migrate(settings)
    with open(settings.data_path / "supervisor.lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            words = f"A desk is already running on {settings.data_path}; stop it, or use --data-dir for another."
            raise NotPossible(words, reason="already_running") from None
        yield first_password(settings)


def first_password(settings: Settings) -> str | None:
    """Make the first administrator of a desk that has nobody; returns the password, to be shown once."""
    backend = bootstrap.open_backend(settings)
    try:
        return team.ensure_first_admin(backend.ctx)
    finally:
        backend.ctx.store.close()


def require_free(host: str, port: int) -> None:
    """Raise Misconfigured when the port is taken."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as err:
        raise Misconfigured(
            f"Port {port} on {host} cannot be used ({err.strerror}): choose another with --port.", port=port
        ) from err
