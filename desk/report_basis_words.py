"""On what does a report rest? Channels, posts, models, gaps and method, and a silence told for what it is."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date
from babel.lists import format_list

from desk import trend_words
from desk.i18n import _, ngettext
from desk.numbers import clock_time, local, locale, number
from desk.report_sections import together
from desk.words import channel_word
from domain.window import Window
from services.hearing_record import Unheard
from services.report_views import Report

#: So many stretches that were not heard are named; the others are counted.
MOST_MISSED = 3


def silence_words(report: Report) -> str:
    """What is said in the place of everything else where there is nothing to tell; nothing where there is."""
    now = report.now
    if report.days.is_ahead:
        return _("This month has not begun: there is nothing to tell yet.")
    if now.posts.posts or now.answered or now.answers.asked or now.answers.solved.n or now.promises.kept.n:
        return ""
    if not now.heard.channels and not now.heard.left:
        heard = _("No channel is read for this brand: nothing is known of what was written.")
    elif now.heard.unheard:
        heard = _("Not everything was heard, so this says nothing about how much was written.")
    else:
        heard = _("Every channel was heard the whole time.")
    return together(_("No post was heard and nobody was answered."), heard)


def words(report: Report) -> tuple[str, ...]:
    """Every paragraph below the report."""
    return tuple(said for said in (_heard(report), _missed(report), _method(report), _warning(report)) if said)


def days_words(window: Window) -> str:
    """The days of a window within one month: "1 to 31 October 2026"."""
    if window.first == window.last:
        return trend_words.window_words(window)
    last = trend_words.whole_day(window.last)
    return _("{first} to {last}").format(first=str(window.first.day), last=last)


def day_words(day: date) -> str:
    """6 October."""
    return str(format_date(day, "d MMMM", locale=locale()))


def _heard(report: Report) -> str:
    now = report.now
    names = [channel_word(name) for name in now.heard.channels]
    last = trend_words.left_names(now.heard, report.days.window.timezone)
    gone = _("No longer read: {channels}.").format(channels=_list(last)) if last else ""
    none = "" if last else _("No channel is read.")
    read = together(_("Channels read: {channels}.").format(channels=_list(names)) if names else none, gone)
    if not now.posts.posts:
        return together(read, _("No post was heard in these days."))
    heard = ngettext("{n} post was heard in these days.", "{n} posts were heard in these days.", now.posts.posts)
    models = _list([model for model, _n in report.models[:3]])
    judged = _("Judged by {models}.").format(models=models) if models else ""
    left = now.posts.unjudged
    unjudged = ngettext("{n} has not been judged.", "{n} have not been judged.", left) if left else ""
    return together(read, heard, judged, unjudged)


def _missed(report: Report) -> str:
    missed, timezone = report.now.heard.unheard, report.days.window.timezone
    before = report.before.heard.unheard
    told = [trend_words.unheard_words(each, timezone) for each in _longest(missed)]
    if more := len(missed) - len(told):
        told.append(ngettext("and {n} more stretch", "and {n} more stretches", more))
    said = _("Not heard in full, so that figures of posts are lower bounds: {what}.") if told else ""
    either, alone = _("The days before were not heard in full either."), _("The days before were not heard in full.")
    earlier = either if told else alone
    return together(said.format(what="; ".join(told)), earlier if before else "")


def _longest(missed: tuple[Unheard, ...]) -> list[Unheard]:
    some = sorted(missed, key=lambda each: each.stretch.from_at - each.stretch.to_at)[:MOST_MISSED]
    return sorted(some, key=lambda each: each.stretch.from_at)


def _method(report: Report) -> str:
    said = [
        _("Margins are those of 95% (Wilson’s interval)."),
        _("What rests on fewer than {least} is not told.").format(least=number(report.least_people)),
        _("No figure is about a colleague."),
    ]
    if report.examples:
        said.append(_("Quotations are public posts, without names, handles, addresses and numbers."))
    return together(*said)


def _warning(report: Report) -> str:
    said = []
    if report.days.is_running:
        at, timezone = report.read_at, report.days.window.timezone
        day = str(format_date(local(at, timezone).date(), "EEEE d MMMM", locale=locale()))
        running = _("The month is not over: told as it stood on {day} at {time}.")
        if report.days.is_cut:
            running = _(
                "The month is not over: told as it stood on {day} at {time}, and the month before until that hour."
            )
        said.append(running.format(day=day, time=clock_time(at, timezone)))
    if report.is_sample:
        invented = _("{brand} is an invented company: this report shows what one of your own would tell.")
        said.append(invented.format(brand=report.brand))
    return together(*said)


def _list(names: list[str]) -> str:
    return str(format_list(names, locale=locale())) if names else ""
