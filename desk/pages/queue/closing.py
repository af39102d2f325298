"""How does a case end? Resolved with a code, or set aside with a reason; then the next one."""

from __future__ import annotations

import streamlit as st

from desk import words
from desk.i18n import _
from desk.pages.queue.finishing import finish
from desk.session import Seat
from services import cases
from services.cases import CaseView, DismissReason, ResolutionCode


def resolve(found: Seat, view: CaseView) -> None:
    """Five ways to end well; each is one press."""
    if view.under_way is not None or any(promise.status == "open" for promise in view.promises):
        st.text(_("Something is still owed here: an open promise, or a reply on its way."))
    for number, code in enumerate(ResolutionCode, 1):
        label = words.resolution_word(code)
        if st.button(label, key=f"sp_resolve_{code}", width="stretch", type="primary" if number == 1 else "secondary"):
            finish(
                lambda code=code: cases.resolve(found.ctx, view.case.id, code=code),  # type: ignore[misc]
                done=_("Resolved."),
                go_on=True,
            )
    st.caption(_("If the customer writes again within two weeks, the case opens again and is yours."))


def dismiss(found: Seat, view: CaseView) -> None:
    """Three reasons why nobody has to answer."""
    for reason in DismissReason:
        if st.button(words.resolution_word(reason), key=f"sp_dismiss_{reason}", width="stretch"):
            finish(
                lambda reason=reason: cases.dismiss(found.ctx, view.case.id, reason=reason),  # type: ignore[misc]
                done=_("Set aside."),
                go_on=True,
            )
