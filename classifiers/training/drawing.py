"""How sure and how right, head by head, as a picture of plain SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from classifiers.metrics import Bin

SIDE, GAP, TOP = 200, 60, 40
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#333}.box{fill:none;stroke:#999}.even{stroke:#999;stroke-dasharray:4 4}"
    ".dot{fill:#0b6e6e;fill-opacity:.75}.gap{stroke:#b3541e;stroke-width:2}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.box,.even{stroke:#777}.dot{fill:#5cc9c9}.gap{stroke:#f0a36b}}"
)


def reliability_svg(heads: Mapping[str, Sequence[Bin]]) -> str:
    """One panel a head: each dot a tenth of confidence, its area the number of answers, its line the gap."""
    width = GAP + len(heads) * (SIDE + GAP)
    told = "; ".join(f"{name}: {_told(bins)}" for name, bins in heads.items())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + SIDE + 50}" role="img">',
        f"<title>How sure the model is, and how often it is right</title><desc>{told}</desc><style>{_STYLE}</style>",
    ]
    for place, (name, bins) in enumerate(heads.items()):
        parts += _panel(name, bins, GAP + place * (SIDE + GAP))
    return "\n".join([*parts, "</svg>", ""])


def _told(bins: Sequence[Bin]) -> str:
    return ", ".join(f"{b.sure_share:.2f} sure and {b.right_share:.2f} right ({b.n})" for b in bins)


def _panel(name: str, bins: Sequence[Bin], left: int) -> list[str]:
    bottom, most = TOP + SIDE, max(b.n for b in bins)
    parts = [
        f'<text x="{left}" y="{TOP - 12}">{name}, {sum(b.n for b in bins)} answers</text>',
        f'<rect class="box" x="{left}" y="{TOP}" width="{SIDE}" height="{SIDE}"/>',
        f'<line class="even" x1="{left}" y1="{bottom}" x2="{left + SIDE}" y2="{TOP}"/>',
        f'<text x="{left}" y="{bottom + 18}">0 %</text><text x="{left + SIDE - 34}" y="{bottom + 18}">100 %</text>',
        f'<text x="{left + SIDE // 2 - 18}" y="{bottom + 18}">sure</text>',
        f'<text x="{left - 8}" y="{TOP + SIDE // 2}" text-anchor="end">right</text>',
    ]
    for each in bins:
        x, y, even = left + SIDE * each.sure_share, bottom - SIDE * each.right_share, bottom - SIDE * each.sure_share
        radius = 3 + 7 * math.sqrt(each.n / most)
        parts.append(f'<line class="gap" x1="{x:.1f}" y1="{even:.1f}" x2="{x:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>')
    return parts
