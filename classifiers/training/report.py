"""What does the model card say in numbers? Tables between the marks of the page, and the calibration drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from classifiers.evaluate import Report
from classifiers.measures import Figure
from classifiers.metrics import Bin, calibration_band, calibration_error, reliability
from classifiers.training.calibrate import Labelled, crossed
from classifiers.training.drawing import reliability_svg

if TYPE_CHECKING:
    from classifiers.training.parity import Pair

DOCS = Path(__file__).parents[2] / "docs" / "reference"
PAGE, PLOT = DOCS / "model-card.md", DOCS / "calibration.svg"


def write(
    report: Report,
    others: Sequence[Report],
    compared: Sequence[Pair],
    public: Sequence[Pair],
    heads: Mapping[str, Labelled],
    *,
    size_bytes: int,
) -> None:
    """Fill the model card's page and draw its plot."""
    _fill({"public": _public(public), "parity": _parity(compared)})
    restate(report, others, heads, size_bytes=size_bytes)


def restate(report: Report, others: Sequence[Report], heads: Mapping[str, Labelled], *, size_bytes: int) -> None:
    """Fill in what a change of temperatures or thresholds changes, and draw the plot."""
    _fill(
        {
            "model": [f"Revision `{report.model}`, one file of {size_bytes / 1e6:.1f} MB."],
            "own": _own(report),
            "others": _others(report, others),
            "calibration": _calibration(heads),
        }
    )
    known = {name: crossed(labelled, levels=name == "urgency") for name, labelled in heads.items()}
    bins: dict[str, Sequence[Bin]] = {name: reliability(sure, right) for name, (sure, right) in known.items()}
    PLOT.write_text(reliability_svg(bins), encoding="utf-8")


def _fill(blocks: Mapping[str, Sequence[str]]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, lines in blocks.items():
        page = _filled(page, name, lines)
    PAGE.write_text(page, encoding="utf-8")


def _filled(page: str, name: str, lines: Sequence[str]) -> str:
    begin, end = f"<!-- {name}: written by ship -->", f"<!-- {name}: end -->"
    before, rest = page.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n\n" + "\n".join(lines) + f"\n\n{end}{after}"


def _cell(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.value:.2f} ({figure.low:.2f}–{figure.high:.2f})"


def _own(report: Report) -> list[str]:
    columns = {"all": report.overall, **report.by_language}
    counts = {name: max(figure.n for figure in found.values()) for name, found in columns.items()}
    lines = ["| figure | " + " | ".join(f"{name}, n = {counts[name]}" for name in columns) + " |"]
    lines.append("|---" * (len(columns) + 1) + "|")
    for name in report.overall:
        lines.append(f"| `{name}` | " + " | ".join(_cell(found.get(name)) for found in columns.values()) + " |")
    return lines


def _others(report: Report, others: Sequence[Report]) -> list[str]:
    names = [report.model, *(other.model for other in others)]
    lines = ["| figure | " + " | ".join(f"`{name}`" for name in names) + " |", "|---" * (len(names) + 1) + "|"]
    for name in report.overall:
        cells = [_cell(each.overall.get(name)) for each in (report, *others)]
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return lines


def _public(pairs: Sequence[Pair]) -> list[str]:
    lines = ["| texts | figure | percent | n |", "|---|---|---|---|"]
    told = [pair for pair in pairs if pair.posts != "own_develop"]
    return lines + [f"| {pair.posts} | {pair.head} | {pair.shipped:.1f} | {pair.n} |" for pair in told]


def _parity(pairs: Sequence[Pair]) -> list[str]:
    lines = ["| texts | figure | torch | what ships | difference | n |", "|---|---|---|---|---|---|"]
    for pair in pairs:
        change = pair.shipped - pair.torch
        lines.append(
            f"| {pair.posts} | {pair.head} | {pair.torch:.1f} | {pair.shipped:.1f} | {change:+.1f} | {pair.n} |"
        )
    return lines


def _calibration(heads: Mapping[str, Labelled]) -> list[str]:
    heading = "| head | texts | expected calibration error | 95 % of perfect models stay below | answers |"
    lines = [heading, "|---|---|---|---|---|"]
    for name, labelled in heads.items():
        lines.append(_calibrated(name, "all", labelled))
        for language in sorted(set(labelled.languages)):
            rows = [row for row, spoken in enumerate(labelled.languages) if spoken == language]
            lines.append(_calibrated(name, language, labelled.of(rows)))
    return lines


def _calibrated(head: str, texts: str, labelled: Labelled) -> str:
    sure, right = crossed(labelled, levels=head == "urgency")
    error, band = calibration_error(sure, right), calibration_band(sure)
    return f"| {head} | {texts} | {error:.3f} | {band:.3f} | {len(sure)} |"
