"""What may be said of a colleague, and who may say it?"""

from __future__ import annotations

import re

from sqlalchemy import Connection

from collectors.registry import IMPORT_CHANNEL
from db import users
from domain.errors import Invalid, NotAllowed, NotFound, NotPossible
from domain.people import Member, Right, Role
from domain.text import one_line
from services.context import Context
from services.sign_in import normal_login

LANGUAGES = ("it", "en")
_LOGIN = re.compile(r"\w[\w.@+-]{0,79}")


def new_login(tx: Connection, login: str) -> str:
    """The sign-in name as stored, if it is well formed and free. Raises Invalid(reason=login | login_taken)."""
    normal = normal_login(login)
    if not _LOGIN.fullmatch(normal):
        words = "A sign-in name has letters, digits and . _ - @ +, without spaces, 80 at most."
        raise Invalid(words, reason="login")
    if users.find(tx, normal) is not None:
        raise Invalid(f"The sign-in name {normal!r} is taken.", reason="login_taken")
    return normal


def shown_name(name: str) -> str:
    """The name as stored. Raises Invalid(reason=name) for an empty one."""
    shown = one_line(name, max_chars=120)
    if not shown:
        raise Invalid("A colleague needs a name.", reason="name")
    return shown


def language(code: str) -> str:
    """The language, if the desk speaks it. Raises Invalid(reason=language)."""
    if code not in LANGUAGES:
        raise Invalid(f"The desk speaks {' and '.join(LANGUAGES)}, not {code!r}.", reason="language")
    return code


def some_roles(roles: frozenset[Role]) -> frozenset[Role]:
    """The roles, if there are any. Raises Invalid(reason=roles)."""
    if not roles:
        raise Invalid("A colleague needs at least one role.", reason="roles")
    return roles


def known_channel(ctx: Context, name: str) -> str:
    """The channel, if the desk has it. Raises NotFound."""
    if name not in {*ctx.channels.names(), IMPORT_CHANNEL.name}:
        raise NotFound(f"There is no channel called {name!r}.", entity="channel", channel=name)
    return name


def may_touch_admins(ctx: Context, roles: frozenset[Role]) -> None:
    """Only who may set the house up makes or changes an admin: nobody gives away more than they have."""
    if Role.ADMIN in roles and Right.SETUP not in ctx.actor.rights:
        raise NotAllowed("Only an admin changes an admin.", needs=str(Right.SETUP))


def keep_an_admin(tx: Connection, leaving: Member) -> None:
    """Raise NotPossible(last_admin) when nobody could set the house up without this colleague."""
    if Role.ADMIN not in leaving.roles or not leaving.active:
        return
    if not [m for m in users.with_role(tx, Role.ADMIN) if m.id != leaving.id]:
        raise NotPossible("The last admin has to stay.", reason="last_admin")
