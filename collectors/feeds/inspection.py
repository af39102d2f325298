"""May this XML be read at all? What could blow up memory or time is refused before feedparser sees it."""

from __future__ import annotations

import re
from xml.parsers import expat

from domain.errors import Malformed

#: More entries than any feed needs; beyond, somebody means harm or a whole archive.
MAX_ENTRIES = 5000
#: What a feed of that many entries is built of; feedparser takes a second for about ten thousand.
MAX_ELEMENTS = 100_000
#: Elements within elements; pages within entries stay far below.
MAX_DEPTH = 200
#: What is not well-formed is mended only up to here: mending takes time that grows with the square.
MAX_MENDED_BYTES = 400_000
#: feedparser looks for an address in every name, which takes time that grows with the square of its length.
MAX_NAME_CHARS = 500
_ENTRIES = frozenset(("item", "entry"))
_NAMES = frozenset(("author", "creator", "managingeditor", "webmaster", "publisher", "name", "email", "contributor"))
_ENDLESS_WORD = re.compile(rb"[\w.+-]{2000}")


def is_well_formed(text: bytes) -> bool:
    """Whether this UTF-8 text is well-formed XML. Raises Malformed for a document made to blow up.

    Entities a document declares itself can grow without bound or name files ("billion laughs", XXE); no
    feed needs them, so one that has them is not read at all.
    """
    inspector = _Inspector()
    parser = expat.ParserCreate("utf-8")
    parser.EntityDeclHandler = inspector.entity
    parser.StartElementHandler = inspector.start
    parser.EndElementHandler = inspector.end
    parser.CharacterDataHandler = inspector.characters
    parser.buffer_text = True
    try:
        parser.Parse(text, True)
    except expat.ExpatError:
        return False
    return True


def require_mendable(text: bytes) -> None:
    """Raise Malformed for what is not well-formed and would take too long to be mended."""
    if len(text) > MAX_MENDED_BYTES or _ENDLESS_WORD.search(text):
        raise Malformed("The feed is not well-formed, and too large to be mended.")


class _Inspector:
    """Counts what goes by."""

    def __init__(self) -> None:
        self._elements = self._entries = self._depth = self._name_chars = 0
        self._in_name = False

    def entity(self, *_: object) -> None:
        raise Malformed("The feed declares entities of its own, which are not read for safety.")

    def start(self, name: str, _: object) -> None:
        local = name.rpartition(":")[2].lower()
        self._elements += 1
        self._depth += 1
        self._entries += local in _ENTRIES
        self._in_name, self._name_chars = local in _NAMES, 0
        if self._entries > MAX_ENTRIES or self._elements > MAX_ELEMENTS:
            raise Malformed(f"The feed has more than {MAX_ENTRIES} entries or {MAX_ELEMENTS} elements.")
        if self._depth > MAX_DEPTH:
            raise Malformed("The feed nests its elements too deeply.")

    def end(self, _: str) -> None:
        self._depth -= 1

    def characters(self, text: str) -> None:
        if self._in_name:
            self._name_chars += len(text)
            if self._name_chars > MAX_NAME_CHARS:
                raise Malformed(f"A name in the feed is longer than {MAX_NAME_CHARS} characters.")
