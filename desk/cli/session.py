"""With which desk and in whose name does a command work? Settings, data folder, store, actor."""

from __future__ import annotations

import argparse
import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import settings as configuration
from domain.errors import Misconfigured

if TYPE_CHECKING:
    from bootstrap import Backend
    from services.context import Context

PRIVATE_FOLDER = 0o700


class UsageProblem(Exception):
    """The arguments do not go together; ends with exit code 2."""


@dataclass(frozen=True, slots=True)
class Session:
    """An open desk. ``ctx`` acts for the operating-system user, or for the colleague named with ``--as``."""

    backend: Backend
    ctx: Context
    language: str


def settings_of(args: argparse.Namespace) -> configuration.Settings:
    """The settings of this command; the data folder exists afterwards, readable by its owner alone.

    Raises Misconfigured when it cannot be made or written.
    """
    found = configuration.load(data_dir=args.data_dir)
    prepare_folder(found.data_path)
    return found


def prepare_folder(folder: Path) -> None:
    """Make the data folder if need be; Misconfigured when nothing can be written there."""
    try:
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir(mode=PRIVATE_FOLDER)
    except OSError as error:
        raise Misconfigured(
            f"The data folder {folder} cannot be made: {error.strerror}.", folder=str(folder)
        ) from error
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise Misconfigured(f"The data folder {folder} is not a folder you can write to.", folder=str(folder))


def os_user() -> str:
    """The name for the audit trail; a user without an entry in the system's list goes by number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[Session]:
    """Open the desk for one command, making it when there is none yet, and close it afterwards.

    From here on refusals are said in the language of the colleague named with ``--as``.
    Raises NotFound or NotAllowed for a colleague who is not there or not active.
    """
    import bootstrap

    settings = settings_of(args)
    args.zone = settings.timezone
    backend = bootstrap.open_backend(settings)
    try:
        ctx = backend.for_cli(os_user(), as_login=getattr(args, "as_login", None))
        if ctx.actor.member is not None:
            args.speaks = ctx.actor.member.language
        yield Session(backend, ctx, args.speaks)
    finally:
        backend.ctx.store.close()
