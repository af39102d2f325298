"""How does the desk run? run starts desk and worker; desk and worker start one alone; work does one pass and leaves."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

import settings as configuration
from desk.cli import output
from desk.cli.arguments import Commands, command
from desk.cli.session import opened, prepare_folder

if TYPE_CHECKING:
    from desk.cli.session import Session

#: One pass never turns into a loop: whatever keeps coming in is left to the next one.
MAX_ROUNDS = 1000
JUDGED_AT_ONCE = 1024
#: What may wake the jobs of a worker; the first on one machine, the second for a team on PostgreSQL.
ENGINES = ("embedded", "procrastinate")


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    parser = command(commands, "run", run, help="desk and worker under one supervisor", person="none")
    parser.add_argument("--port", type=port, help="port of the desk (8501)")
    parser.add_argument("--host", help="address the desk listens on (127.0.0.1)")
    parser.add_argument("--no-sample", action="store_true", help="do not install the invented brand")
    parser = command(commands, "desk", desk, help="the desk alone, for a team with workers elsewhere", person="none")
    parser.add_argument("--port", type=port, help="port of the desk (8501)")
    parser.add_argument("--host", help="address the desk listens on (127.0.0.1)")
    parser = command(commands, "worker", worker, help="one worker alone, until it is stopped", person="none")
    parser.add_argument(
        "--engine", choices=ENGINES, default=ENGINES[0], help="embedded, or procrastinate for several workers"
    )
    command(commands, "work", work, help="judge and deliver what is due, then leave", json=True, person="none")


def port(text: str) -> int:
    """A TCP port; argparse turns the error into a usage error."""
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"a port lies between 1 and 65535, not {number}")
    return number


def run(args: argparse.Namespace) -> None:
    """Become the supervisor: signals and exit code pass straight through."""
    settings = configuration.load(data_dir=args.data_dir, port=args.port, host=args.host)
    _become(settings, "worker.supervisor", *(["--no-sample"] if args.no_sample else []))


def desk(args: argparse.Namespace) -> None:
    """Become the desk."""
    _become(configuration.load(data_dir=args.data_dir, port=args.port, host=args.host), "worker.desk_alone")


def worker(args: argparse.Namespace) -> None:
    """Become a worker."""
    _become(configuration.load(data_dir=args.data_dir), "worker", "--engine", args.engine)


def _become(settings: configuration.Settings, module: str, *words: str) -> None:
    """Run a module in the place of this process, with what the command line chose in its environment."""
    prepare_folder(settings.data_path)
    given = {"DATA_DIR": settings.data_path, "PORT": settings.port, "HOST": settings.host}
    environment = os.environ | {f"SPORTELLO_{name}": str(value) for name, value in given.items()}
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", module, *words], environment)


def work(args: argparse.Namespace) -> None:
    """Judge and deliver all that is pending and due, never a reply before its time, then leave."""
    with opened(args) as session:
        counts = {"judged": _judge_all(session), **_deliver_all(session)}
        _tell_people(session)
    if args.json:
        output.say_json(counts)
    else:
        output.say(", ".join(f"{number} {name.replace('_', ' ')}" for name, number in counts.items()))


def _tell_people(session: Session) -> None:
    from desk.alert_words import speak
    from services import alert_delivering, alert_looking

    alert_looking.look(session.ctx)
    alert_delivering.deliver_due(session.ctx, speak, worker=f"work:{os.getpid()}")


def _judge_all(session: Session) -> int:
    from services import triage

    total, classifier = 0, session.backend.classifier()
    while count := triage.judge_pending(session.ctx, classifier, posts=JUDGED_AT_ONCE):
        total += count
    return total


def _deliver_all(session: Session) -> dict[str, int]:
    from services import follow_up, outbox

    worker = f"work:{os.getpid()}"
    totals = {"sent": 0, "uncertain": 0, "failed": 0, "needs_human": 0}
    for _ in range(MAX_ROUNDS):
        rounds = (outbox.deliver_due(session.ctx, worker=worker), outbox.reconcile(session.ctx, worker=worker))
        for name in totals:
            totals[name] += sum(getattr(counts, name) for counts in rounds)
        if not any(counts.sent or counts.failed for counts in rounds):
            break
    follow_up.run_due(session.ctx)
    return totals
