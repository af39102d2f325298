"""Who works here, with which roles, trained for what, and who stands in for whom?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from argon2 import PasswordHasher

from domain.people import Member, Role, Training
from services.context import Context


@dataclass(frozen=True, slots=True)
class NewMember:
    """A colleague just added, and the password to tell them once (None when one was given)."""

    member: Member
    password: str | None


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a colleague wants the desk."""

    language: str
    shortcuts: bool
    must_change_password: bool


def members(ctx: Context) -> list[Member]:
    """Everybody, the active first, by name."""
    raise NotImplementedError


def find(ctx: Context, login: str) -> Member:
    """The colleague who signs in as ``login``; NotFound."""
    raise NotImplementedError


def preferences(ctx: Context, user_id: int) -> Preferences:
    """Language, shortcuts, and whether the password has to be changed."""
    raise NotImplementedError


def set_preferences(ctx: Context, *, language: str | None = None, shortcuts: bool | None = None) -> Preferences:
    """Change one's own."""
    raise NotImplementedError


def add_member(
    ctx: Context,
    *,
    login: str,
    name: str,
    roles: Iterable[Role],
    trained: Iterable[Training] = (),
    language: str | None = None,
    password: str | None = None,
    hasher: PasswordHasher | None = None,
) -> NewMember:
    """Add a colleague; without ``password`` a readable one is made, to be changed at the first sign-in."""
    raise NotImplementedError


def change_member(ctx: Context, user_id: int, *, name: str | None = None, language: str | None = None) -> Member:
    """Change a colleague's name or language."""
    raise NotImplementedError


def set_roles(ctx: Context, user_id: int, roles: Iterable[Role]) -> Member:
    """Replace the roles. NotPossible(last_admin) when no active admin would be left."""
    raise NotImplementedError


def set_training(ctx: Context, user_id: int, trained: Iterable[Training]) -> Member:
    """Replace the channels somebody is trained for."""
    raise NotImplementedError


def set_password(
    ctx: Context, user_id: int, *, password: str | None = None, hasher: PasswordHasher | None = None
) -> str | None:
    """Give a colleague a new password and end their sessions; returns it when it was generated."""
    raise NotImplementedError


def set_own_password(
    ctx: Context, old: str, new: str, *, keep_token: str | None = None, hasher: PasswordHasher | None = None
) -> None:
    """Change one's own password; every session ends except the one of ``keep_token``."""
    raise NotImplementedError


def disable(ctx: Context, user_id: int) -> Member:
    """Let somebody in no more; their cases and history stay. NotPossible(last_admin)."""
    raise NotImplementedError


def enable(ctx: Context, user_id: int) -> Member:
    """Let somebody in again."""
    raise NotImplementedError


def set_away(ctx: Context, user_id: int, *, away: bool, substitute_id: int | None = None) -> Member:
    """Say that somebody is away and who looks after their cases. Oneself, or Right.TEAM."""
    raise NotImplementedError


def ensure_first_admin(ctx: Context, *, hasher: PasswordHasher | None = None) -> str | None:
    """Create ``admin`` when nobody is there yet and return the password to print once; else None."""
    raise NotImplementedError
