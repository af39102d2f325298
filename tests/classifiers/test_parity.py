"""Does the file that ships say what the trained network said, and of each post the same in any company?"""

from __future__ import annotations

import numpy as np
import pytest

from classifiers.bundled.heads import CODES, KINDS, SENTIMENTS
from classifiers.bundled.model import BundledClassifier
from classifiers.bundled.runtime import Answer
from classifiers.evaluate import POSTS, read_posts
from classifiers.measures import coded
from classifiers.metrics import f1, macro_f1, spearman

TORCH = POSTS.parent / "torch.npz"
#: In points of a hundred. A label more or less on 969 posts is a tenth of a point.
MOST_LOST = 0.003


@pytest.fixture(scope="module")
def model() -> BundledClassifier:
    return BundledClassifier()


@pytest.fixture(scope="module")
def shipped(model: BundledClassifier) -> list[Answer]:
    return model.answers([post.text for post in read_posts()])


@pytest.fixture(scope="module")
def torch() -> dict[str, np.ndarray]:
    return {head: logits.astype(np.float32) for head, logits in np.load(TORCH).items()}


def _of(shipped: list[Answer], head: str) -> np.ndarray:
    return np.stack([getattr(answer, head) for answer in shipped])


def _expected(logits: np.ndarray) -> np.ndarray:
    return np.asarray((1 / (1 + np.exp(-logits))).sum(1))


@pytest.mark.parametrize("head", ["sentiment", "kind"])
def test_what_ships_gives_the_labels_that_torch_gave(shipped, torch, head) -> None:
    same = _of(shipped, head).argmax(1) == torch[head].argmax(1)
    assert same.mean() >= 0.97


LABELS = {
    "sentiment": [SENTIMENTS.index(post.sentiment) for post in read_posts()],
    "kind": [KINDS.index(post.kind) for post in read_posts()],
}


@pytest.mark.parametrize("head", sorted(LABELS))
def test_no_head_loses_more_than_a_third_of_a_point(shipped, torch, head) -> None:
    before, after = (macro_f1(LABELS[head], list(logits.argmax(1))) for logits in (torch[head], _of(shipped, head)))
    assert after >= before - MOST_LOST


def test_the_order_by_urgency_is_the_one_of_torch(shipped, torch) -> None:
    before, after = _expected(torch["urgency"]), _expected(_of(shipped, "urgency"))
    assert spearman(list(before), list(after)) >= 0.99
    levels = [int(post.level) for post in read_posts()]
    assert spearman(levels, list(after)) >= spearman(levels, list(before)) - MOST_LOST


def test_the_reasons_are_those_of_torch(shipped, torch) -> None:
    wanted = np.array([[code in coded(post) for code in CODES] for post in read_posts()]).ravel()
    before, after = (
        f1(list(wanted), list((logits > 0).ravel())) for logits in (torch["reasons"], _of(shipped, "reasons"))
    )
    assert after >= before - 2 * MOST_LOST


def test_neither_the_company_of_a_post_nor_its_place_changes_a_label(model) -> None:
    texts = [post.text for post in read_posts()][::9]
    together, turned = model.judge(texts), list(reversed(model.judge(list(reversed(texts)))))
    alone = [model.judge([text])[0] for text in texts]
    for one, other, third in zip(together, turned, alone, strict=True):
        for found in (other, third):
            assert (found.sentiment, found.kind, found.urgency_level) == (one.sentiment, one.kind, one.urgency_level)
            assert found.urgency == pytest.approx(one.urgency, abs=0.05)
