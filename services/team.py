"""Who works here, with which roles, trained for what, and who stands in for whom?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from argon2 import PasswordHasher
from sqlalchemy import Connection

from collectors.registry import IMPORT_CHANNEL
from db import sessions, users
from domain.errors import Invalid, NotFound
from domain.people import Member, Right, Role, Training
from domain.text import one_line
from services import passwords
from services.act import act, acting_member, require
from services.context import Context
from services.sign_in import normal_login, token_hash
from services.team_rules import (
    keep_an_admin,
    known_channel,
    may_touch_admins,
    new_login,
    shown_name,
    some_roles,
)
from services.team_rules import (
    language as known_language,
)


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
    """Everybody, the active first, by name. Needs Right.READ: a case is handed over to a name."""
    require(ctx, Right.READ, action="team.read", entity="user")
    with ctx.store.read() as tx:
        return users.everybody(tx)


def find(ctx: Context, login: str) -> Member:
    """The colleague who signs in as ``login``, active or not; NotFound."""
    with ctx.store.read() as tx:
        member = users.find(tx, normal_login(login))
    if member is None:
        raise NotFound(f"There is no colleague called {one_line(login, max_chars=80)!r}.", entity="user")
    return member


def preferences(ctx: Context, user_id: int) -> Preferences:
    """Language, shortcuts, and whether the password has to be changed."""
    with ctx.store.read() as tx:
        return _preferences(tx, user_id)


def set_preferences(ctx: Context, *, language: str | None = None, shortcuts: bool | None = None) -> Preferences:
    """Change one's own."""
    given: dict[str, object] = {}
    with act(ctx, "team.preferences", "user", ctx.actor.user_id, needs=Right.READ) as running:
        member = acting_member(ctx)
        if language is not None:
            given["language"] = known_language(language)
        if shortcuts is not None:
            given["shortcuts"] = shortcuts
        if given:
            users.change(running.tx, member.id, **given)
        return _preferences(running.tx, member.id)


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
    """Add a colleague; without ``password`` a readable one is made, to be changed at the first sign-in.

    Needs Right.TEAM; to give the role admin, Right.SETUP. Raises Invalid(reason=login | login_taken | name | roles).
    """
    secret = passwords.check_new(password) if password is not None else passwords.generated()
    hashed = (hasher or passwords.strong_hasher()).hash(secret)
    wanted = frozenset(roles)
    with act(ctx, "team.add", "user", needs=Right.TEAM) as running:
        may_touch_admins(ctx, wanted)
        running.entity_id = users.add(
            running.tx,
            login=new_login(running.tx, login),
            name=shown_name(name),
            password_hash=hashed,
            must_change_password=password is None,
            language=known_language(language or ctx.settings.language),
            created_at=running.now,
        )
        users.set_roles(running.tx, running.entity_id, some_roles(wanted))
        users.set_trainings(running.tx, running.entity_id, trained)
        running.details["roles"] = sorted(wanted)
        return NewMember(users.get(running.tx, running.entity_id), None if password is not None else secret)


def change_member(ctx: Context, user_id: int, *, name: str | None = None, language: str | None = None) -> Member:
    """Change a colleague's name or language. Needs Right.TEAM."""
    with act(ctx, "team.change", "user", user_id, needs=Right.TEAM) as running:
        may_touch_admins(ctx, users.get(running.tx, user_id).roles)
        if name is not None:
            users.change(running.tx, user_id, name=shown_name(name))
        if language is not None:
            users.change(running.tx, user_id, language=known_language(language))
        return users.get(running.tx, user_id)


def set_roles(ctx: Context, user_id: int, roles: Iterable[Role]) -> Member:
    """Replace the roles. NotPossible(last_admin) when no active admin would be left."""
    wanted = some_roles(frozenset(roles))
    with act(ctx, "team.roles", "user", user_id, needs=Right.TEAM) as running:
        member = users.get(running.tx, user_id)
        may_touch_admins(ctx, member.roles | wanted)
        if Role.ADMIN not in wanted:
            keep_an_admin(running.tx, member)
        users.set_roles(running.tx, user_id, wanted)
        running.details.update(before=sorted(member.roles), after=sorted(wanted))
        return users.get(running.tx, user_id)


def set_training(ctx: Context, user_id: int, trained: Iterable[Training]) -> Member:
    """Replace the channels somebody is trained for. Needs Right.TEAM."""
    wanted = tuple(trained)
    with act(ctx, "team.training", "user", user_id, needs=Right.TEAM) as running:
        for each in wanted:
            known_channel(ctx, each.channel)
        users.set_trainings(running.tx, user_id, wanted)
        running.details["trained"] = [f"{t.channel}{'+mentor' if t.mentor else ''}" for t in wanted]
        return users.get(running.tx, user_id)


