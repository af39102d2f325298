"""How does a colleague set a judgement right? Three choices; theirs wins over every model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from desk import words
from desk.i18n import _
from desk.pages.queue.finishing import finish
from desk.session import Seat, acting
from domain.judgement import Correction, Kind, Sentiment, UrgencyLevel
from services import triage
from services.cases import CaseView, PostKind

T = TypeVar("T")


def draw(_found: Seat, view: CaseView) -> None:
    """Three rows of choices, set as the judgement stands."""
    st.caption(_("What you choose wins over the model, for good."))
    level = _pick(_("Urgency"), list(UrgencyLevel)[::-1], words.urgency_word, _level(view), key="level")
    kind = _pick(_("What they want"), list(Kind), words.kind_word, Kind(view.case.kind), key="kind")
    tone = _pick(_("Tone"), list(Sentiment), words.sentiment_word, Sentiment(view.case.sentiment), key="tone")
    if st.button(_("Save the judgement"), key="sp_correct_go", type="primary"):
        found = acting()
        chosen, mention_id = Correction(sentiment=tone, kind=kind, urgency_level=level), _judged_mention(view)
        finish(lambda: triage.correct(found.ctx, mention_id, chosen), done=_("Corrected. Thank you."))


def _pick(label: str, choices: Sequence[T], word: Callable[[T], str], now: T, *, key: str) -> T:
    chosen = st.pills(label, choices, format_func=word, default=now, required=True, key=f"sp_correct_{key}")
    return now if chosen is None else chosen


def _level(view: CaseView) -> UrgencyLevel:
    return UrgencyLevel(view.case.urgency_level)


def _judged_mention(view: CaseView) -> int:
    """The post that speaks for the case: the most urgent of the customer's, the newest among equals."""
    own = [
        p for p in view.posts if p.kind == PostKind.POST and p.is_customer and p.in_case and p.mention_id is not None
    ]
    lead = max(own, key=lambda post: (post.level or 0, post.at), default=None)
    return lead.mention_id if lead is not None and lead.mention_id is not None else view.case.last_mention_id
