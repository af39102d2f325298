"""Is the desk's house in order? doctor, migrate, backup, restore."""

from __future__ import annotations

import argparse
from pathlib import Path

from desk.cli import output
from desk.cli.arguments import Commands, command
from desk.cli.session import opened, os_user, settings_of


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    command(commands, "doctor", doctor, help="look at store, worker, model and settings", json=True, person="none")
    command(commands, "migrate", migrate, help="bring the database to this version", person="none")
    parser = command(commands, "backup", backup, help="write a copy of the database, while it is in use", person="none")
    parser.add_argument("file", metavar="FILE", type=Path, help="where the copy goes; it must not exist yet")
    parser = command(commands, "restore", restore, help="replace the database by a backup", person="none")
    parser.add_argument("file", metavar="FILE", type=Path, help="a copy made with `sportello backup`")


def doctor(args: argparse.Namespace) -> int:
    """Every check with its words; exit code 1 when one is not well."""
    from services import health

    with opened(args) as session:
        report = health.doctor(session.ctx)
    if args.json:
        checks = [{"name": c.name, "ok": c.ok, "words": c.words} for c in report.checks]
        output.say_json({"ok": report.ok, "checks": checks})
    else:
        for check in report.checks:
            output.say(f"{'ok  ' if check.ok else 'LOOK'} {check.name}: {check.words}")
    return 0 if report.ok else 1


def migrate(args: argparse.Namespace) -> None:
    """Bring the schema to this version."""
    import bootstrap

    bootstrap.migrate(settings_of(args))
    output.say("The database is current.")


def backup(args: argparse.Namespace) -> None:
    """Copy the database; the desk may go on working."""
    import bootstrap

    bootstrap.backup(settings_of(args), args.file)
    output.say(f"Backup written: {args.file}")


def restore(args: argparse.Namespace) -> None:
    """Put a backup in the place of the database."""
    import bootstrap
    from services.context import command_line

    doubtful = bootstrap.restore(settings_of(args), args.file, actor=command_line(os_user()))
    output.say(f"Restored from {args.file}")
    if doubtful:
        output.say(f"Replies that may have gone out since, looked up before anything is sent: {doubtful}")
