"""In which language does the command line answer? The colleague's, else Italian where LANG says so, else English."""

from __future__ import annotations

import os

from domain.errors import DeskError
from domain.priority import RankReason


def default_language() -> str:
    """``it`` or ``en``, from the environment, in the order POSIX gives the variables."""
    chosen = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "it" if chosen.lower().startswith("it") else "en"


def sentence(error: DeskError, language: str) -> str:
    """One sentence for a person about a refusal or failure."""
    return str(error)


def reason_words(reason: RankReason, language: str) -> str:
    """Why a case stands where it stands, in words."""
    return reason.code.replace("_", " ")
