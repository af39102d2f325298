"""What every service works with: the store, the settings, the clock, and who is acting."""

from __future__ import annotations

from dataclasses import dataclass, replace

from db.engine import Store
from domain.clock import Clock, utc_now
from domain.people import Member, Right
from settings import Settings


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a colleague (``user:<id>``), the command line (``cli:<os user>``) or the desk itself (``system``).

    The command line and the desk itself have every right; a colleague has those of their roles.
    """

    name: str
    rights: frozenset[Right]
    member: Member | None = None

    @property
    def user_id(self) -> int | None:
        return None if self.member is None else self.member.id


SYSTEM = Actor(name="system", rights=frozenset(Right))


def colleague(member: Member) -> Actor:
    """The actor for a signed-in colleague; an inactive one has no rights."""
    return Actor(name=f"user:{member.id}", rights=member.rights if member.active else frozenset(), member=member)


def command_line(os_user: str) -> Actor:
    """The actor for somebody who can read the data folder."""
    return Actor(name=f"cli:{os_user}", rights=frozenset(Right))


@dataclass(frozen=True, slots=True)
class Context:
    """The first argument of every service."""

    store: Store
    settings: Settings
    actor: Actor = SYSTEM
    clock: Clock = utc_now

    def acting_as(self, actor: Actor) -> Context:
        """The same desk, in somebody else's name."""
        return replace(self, actor=actor)
