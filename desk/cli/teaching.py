"""How is the model taught? train: heads from the team's corrections, installed only when better, and undone."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from desk.cli import output
from desk.cli.arguments import Commands, command
from desk.cli.session import Session, opened

if TYPE_CHECKING:
    from classifiers.measures import Figure
    from classifiers.teaching.course import Course, HeadTrial
    from services.trust import OnCorrections

_VERDICTS = {
    "better": "better: installed",
    "no_clear_gain": "no gain beyond chance: left as it was",
    "costs_elsewhere": "would cost too much on the posts that ship: left as it was",
    "hides_dangers": "would take dangers among the posts that ship for a day's work: left as it was",
    "one_sided": "the corrections nearly all say the same: nothing can be learned from one label",
    "too_few": "too few corrected posts",
}

_ONLY_TRIED = "better: `--from-corrections` would install it"

_HEADINGS = ("HEAD", "POSTS", "BEFORE", "AFTER", "GAIN", "ON POSTS THAT SHIP", "COUNTS AS", "OUTCOME")

_LEFT_OUT = "{n} left out: its heads learned from them; the sample never counts"

_AGAIN = "The worker judges again what other heads judged; `sportello rejudge` does it at once."


def declare(commands: Commands) -> None:
    """Declare this module's command."""
    parser = command(commands, "train", train, help="teach the model's heads from the team's corrections", json=True)
    parser.epilog = "The recipe that made the model itself: python -m classifiers.training.train --help"
    parser.add_argument("--brand", metavar="B", help="learn from this brand alone; default: all but the sample")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--from-corrections", action="store_true", help="learn, compare, install what is better")
    what.add_argument("--try", dest="only_try", action="store_true", help="learn and compare, install nothing")
    what.add_argument("--undo", action="store_true", help="judge again with the heads before the last lesson")


def train(args: argparse.Namespace) -> None:
    """Teach, try or undo, and say what came of it."""
    with opened(args) as session:
        if args.undo:
            _undo(args, session)
        else:
            _say_course(args, _course(args, session), session.backend.classifier().card.revision)


def _undo(args: argparse.Namespace, session: Session) -> None:
    from services import teaching

    number = teaching.undo(session.ctx)
    revision = session.backend.classifier().card.revision
    if args.json:
        output.say_json({"undone": True, "step": number, "model": revision})
    else:
        output.say(f"Undone: {revision} judges again. {_AGAIN}")


def _course(args: argparse.Namespace, session: Session) -> Course:
    from services import brands, teaching

    brand_id = brands.resolve_brand(session.ctx, args.brand).id if args.brand else None
    do = teaching.try_heads if args.only_try else teaching.learn
    return do(session.ctx, session.backend.classifier(), brand_id=brand_id)


def _say_course(args: argparse.Namespace, course: Course, revision: str) -> None:
    installed = course.taught is not None and not args.only_try
    if args.json:
        trials = [asdict(trial) for trial in course.trials]
        output.say_json({"installed": installed, "model": revision, "heads": trials})
        return
    rows = [_row(trial, only_try=args.only_try) for trial in course.trials]
    output.table(rows, headings=_HEADINGS)
    output.say("Shares of corrected posts judged as you did, each by heads that never saw it, with 95 % intervals.")
    output.say(
        "A correction counts as so many posts that ship, chosen on corrections other than those it is measured on."
    )
    if installed:
        output.say(f"Installed: {revision} judges from now on. {_AGAIN} Take it back with `sportello train --undo`.")
    else:
        output.say(f"Nothing was installed; {revision} judges as before.")


def _row(trial: HeadTrial, *, only_try: bool) -> tuple[str, ...]:
    shipped = "" if trial.shipped_before is None else f"{trial.shipped_before:.1%} -> {trial.shipped_after:.1%}"
    figures = [_share(trial.before), _share(trial.after), _share(trial.gain, signed=True)]
    counts = "" if trial.weight is None else f"{trial.weight:g}"
    outcome = _ONLY_TRIED if only_try and trial.verdict == "better" else _VERDICTS[trial.verdict]
    return (trial.head, str(trial.n), *figures, shipped, counts, outcome)


def _share(figure: Figure | None, *, signed: bool = False) -> str:
    if figure is None:
        return ""
    form = "+.0%" if signed else ".0%"
    return f"{figure.value:{form}} ({figure.low:{form}} to {figure.high:{form}})"


def on_corrections(args: argparse.Namespace) -> OnCorrections | None:
    """The model in use on the posts that the team corrected; None where there is no desk or no right to it."""
    import bootstrap
    import settings as configuration
    from services import trust

    if not bootstrap.has_desk(configuration.load(data_dir=args.data_dir)):
        return None
    with opened(args) as session:
        return trust.on_corrections(session.ctx, session.backend.classifier())


def corrections_fields(found: OnCorrections) -> dict[str, object]:
    """The same as plain values for JSON."""
    heads = {
        each.head: {"n": each.agreed.n, "right": each.agreed.value, "interval": list(each.agreed.interval)}
        for each in found.heads
    }
    return {"model": found.model, "heads": heads, "left_out_as_learned": found.learned}


def say_corrections(found: OnCorrections) -> None:
    """The same as lines."""
    output.say("")
    if not any(each.agreed.n for each in found.heads):
        output.say(f"{found.model} on posts corrected here: none yet ({_LEFT_OUT.format(n=found.learned)}).")
        return
    output.say(f"{found.model} on the posts corrected here ({_LEFT_OUT.format(n=found.learned)}):")
    rows = [
        (each.head, str(each.agreed.n), f"{each.agreed.value:.0%}", "{:.0%} to {:.0%}".format(*each.agreed.interval))
        for each in found.heads
        if each.agreed.n
    ]
    output.table(rows, headings=("HEAD", "POSTS", "AS CORRECTED", "95 % INTERVAL"))
    output.say(
        "Colleagues correct what is wrong more often than confirm what is right: the truth probably lies higher."
    )
