"""The channels the desk knows, imported only when used."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import cast

from collectors.protocol import Channel, Manifest
from domain.errors import NotFound

#: Every channel by folder name. Adding one starts here.
CHANNELS: tuple[str, ...] = ("sample", "bluesky", "feeds", "http_connector", "mastodon", "reddit", "x")

#: Mentions that came in by file. It listens and answers nowhere; its posts are answered by hand.
IMPORT_CHANNEL = Manifest(name="import", title="Import", listens=False, answers=False)


@cache
def manifest(name: str) -> Manifest:
    """The manifest of a channel, without importing its code; NotFound for a name nobody knows."""
    if name == IMPORT_CHANNEL.name:
        return IMPORT_CHANNEL
    if name not in CHANNELS:
        raise NotFound(f"There is no channel called {name!r}; known: {', '.join(CHANNELS)}.", channel=name)
    told = tomllib.loads((Path(__file__).parent / name / "manifest.toml").read_text(encoding="utf-8"))
    return Manifest(**told | {"ways": tuple(told.get("ways", ()))})


def channel(name: str) -> Channel:
    """The channel called ``name``; NotFound for a name nobody knows."""
    if name not in CHANNELS:
        raise NotFound(f"There is no channel called {name!r}; known: {', '.join(CHANNELS)}.", channel=name)
    return cast(Channel, import_module(f"collectors.{name}").channel)
