"""Which shapes the desk draws: urgency marks and small line icons, as CSS masks coloured by the text around them."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

_SYMBOL = re.compile(r'<symbol id="(?P<name>[a-z0-9_]+)"[^>]*>(?P<drawing>.*?)</symbol>')
_DRAWINGS: dict[str, str] = {
    found["name"]: found["drawing"]
    for found in _SYMBOL.finditer((Path(__file__).parent / "icons.svg").read_text(encoding="utf-8"))
}
ICON_NAMES = frozenset(_DRAWINGS)


def icon_css() -> str:
    """One rule per icon: ``.i-NAME`` sets the mask that ``.i`` paints with the current text colour.

    Masks rather than inline SVG, because ``st.html`` takes SVG out of what it shows.
    """
    return "\n".join(f'.i-{name}{{--i:url("{_data_uri(body)}")}}' for name, body in sorted(_DRAWINGS.items()))


def _data_uri(drawing: str) -> str:
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20' fill='none' stroke='#000' stroke-width='1.6' "
        f"stroke-linecap='round' stroke-linejoin='round'>{drawing}</svg>"
    )
    return "data:image/svg+xml," + quote(svg.replace('"', "'"), safe=" ='/:.,-")
