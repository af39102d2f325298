"""With which letters is a page printed? Those the desk itself shows: Latin, Greek and Cyrillic, cut to one page's need.

Streamlit brings Source Sans (SIL Open Font License 1.1) as one variable font for browsers. The letters a page holds are
taken from it at the weights the page needs, so that no font lies in this repository and a file carries little.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

#: Weights of the desk's own style: running text and what stands out.
REGULAR, BOLD = 400, 600
#: Where Streamlit keeps it, below its own folder; the letters behind the name change with each release.
_PLACE, _NAME = "static/static/media", "SourceSansVF-Upright.ttf.*.woff2"
#: In the place of signs this font has no letter for: emoji, Chinese, Arabic and others.
MISSING = "[…]"
#: What no reader sees: joiners, direction marks and the like go with the sign they belong to.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]")
_CORE = "".join(chr(code) for code in (*range(32, 127), *range(160, 256)))


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters of one page. ``files``: a TrueType file for each weight; none: only Latin letters can be printed."""

    files: dict[int, bytes]
    known: frozenset[str]


def letters_for(texts: Iterable[str]) -> Letters:
    """The font cut to the signs of these texts. Takes a second or two the first time, then tenths of one."""
    whole = _whole()
    if whole is None:
        return Letters({}, frozenset(_CORE))
    wanted = {*"".join(texts), *MISSING, *" -.…"} & known_signs()
    some = _some(whole, wanted)
    return Letters({weight: _weighed(some, weight) for weight in (REGULAR, BOLD)}, known_signs())


def printable(text: str, known: Collection[str]) -> str:
    """The text with each run of signs nobody has letters for replaced by MISSING."""
    seen = _UNSEEN.sub("", text)
    parts: list[str] = []
    for sign in " ".join(seen.split()):
        if sign in known:
            parts.append(sign)
        elif not parts or parts[-1] != MISSING:
            parts.append(MISSING)
    return "".join(parts)


@cache
def known_signs() -> frozenset[str]:
    """Every sign there is a letter for."""
    whole = _whole()
    if whole is None:
        return frozenset(_CORE)
    from fontTools.ttLib import TTFont

    return frozenset(map(chr, TTFont(io.BytesIO(whole), lazy=True).getBestCmap()))


@cache
def _whole() -> bytes | None:
    """The variable font, unpacked; None where this Streamlit brings none that can be read."""
    import streamlit

    found = sorted((Path(streamlit.__file__).parent / _PLACE).glob(_NAME))
    if not found:
        return None
    try:
        return _unpacked(found[0].read_bytes())
    except (ImportError, OSError, ValueError, AssertionError):
        return None


def _unpacked(packed: bytes) -> bytes:
    """A font for browsers (WOFF2) as the plain file it was made from."""
    import pyarrow
    from fontTools.misc import sstruct
    from fontTools.ttLib import TTFont, woff2

    class Brotli:
        """The one function fontTools asks for, from a library that is here anyway."""

        @staticmethod
        def decompress(data: bytes) -> bytes:
            return bytes(pyarrow.decompress(data, decompressed_size=size, codec="brotli", asbytes=True))

    class Head:
        numTables: int

    file, head = io.BytesIO(packed), Head()
    sstruct.unpack(woff2.woff2DirectoryFormat, file.read(woff2.woff2DirectorySize), head)
    size = 0
    for _n in range(head.numTables):
        entry = woff2.WOFF2DirectoryEntry()
        entry.fromFile(file)
        size += entry.length
    had = woff2.haveBrotli, getattr(woff2, "brotli", None)
    woff2.haveBrotli, woff2.brotli = True, Brotli
    try:
        font = TTFont(io.BytesIO(packed))
        font.flavor = None
        plain = io.BytesIO()
        font.save(plain)
    finally:
        woff2.haveBrotli, woff2.brotli = had
    return plain.getvalue()


def _some(whole: bytes, signs: Collection[str]) -> bytes:
    """The font with these signs alone, still of every weight."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options: Any = subset.Options()
    # What joins and moves letters is not used on paper here, and is the larger half of the work.
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "STAT"]
    options.hinting, options.notdef_outline, options.name_IDs = False, True, ["*"]
    font = TTFont(io.BytesIO(whole), lazy=True)
    chosen = subset.Subsetter(options)
    chosen.populate(text="".join(signs))
    chosen.subset(font)
    return _written(font)


def _weighed(font: bytes, weight: int) -> bytes:
    """A variable font at one weight."""
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    return _written(instancer.instantiateVariableFont(TTFont(io.BytesIO(font)), {"wght": weight}, inplace=True))


def _written(font: Any) -> bytes:
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()
