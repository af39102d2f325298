"""What in a text is a link, a mention or a tag on Bluesky? Places are counted in bytes of UTF-8.

The network shows plain text as it is: without a facet even an address is not clickable (app.bsky.richtext.facet).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

#: Punctuation and closing brackets at the end belong to the sentence, not to the address.
_LINK = re.compile(r"(?<![\w@/])(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
_AFTER_LINK = ".,;:!?'\"»”’…"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HANDLE = re.compile(rf"(?<![\w@./])@((?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?)", re.IGNORECASE)
_TAG = re.compile(r"(?<![\w#])#([^\W\d_][\w-]{0,63}|\w*[^\W\d_][\w-]{0,62})", re.UNICODE)


def facets(text: str, resolve: Callable[[str], str | None]) -> list[dict[str, object]]:
    """The facets of a text in order. ``resolve``: the account (DID) behind a handle; None leaves it plain text."""
    found = [*_links(text), *_mentions(text, resolve), *_tags(text)]
    kept: list[tuple[int, int, dict[str, str]]] = []
    for start, end, feature in sorted(found, key=lambda each: each[:2]):
        if not kept or start >= kept[-1][1]:  # A tag inside an address is part of the address.
            kept.append((start, end, feature))
    return [
        {"index": {"byteStart": _bytes(text[:start]), "byteEnd": _bytes(text[:end])}, "features": [feature]}
        for start, end, feature in kept
    ]


def _links(text: str) -> Iterator[tuple[int, int, dict[str, str]]]:
    for match in _LINK.finditer(text):
        shown = _trimmed(match.group())
        if "." not in shown.partition("://")[2] and not shown.lower().startswith("www."):
            continue
        uri = shown if "://" in shown else f"https://{shown}"
        yield match.start(), match.start() + len(shown), {"$type": "app.bsky.richtext.facet#link", "uri": uri}


def _trimmed(address: str) -> str:
    while address and (address[-1] in _AFTER_LINK or (address[-1] == ")" and address.count(")") > address.count("("))):
        address = address[:-1]
    return address


def _mentions(text: str, resolve: Callable[[str], str | None]) -> Iterator[tuple[int, int, dict[str, str]]]:
    for match in _HANDLE.finditer(text):
        did = resolve(match.group(1).lower())
        if did is not None:
            yield match.start(), match.end(), {"$type": "app.bsky.richtext.facet#mention", "did": did}


def _tags(text: str) -> Iterator[tuple[int, int, dict[str, str]]]:
    for match in _TAG.finditer(text):
        yield match.start(), match.end(), {"$type": "app.bsky.richtext.facet#tag", "tag": match.group(1)}


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
