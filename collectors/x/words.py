"""How do words stand on X? What people read of a post, how long a text is there, and when two texts are the same.

Length: weighted characters of twitter-text, configuration 3 (docs.x.com, counting characters): most scripts of Europe
count one, others and emoji two, an address always 23. Text comes with ``&``, ``<`` and ``>`` escaped and every
address shortened; a long post has its whole text in ``note_tweet``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import regex

MAX_LENGTH, LINK_LENGTH = 280, 23
_ESCAPED = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_LEADING_NAMES = re.compile(r"\A(?:\s*@\w{1,15}\b)+\s*")
_SCHEME = re.compile(r"\bhttps?://", re.IGNORECASE)
#: Common domains beside those of countries; a rarer one without a scheme is counted by its letters here.
_COMMON = "com|net|org|info|biz|edu|gov|int|mil|name|pro|app|dev|shop|store|online|site|blog|cloud|tech|news|eu|help"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_LINK = re.compile(
    rf"(?<![\w@#$.\u20ac/-])(?P<address>(?:https?://(?:{_LABEL}\.)+[^\W\d_]{{2,63}}"
    rf"|(?:{_LABEL}\.)+(?:[a-z]{{2}}|{_COMMON})(?![\w@-]))"
    r"(?::\d{1,5})?(?:[/?#](?:[^\s<>\"]*[^\s<>\".,;:!?'\u00bb\u201d\u2019)\u2026])?)?)",
    re.IGNORECASE,
)
_EMOJI = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3\ufe0f]")
#: Code points that count one (twitter-text, config v3.json).
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def length(text: str) -> int:
    """The text as the network counts it; clusters of emoji are two, whatever they are made of."""
    text = unicodedata.normalize("NFC", text)
    links = _links(text)
    begins, ends = [0, *(end for _, end in links)], [*(start for start, _ in links), len(text)]
    rest = [text[begin:end] for begin, end in zip(begins, ends, strict=True)]
    return LINK_LENGTH * len(links) + sum(_weight(c) for part in rest for c in regex.findall(r"\X", part))


def has_link(text: str) -> bool:
    """Whether the network finds an address in it: such a post costs twenty times as much."""
    return bool(_links(text))


def plain(view: Mapping[str, Any]) -> str:
    """The whole text of a post as people read it, with the addresses behind the short ones. Raises TypeError."""
    note = view.get("note_tweet")
    told = note if isinstance(note, dict) and isinstance(note.get("text"), str) else view
    text = told.get("text")
    if not isinstance(text, str):
        raise TypeError(f"{text!r:.80} is not text")
    for url in _urls(told):
        shown = url.get("unwound_url") or url.get("expanded_url")
        if isinstance(url.get("url"), str) and isinstance(shown, str) and url["url"]:
            # The address of a post's own picture is shown as the picture.
            text = text.replace(url["url"], "" if url.get("media_key") else shown)
    for written, meant in _ESCAPED:
        text = text.replace(written, meant)
    return text


def same(text: str, view: Mapping[str, Any]) -> bool:
    """Whether a post of ours says just this: the network puts names before it and changes its addresses."""
    # Without what a shortener of others leads to: we wrote the address itself.
    urls = [{name: value for name, value in url.items() if name != "unwound_url"} for url in _urls(view)]
    return _compared(text) == _compared(plain({**view, "entities": {"urls": urls}}))


def _compared(text: str) -> str:
    text = unicodedata.normalize("NFC", _LEADING_NAMES.sub("", text))
    # The network writes an address in full where we did not, and a name of a server with its slash.
    return " ".join(word.rstrip("/") for word in _SCHEME.sub("", text).split())


def _urls(view: Mapping[str, Any]) -> list[dict[str, Any]]:
    entities = view.get("entities")
    found = entities.get("urls") if isinstance(entities, dict) else None
    return [url for url in found if isinstance(url, dict)] if isinstance(found, list) else []


def _weight(cluster: str) -> int:
    if len(cluster) > 1 and _EMOJI.search(cluster) or regex.match(r"\p{Emoji_Presentation}", cluster):
        return 2
    return sum(1 if any(low <= ord(c) <= high for low, high in _LIGHT) else 2 for c in cluster)


def _links(text: str) -> list[tuple[int, int]]:
    """Where the network sees addresses: with a scheme, or a name under a domain of a country or a common one."""
    return [match.span("address") for match in _LINK.finditer(text)]
