"""Which replies does this window still wait for, and what does it say when one is out?"""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st

from desk import words
from desk.attempt import tell_done
from desk.i18n import _
from desk.session import Seat
from desk.widgets.markup import safe_url
from domain.errors import DeskError
from domain.states import PENDING_REPLY_STATES, ReplyState
from services import outbox
from services.reply_view import ReplyView

_AWAITED = "sp_awaited_replies"
#: What may stand in an address between the brackets of a link: neither bracket nor space.
_IN_A_LINK = ":/?#@!$&'*+,;=%~"
_LOOK_AT = 20


def wait_for(reply_id: int) -> None:
    """A reply was handed in here: whoever wrote it wants to know when it is out."""
    st.session_state.setdefault(_AWAITED, set()).add(reply_id)


def tell(found: Seat) -> None:
    """Say of each reply waited for that it is out, with the link to it; nothing is asked while none is."""
    awaited: set[int] = st.session_state.get(_AWAITED, set())
    if not awaited:
        return
    try:
        latest = [each for each in outbox.page(found.ctx, mine=True, limit=_LOOK_AT) if each.reply_id in awaited]
    except DeskError:
        return  # said at the next drawing
    # What came back, was taken back or refused is said elsewhere: it is waited for no longer.
    st.session_state[_AWAITED] = {each.reply_id for each in latest if each.status in PENDING_REPLY_STATES}
    for reply in (each for each in latest if each.status is ReplyState.SENT):
        tell_done(_said(reply), lasting=True)


def _said(reply: ReplyView) -> str:
    done = _("Published on {channel}.").format(channel=words.channel_word(reply.channel))
    url = quote(safe_url(reply.url or ""), safe=_IN_A_LINK)
    return f"{done} [{_('Open the post')}]({url})" if url else done
