"""What does the model answer, in which order? The one place that training, export and the desk share."""

from __future__ import annotations

from domain.judgement import Kind, ReasonCode, Sentiment

SENTIMENTS: tuple[Sentiment, ...] = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
KINDS: tuple[Kind, ...] = tuple(Kind)
CODES: tuple[ReasonCode, ...] = tuple(ReasonCode)
#: One yes-or-no question per step of the scale: is it at least 1, at least 2, at least 3?
STEPS = 3

#: Output name to its width; ``evidence`` has one row a token, the others one row a post.
OUTPUTS: dict[str, int] = {
    "sentiment": len(SENTIMENTS),
    "kind": len(KINDS),
    "urgency": STEPS,
    "reasons": len(CODES),
    "evidence": len(CODES),
}
