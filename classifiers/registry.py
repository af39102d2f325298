"""Which classifiers exist: names and how to build each one, imported only when asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from classifiers.protocol import Classifier
from domain.errors import Misconfigured


def _bundled(threads: int) -> Classifier:
    from classifiers.bundled.model import BundledClassifier

    return BundledClassifier(threads=threads)


def _rules(threads: int) -> Classifier:
    from classifiers.rules.model import RulesClassifier

    return RulesClassifier()


#: A short post keeps no more cores than this busy.
MOST_THREADS = 4

CLASSIFIERS: dict[str, Callable[[int], Classifier]] = {"bundled": _bundled, "rules": _rules}


def load(name: str = "bundled", *, threads: int = 1) -> Classifier:
    """Build the classifier called ``name``; ``threads`` is how many cores it may use, 0 for one a core up to four.

    Raises Misconfigured for an unknown name or when the model's files are missing.
    """
    try:
        build = CLASSIFIERS[name]
    except KeyError:
        known = ", ".join(sorted(CLASSIFIERS))
        raise Misconfigured(f"There is no classifier called {name!r}; known are: {known}.", name=name) from None
    return build(threads or min(MOST_THREADS, _cores()))


def shipped_revision(name: str) -> str | None:
    """The revision of a model that comes with measured figures, without loading it; None where there is none."""
    if name != "bundled":
        return None
    from classifiers.bundled.card import read_card

    try:
        return read_card(Path(__file__).parent / "bundled").revision
    except Misconfigured:
        return None


def _cores() -> int:
    """The cores this process may run on, where the system tells."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1
