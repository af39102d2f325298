"""How good is a classifier on the labelled posts that ship with the program, per language and head?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from classifiers.measures import Figure, Judged, LabelledPost, figures
from classifiers.protocol import Classifier
from classifiers.removal import removal_figures
from domain.judgement import Kind, ReasonCode, Sentiment, UrgencyLevel

#: One file a language; nothing may be trained on them.
POSTS = Path(__file__).parent / "evaluation" / "develop"
#: What was measured of others on the same posts: earlier revisions, and baselines that do not ship.
MEASURED = Path(__file__).parent / "evaluation" / "measured"


@dataclass(frozen=True, slots=True)
class Report:
    """Figures by name, over all posts and by language; ``dataclasses.asdict`` gives plain JSON values."""

    model: str
    posts: str
    overall: dict[str, Figure]
    by_language: dict[str, dict[str, Figure]]


def read_posts(folder: Path = POSTS) -> tuple[LabelledPost, ...]:
    """The labelled posts in ``folder``, one JSON object a line."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    return tuple(_labelled(json.loads(line)) for line in lines if line.strip())


def _labelled(row: dict[str, Any]) -> LabelledPost:
    return LabelledPost(
        id=row["id"],
        language=row["language"],
        industry=row["industry"],
        text=row["text"],
        sentiment=Sentiment(row["sentiment"]),
        kind=Kind(row["kind"]),
        level=UrgencyLevel(row["urgency"]),
        reasons=tuple(ReasonCode(code) for code in row["reasons"]),
        evidence=tuple(_ranges(row["text"], row["evidence"])),
    )


def _ranges(text: str, evidence: list[dict[str, str]]) -> Iterator[tuple[ReasonCode, int, int]]:
    for quoted in evidence:
        start = text.index(quoted["quote"])
        yield ReasonCode(quoted["code"]), start, start + len(quoted["quote"])


def evaluate(classifier: Classifier, posts: Sequence[LabelledPost] | None = None, *, draws: int = 200) -> Report:
    """Judge the posts and compare; without ``posts``, those that ship.

    ``draws`` decides how fine the intervals are; 0 leaves them out, which is a matter of seconds less.
    """
    known = tuple(posts) if posts is not None else read_posts()
    judged = [Judged(*pair) for pair in zip(known, classifier.judge([post.text for post in known]), strict=True)]
    languages = sorted({post.language for post in known})
    return Report(
        model=classifier.card.revision,
        posts=POSTS.name if posts is None else "given",
        overall={**figures(judged, draws=draws), **removal_figures(classifier, judged, draws=draws)},
        by_language={lang: figures([j for j in judged if j.post.language == lang], draws=draws) for lang in languages},
    )


def write_report(report: Report, folder: Path = MEASURED) -> None:
    """Keep a report beside those of other models, under the model's revision."""
    words = json.dumps(asdict(report), indent=1, sort_keys=True)
    (folder / f"{report.model}.json").write_text(words + "\n", encoding="utf-8")


def measured(folder: Path = MEASURED) -> tuple[Report, ...]:
    """The reports that were kept, by name."""
    return tuple(_report(json.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.json")))


def _report(row: dict[str, Any]) -> Report:
    return Report(
        model=row["model"],
        posts=row["posts"],
        overall=_figures(row["overall"]),
        by_language={language: _figures(found) for language, found in row["by_language"].items()},
    )


def _figures(rows: dict[str, dict[str, Any]]) -> dict[str, Figure]:
    return {name: Figure(**row) for name, row in rows.items()}
