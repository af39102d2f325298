"""How good is the model? evaluate: figures per language and head, beside baselines and the revision before."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

import settings as configuration
from desk.cli import output
from desk.cli.arguments import Commands, command
from desk.cli.teaching import corrections_fields, on_corrections, say_corrections

if TYPE_CHECKING:
    from classifiers.evaluate import Report
    from classifiers.measures import Figure


def declare(commands: Commands) -> None:
    """Declare this module's command."""
    help = "measure the shipped model on the sets that ship"
    command(commands, "evaluate", evaluate, help=help, json=True, person="none")


def evaluate(args: argparse.Namespace) -> None:
    """Measure the model of the settings on the labelled posts that ship, and on those corrected at this desk."""
    from classifiers import registry
    from classifiers.evaluate import evaluate as measure
    from classifiers.evaluate import measured

    settings = configuration.load(data_dir=args.data_dir)
    classifier = registry.chosen(settings)
    report = measure(classifier)
    others = [other for other in measured() if other.model != report.model]
    corrected = on_corrections(args)
    if args.json:
        compared = {"others": {other.model: asdict(other)["overall"] for other in others}}
        corrections = {"corrections": None if corrected is None else corrections_fields(corrected)}
        output.say_json(asdict(report) | {"by_rules": classifier.card.by_rules} | compared | corrections)
        return
    _say(report, others)
    if classifier.card.by_rules:
        output.say(f"Not the model's own, but answered by rules: {', '.join(classifier.card.by_rules)}.")
    if corrected is not None:
        say_corrections(corrected)


def _say(report: Report, others: list[Report]) -> None:
    columns = {"all": report.overall, **report.by_language}
    posts = {name: max(figure.n for figure in found.values()) for name, found in columns.items()}
    output.say(f"{report.model} on {report.posts}: n = {', '.join(f'{n} {name}' for name, n in posts.items())}")
    rows = [(name, *(_cell(found.get(name)) for found in columns.values())) for name in report.overall]
    output.table(rows, headings=("with 95 % interval", *columns))
    output.say("")
    output.say("The same posts, judged by others:")
    names = [other.model for other in others]
    compared = [(name, *(_cell(o.overall.get(name)) for o in (report, *others))) for name in report.overall]
    output.table(compared, headings=("", report.model, *names))


def _cell(figure: Figure | None) -> str:
    return "" if figure is None else f"{figure.value:.2f} ({figure.low:.2f}-{figure.high:.2f})"
