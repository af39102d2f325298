"""How does a colleague set a judgement right? Three choices in a popover; theirs wins over every model."""

from __future__ import annotations

import streamlit as st

from desk import words
from desk.attempt import attempt
from desk.i18n import _
from desk.session import acting
from domain.judgement import Correction, Kind, Sentiment, UrgencyLevel
from services import triage
from services.cases import CaseView, PostKind


def draw(view: CaseView) -> None:
    """The quiet link "Correct" and what it opens."""
    mention_id = _judged_mention(view)
    menu = st.popover(_("Correct"), type="tertiary", key=f"sp_correct_{view.case.id}", on_change="rerun")
    if not menu.open:
        return  # three rows of choices that are seldom wanted are drawn when they are
    with menu:
        st.caption(_("What you choose wins over the model, for good."))
        with st.form(f"sp_correct_form_{view.case.id}", border=False):
            level = st.pills(
                _("Urgency"),
                list(UrgencyLevel)[::-1],
                format_func=words.urgency_word,
                default=_level(view),
                required=True,
            )
            kind = st.pills(
                _("What they want"),
                list(Kind),
                format_func=words.kind_word,
                default=Kind(view.case.kind),
                required=True,
            )
            tone = st.pills(
                _("Tone"),
                list(Sentiment),
                format_func=words.sentiment_word,
                default=Sentiment(view.case.sentiment),
                required=True,
            )
            if st.form_submit_button(_("Save the judgement"), type="primary"):
                found = acting()
                chosen = Correction(sentiment=tone, kind=kind, urgency_level=level)
                if attempt(lambda: triage.correct(found.ctx, mention_id, chosen), done=_("Corrected. Thank you.")):
                    st.rerun(scope="fragment")


def _level(view: CaseView) -> UrgencyLevel:
    return UrgencyLevel(view.case.urgency_level)


def _judged_mention(view: CaseView) -> int:
    """The post that speaks for the case: the most urgent of the customer's, the newest among equals."""
    own = [
        p for p in view.posts if p.kind == PostKind.POST and p.is_customer and p.in_case and p.mention_id is not None
    ]
    lead = max(own, key=lambda post: (post.level or 0, post.at), default=None)
    return lead.mention_id if lead is not None and lead.mention_id is not None else view.case.last_mention_id
