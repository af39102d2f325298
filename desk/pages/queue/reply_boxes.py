"""What does a person have to do when a reply cannot finish by itself? Look, post by hand, or mend it."""

from __future__ import annotations

import streamlit as st

from desk import words
from desk.attempt import attempt
from desk.i18n import _, ngettext
from desk.network_words import network_no, network_said
from desk.numbers import clock_time
from desk.session import acting, timezone
from desk.widgets.states import StateAction, StateBox, StateStep, StateTone, state_box
from domain.states import ReplyState
from domain.text import one_line
from services import outbox
from services.reply_view import ReplyView


def draw(going: ReplyView, *, key: str = "case") -> None:
    """The box for a reply that needs a human, is posted by hand, or was refused; nothing for any other."""
    if going.status is ReplyState.NEEDS_HUMAN:
        _needs_human(going, f"{key}_{going.reply_id}")
    elif going.status is ReplyState.BY_HAND:
        _by_hand(going, f"{key}_{going.reply_id}")
    elif going.status is ReplyState.FAILED:
        _failed(going, f"{key}_{going.reply_id}")


def _quote(going: ReplyView) -> str:
    return _("“{text}”").format(text=one_line(going.text, max_chars=300))


def _channel(going: ReplyView) -> str:
    return words.channel_word(going.channel)


def _needs_human(going: ReplyView, key: str) -> None:
    started = going.first_attempt_at or going.updated_at
    said = _("At {time} {channel} did not confirm it.").format(
        time=clock_time(started, timezone()), channel=_channel(going)
    )
    looked = (
        ngettext(
            "We looked it up once and cannot tell.", "We looked it up {n} times and cannot tell.", len(going.probes)
        )
        if going.probes
        else _("Nobody can look it up there but a person.")
    )
    box = StateBox(
        StateTone.UNCERTAIN,
        _("Did the reply to {customer} go out?").format(customer=going.customer_name),
        text=" ".join((said, looked, _("Please look yourself."))),
        quote=_quote(going),
        actions=_open_post(going),
        foot=_(
            "With “Yes” we tie it to the case. With “No” it goes out once more, and only once. Until you choose,"
            " nothing leaves and the case cannot be resolved."
        ),
    )
    state_box(box, key=f"human_{key}")
    link = _link_field(key)
    with st.container(horizontal=True, gap="small"):
        if st.button(_("Yes, it’s there"), key=f"yes_{key}"):
            _confirm(going.reply_id, link)
        if st.button(_("No, it isn’t"), key=f"no_{key}"):
            found = acting()
            if attempt(lambda: outbox.deny_by_person(found.ctx, going.reply_id), done=_("It goes out once more.")):
                st.rerun()


def _by_hand(going: ReplyView, key: str) -> None:
    account = going.account_handle
    enter = _("enter as {account}, not with your own profile").format(account=account) if account else ""
    box = StateBox(
        StateTone.BY_HAND,
        _("This one is posted by hand"),
        text=_why_by_hand(going),
        steps=(
            StateStep(_("**Copy the text** below: {n} characters").format(n=len(going.text)), current=True),
            StateStep(_("**Open the post of {customer}** and paste it").format(customer=going.customer_name), enter),
            StateStep(_("Paste the link of the reply here")),
        ),
        actions=_open_post(going),
        foot=_("Until then it counts as “to be posted by hand”, never as “sent”."),
    )
    state_box(box, key=f"hand_{key}")
    st.code(going.text, language=None, wrap_lines=True)
    link = _link_field(key)
    with st.container(horizontal=True, gap="small"):
        if st.button(_("It is posted"), key=f"yes_{key}", type="primary"):
            _confirm(going.reply_id, link)
        if st.button(_("Not posting it"), key=f"no_{key}"):
            found = acting()
            if attempt(lambda: outbox.give_up_by_hand(found.ctx, going.reply_id), done=_("It is a draft again.")):
                st.rerun()


def _why_by_hand(going: ReplyView) -> str:
    if going.channel == "import":
        return _("This post came in a file, so its answer is posted by hand. Three steps, one minute.")
    return _("{channel} takes no reply from a program here. Three steps, one minute.").format(channel=_channel(going))


def _why_refused(going: ReplyView) -> str:
    return network_no(going.error) if going.error else _("Change it and send it again.")


def _failed(going: ReplyView, key: str) -> None:
    box = StateBox(
        StateTone.ERROR,
        _("{channel} refused this reply").format(channel=_channel(going)),
        text=" ".join(filter(None, (_("Nothing went out, and the text is kept."), _why_refused(going)))),
        quote=_quote(going),
        actions=(StateAction("edit", _("Edit and send again"), primary=True),),
    )
    pressed = state_box(box, key=f"failed_{key}")
    if going.error:
        with st.expander(_("What the network said, word for word"), key=f"said_{key}"):
            st.text(network_said(going.error))
    if pressed == "edit":
        found = acting()
        if attempt(lambda: outbox.edit_failed(found.ctx, going.reply_id), done=_("It is a draft again.")):
            st.rerun()


def _open_post(going: ReplyView) -> tuple[StateAction, ...]:
    if not going.parent_url:
        return ()
    on_network = _("Open the post on {channel}").format(channel=_channel(going))
    label = _("Open the post") if going.channel == "import" else on_network
    return (StateAction("open", label, primary=going.status is ReplyState.NEEDS_HUMAN, url=going.parent_url),)


def _link_field(key: str) -> str:
    return st.text_input(_("Link of the reply"), key=f"link_{key}", placeholder="https://") or ""


def _confirm(reply_id: int, link: str) -> None:
    found = acting()
    done = _("Noted: the reply is out.")
    if attempt(lambda: outbox.confirm_by_person(found.ctx, reply_id, url=link.strip()), done=done):
        st.rerun()
