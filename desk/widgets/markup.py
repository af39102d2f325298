"""How outside text becomes something harmless to show."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BETWEEN_WORDS = re.compile(r"[\s_.\-]+")
_VOID_TAGS = frozenset({"br", "hr", "img"})

#: Where the desk serves the drawings that come with the sample brand.
SAMPLE_PICTURE = re.compile(r"/sample/media/[a-z0-9_-]+\.svg")


class Markup(str):
    """HTML that is already safe; every other string is escaped by :func:`html_tag`."""

    __slots__ = ()


def shown_text(text: str) -> str:
    """The text with control characters and lone surrogates replaced one for one, so that offsets stay right."""
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def html_tag(name: str, *children: str | Markup, cls: str = "", **attributes: str) -> Markup:
    """One element; children are escaped unless they are Markup, attributes always.

    A trailing or inner underscore in an attribute's name becomes nothing or a hyphen: ``aria_label``, ``for_``.
    """
    named = {key.rstrip("_").replace("_", "-"): text for key, text in attributes.items()}
    if cls:
        named = {"class": cls} | named
    opening = "".join(f' {key}="{html.escape(shown_text(text))}"' for key, text in named.items())
    if name in _VOID_TAGS:
        return Markup(f"<{name}{opening}>")
    return Markup(f"<{name}{opening}>{join_markup(children)}</{name}>")


def join_markup(children: Sequence[str | Markup], sep: str = "") -> Markup:
    """Children side by side, each escaped unless it is Markup."""
    return Markup(sep.join(c if isinstance(c, Markup) else html.escape(shown_text(c)) for c in children))


def text_with_bold(text: str) -> Markup:
    """Our own sentences: what stands between ``**`` is bold, all else is literal."""
    parts = text.split("**")
    if len(parts) % 2 == 0:
        return join_markup([text])
    return join_markup([html_tag("b", part) if place % 2 else part for place, part in enumerate(parts)])


def icon(name: str, *, size: str = "", cls: str = "") -> Markup:
    """A small drawing from :mod:`desk.widgets.icons`, silent for screen readers."""
    return html_tag("span", cls=" ".join(filter(None, ("i", f"i-{name}", size, cls))), aria_hidden="true")


def safe_url(url: str) -> str:
    """The URL when it is http or https with a host, else an empty string."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme.lower() in {"http", "https"} and parts.netloc else ""


def safe_picture_url(url: str) -> str:
    """The URL of a picture: http or https, or one of the sample brand's own drawings, else an empty string."""
    return url if SAMPLE_PICTURE.fullmatch(url) else safe_url(url)


@lru_cache(maxsize=2048)
def initials(name: str) -> str:
    """One or two capitals of a name or handle: "Marta Riva" → "MR", "u/pendolare_lodi" → "PL"."""
    cleaned = name.removeprefix("u/").lstrip("@")
    words = [word for word in _BETWEEN_WORDS.split(cleaned) if any(ch.isalnum() for ch in word)]
    letters = [next(ch for ch in word if ch.isalnum()) for word in words]
    picked = letters[:1] + letters[-1:] if len(letters) > 1 else letters
    return unicodedata.normalize("NFC", "".join(picked)).upper() or "?"


def avatar(name: str, *, kind: str = "", size: str = "") -> Markup:
    """Initials: a circle for the public (``kind`` ""), a square for colleagues ("team"), filled for us ("brand")."""
    return html_tag("span", initials(name), cls=" ".join(filter(None, ("av", kind, size))), aria_hidden="true")


def urgency_tag(shape: str, word: str) -> Markup:
    """Shape and word of an urgency as the pill of the case header."""
    return html_tag("span", icon(shape, size="u"), word, cls=f"sp-urg tag {shape}")


def chip(kind: str, text: str, icon_name: str = "") -> Markup:
    """A small state pill such as "yours to the end"."""
    sign = icon(icon_name, size="xs") if icon_name else Markup("")
    return html_tag("span", sign, text, cls=f"sp-chip {kind}")