def set_password(
    ctx: Context, user_id: int, *, password: str | None = None, hasher: PasswordHasher | None = None
) -> str | None:
    """Give a colleague a new password, to be changed at the next sign-in, and end their sessions.

    Returns the password when it was generated, else None. Needs Right.TEAM.
    """
    secret = passwords.check_new(password) if password is not None else passwords.generated()
    hashed = (hasher or passwords.strong_hasher()).hash(secret)
    with act(ctx, "team.password", "user", user_id, needs=Right.TEAM) as running:
        member = users.get(running.tx, user_id)
        may_touch_admins(ctx, member.roles)
        users.change(running.tx, user_id, password_hash=hashed, must_change_password=True)
        sessions.revoke_all(running.tx, user_id, at=running.now)
        sessions.forget_attempts(running.tx, login=member.login)
    return secret if password is None else None


def set_own_password(
    ctx: Context, old: str, new: str, *, keep_token: str | None = None, hasher: PasswordHasher | None = None
) -> None:
    """Change one's own password; every session ends except the one of ``keep_token``.

    Raises Invalid(reason=password_wrong | password_same | password_short | password_long): a password that
    somebody else has made is not one's own.
    """
    hasher = hasher or passwords.strong_hasher()
    with ctx.store.read() as tx:
        known = users.credentials_of(tx, ctx.actor.user_id or 0)
    # The slow part happens before the transaction, so that it holds up nobody.
    right = known is not None and passwords.matches(hasher, known.password_hash, old)
    hashed = hasher.hash(new[: passwords.MAX_PASSWORD_CHARS]) if right else ""
    with act(ctx, "team.own_password", "user", ctx.actor.user_id, needs=Right.READ) as running:
        member = acting_member(ctx)
        if not right:
            raise Invalid("The present password is wrong.", reason="password_wrong")
        if passwords.check_new(new) == old:
            raise Invalid("The new password is the old one.", reason="password_same")
        users.change(running.tx, member.id, password_hash=hashed, must_change_password=False)
        keep = None if keep_token is None else token_hash(keep_token)
        sessions.revoke_all(running.tx, member.id, at=running.now, keep_hash=keep)


def disable(ctx: Context, user_id: int) -> Member:
    """Let somebody in no more; their cases and history stay. NotPossible(last_admin)."""
    with act(ctx, "team.disable", "user", user_id, needs=Right.TEAM) as running:
        member = users.get(running.tx, user_id)
        may_touch_admins(ctx, member.roles)
        keep_an_admin(running.tx, member)
        users.change(running.tx, user_id, active=False)
        sessions.revoke_all(running.tx, user_id, at=running.now)
        return users.get(running.tx, user_id)


def enable(ctx: Context, user_id: int) -> Member:
    """Let somebody in again. Needs Right.TEAM."""
    with act(ctx, "team.enable", "user", user_id, needs=Right.TEAM) as running:
        may_touch_admins(ctx, users.get(running.tx, user_id).roles)
        users.change(running.tx, user_id, active=True)
        return users.get(running.tx, user_id)


def set_away(ctx: Context, user_id: int, *, away: bool, substitute_id: int | None = None) -> Member:
    """Say that somebody is away and who looks after their cases. Oneself, or Right.TEAM."""
    own = ctx.actor.user_id == user_id
    with act(ctx, "team.away", "user", user_id, needs=Right.READ if own else Right.TEAM) as running:
        users.get(running.tx, user_id)
        if substitute_id is not None:
            substitute = users.get(running.tx, substitute_id)
            if substitute_id == user_id or not substitute.active or Right.WORK not in substitute.rights:
                raise Invalid("The substitute must be another colleague who answers customers.", reason="substitute")
        users.change(running.tx, user_id, away=away, substitute_id=substitute_id)
        running.details.update(away=away, substitute=substitute_id)
        return users.get(running.tx, user_id)


def ensure_first_admin(ctx: Context, *, hasher: PasswordHasher | None = None) -> str | None:
    """Create ``admin`` when nobody is there yet and return the password to print once; else None.

    The first colleague has every role and is trained, as mentor, for every channel: a team of one can
    answer at once. The password is random and seen only by whoever started the desk, so it may stay.
    """
    with ctx.store.read() as tx:
        if users.any_there(tx):
            return None
    secret = passwords.generated()
    hashed = (hasher or passwords.strong_hasher()).hash(secret)
    with act(ctx, "team.first_admin", "user", needs=Right.TEAM) as running:
        # Somebody may have been faster while the hash was made.
        if users.any_there(running.tx):
            return None
        running.entity_id = users.add(
            running.tx,
            login="admin",
            name="Admin",
            password_hash=hashed,
            must_change_password=False,
            language=ctx.settings.language,
            created_at=running.now,
        )
        users.set_roles(running.tx, running.entity_id, Role)
        channels = sorted({*ctx.channels.names(), IMPORT_CHANNEL.name})
        users.set_trainings(running.tx, running.entity_id, [Training(c, mentor=True) for c in channels])
    return secret


def _preferences(tx: Connection, user_id: int) -> Preferences:
    member, known = users.get(tx, user_id), users.credentials_of(tx, user_id)
    return Preferences(
        language=member.language,
        shortcuts=users.shortcuts_on(tx, user_id),
        must_change_password=known is not None and known.must_change_password,
    )
