"""What do a checkpoint's labels mean here? Known words by themselves, all others as the settings say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import Misconfigured
from domain.judgement import Kind, Sentiment, UrgencyLevel

Label = Sentiment | Kind | UrgencyLevel


class Head(StrEnum):
    """What a label may speak about; reasons always come from the rules."""

    SENTIMENT = "sentiment"
    KIND = "kind"
    URGENCY = "urgency"


#: The labels of each head, in the order in which ties are broken.
LABELS: Mapping[Head, tuple[Label, ...]] = {
    Head.SENTIMENT: tuple(Sentiment),
    Head.KIND: tuple(Kind),
    Head.URGENCY: tuple(UrgencyLevel),
}
#: Who gets what a checkpoint leaves open: one that only knows "complaint" says nothing about the rest.
REST: Mapping[Head, Label] = {
    Head.SENTIMENT: Sentiment.NEUTRAL,
    Head.KIND: Kind.OTHER,
    Head.URGENCY: UrgencyLevel.NORMAL,
}
#: Meaning of a label that is left out.
NOTHING = "-"

#: How each meaning is written in the settings.
MEANINGS: Mapping[str, tuple[Head, Label]] = {
    (f"urgency {int(label)}" if head is Head.URGENCY else str(label)): (head, label)
    for head, labels in LABELS.items()
    for label in labels
}
#: Labels as they are often written, in lower case, beside the meanings themselves.
KNOWN: Mapping[str, str] = {name: name for name in MEANINGS} | {
    "neg": "negative",
    "neu": "neutral",
    "pos": "positive",
    "very negative": "negative",
    "very positive": "positive",
    "1 star": "negative",
    "2 stars": "negative",
    "3 stars": "neutral",
    "4 stars": "positive",
    "5 stars": "positive",
}


@dataclass(frozen=True, slots=True)
class Meanings:
    """For each output of a checkpoint in order: its head and label, or None where it is left out."""

    outputs: tuple[tuple[Head, Label] | None, ...]

    @property
    def heads(self) -> frozenset[Head]:
        """The heads that the checkpoint answers."""
        return frozenset(found[0] for found in self.outputs if found is not None)

    def shares(self, head: Head, outputs: Sequence[float]) -> dict[Label, float]:
        """The probabilities of a head's labels, which sum to 1, from the probabilities of the outputs."""
        sums = dict.fromkeys(LABELS[head], 0.0)
        for meaning, share in zip(self.outputs, outputs, strict=True):
            if meaning is not None and meaning[0] is head:
                sums[meaning[1]] += share
        if (head, REST[head]) not in self.outputs:
            sums[REST[head]] = max(0.0, 1.0 - sum(sums.values()))
        whole = sum(sums.values())
        return {label: share / whole for label, share in sums.items()} if whole > 0 else _even(head)


def _even(head: Head) -> dict[Label, float]:
    return dict.fromkeys(LABELS[head], 1 / len(LABELS[head]))


def meanings(labels: Sequence[str], given: str, *, exclusive: bool) -> Meanings:
    """The meaning of each of a checkpoint's labels; ``given`` is the setting ``hub_labels``.

    ``exclusive``: the checkpoint chooses one label of all (softmax), so all must speak about one head.
    Raises Misconfigured for a label without a meaning, a meaning or label that is none, and mixed heads.
    """
    pairs = list(_pairs(given))
    said = dict(pairs)
    if twice := sorted({label for label, word in pairs if said[label] != word}):
        raise Misconfigured(f"hub_labels gives {_list(twice)} two meanings.")
    if strange := sorted(said.keys() - set(labels)):
        raise Misconfigured(f"hub_labels names {_list(strange)}, but the checkpoint's labels are {_list(labels)}.")
    words = [said.get(label, KNOWN.get(label.lower().replace("_", " "))) for label in labels]
    if without := [label for label, word in zip(labels, words, strict=True) if word is None]:
        raise Misconfigured(
            f"The checkpoint has labels whose meaning is not known: {_list(without)}; say in hub_labels what each "
            f'means, such as "{without[0]}=negative", or "{without[0]}={NOTHING}" to leave it out.'
        )
    found = Meanings(tuple(None if word in (None, NOTHING) else MEANINGS[word] for word in words))
    if not found.heads:
        raise Misconfigured("Every label of the checkpoint is left out: it would say nothing.")
    if exclusive and len(found.heads) > 1:
        both = " and ".join(sorted(found.heads))
        raise Misconfigured(f"The checkpoint chooses one of all its labels, so they cannot speak of {both}.")
    return found


def _pairs(given: str) -> Iterator[tuple[str, str]]:
    """The pairs of "LABEL=meaning, LABEL=meaning"; a label may hold the sign "=", a meaning may not."""
    for part in filter(None, (part.strip() for part in given.split(","))):
        label, sign, word = part.rpartition("=")
        meaning = " ".join(word.lower().split())
        if not sign or meaning not in {*MEANINGS, NOTHING}:
            raise Misconfigured(
                f'hub_labels: "{part}" is not LABEL=MEANING; meanings are {_list(tuple(MEANINGS))} and {NOTHING}.'
            )
        yield label.strip(), meaning


def _list(words: Sequence[str], *, most: int = 16) -> str:
    return ", ".join(words[:most]) + (" …" if len(words) > most else "")
