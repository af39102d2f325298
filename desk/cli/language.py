"""In which language does the command line answer? The colleague's, else Italian where LANG says so, else English."""

from __future__ import annotations

import os

from domain.errors import DeskError, NotPossible
from domain.priority import RankReason


def default_language() -> str:
    """``it`` or ``en``, from the environment, in the order POSIX gives the variables."""
    chosen = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "it" if chosen.lower().startswith("it") else "en"


def sentence(error: DeskError, language: str, *, timezone: str) -> str:
    """One sentence for a person about a refusal or failure.

    The English one is the error's own and names the particulars. In another language the desk's sentence
    comes first, and particulars that it leaves out follow in brackets.
    """
    if language == "en":
        return str(error)
    from desk.i18n import speaking
    from desk.sentences import error_words

    with speaking(language):
        told = error_words(error, timezone=timezone)
    return told if _says_nothing_more(error) or _names_particulars(told, error) else f"{told} ({error})"


def _says_nothing_more(error: DeskError) -> bool:
    """Whether nobody gave this error a sentence of its own."""
    plain = (error.__doc__ or error.key).strip().splitlines()[0]
    return isinstance(error, NotPossible) or str(error) == plain


def _names_particulars(told: str, error: DeskError) -> bool:
    return any(str(value) in told for value in error.values.values() if isinstance(value, str | int))


def reason_words(reason: RankReason, language: str, *, kind: str) -> str:
    """Why a case stands where it stands, in words; ``kind`` is what its post is."""
    from desk import words
    from desk.i18n import speaking

    with speaking(language):
        return words.reason_words(reason, kind=kind)
