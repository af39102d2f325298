"""What does the model say? judge (a stream, no database), rejudge."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import settings as configuration
from desk.cli import output
from desk.cli.arguments import Commands, command
from desk.cli.session import opened

if TYPE_CHECKING:
    from classifiers.protocol import Classifier
    from domain.judgement import Judgement

READ_BYTES = 64 * 1024
#: Of a fast stream so many posts are judged in one go: the more, the better texts of like length find each other.
STREAM_POSTS = 512
MAX_LINE_BYTES = 4 * 1024 * 1024
REJUDGED_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Item:
    """One input line: a text to judge, or what is wrong with the line."""

    line: int
    id: object = None
    has_id: bool = False
    text: str = ""
    error: str | None = None


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    help = 'judge JSON lines {"id","text"} from stdin; needs no database'
    command(commands, "judge", judge, help=help, person="none")
    command(commands, "rejudge", rejudge, help="judge again what an older model judged", json=True, person="none")


def judge(args: argparse.Namespace) -> None:
    """Judge stdin line by line; a slow writer gets each answer at once, a fast one is judged in batches."""
    from classifiers import registry

    settings = configuration.load(data_dir=args.data_dir)
    classifier = registry.chosen(settings)
    for answers in judged(_stdin_chunks(), classifier, batch_posts=max(STREAM_POSTS, settings.judge_batch_posts)):
        for answer in answers:
            output.say_json(answer)
        sys.stdout.flush()


def judged(chunks: Iterable[bytes], classifier: Classifier, *, batch_posts: int) -> Iterator[list[dict[str, object]]]:
    """The answers to whatever has come in, in the order of the lines, at most ``batch_posts`` at a time."""
    for items in _items(chunks):
        for start in range(0, len(items), batch_posts):
            yield _answers(items[start : start + batch_posts], classifier)


def _answers(items: list[Item], classifier: Classifier) -> list[dict[str, object]]:
    opinions = iter(classifier.judge([item.text for item in items if item.error is None]))
    return [_complaint(item) if item.error is not None else answer(item.id, next(opinions)) for item in items]


def answer(id: object, opinion: Judgement) -> dict[str, object]:
    """One output line of ``judge``."""
    return {
        "id": id,
        "language": opinion.language,
        "sentiment": opinion.sentiment,
        "sentiment_scores": {label: round(score, 4) for label, score in opinion.sentiment_scores.items()},
        "kind": opinion.kind,
        "kind_scores": {label: round(score, 4) for label, score in opinion.kind_scores.items()},
        "urgency": round(opinion.urgency, 4),
        "urgency_level": int(opinion.urgency_level),
        "reasons": [
            {"code": r.code, "evidence": None if r.evidence is None else list(r.evidence)} for r in opinion.reasons
        ],
        "unsure": opinion.unsure,
        "model": opinion.model,
    }


def _complaint(item: Item) -> dict[str, object]:
    id_field = {"id": item.id} if item.has_id else {}
    return id_field | {"line": item.line, "error": item.error}


def _stdin_chunks() -> Iterator[bytes]:
    """What is there now, as soon as it is there: a read of a pipe does not wait for a full block."""
    if sys.stdin is None:  # A shell that closes it (``<&-``) leaves nothing to read.
        return
    while chunk := os.read(sys.stdin.fileno(), READ_BYTES):
        yield chunk


def _items(chunks: Iterable[bytes]) -> Iterator[list[Item]]:
    """The non-empty lines that each chunk completes; of a line that is too long no more is kept than tells so."""
    number, rest = 0, b""
    for chunk in chunks:
        *lines, last = chunk.split(b"\n")
        if lines:
            lines[0], rest = rest + lines[0], b""
        # What is too long already stays as it is: to add to it would copy it once for each chunk that follows.
        if len(rest) <= MAX_LINE_BYTES:
            rest += last
        yield [_item(n, line) for n, line in enumerate(lines, number + 1) if line.strip()]
        number += len(lines)
    if rest.strip():
        yield [_item(number + 1, rest)]


def _item(number: int, line: bytes) -> Item:
    if len(line) > MAX_LINE_BYTES:
        return Item(number, error=f"the line is longer than {MAX_LINE_BYTES} bytes")
    try:
        value = json.loads(line.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_number)
    except UnicodeDecodeError:
        return Item(number, error="the line is not UTF-8")
    except (ValueError, RecursionError):
        return Item(number, error="the line is not JSON")
    if not isinstance(value, dict):
        return Item(number, error="the line is not a JSON object")
    id, has_id, text = value.get("id"), "id" in value, value.get("text")
    if not isinstance(text, str):
        return Item(number, id, has_id, error="text is missing" if text is None else "text is not a string")
    return Item(number, id, has_id, text)


def _number(written: str) -> float:
    """A number that can be written as JSON again; raises ValueError for one that is too large."""
    return found if math.isfinite(found := float(written)) else _no_number(written)


def _no_number(written: str) -> float:
    """Python reads NaN and Infinity, and would write them into the answer; JSON knows neither."""
    raise ValueError(f"{written} is not JSON")


def rejudge(args: argparse.Namespace) -> None:
    """Judge again every post that another model judged, or this one by another reading; corrections stay."""
    from services import triage

    total, below_id = 0, None
    with opened(args) as session:
        classifier = session.backend.classifier()
        while True:
            done = triage.rejudge(session.ctx, classifier, posts=REJUDGED_AT_ONCE, below_id=below_id)
            total, below_id = total + done.posts, done.below_id
            if below_id is None:
                break
    if args.json:
        output.say_json({"judged": total, "model": classifier.card.judge})
    else:
        output.say(f"{total} posts judged again by {classifier.card.judge}.")
