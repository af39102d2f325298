"""What stands where the composer stands when the reply is out of the operator's hands, or the case is?"""

from __future__ import annotations

import streamlit as st

from desk import words
from desk.attempt import attempt
from desk.i18n import _, ngettext
from desk.numbers import clock_second, clock_time, number, stretch_words
from desk.pages.queue import acts, answer, keeping, reply_boxes
from desk.pages.queue.acts import REFUSED, LostRace
from desk.pages.queue.rows import first_name
from desk.redraw import Part, after
from desk.session import Seat, acting, seat, timezone
from desk.widgets.states import StateAction, StateBox, StateTone, alert_html, state_box
from desk.widgets.undo import undo_bar
from domain.states import ReplyState
from domain.text import one_line
from services import cases
from services.cases import CaseView
from services.reply_view import ReplyView

_FOOTED = {ReplyState.QUEUED, ReplyState.SENDING, ReplyState.UNCERTAIN, ReplyState.AWAITING_APPROVAL}


def draw(found: Seat, view: CaseView) -> bool:
    """Draw what the state of the case or its reply asks for; True when no composer belongs below it."""
    lost = st.session_state.get(REFUSED)
    if isinstance(lost, LostRace) and lost.case_id == view.case.id:
        with st.container(key="sp_foot_lost"):
            _lost_race(found, view, lost)
        return True
    if keeping.conflict(view.case.id) is not None:
        with st.container(key="sp_foot_conflict"):
            _two_windows(view.case.id)
        return True
    going = view.under_way
    if going is None:
        return False
    if going.status in _FOOTED:
        answer.draw(found, view)
        with st.container(key="sp_foot_going"):
            _going(found, view, going)
    else:
        with st.container(key="sp_foot_reply"):
            reply_boxes.draw(going)
    return True


def _lost_race(found: Seat, view: CaseView, lost: LostRace) -> None:
    text = view.draft.text if view.draft else ""
    name = first_name(lost.by)
    ago = stretch_words(found.ctx.clock() - lost.since)
    said = _("{by} took the case of **{customer}** {ago} before you, at {time}. From here on only {name} answers.")
    may_take = "take" in view.may
    quote = _("“{text}”").format(text=one_line(text, max_chars=240)) if text else ""
    next_case = StateAction("next", _("Next free case"), primary=True)
    offers = [next_case]
    if text:
        offers.append(StateAction("pass", _("Pass my text to {name}").format(name=name)))
    if may_take:
        offers.append(StateAction("take", _("Take")))
    box = StateBox(
        StateTone.REFUSED,
        _("{name} was faster").format(name=name),
        text=said.format(
            by=lost.by, name=name, customer=view.customer.name, ago=ago, time=clock_second(lost.since, timezone())
        ),
        quote_title=_("You had already written, and it is kept:") if text else "",
        quote=quote,
        actions=tuple(offers),
        foot=_("Do you need it yourself? **Take** asks for a reason and tells {name}.").format(name=name)
        if may_take
        else "",
    )
    _answer_lost(state_box(box, key="lost"), view, text)


def _answer_lost(pressed: str | None, view: CaseView, text: str) -> None:
    if pressed is None:
        return
    if pressed == "next":
        acts.next_free()
    elif pressed == "take":
        acts.ask("take")
    elif pressed == "pass":
        found = acting()
        note = _("I had started to write: {text}").format(text=text)
        attempt(lambda: cases.add_note(found.ctx, view.case.id, note), done=_("Your text stands there as a note."))
    st.session_state.pop(REFUSED, None)
    st.rerun(scope="fragment")


def _two_windows(case_id: int) -> None:
    found = keeping.conflict(case_id)
    assert found is not None
    box = StateBox(
        StateTone.INFO,
        _("This draft was changed in another window"),
        text=_("Nothing is lost: the newer text is stored, and this is what stands here."),
        quote_title=_("In this window:"),
        quote=found.text,
        actions=(
            StateAction("mine", _("Keep this text"), primary=True),
            StateAction("theirs", _("Keep the stored text")),
        ),
    )
    pressed = state_box(box, key="windows")
    if pressed is not None:
        keeping.settle_conflict(case_id, use_mine=pressed == "mine")
        st.rerun(scope="fragment")


def _going(found: Seat, view: CaseView, going: ReplyView) -> None:
    mine = going.author_id == found.member.id
    if going.status is ReplyState.QUEUED and going.send_after is not None:
        _undo(going.reply_id, channel=_channel(view))
    elif going.status is ReplyState.SENDING:
        st.html(alert_html(_("Going out on {channel} right now.").format(channel=_channel(view)), tone="info"))
    elif going.status is ReplyState.UNCERTAIN:
        probes = (
            ngettext("Looked up once so far.", "Looked up {n} times so far.", len(going.probes)) if going.probes else ""
        )
        text = _("**We do not know yet whether it is out.** We look it up by ourselves and never send it twice.")
        st.html(alert_html(f"{text} {probes}".strip(), tone="warn"))
    elif going.status is ReplyState.AWAITING_APPROVAL:
        since = clock_time(going.updated_at, timezone())
        text = _("**Waiting for the ok** since {time}. You will hear as soon as somebody has read it.").format(
            time=since
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="sp_waiting_ok"):
            st.html(alert_html(text, tone="info"))
            if mine:
                st.button(
                    _("Withdraw"),
                    key="sp_withdraw",
                    on_click=after(acts.withdraw, Part.LIST, Part.CASE),
                    args=(going.reply_id,),
                )


@st.fragment(run_every=1)
def _undo(reply_id: int, *, channel: str) -> None:
    """The seconds that are left; when they are over the whole desk is drawn again."""
    found = seat()
    case_id = st.session_state.get("sp_case")
    going = cases.view(found.ctx, case_id).under_way if case_id is not None else None
    if going is None or going.reply_id != reply_id or going.status is not ReplyState.QUEUED or going.send_after is None:
        st.rerun()
    left_s = (going.send_after - found.ctx.clock()).total_seconds()
    if left_s <= 0:
        st.html(alert_html(_("Going out on {channel} right now.").format(channel=channel), tone="info"))
        return
    mine = going.author_id == found.member.id
    text = _("Goes out on {channel} in {s} s.").replace("{channel}", channel)
    detail = _("Nobody can read it yet.")
    if not mine:
        st.html(alert_html(f"{text.replace('{s}', number(int(left_s)))} {detail}", tone="ok"))
    elif undo_bar(text=text, detail=detail, undo_label=_("Undo"), left_s=left_s, window_s=keeping.undo_s() or 1):
        acts.undo(reply_id)
        st.rerun()


def _channel(view: CaseView) -> str:
    return words.channel_word(view.case.channel, title=view.route.channel_title)
