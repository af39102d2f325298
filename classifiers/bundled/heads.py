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
#: What the heads read: the mean of the tokens and the weighted mean, side by side. Heads that a team's corrections
#: teach are added on top of it, so the graph gives it away beside its answers.
POOLED = "pooled"
#: The outputs of the graph in order; those before ``evidence`` have one row a post.
GRAPH_OUTPUTS: tuple[str, ...] = (*(name for name in OUTPUTS if name != "evidence"), POOLED, "evidence")
