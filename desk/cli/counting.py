"""How is a brand spoken of, as figures for programs or people? trends, and counting everything anew."""

from __future__ import annotations

import argparse
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from desk.cli import output
from desk.cli.arguments import Commands, command, with_brand, words
from desk.cli.session import UsageProblem, opened
from domain.judgement import ReasonCode
from domain.window import Comparison, Stretch, Window

if TYPE_CHECKING:
    from desk.cli.session import Session
    from domain.metrics import Figure
    from services.trends import Answers, Figures, Point, Trends, Unheard


def declare(commands: Commands) -> None:
    """Declare this module's command."""
    help = "how a brand is spoken of and how its customers were answered; `trends rebuild` counts everything anew"
    parser = with_brand(command(commands, "trends", trends, help=help, json=True))
    parser.add_argument("act", metavar="rebuild", nargs="?", choices=("rebuild",), help="count anew from the posts")
    parser.add_argument("--since", metavar="D", type=date.fromisoformat, help="first day; default: 31 days to today")
    parser.add_argument("--until", metavar="D", type=date.fromisoformat, help="the day after the last one")
    parser.add_argument("--channel", metavar="C,...", type=words, default=(), help="these networks alone")
    parser.add_argument("--language", metavar="L,...", type=words, default=(), help="these languages alone")
    themes = [str(each) for each in ReasonCode]
    parser.add_argument(
        "--theme", metavar="T", choices=themes, help="posts of this contact reason alone, such as money"
    )
    compared = [str(each) for each in Comparison]
    parser.add_argument("--compare", choices=compared, default=compared[0], help="what the window is held against")


def trends(args: argparse.Namespace) -> None:
    """The figures of a window, each with n, margin and what was not heard."""
    from services import brands, trends

    with opened(args) as session:
        ctx = session.ctx
        if args.act == "rebuild":
            _rebuild(args, session)
            return
        brand = brands.resolve_brand(ctx, args.brand)
        last = None if args.until is None else args.until - timedelta(days=1)
        window = trends.window_of(ctx, brand.id, since=args.since, until=last)
        chosen = {"channels": args.channel, "languages": args.language}
        theme = ReasonCode(args.theme) if args.theme else None
        seen = trends.trends(ctx, brand.id, window, comparison=Comparison(args.compare), theme=theme, **chosen)
    if args.json:
        output.say_json({"brand": brand.name} | as_json(seen))
    else:
        _say(brand.name, seen)


def _rebuild(args: argparse.Namespace, session: Session) -> None:
    from services import brands, recounting

    if any((args.since, args.until, args.channel, args.language, args.theme)):
        raise UsageProblem("trends rebuild counts everything: it takes no days, channels, languages or theme.")
    brand = brands.resolve_brand(session.ctx, args.brand) if args.brand else None
    recounting.rebuild(session.ctx, None if brand is None else brand.id)
    if args.json:
        output.say_json({"rebuilt": "all" if brand is None else brand.name})
    else:
        output.say("Everything was counted anew.")


def as_json(seen: Trends) -> dict[str, object]:
    """The document: moments in UTC, shares in [0, 1], and null where nothing can be told."""
    return {
        "window": _days(seen.window) | {"timezone": seen.window.timezone, "days": seen.window.days},
        "compared": _days(seen.compared),
        "channels": list(seen.channels),
        "languages": list(seen.languages),
        "theme": seen.theme,
        "read_at": seen.read_at,
        "heard": {"channels": list(seen.heard.channels), "not_heard": [_missed(each) for each in seen.heard.unheard]},
        "models": [{"model": model, "posts": n} for model, n in seen.models],
        "least_people": seen.least_people,
        "now": _figures(seen.now) | {"answers": _answers(seen.answers)},
        "before": _figures(seen.before) | {"answers": _answers(seen.answers_before)},
        "step": seen.step,
        "points": [_point(each) for each in seen.points],
        "by_channel": {group.name: _figures(group.figures) for group in seen.by_channel},
        "by_language": {group.name: _figures(group.figures) for group in seen.by_language},
        "by_theme": {group.name: _figures(group.figures) for group in seen.by_theme},
        "voices": [
            {
                "name": v.name,
                "ours": v.watch_id == 0,
                "share": figure_json(v.share),
                "net_sentiment": figure_json(v.net),
            }
            for v in seen.voices
        ],
        "voices_with_too_few_posts": seen.few_voices,
    }


