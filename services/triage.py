"""What does the model say about what came in, and what does a person say about the model?"""

from __future__ import annotations

from classifiers.protocol import Classifier
from domain.judgement import Correction
from services.context import Context


def judge_pending(ctx: Context, classifier: Classifier, *, posts: int) -> int:
    """Judge up to ``posts`` waiting posts, live work before history; returns how many were judged."""
    raise NotImplementedError


def rejudge(ctx: Context, classifier: Classifier, *, posts: int) -> int:
    """Judge up to ``posts`` posts last judged by another revision; returns how many were judged."""
    raise NotImplementedError


def correct(ctx: Context, mention_id: int, correction: Correction) -> None:
    """Record a person's labels for a post; they win over every model, for good. Needs Right.JUDGE."""
    raise NotImplementedError
