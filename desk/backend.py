"""Which backend does this process work with? One, opened on first use."""

from __future__ import annotations

import sys
import time
from functools import cache

import settings as settings_module
from bootstrap import Backend, open_backend
from domain.errors import DeskError
from settings import Settings

_BEGAN_S = time.monotonic()


def running_s() -> float:
    """For how long this process has been at work: a worker that starts beside it needs some seconds."""
    return time.monotonic() - _BEGAN_S


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return settings_module.load()


@cache
def open_once() -> Backend:
    """The backend of this process; the same object for every session and route."""
    return open_backend(settings())


def open_or_leave() -> Settings:
    """Open the desk before anything is served: what is wrong is one sentence on stderr and exit code 1, no trace."""
    try:
        open_once()
    except DeskError as err:
        sys.exit(f"sportello: {err}")
    return settings()


def forget() -> None:
    """Open anew at the next use: for tests that work on a data folder each."""
    settings.cache_clear()
    open_once.cache_clear()
