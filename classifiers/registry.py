"""Which classifiers exist: names and how to build each one, imported only when asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from classifiers.protocol import Classifier, HubWishes
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


class ModelSettings(Protocol):
    """The settings that choose a classifier."""

    @property
    def model(self) -> str: ...

    @property
    def judge_threads(self) -> int: ...

    @property
    def hub_labels(self) -> str: ...

    @property
    def hub_languages(self) -> str: ...


def chosen(settings: ModelSettings) -> Classifier:
    """The classifier that the settings name; raises as ``load`` does."""
    wishes = HubWishes(settings.hub_labels, settings.hub_languages)
    return load(settings.model, threads=settings.judge_threads, hub=wishes)


#: What comes before the name or the folder of a Hugging Face checkpoint.
HUB = "hub:"


def load(name: str = "bundled", *, threads: int = 1, hub: HubWishes | None = None) -> Classifier:
    """Build the classifier called ``name``; ``threads`` is how many cores it may use, 0 for one a core up to four.

    ``hub`` says how a checkpoint (a name that begins with HUB) is to be read. Raises Misconfigured for an unknown
    name, when the model's files are missing, and for a checkpoint that cannot be used.
    """
    cores = threads or min(MOST_THREADS, _cores())
    if name.startswith(HUB):
        return _hub(name.removeprefix(HUB).strip(), cores, hub or HubWishes())
    try:
        build = CLASSIFIERS[name]
    except KeyError:
        known = ", ".join(sorted(CLASSIFIERS))
        raise Misconfigured(
            f"There is no classifier called {name!r}; known are: {known}, and {HUB}NAME for a checkpoint.", name=name
        ) from None
    return build(cores)


def _hub(name: str, threads: int, wishes: HubWishes) -> Classifier:
    from classifiers.hub.checkpoint import TorchCheckpoint
    from classifiers.hub.model import HubClassifier

    return HubClassifier(name, TorchCheckpoint(name, threads=threads), wishes)


def is_shipped(name: str) -> bool:
    """Whether this is the model that comes with Sportello, be its files there or not."""
    return name == "bundled"


def shipped_revision(name: str) -> str | None:
    """The revision of a model that comes with measured figures, without loading it.

    None for any other, and where its files are missing or damaged.
    """
    if not is_shipped(name):
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
