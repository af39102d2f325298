"""Who works here? user add, list, disable, password. A password is typed or piped in, never an argument."""

from __future__ import annotations

import argparse
import getpass
import sys

from desk.cli import output
from desk.cli.arguments import Commands, Parser, command, group, words
from desk.cli.session import opened
from domain.errors import Invalid
from domain.people import Member, Role, Training

LANGUAGES = ("it", "en")


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    actions = group(commands, "user", help="colleagues, their roles and training")
    parser = command(actions, "add", add, help="add a colleague", json=True)
    parser.add_argument("name", metavar="NAME", help="the name they sign in with")
    parser.add_argument("--roles", metavar="ROLE,...", type=roles, required=True, help=f"of: {', '.join(Role)}")
    parser.add_argument("--display-name", metavar="NAME", help="how colleagues see them; default: the sign-in name")
    parser.add_argument("--trained", metavar="CHANNEL,...", type=words, default=(), help="may answer there alone")
    parser.add_argument("--mentor", metavar="CHANNEL,...", type=words, default=(), help="and approves others there")
    parser.add_argument("--language", choices=LANGUAGES, help="language of their desk")
    _password_option(parser)
    command(actions, "list", show, help="list the colleagues", json=True)
    parser = command(actions, "disable", disable, help="end somebody's access; what they did stays")
    parser.add_argument("name", metavar="NAME", help="their sign-in name")
    parser = command(actions, "password", password, help="give somebody a new password")
    parser.add_argument("name", metavar="NAME", help="their sign-in name")
    _password_option(parser)


def roles(text: str) -> frozenset[Role]:
    """Roles by name; argparse turns the error into a usage error that lists them."""
    try:
        found = frozenset(Role(word) for word in words(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"roles are: {', '.join(Role)}") from None
    if not found:
        raise argparse.ArgumentTypeError("name at least one role")
    return found


def add(args: argparse.Namespace) -> None:
    """Add a colleague; without a password from outside one is made up and shown once."""
    from services import team

    with opened(args) as session:
        new = team.add_member(
            session.ctx,
            login=args.name,
            name=args.display_name or args.name,
            roles=args.roles,
            trained=_trainings(args),
            language=args.language or session.ctx.settings.language,
            password=_given_password(args),
        )
    if args.json:
        made_up = {} if _has_own_password(args) else {"password": new.password}
        output.say_json(_fields(new.member) | made_up)
    elif _has_own_password(args):
        output.say(f"{new.member.login} may sign in now.")
    else:
        output.say(f"{new.member.login} may sign in now, once with this password: {new.password}")


def show(args: argparse.Namespace) -> None:
    """All colleagues, the disabled ones marked."""
    from services import team

    with opened(args) as session:
        members = team.members(session.ctx)
    if args.json:
        output.say_json([_fields(m) for m in members])
        return
    rows = [
        (m.login, m.name, ",".join(sorted(m.roles)), ",".join(t.channel for t in m.trained), _state(m)) for m in members
    ]
    output.table(rows, headings=("NAME", "SHOWN AS", "ROLES", "TRAINED FOR", "STATE"))


def disable(args: argparse.Namespace) -> None:
    """End somebody's access."""
    from services import team

    with opened(args) as session:
        team.disable(session.ctx, team.find(session.ctx, args.name).id)
    output.say(f"{args.name} can no longer sign in.")


def password(args: argparse.Namespace) -> None:
    """Give somebody a new password."""
    from services import team

    with opened(args) as session:
        member = team.find(session.ctx, args.name)
        team.set_password(session.ctx, member.id, password=_given_password(args) or _ask_password())
    output.say(f"{args.name} has a new password; their open sign-ins have ended.")


def _password_option(parser: Parser) -> None:
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


def _has_own_password(args: argparse.Namespace) -> bool:
    return bool(args.password_stdin)


def _given_password(args: argparse.Namespace) -> str | None:
    """The first line of stdin when asked for; None else. Invalid when it is empty."""
    if not args.password_stdin:
        return None
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Invalid("No password came on standard input.", field="password")
    return line


def _ask_password() -> str:
    """Ask twice on the terminal; Invalid when there is none, or when the two differ."""
    if not sys.stdin.isatty():
        raise Invalid("Type the password at a terminal, or pipe it in with --password-stdin.", field="password")
    first = getpass.getpass("New password: ")
    if first != getpass.getpass("Again: "):
        raise Invalid("The two passwords differ.", field="password")
    return first


def _trainings(args: argparse.Namespace) -> tuple[Training, ...]:
    channels = dict.fromkeys((*args.trained, *args.mentor))
    return tuple(Training(channel, mentor=channel in args.mentor) for channel in channels)


def _state(member: Member) -> str:
    return "disabled" if not member.active else "away" if member.away else "active"


def _fields(member: Member) -> dict[str, object]:
    return {
        "user": member.id,
        "login": member.login,
        "name": member.name,
        "roles": sorted(member.roles),
        "trained": [{"channel": t.channel, "mentor": t.mentor} for t in member.trained],
        "language": member.language,
        "active": member.active,
    }
