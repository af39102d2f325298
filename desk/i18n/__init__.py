"""Which words does the reader get? English source sentences, Italian from the catalogue beside this module.

The catalogue is compiled in memory from its ``.po`` when a process first needs it, so that no binary lies in
the repository and a translation can be corrected with a text editor.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path

#: Languages of the desk; the first is the source's own.
LANGUAGES: tuple[str, ...] = ("en", "it")
_HERE = Path(__file__).parent
_chosen: ContextVar[str | None] = ContextVar("sportello_language", default=None)
_resolvers: list[Callable[[], str | None]] = []


def catalogue_path(language: str) -> Path:
    """The ``.po`` of a language; the source language has none."""
    return _HERE / language / "LC_MESSAGES" / "sportello.po"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The compiled catalogue of a language; English, and any language we do not have, give the source."""
    path = catalogue_path(language)
    if language not in LANGUAGES or not path.exists():
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def resolve_with(resolver: Callable[[], str | None]) -> None:
    """Ask ``resolver`` for the reader's language where nobody chose one: the desk answers from its session."""
    _resolvers[:] = [resolver]


def language() -> str:
    """The language in force: ``it`` or ``en``."""
    chosen = _chosen.get() or next((found for resolver in _resolvers if (found := resolver())), None)
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def settle(chosen: str) -> None:
    """Use one language for whatever this thread says from here on; asking for each word costs more than the word."""
    _chosen.set(chosen)


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Use one language for everything said inside."""
    token = _chosen.set(chosen)
    try:
        yield
    finally:
        _chosen.reset(token)


def _(message: str) -> str:
    """The sentence in the reader's language."""
    return translations(language()).gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    """The sentence for ``n`` things, with ``{n}`` filled in as its reader separates thousands."""
    return translations(language()).ngettext(one, many, n).replace("{n}", _written(n))


def _written(n: int) -> str:
    if abs(n) < 1000:
        return str(n)
    from babel.numbers import format_decimal

    return str(format_decimal(n, locale=language()))


def N_(message: str) -> str:  # noqa: N802 (the name gettext's own tools look for)
    """Mark a sentence for the catalogue here; ``_`` says it later."""
    return message
