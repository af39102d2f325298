"""No post to develop on is one to learn from in other words: what is measured was not learned by heart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from classifiers.training.examples import Example, letters_of
from classifiers.training.own_posts import read_development, read_learning

#: Of the runs of four characters of two posts, so large a share may stand in both. Retold scenes came to .4 and more.
MOST_SHARED = 0.3
#: Posts without one run of so many characters in common cannot share that much.
SAME_RUN = 11


def runs(text: str, length: int) -> set[str]:
    return {text[at : at + length] for at in range(len(text) - length + 1)}


def shared(one: str, other: str) -> float:
    ours, theirs = runs(one, 4), runs(other, 4)
    return len(ours & theirs) / max(1, len(ours | theirs))


def near(learned: list[Example], developed: list[Example]) -> Iterator[tuple[float, str, str]]:
    """Pairs that share too much, by way of the longer runs they have in common."""
    having: dict[str, list[str]] = defaultdict(list)
    for text in {letters_of(example.text) for example in learned}:
        for run in runs(text, SAME_RUN):
            having[run].append(text)
    for text in sorted({letters_of(example.text) for example in developed}):
        for other in sorted({found for run in runs(text, SAME_RUN) for found in having.get(run, ())}):
            if (share := shared(text, other)) > MOST_SHARED:
                yield share, text, other


def test_no_post_to_develop_on_is_like_one_to_learn_from() -> None:
    assert list(near(read_learning(), read_development())) == []


def test_a_post_told_again_would_be_seen() -> None:
    told = "The lift in our block has been stuck since Monday and my mother cannot get down to her dialysis."
    again = "The lift in our house has been stuck since Tuesday and my mother can't get down to her dialysis!"

    assert len(list(near([Example(told, "a")], [Example(again, "b")]))) == 1
