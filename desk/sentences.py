"""Which sentence tells a person why something did not work? What happened, what is safe, what to do next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from desk.i18n import N_, _
from desk.numbers import clock_second, clock_time
from domain.errors import (
    AlreadyClaimed,
    DeskError,
    NotFound,
    NotPossible,
    Refused,
    Retriable,
    SignInRefused,
    TooLong,
)

#: Why a move is not possible now, by the stable word of NotPossible.reason.
_NOT_POSSIBLE = {
    "alerts_many": N_("Ten addresses are the most: forget one first."),
    "alert_tested": N_("A test went there less than a minute ago: wait a moment."),
    "mail_off": N_("The desk has no mail server yet: an administrator names one in the settings (mail_server)."),
    "exports_waiting": N_("Ten of your exports are still waiting: let them finish, or cancel some."),
    "export_over": N_("This export is over already."),
    "promise_open": N_("There is still an open promise: keep it, or say it was not kept, first."),
    "reply_pending": N_("A reply is still on its way: this is possible once we know what became of it."),
    "reply_sending": N_("Too late to take it back: it is going out already."),
    "reply_under_way": N_("This case already has a reply on its way."),
    "not_owner": N_("Only the owner of the case can do that."),
    "not_claimed": N_("Claim the case first."),
    "too_late": N_("Too late to take it back: it is going out already."),
    "four_eyes": N_("Four eyes: somebody else has to approve what you wrote."),
    "not_author": N_("Only its author can do that."),
    "last_admin": N_("Somebody has to remain administrator."),
    "case_new": N_("Claim the case first."),
    "case_open": N_("The case is open already."),
    "case_waiting": N_("The case waits for the customer: this is possible when they write again."),
    "case_resolved": N_("The case is resolved: reopen it first."),
    "case_dismissed": N_("The case was set aside: reopen it first."),
    "reply_queued": N_("The reply is about to go out."),
    "reply_uncertain": N_("We do not know yet whether the reply is out."),
    "reply_sent": N_("The reply is already published."),
    "reply_draft": N_("The reply is a draft again."),
    "promise_kept": N_("This promise is already marked as kept."),
    "too_late_promise": N_("That was said more than ten minutes ago: write a new promise instead."),
    "promise_broken": N_("This promise is already marked as not kept."),
    "parent_deleted": N_("The post was deleted by its author: there is nothing left to answer."),
    "replies_closed": N_("Its author lets nobody, or not us, answer this post: nobody would see the reply there."),
    "thread_locked": N_("This thread was locked or is too old: nobody can answer there."),
    "not_welcome": N_("This subreddit lets our account say nothing, or not this: read its rules before you try again."),
    "not_granted": N_("Reddit lets our app read and not write: answer this post there by hand."),
    "blocked": N_("We and its author have blocked each other there: nobody would see the reply."),
    "not_summoned": N_("X lets programs answer only who names or quotes our account: this one is posted by hand."),
    "ceiling_reached": N_("The month’s money for replies is spent: this one is posted by hand."),
    "no_reference": N_("This post came in without what an answer needs: answer it on the network itself."),
    "other_server": N_("This post came in through another server than your account’s: answer it there by hand."),
    "other_source": N_("This post came through another account of yours than the one that is left: answer it there."),
    "begun_elsewhere": N_(
        "Another account of yours began this reply than the one connected now: look there before you send it again."
    ),
    "no_replies_here": N_("This source takes no replies from the desk: answer this post there by hand."),
    "maybe_sent": N_("It may be out already: look on the network before anything else."),
    "case_taken": N_("A colleague has taken the case in the meantime."),
    "other_live": N_("This customer has a newer case: go on there."),
    "joined_elsewhere": N_("One of the two is part of another profile already: open that one."),
    "join_over": N_("They were separated before: there is nothing left to take apart."),
    "case_joined": N_("This case goes on as part of another one of the same person."),
    "not_taught": N_("The model judges with what it came with: there is nothing to take back."),
    "sign_in_unknown": N_("Nobody began this here, or it was long ago. Begin again on the Channels page."),
    "sign_in_elsewhere": N_(
        "This was begun in another browser, or at the command line. Finish it there: there it is still good."
    ),
    "sign_in_used": N_("This was finished already: each way back is good once. Look on the Channels page."),
    "sign_in_late": N_("This was begun more than a quarter of an hour ago. Begin again on the Channels page."),
    "other_account": N_(
        "You signed in with another account than this one. Nothing was changed: sign in there as this."
    ),
    "no_sign_in": N_("This channel needs no sign-in."),
    "in_a_problem": N_("A case is part of one problem at a time: take it out of the other one first."),
    "few_open": N_("Too few of these cases are still open: the others were closed in the meantime."),
    "not_in_it": N_("This case is not part of the problem any more."),
    "problem_closed": N_("This problem is closed: open a new one if it came back."),
    "problem_open": N_("This problem is open already: somebody was quicker."),
    "spike_has_problem": N_("A colleague has opened a problem from this in the meantime: it stands under Problems."),
    "no_reason": N_("Say in a few words why."),
    "spike_set_aside": N_("Somebody has set this aside already."),
    "no_message": N_("There is nothing to tell yet: write first what people are to hear."),
    "not_told": N_("Some people have not heard yet: tell them, or say why it ends all the same."),
    "denied_once": N_("It was already sent again once. Open the post and decide there."),
}
#: What was entered wrongly, by the stable word an Invalid or Refused carries as ``what`` or ``reason``.
_INVALID = {
    "address": N_("Nobody can be told there: write an e-mail address, or one that begins with https:// or tgram://."),
    "address_service": N_("That service cannot be used for alerts: it speaks to everybody, or to this machine."),
    "address_private": N_(
        "The address leads into your own network, where the desk does not go unless the settings allow it."
    ),
    "mail_to": N_("A file goes to an e-mail address."),
    "alert_kinds": N_("Choose at least one thing to be told of."),
    "quiet": N_("Quiet hours begin at one time of day and end at another."),
    "timezone": N_("There is no such timezone."),
    "period": N_("The last day comes before the first."),
    "month": N_("This is no month of the calendar: write it as 2026-10."),
    "purpose": N_("Names leave only for a purpose: say which, in a few words."),
    "trends_identified": N_("Trends name nobody."),
    "schedule_name": N_("A scheduled export needs a name."),
    "folder": N_("The name of a folder has letters, digits and hyphens only."),
    "token_name": N_("A token needs a name: the tool that will use it."),
    "scopes": N_("A token needs something to open: choose at least one."),
    "empty": N_("There is nothing in it yet."),
    "text_long": N_("This text is too long to keep."),
    "no_title": N_("A problem needs a name."),
    "no_case": N_("A problem groups at least one case that is still open and in no other problem."),
    "other_brand": N_("That belongs to another brand."),
    "many_cases": N_("That is more than one problem can group."),
    "mention": N_("The post answered is not part of this case."),
    "promise_incomplete": N_("A promise needs words and a day."),
    "promise_past": N_("A promise needs a moment that is still to come."),
    "colleague": N_("This colleague cannot take the case now."),
    "substitute": N_("The substitute has to be another colleague who answers customers."),
    "login": N_("A sign-in name has lower-case letters, digits, dots and hyphens only."),
    "name": N_("A colleague needs a name."),
    "brand_name": N_("A brand needs a name with letters or digits."),
    "file": N_("This file cannot be read."),
    "roles": N_("A colleague needs at least one role."),
    "password_long": N_("This password is too long."),
    "note": N_("Write a short note: your colleague needs to know why."),
    "reason": N_("Write a short reason: your colleague will read it."),
    "past": N_("Choose a moment that is still to come."),
    "password_short": N_("A password needs at least 10 characters."),
    "password_wrong": N_("The old password is not right."),
    "password_same": N_("Choose another password than the old one."),
    "passwords_differ": N_("The two new passwords are not the same."),
    "login_taken": N_("Somebody signs in with this name already."),
    "url": N_("This is not a link to a post."),
    "channel_way": N_("This channel is not connected that way."),
    "client_id": N_("The client id of your app is missing."),
    "account_there": N_("This account is there already."),
    "account_name": N_("Write the name that the account has there."),
    "secret_empty": N_("There is nothing in it yet."),
    "watch_name": N_("A watch needs a name."),
    "same_profile": N_("That is the same profile: choose another one."),
    "evidence_post": N_("Choose a post of one of the two that says so and is still there."),
    "evidence_note": N_("Write down what they told us, and where."),
    "evidence_words": N_("These words are not in the post: copy them from it."),
    "evidence_private": N_("That post was not written for everybody: choose another one, or say that they told us."),
    "watch_taken": N_("The brand has a watch of this name already, perhaps a resting one."),
    "watch_term": N_("One of the words cannot be searched for: it has no letter, digit or picture, or is too long."),
    "watch_excluded": N_("One of the words to leave out stands in one of the words to look for: nothing could match."),
    "watch_terms": N_("That is too many words for one watch: 200 at most. Make two of it."),
    "watch_language": N_("A language is given by its code, such as it or en."),
    "window_reversed": N_("The last day lies before the first: turn them round."),
    "window_years": N_("Nobody posted anything in those years: choose others."),
    "window_long": N_("That is more than twenty years: choose fewer days."),
}


def not_possible_words(reason: str) -> str:
    """Why a move is not possible now, by its stable word: for a control that is shown but cannot be used."""
    return _(_NOT_POSSIBLE[reason])


def knows_reason(reason: str) -> bool:
    """Whether there is a sentence for this word."""
    return reason in _NOT_POSSIBLE


def error_words(error: DeskError, *, timezone: str) -> str:
    """The sentence for a person, in the language in force; times on the clock of ``timezone``."""
    for kind, say in _SAYINGS:
        if isinstance(error, kind):
            return say(error, timezone)
    return _by_key(error)


def _claimed(error: DeskError, timezone: str) -> str:
    assert isinstance(error, AlreadyClaimed)
    return _("{name} was faster: the case is theirs since {time}. What you wrote is kept.").format(
        name=error.by, time=clock_time(error.since, timezone)
    )


def _too_long(error: DeskError, _timezone: str) -> str:
    assert isinstance(error, TooLong)
    return _("{length} characters; {channel} takes {limit}. Shorten it by {over} and try again.").format(
        length=error.length, limit=error.limit, channel=error.values.get("channel", ""), over=error.length - error.limit
    )


def _not_possible(error: DeskError, _timezone: str) -> str:
    assert isinstance(error, NotPossible)
    if error.reason == "few_corrections":
        said = _("Too little to learn from yet: {n} posts are corrected, {needed} are needed.")
        return said.format(n=error.values.get("n"), needed=error.values.get("needed"))
    known = _NOT_POSSIBLE.get(error.reason)
    return _(known) if known else _("This is not possible now: somebody changed the case. Look again.")


def _sign_in(error: DeskError, timezone: str) -> str:
    until = error.values.get("until")
    if isinstance(until, datetime):
        return _("Too many attempts. You can try again at {time}.").format(time=clock_second(until, timezone))
    return _("Name or password is not right.")


def _not_found(error: DeskError, _timezone: str) -> str:
    known = error.values
    for what, template in _MISSING_NAMED.items():
        if name := known.get(what):
            return _(template).format(name=name)
    entity, number = str(known.get("entity", "")), known.get("id")
    if entity in _MISSING_NUMBERED and number is not None:
        return _(_MISSING_NUMBERED[entity]).format(id=number)
    said = _MISSING.get(entity) or _SENTENCES[error.key]
    return _(said)


def _retriable(error: DeskError, _timezone: str) -> str:
    if error.key == "rate_limited":
        return _("The network asks us to slow down. We go on by ourselves.")
    if (damage := _DATABASE.get(str(error.values.get("what")))) is not None:
        return _(damage)
    return _("The store does not answer right now. What you typed is still here; try again in a moment.")


def _by_key(error: DeskError) -> str:
    what = error.values.get("what") or error.values.get("reason") or error.values.get("field")
    if isinstance(error, Refused) and isinstance(what, str) and what in _INVALID:
        return _(_INVALID[what])
    if what == "driver":
        return _(_SENTENCES[what])
    return _(_SENTENCES.get(error.key, _UNNAMED))


_DATABASE = {
    "database_damaged": N_(
        "The database file is no database, or it is damaged. "
        "An administrator has to put it aside and bring a backup back with ./sportello restore FILE."
    ),
    "database_closed": N_("The database file cannot be opened. An administrator has to look at its folder and rights."),
}
_MISSING_NAMED = {
    "channel": N_("There is no channel called “{name}”."),
    "account": N_("There is no account called “{name}”."),
    "file": N_("There is no file “{name}”."),
}
_MISSING_NUMBERED = {
    "export": N_("There is no export {id}. It may have been removed."),
    "export_file": N_("The file of export {id} is not there any more: ask for it again."),
    "export_schedule": N_("There is no scheduled export {id}."),
    "api_token": N_("There is no token {id}."),
    "case": N_("There is no case {id}. It may have been removed."),
    "reply": N_("There is no reply {id}. It may have been removed."),
    "promise": N_("There is no promise {id}. It may have been removed."),
    "customer": N_("There is no customer {id}. They may have been removed."),
}
_MISSING = {
    "brand": N_("There is no such brand."),
    "user": N_("There is no such colleague."),
    "watch": N_("There is no such watch."),
}
_UNNAMED = N_("That did not work. Nothing was changed.")
_SENTENCES = {
    "not_allowed": N_("Your role does not allow this. A manager or an administrator can help."),
    "approval_needed": N_("A trained colleague has to approve this reply first."),
    "publishing_off": N_("Publishing is switched off: the draft is kept and nothing goes out."),
    "not_found": N_("There is nothing here under that number. It may have been removed."),
    "invalid": N_("What was entered cannot be used. Check it and try again."),
    "stale_version": N_("Somebody changed this in the meantime. Look again; nothing was lost."),
    "unauthorized": N_("The network no longer accepts our sign-in. An administrator has to renew it."),
    "driver": N_("The driver for PostgreSQL, psycopg, is missing. An administrator has to make .venv anew."),
    "misconfigured": N_("A setting is missing or wrong. An administrator has to look at it."),
    "outcome_unknown": N_("It is not known whether the reply is out. We look it up and never send it twice."),
    "malformed": N_("This file or item does not have the expected shape."),
}
_SAYINGS: tuple[tuple[type[DeskError], Callable[[DeskError, str], str]], ...] = (
    (AlreadyClaimed, _claimed),
    (TooLong, _too_long),
    (NotPossible, _not_possible),
    (SignInRefused, _sign_in),
    (NotFound, _not_found),
    (Retriable, _retriable),
)
