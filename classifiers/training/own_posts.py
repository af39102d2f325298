"""What do the posts teach that were written for this model? Every head, down to the words that carry the urgency.

Where two labellers differ about a post to learn from, its sentiment is not taught, and either of the two kinds will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from classifiers.bundled.heads import CODES, KINDS, SENTIMENTS
from classifiers.bundled.normalise import normalise
from classifiers.training.examples import UNLABELLED, Example, Span, is_in_share
from classifiers.training.json_lines import Row, examples
from domain.judgement import CODED_FROM, Kind, ReasonCode, Sentiment

POSTS = Path(__file__).parent / "posts"
DEVELOP = Path(__file__).parents[1] / "evaluation" / "develop"
#: So that a handle in front says nothing about urgency: of ours few begin with one, of the public tweets most.
CALLED_SHARE, CALL = 0.25, "@user "
LEARNED, DEVELOPED = "own_learn", "own_develop"


def read_learning(folder: Path = POSTS) -> list[Example]:
    """The posts to learn from, of every part in ``folder``; some of them written to a handle."""
    return [found for path in sorted(folder.glob("*.jsonl")) for found in examples(path, _learned)]


def read_development(folder: Path = DEVELOP) -> list[Example]:
    """The posts to develop on; nothing may be trained on them."""
    return [found for path in sorted(folder.glob("*.jsonl")) for found in examples(path, _developed)]


def _learned(row: Row) -> Example:
    return _agreed(row, _example(row, LEARNED, call=CALL if is_in_share(row["text"], CALLED_SHARE) else ""))


def _developed(row: Row) -> Example:
    return _example(row, DEVELOPED)


def _agreed(row: Row, example: Example) -> Example:
    """The same post with the sentiment only if a second labeller gave it too, and with both kinds if they differ."""
    second = row.get("second") or row
    kind = KINDS.index(Kind(second["kind"]))
    return replace(
        example,
        sentiment=example.sentiment if second["sentiment"] == row["sentiment"] else UNLABELLED,
        kinds=tuple(sorted({*example.kinds, kind})),
    )


def _example(row: Row, source: str, *, call: str = "") -> Example:
    text = call + normalise(row["text"])
    presses = int(row["urgency"]) >= CODED_FROM
    codes = tuple(CODES.index(ReasonCode(code)) for code in row["reasons"] if presses)
    return Example(
        text,
        source,
        sentiment=SENTIMENTS.index(Sentiment(row["sentiment"])),
        kinds=(KINDS.index(Kind(row["kind"])),),
        urgency=int(row["urgency"]),
        reasons=codes,
        evidence=tuple(_spans(text, row["evidence"])) if presses else (),
        language=row["language"],
    )


def _spans(text: str, evidence: list[dict[str, str]]) -> Iterator[Span]:
    """Where the quoted words stand; a quote that normalising changed beyond finding teaches nothing."""
    for quoted in evidence:
        words = normalise(quoted["quote"])
        start = text.find(words)
        if words and start >= 0:
            yield Span(CODES.index(ReasonCode(quoted["code"])), start, start + len(words))
