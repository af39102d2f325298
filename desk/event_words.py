"""What is each event of a case, and each notice to a colleague, called? Stable words of the services in sentences."""

from __future__ import annotations

from desk.i18n import N_, _

_EVENTS = {
    "opened": N_("first post"),
    "claimed": N_("claimed by {name}"),
    "assigned": N_("given to a colleague by {name}"),
    "taken": N_("taken by {name}"),
    "released": N_("released by {name}"),
    "handed_over": N_("handed over by {name}"),
    "resolved": N_("resolved by {name}"),
    "dismissed": N_("set aside by {name}"),
    "reopened": N_("reopened by {name}"),
    "brought_back": N_("no spam after all: back in the queue, says {name}"),
    "danger_found_later": N_("read again, and found urgent: now in the queue"),
    "reopened_by_customer": N_("wrote again, reopened"),
    "customer_wrote": N_("wrote again"),
    "check_back_due": N_("time to check back"),
    "check_back_set": N_("check-back set by {name}"),
    "snoozed": N_("snoozed by {name}"),
    "unsnoozed": N_("woken up by {name}"),
    "snooze_over": N_("snooze over"),
    "corrected": N_("judgement corrected by {name}"),
    "noted": N_("note by {name}"),
    "needs_owner": N_("needs an owner"),
    "promised": N_("promise made"),
    "promise_kept": N_("promise kept"),
    "promise_broken": N_("promise not kept"),
    "promise_reopened": N_("promise open again, says {name}"),
    "promise_due": N_("promise falls due"),
    "promise_overdue": N_("promise overdue"),
    "reply_sent": N_("reply published"),
    "reply_delivered": N_("reply published"),
    "reply_handed_in": N_("ok asked by {name}"),
    "reply_queued": N_("reply handed in by {name}"),
    "reply_approved": N_("ok given by {name}"),
    "reply_edited_by_approver": N_("changed by {name} before the ok"),
    "reply_rejected": N_("sent back by {name}"),
    "reply_withdrawn": N_("withdrawn by {name}"),
    "reply_undone": N_("sending undone by {name}"),
    "reply_returned": N_("reply came back as a draft"),
    "reply_sending": N_("sending"),
    "reply_by_hand": N_("to be posted by hand"),
    "reply_requeued": N_("tried again"),
    "reply_failed": N_("refused by the network"),
    "reply_uncertain": N_("outcome uncertain"),
    "reply_found": N_("found on the network"),
    "reply_absent": N_("not on the network, goes out again"),
    "reply_needs_human": N_("somebody has to look"),
    "reply_confirmed": N_("seen there by {name}"),
    "reply_denied": N_("not there, says {name}"),
    "reply_given_up": N_("not posted, says {name}"),
    "reply_edited": N_("mended by {name}"),
    "reply_deleted": N_("reply deleted"),
    "joined_into": N_("goes on in another case of the same person, says {name}"),
    "joined_with": N_("made one with another case of the same person by {name}"),
    "separated": N_("on its own again: {name} separated two persons"),
    "problem_joined": N_("part of a shared problem, says {name}"),
    "problem_left": N_("taken out of a shared problem by {name}"),
    "problem_told": N_("its problem is solved: a draft was prepared by {name}"),
    "problem_closed": N_("its problem was closed by {name}"),
    "restored": N_("brought back from a backup, looked up before it is sent"),
}
#: Steps that say nothing to somebody who reads the story of a case.
SILENT_EVENTS = frozenset({"reply_sending", "reply_delivered", "seen", "locked", "unlocked"})
_UNNAMED = N_("Something changed in the case of {customer}.")
_NOTICES = {
    "case_taken": N_("{by} took over the case of {customer}: the reason stands there as a note."),
    "case_handed_over": N_("{by} handed the case of {customer} over to you, with a note."),
    "case_assigned": N_("{by} gave you the case of {customer}, which nobody had, with a note."),
    "customer_wrote": N_("{customer} wrote again: the case is open, and it is yours."),
    "reopened_by_customer": N_("{customer} wrote again: the case is open, and it is yours."),
    "reply_approved": N_("{by} gave the ok for your reply to {customer}."),
    "reply_approved_changed": N_("{by} changed your reply to {customer} and gave the ok: the outbox shows what."),
    "reply_rejected": N_("{by} sent your reply to {customer} back, with a note."),
    "reply_failed": N_("The network refused your reply to {customer}."),
    "reply_needs_human": N_("Did your reply to {customer} go out? Please look."),
    "reply_returned": N_("Your reply to {customer} did not go out: the conversation went on. It is a draft again."),
    "promise_due": N_("Your promise to {customer} falls due."),
    "promise_overdue": N_("Your promise to {customer} is overdue."),
    "check_back_due": N_("Time to check back with {customer}."),
    "snooze_over": N_("The case of {customer} is back in the queue."),
    "persons_joined": N_("{by} joined two profiles: the case of {customer} goes on for both."),
    "persons_separated": N_("{by} separated two profiles again: look at the case of {customer}."),
    "spike_noticed": N_("The brand is spoken of far more than usual."),
    "problem_solved": N_("{by} says a problem is solved: on your cases of it, drafts wait for you to send them."),
    "problem_returned": N_("{by} says a problem is back: its message waits in your drafts and is not true any more."),
    "reply_taken_back": N_(
        "{by} says a problem is back: the reply to {customer} that told of its end did not go out. It is a draft again."
    ),
    "reply_untrue": N_(
        "{by} says a problem is back: the reply to {customer}, under way or to be posted by hand, is not true any more."
    ),
    "message_void": N_("{by} says a problem’s message is not for people you have it in a draft for: do not send it."),
    "reply_taken_back_void": N_(
        "{by} says a problem’s message is not for {customer}: the reply with it did not go out. It is a draft again."
    ),
    "reply_void": N_(
        "{by} says a problem’s message is not for {customer}: the reply with it is under way or to be posted by hand."
    ),
    "needs_owner": N_("The case of {customer} needs an owner: its own is away."),
    "alert_undelivered": N_("Alerts do not reach one of your addresses: look at it under Your account."),
}


def event_words(kind: str, *, name: str) -> str:
    """One line of a case's story; ``name`` is who acted, empty for the desk itself."""
    said = _(_EVENTS[kind]) if kind in _EVENTS else kind.replace("_", " ")
    return said.replace("{name}", name or _("the desk"))


def notice_words(kind: str, *, customer: str, by: str) -> str:
    """What a colleague is told; ``by`` is who did it, empty when nobody in particular."""
    template = _(_NOTICES.get(kind, _UNNAMED))
    return template.format(customer=customer or _("a customer"), by=by or _("A colleague"))