def _days(window: Window) -> dict[str, object]:
    return {"since": window.first.isoformat(), "until": (window.last + timedelta(days=1)).isoformat()}


def figure_json(figure: Figure) -> dict[str, object]:
    """One figure of a document; nulls where too few stand behind it."""
    hits = None if figure.value is None else figure.hits  # Beside n they would say what is not told.
    return {"value": figure.value, "low": figure.low, "high": figure.high, "hits": hits, "n": figure.n}


def _figures(found: Figures) -> dict[str, object]:
    counts = ("posts", "judged", "unjudged", "reposts", "spam", "own", "deleted")
    told = found.net.value is not None
    return {name: getattr(found, name) for name in counts} | {
        "net_sentiment": figure_json(found.net),
        "complaint_share": figure_json(found.complaints),
        "kinds": {str(kind): n for kind, n in found.kinds} if told else None,
        "sentiments": {str(sentiment): n for sentiment, n in found.sentiments} if told else None,
    }


def _answers(found: Answers) -> dict[str, object]:
    told = found.is_enough
    return {
        "asked": found.asked,
        "within": [{"at_most_s": bound, "n": n} for bound, n in found.within] if told else None,
        "unanswered": found.unanswered if told else None,
        "half_at_most_s": found.half_s,
        "nine_in_ten_at_most_s": found.most_s,
        "solved": figure_json(found.solved),
        "reopened": found.reopened,
    }


def _point(each: Point) -> dict[str, object]:
    missed = [_missed(one) for one in each.unheard]
    figures = None if each.figures is None else _figures(each.figures)
    return _stretch(each.stretch) | {"is_over": each.is_over, "not_heard": missed, "figures": figures}


def _missed(each: Unheard) -> dict[str, object]:
    return {"channel": each.channel} | _stretch(each.stretch) | {"why": each.why, "reason": each.reason or None}


def _stretch(stretch: Stretch) -> dict[str, object]:
    return {"from": stretch.from_at, "to": stretch.to_at}


def _say(name: str, seen: Trends) -> None:
    from desk import trend_words

    output.say(f"{name}, {seen.window.first} to {seen.window.last} ({seen.window.timezone}):")
    posts = "-" if seen.window.stretch.from_at > seen.read_at else seen.now.posts
    rows = [
        ("posts", posts, seen.before.posts, f"{seen.now.judged} judged"),
        ("net sentiment", _value(seen.now.net), _value(seen.before.net), _margin(seen.now.net)),
        ("complaint share", _value(seen.now.complaints), _value(seen.before.complaints), _margin(seen.now.complaints)),
        ("solved", _value(seen.answers.solved), _value(seen.answers_before.solved), _margin(seen.answers.solved)),
    ]
    output.table(rows, headings=("", "now", "before", "rests on"))
    if not seen.now.posts:
        output.say(". ".join(trend_words.empty_words(seen, now=seen.read_at)))
    for each in seen.heard.unheard:
        output.say(f"Not heard: {each.channel}, {_moment(each.stretch.from_at)} to {_moment(each.stretch.to_at)}.")


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _value(figure: Figure) -> str:
    return "too few" if figure.value is None else f"{figure.value:.2f}"


def _margin(figure: Figure) -> str:
    told = f"n = {figure.n}"
    return told if figure.low is None or figure.high is None else f"{told}, {figure.low:.2f} to {figure.high:.2f}"
