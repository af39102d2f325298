"""What did care return in a month? report: sentences on the terminal, figures for programs, or a PDF for a director."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from desk.cli import output
from desk.cli.arguments import Commands, command, with_brand
from desk.cli.counting import figure_json
from desk.cli.session import UsageProblem, opened
from desk.i18n import LANGUAGES, speaking
from domain.errors import Invalid

if TYPE_CHECKING:
    from domain.window import Window
    from services.report import Report
    from services.report_views import Returned, Words

SUFFIX = ".pdf"


def declare(commands: Commands) -> None:
    """Declare this module's command."""
    help = "what care returned in a month, in sentences a director reads; --out writes one page as a PDF"
    parser = with_brand(command(commands, "report", report, help=help, json=True))
    parser.add_argument("--month", metavar="M", help="such as 2026-10; default: the last month that is over")
    parser.add_argument("--lang", choices=LANGUAGES, help="language of the report; default: that of the desk")
    links = "link the posts that are quoted: they say who wrote them; needs --purpose"
    parser.add_argument("--links", action="store_true", help=links)
    parser.add_argument("--purpose", metavar="P", help="what the names are needed for; it is recorded")
    parser.add_argument("--out", metavar="FILE.pdf", type=Path, help="write it as a PDF instead")


def report(args: argparse.Namespace) -> None:
    """The report of a month as sentences, as one document, or as a PDF of one page."""
    from services import brands, report

    if args.out is not None and args.out.suffix.lower() != SUFFIX:
        raise UsageProblem("report: the file of a report ends in .pdf.")
    if args.links and not args.purpose:
        raise UsageProblem("--links needs --purpose: say what the names are needed for")
    if args.purpose and not args.links:
        raise UsageProblem("--purpose belongs to --links")
    with opened(args) as session:
        ctx = session.ctx
        month = None if args.month is None else report.month_from(args.month)
        brand = brands.resolve_brand(ctx, args.brand)
        month = month or report.usual_month(ctx, brand.id)
        told = report.taken(ctx, brand.id, month, links=args.links, purpose=args.purpose)
    language = args.lang or args.speaks
    if args.out is not None:
        _write(told, args.out, language=language)
    if args.json:
        output.say_json(as_json(told) | ({"file": str(args.out)} if args.out is not None else {}))
    elif args.out is not None:
        output.say(f"{args.out} was written.")
    else:
        _say(told, language=language)


def _write(told: Report, path: Path, *, language: str) -> None:
    from desk.report_file import pdf_file

    made, part = pdf_file(told, language=language), path.with_name(path.name + ".part")
    try:
        # What customers wrote is for whoever asked for it, as the file of an export is.
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made)
        os.replace(part, path)
    except OSError as err:
        raise Invalid(f"The file {path} cannot be written: {err.strerror}.", field="file") from err
    finally:
        part.unlink(missing_ok=True)


def _say(told: Report, *, language: str) -> None:
    from desk import report_words

    with speaking(language):
        page = report_words.page(told)
    for line in (page.title, page.about, page.opening):
        _line(line)
    for section in page.sections:
        _line(f"{section.heading}: {section.text}")
        for quote in section.quotes:
            _line(
                f"  {quote.before} -> {quote.after} ({quote.where}, {quote.day}{' ' if quote.url else ''}{quote.url})"
            )
    for line in page.basis:
        _line(line)


def _line(text: str) -> None:
    print(output.safe(text.replace("**", ""), max_chars=4000))


def as_json(told: Report) -> dict[str, object]:
    """The document: moments in UTC, shares in [0, 1], and null where nothing can be told."""
    days, read = told.days, told.concerns
    return {
        "brand": told.brand,
        "month": str(told.month),
        "running": days.is_running,
        "read_at": told.read_at,
        "least_people": told.least_people,
        "now": _returned(told.now) | {"since": days.window.first.isoformat(), "last": days.window.last.isoformat()},
        "before": _returned(told.before)
        | {"since": days.before.first.isoformat(), "last": days.before.last.isoformat()},
        "examples": [
            {"channel": e.channel, "complaint": _words(e.complaint), "thanks": _words(e.thanks)} for e in told.examples
        ],
        "concerns": [{"reason": str(each.code), "customers": each.customers} for each in read.told],
        "complaints": {"n": read.complaints, "customers": read.customers, "all": read.is_all},
        "problems": {
            "closed": [{"title": title, "customers": n} for title, n in told.shared.closed],
            "open": [{"title": title, "customers": n} for title, n in told.shared.open],
            "closed_of_too_few": told.shared.closed_smaller,
            "open_of_too_few": told.shared.open_smaller,
        },
        "models": [{"model": model, "posts": n} for model, n in told.models],
    }


def _days(window: Window) -> dict[str, object]:
    return {"first": window.first.isoformat(), "last": window.last.isoformat()}


def _returned(found: Returned) -> dict[str, object]:
    answers = found.answers
    return {
        "customers_answered": found.answered,
        "posts": found.posts.posts,
        "not_judged": found.posts.unjudged,
        "complaint_share": figure_json(found.posts.complaints),
        "asked": answers.asked,
        "half_at_most_s": answers.half_s,
        "nine_in_ten_at_most_s": answers.most_s,
        "unanswered": answers.unanswered if answers.is_enough else None,
        "solved": figure_json(answers.solved),
        "reopened": answers.reopened,
        "thanks": figure_json(found.thanks),
        "promises": figure_json(found.promises.kept),
        "channels": list(found.heard.channels),
        "not_heard": [
            {"channel": each.channel, "from": each.stretch.from_at, "to": each.stretch.to_at, "why": str(each.why)}
            for each in found.heard.unheard
        ],
    }


def _words(words: Words) -> dict[str, object]:
    return {"text": words.text, "language": words.language, "at": words.at, "url": words.url}
