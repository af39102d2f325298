"""What do many customers bring at once? spikes with their cause, and the problems that group cases."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from desk.cli import output
from desk.cli.arguments import Commands, command, group, positive, with_brand
from desk.cli.session import UsageProblem, opened
from domain.problem import Outcome

if TYPE_CHECKING:
    from services.problems import ProblemView
    from services.spike_cause import Cause
    from services.spikes import SpikeView


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    parser = with_brand(command(commands, "spikes", spikes, help="when a brand was spoken of far more", json=True))
    parser.add_argument("spike", metavar="SPIKE", type=positive, nargs="?", help="its number: tell what is behind it")
    parser.add_argument("--set-aside", metavar="WORDS", help="say what it is, where it is no news")
    actions = group(commands, "problem", help="what several customers share, until each of them was told")
    parser = with_brand(command(actions, "list", show_list, help="the problems of a brand", json=True))
    parser.add_argument("--closed", action="store_true", help="those that are closed")
    parser = with_brand(command(actions, "open", open_problem, help="group cases under one problem", json=True))
    parser.add_argument("--title", metavar="T", required=True, help="its name, in your words")
    parser.add_argument("--about", metavar="TEXT", default="", help="what is known so far")
    parser.add_argument(
        "--case", metavar="CASE", type=positive, action="append", default=[], help="a case; again: more"
    )
    parser.add_argument("--spike", metavar="SPIKE", type=positive, help="the cases of this spike's posts")
    for name, run, help in (
        ("show", show, "its people, who waits, what each was told"),
        ("suggested", suggested, "cases that may belong to it"),
    ):
        command(actions, name, run, help=help, json=True).add_argument("problem", metavar="PROBLEM", type=positive)
    for name, run, help in (
        ("add", add, "make cases part of it"),
        ("remove", remove, "take cases out of it; each keeps its owner"),
    ):
        parser = command(actions, name, run, help=help, json=True)
        parser.add_argument("problem", metavar="PROBLEM", type=positive)
        parser.add_argument("cases", metavar="CASE", type=positive, nargs="+")
    parser = command(actions, "solved", solved, help="prepare one message as a draft for each owner", json=True)
    parser.add_argument("problem", metavar="PROBLEM", type=positive)
    parser.add_argument("--message", metavar="T", required=True, help="{name} becomes the customer's name")
    parser = command(actions, "returned", returned, help="it was not solved after all: it is open again", json=True)
    parser.add_argument("problem", metavar="PROBLEM", type=positive)
    parser.add_argument("--reason", metavar="TEXT", required=True, help="what happened")
    parser = command(actions, "reword", reword, help="give it another name, or other words", json=True)
    parser.add_argument("problem", metavar="PROBLEM", type=positive)
    parser.add_argument("--title", metavar="T", help="its name, in your words")
    parser.add_argument("--about", metavar="TEXT", help="what is known so far")
    parser = command(actions, "close", close, help="end it; its cases go on by themselves", json=True)
    parser.add_argument("problem", metavar="PROBLEM", type=positive)
    parser.add_argument("--outcome", choices=tuple(Outcome), default=Outcome.SOLVED, help="how it ended")
    parser.add_argument("--reason", metavar="TEXT", default="", help="needed while somebody was not told")


def spikes(args: argparse.Namespace) -> None:
    """The spikes of a brand, or what is behind one."""
    from services import brands, spike_cause, spikes

    with opened(args) as session:
        ctx = session.ctx
        if args.spike is not None:
            if args.set_aside is not None:
                spikes.set_aside(ctx, args.spike, reason=args.set_aside)
            told, cause = spikes.spike(ctx, args.spike), spike_cause.cause(ctx, args.spike)
            output.say_json(_spike(told) | _cause(cause)) if args.json else _say_cause(told, cause)
            return
        found = spikes.spikes_of(ctx, brands.resolve_brand(ctx, args.brand).id)
    if args.json:
        output.say_json([_spike(each) for each in found])
        return
    rows = [
        (s.spike_id, f"{s.from_at:%Y-%m-%d %H:%M}Z", s.state, s.channel or "all", s.measure, s.posts, f"{s.usual:.0f}")
        for s in found
    ]
    output.table(rows, headings=("SPIKE", "SINCE", "STATE", "CHANNEL", "OF", "POSTS", "USUAL"))


def show_list(args: argparse.Namespace) -> None:
    """The problems of a brand."""
    from services import brands, problems

    with opened(args) as session:
        brand = brands.resolve_brand(session.ctx, args.brand)
        found = problems.problems_of(session.ctx, brand.id, closed=args.closed)
    if args.json:
        rows = [{"problem": p.problem_id, "title": p.title, "state": p.state, "cases": p.cases} for p in found]
        output.say_json([row | {"waiting": p.waiting, "spike": p.spike_id} for row, p in zip(rows, found, strict=True)])
        return
    rows_ = [(p.problem_id, p.state, p.cases, p.waiting, p.title) for p in found]
    output.table(rows_, headings=("PROBLEM", "STATE", "CASES", "WAITING", "TITLE"))


def open_problem(args: argparse.Namespace) -> None:
    """Group cases under one problem."""
    from services import brands, problems

    with opened(args) as session:
        brand = brands.resolve_brand(session.ctx, args.brand)
        chosen = {"cases": args.case, "spike_id": args.spike}
        view = problems.open_problem(session.ctx, brand.id, title=args.title, about=args.about, **chosen)
    _tell(args, view)


def show(args: argparse.Namespace) -> None:
    """One problem."""
    from services import problems

    with opened(args) as session:
        view = problems.problem(session.ctx, args.problem)
    _tell(args, view)


def suggested(args: argparse.Namespace) -> None:
    """Cases that may belong to a problem."""
    from services import problems

    with opened(args) as session:
        found = problems.suggested(session.ctx, args.problem)
    if args.json:
        output.say_json([{"case": row.case_id, "customer": row.name, "text": row.text} for row in found])
    else:
        output.table([(r.case_id, r.name, r.text[:60]) for r in found], headings=("CASE", "CUSTOMER", "TEXT"))


def add(args: argparse.Namespace) -> None:
    """Make cases part of a problem."""
    from services import problems

    with opened(args) as session:
        view = problems.add_cases(session.ctx, args.problem, args.cases)
    _tell(args, view)


def remove(args: argparse.Namespace) -> None:
    """Take cases out of a problem."""
    from services import problems

    with opened(args) as session:
        view = problems.remove_cases(session.ctx, args.problem, args.cases)
    _tell(args, view)


def solved(args: argparse.Namespace) -> None:
    """Prepare the message as a draft for each owner."""
    from services import problem_ending, problems

    with opened(args) as session:
        version = problems.problem(session.ctx, args.problem).version
        view = problem_ending.solve(session.ctx, args.problem, message=args.message, version=version)
    _tell(args, view)


def returned(args: argparse.Namespace) -> None:
    """Open a problem again that was not solved after all."""
    from services import problem_ending, problems

    with opened(args) as session:
        seen = problems.problem(session.ctx, args.problem)
        view = problem_ending.give_back(session.ctx, args.problem, reason=args.reason, version=seen.version)
    _tell(args, view)


def reword(args: argparse.Namespace) -> None:
    """Give a problem another name, or other words about what is known."""
    from services import problems

    if args.title is None and args.about is None:
        raise UsageProblem("Give --title, --about, or both.")
    with opened(args) as session:
        seen = problems.problem(session.ctx, args.problem)
        title = seen.line.title if args.title is None else args.title
        about = seen.about if args.about is None else args.about
        view = problems.reword(session.ctx, args.problem, title=title, about=about, version=seen.version)
    _tell(args, view)


def close(args: argparse.Namespace) -> None:
    """End a problem."""
    from services import problem_ending, problems

    with opened(args) as session:
        outcome, version = Outcome(args.outcome), problems.problem(session.ctx, args.problem).version
        view = problem_ending.close(session.ctx, args.problem, outcome=outcome, reason=args.reason, version=version)
    _tell(args, view)


def _tell(args: argparse.Namespace, view: ProblemView) -> None:
    line = view.line
    people = [
        {"case": p.case_id, "customer": p.name, "channel": p.channel, "state": p.state, "owner": p.owner_name}
        | {"told": p.telling}
        for p in view.people
    ]
    if args.json:
        about = {"problem": line.problem_id, "title": line.title, "state": line.state, "spike": line.spike_id}
        ended = {"outcome": line.outcome, "opened_at": line.opened_at, "closed_at": line.closed_at}
        output.say_json(about | ended | {"message": view.message, "waiting": line.waiting, "people": people})
        return
    output.say(f"Problem {line.problem_id}, {line.state}: {line.title}; {line.cases} cases, {line.waiting} wait.")
    headings = ("CASE", "CUSTOMER", "CHANNEL", "STATE", "OWNER", "TOLD")
    output.table([tuple(each.values()) for each in people], headings=headings)


def _spike(told: SpikeView) -> dict[str, object]:
    return {
        "spike": told.spike_id,
        "state": told.state,
        "channel": told.channel or None,
        "of": told.measure,
        "from": told.from_at,
        "to": told.to_at,
        "posts": told.posts,
        "usual": round(told.usual, 1),
        "over_at": told.over_at,
        "problem": told.problem_id,
        "set_aside": told.set_aside_reason,
    }


def _cause(cause: Cause) -> dict[str, object]:
    first = cause.first
    return {
        "people": cause.people,
        "words": [{"word": w.word, "people": w.people, "before": w.before} for w in cause.words],
        "first": None if first is None else {"at": first.published_at, "channel": first.channel, "text": first.text},
        "channels": [{"channel": s.channel, "first_at": s.first_at, "posts": s.posts} for s in cause.spread],
        "kinds": dict(cause.kinds),
        "reasons": dict(cause.reasons),
        "waiting": [each.case_id for each in cause.waiting],
        "cases": cause.cases,
    }


def _say_cause(told: SpikeView, cause: Cause) -> None:
    where = told.channel or "all channels"
    output.say(f"Spike {told.spike_id}, {told.state}, since {told.from_at:%Y-%m-%d %H:%M}Z on {where}.")
    output.say(f"{told.posts} {told.measure} where {told.usual:.0f} are usual; {cause.people} people.")
    words = ", ".join(f"{w.word} ({w.people})" for w in cause.words)
    output.say(f"Words that stand out, by people: {words or '-'}.")
    output.say(f"Cases: {len(cause.cases)}; still waiting: {' '.join(str(p.case_id) for p in cause.waiting) or '-'}.")
