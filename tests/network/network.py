"""What does a run of the matrix need of a network? Customers who write there, and what stands under their posts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from domain.brand import Watch
from services.context import Context


@dataclass(frozen=True, slots=True)
class Written:
    """A post of ours on the network. ``in_link``: what a link to it must hold; empty where there are no links."""

    remote_id: str
    parent_id: str
    text: str
    in_link: str = ""


class Quirk(StrEnum):
    """What a server may be like besides what it documents."""

    KEYLESS = "the server takes no notice of the key, and its answer is lost"
    SAME_WORDS = "the server refuses the same words twice"
    LATE = "the server takes it, its answer is lost, and it is shown only at a later look"


class Network(Protocol):
    """One network with an account of ours and its customers.

    ``fixes_beforehand``: its channel fixes something before the first attempt. ``quirks``: what it may be like.
    ``of_one_desk``: whatever our account wrote there is of this desk alone.
    """

    channel: str
    handle: str
    secret: str
    url: str
    fixes_beforehand: bool
    quirks: frozenset[Quirk]
    of_one_desk: bool

    def ask(self, ctx: Context, watch: Watch, words: Mapping[int, str]) -> list[str]:
        """Customers, another one for each number, write these words and the desk hears them; returns the posts' ids."""
        ...

    def out(self) -> list[Written]:
        """Everything our account has written, as its server has it."""
        ...

    def read_under(self, native_id: str) -> list[str]:
        """The words that the customer reads under their post."""
        ...

    def behave(self, quirk: Quirk | None) -> None:
        """The server is like that from now on; None: as documented."""
        ...

    def hurry(self) -> None:
        """In this process the channel waits half a second for an answer, and no longer."""
        ...

    def moves_into(self, folder: Path) -> None:
        """A desk begins in that data folder."""
        ...

    def writes(self, method: str, path: str) -> bool:
        """Whether that request publishes something."""
        ...
