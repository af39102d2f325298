"""How are the trends said? Windows, margins, changes, stretches not heard, each as its reader writes it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from babel.dates import format_date
from babel.numbers import format_decimal

from desk import words
from desk.coverage_words import gap_words
from desk.i18n import N_, _, ngettext
from desk.numbers import clock_time, local, locale, number, percent, stretch_words
from desk.report_wait_words import LONGEST, fewer_than_half, over_one_in_ten
from domain.metrics import Figure
from domain.window import Comparison, Step, Stretch, Window
from services.hearing_record import Heard, Missed, Unheard
from services.trends import Answers, Figures, Point, Trends

_MINUS = "\N{MINUS SIGN}"
#: So many stretches that were missed are named; the others are counted.
MOST_MISSED = 4


def signed(value: float) -> str:
    """Net sentiment in [-1, 1]: +0.20, 0.00, −0.12."""
    rounded = round(value, 2) + 0.0  # no minus before a nought
    return str(format_decimal(rounded, format=f"+0.00;{_MINUS}0.00" if rounded else "0.00", locale=locale()))


def margin_words(figure: Figure) -> str:
    """Half the 95 % interval of net sentiment: ±0.02."""
    return f"±{format_decimal(figure.margin or 0.0, format='0.00', locale=locale())}"


def points_words(figure: Figure) -> str:
    """Half the 95 % interval of a share, in points of a hundred: ±1.4."""
    return f"±{format_decimal(100 * (figure.margin or 0.0), format='0.0', locale=locale())}"


def whole_day(day: date) -> str:
    """21 October 2026."""
    return str(format_date(day, "d MMMM y", locale=locale()))


def day_and_month(day: date) -> str:
    """21 October."""
    return str(format_date(day, "d MMMM", locale=locale()))


def short_date(day: date) -> str:
    """21 Oct."""
    return str(format_date(day, "d MMM", locale=locale()))


def window_words(window: Window) -> str:
    """The days of a window: "20 November 2026", "21 October to 20 November 2026"."""
    if window.first == window.last:
        return whole_day(window.first)
    begin = day_and_month(window.first) if window.first.year == window.last.year else whole_day(window.first)
    return _("{first} to {last}").format(first=begin, last=whole_day(window.last))


def against_words(trends: Trends) -> str:
    """What it is held against."""
    if trends.comparison is Comparison.PREVIOUS:
        return ngettext("against the day before", "against the {n} days before", trends.window.days)
    return _("against the same weekdays, {days}").format(days=window_words(trends.compared))


def head_words(trends: Trends) -> str:
    """The line under the page's name: window, comparison, channels read, revision, and what nobody has judged."""
    told = [window_words(trends.window), against_words(trends), channels_words(trends), model_words(trends)]
    if left := left_names(trends.heard, trends.window.timezone):
        told.insert(3, _("no longer read: {channels}").format(channels=", ".join(left)))
    if trends.now.unjudged:
        told.append(ngettext("{n} post not judged yet", "{n} posts not judged yet", trends.now.unjudged))
    return " · ".join(part for part in told if part)


def channels_words(trends: Trends) -> str:
    """Which channels are read for these figures; nothing where all were left off within these days."""
    names = [words.channel_word(name) for name in trends.heard.channels]
    if not names:
        return "" if trends.heard.left else _("no channel is read: only what was imported")
    if len(names) == 1:
        return _("read: {channel}").format(channel=names[0])
    if trends.channels:
        return _("read: {channel}").format(channel=", ".join(names))
    return ngettext("all {n} channel", "all {n} channels", len(names))


def left_names(heard: Heard, timezone: str) -> list[str]:
    """Channels that were read in these days and on which nobody listens any more: until when each was."""
    said = _("{channel} (last read {day})")
    days = ((words.channel_word(name), day_and_month(local(at, timezone).date())) for name, at in heard.left)
    return [said.format(channel=channel, day=day) for channel, day in days]


def model_words(trends: Trends) -> str:
    """Which revisions judged the posts."""
    if not trends.models:
        return ""
    return _("judged by {models}").format(models=", ".join(model for model, _n in trends.models[:3]))


def left_out_words(figures: Figures) -> str:
    """What is in no volume: "reposts 6, spam 2, deleted 1 left out"."""
    counted = (
        ngettext("{n} repost", "{n} reposts", figures.reposts) if figures.reposts else "",
        ngettext("{n} spam", "{n} spam", figures.spam) if figures.spam else "",
        ngettext("{n} deleted since", "{n} deleted since", figures.deleted) if figures.deleted else "",
    )
    told = ", ".join(part for part in counted if part)
    return _("left out: {what}").format(what=told) if told else ""


def change_words(now: int, before: int) -> str:
    """How many more or fewer than in the window before."""
    if now == before:
        return _("as many as before")
    if now > before:
        return _("{n} more than before").format(n=number(now - before))
    return _("{n} fewer than before").format(n=number(before - now))


def too_few_words(figure: Figure, least: int) -> str:
    """Why no figure stands here."""
    if not figure.n:
        return _("Nothing to count in these days")
    return _("Too few to tell: {n} of at least {least}").format(n=number(figure.n), least=number(least))


def point_name(point: Point, step: Step, timezone: str) -> str:
    """When a point is: "18 November", "18 November, 14:00", "week of 16 November", "November 2026"."""
    begin = local(point.stretch.from_at, timezone)
    if step is Step.HOUR:
        return f"{day_and_month(begin.date())}, {clock_time(point.stretch.from_at, timezone)}"
    if step is Step.WEEK:
        return _("week of {day}").format(day=whole_day(begin.date()))
    if step is Step.MONTH:
        return str(format_date(begin.date(), "LLLL y", locale=locale()))
    return str(format_date(begin.date(), "EEEE d MMMM", locale=locale()))


def stretch_name(stretch: Stretch, trends: Trends) -> str:
    """The name of a stretch of the chart."""
    return point_name(Point(stretch, None, (), is_over=True), trends.step, trends.window.timezone)


def point_words(point: Point, trends: Trends) -> str:
    """All that a point says, in a sentence: when, how many posts, how they feel, what was missed."""
    name = point_name(point, trends.step, trends.window.timezone)
    if point.figures is None:
        return _("{when}: still to come").format(when=name)
    is_known = point.figures.posts or not point.unheard
    posts = ngettext("{n} post", "{n} posts", point.figures.posts) if is_known else _("not known")
    told = [(_("{when}: {posts}") if point.is_over else _("{when}: {posts} so far")).format(when=name, posts=posts)]
    net = point.figures.net
    if net.value is not None and net.low is not None and net.high is not None:
        said = _("net sentiment {value}, between {low} and {high}")
        told.append(said.format(value=signed(net.value), low=signed(net.low), high=signed(net.high)))
    if missed := missed_words(point):
        told.append(_("not heard: {what}").format(what=missed))
    return "; ".join(told)


def missed_words(point: Point) -> str:
    """Which channels were not heard in this step, and for how much of it: "X (14 hours), Reddit (1 day)"."""
    told: dict[str, timedelta] = {}
    for each in point.unheard:
        begin, end = max(each.stretch.from_at, point.stretch.from_at), min(each.stretch.to_at, point.stretch.to_at)
        told[each.channel] = max(told.get(each.channel, timedelta()), end - begin)
    return ", ".join(f"{words.channel_word(name)} ({stretch_words(length)})" for name, length in told.items())


_WHY = {
    Missed.BLIND: N_("not heard any more"),
    Missed.BEFORE: N_("nobody listened there yet"),
}


def unheard_words(each: Unheard, timezone: str) -> str:
    """One stretch that was missed, in a line: channel, from when to when, why."""
    why = gap_words(each.reason) if each.why is Missed.GAP else _(_WHY[each.why])
    return f"{words.channel_word(each.channel)}: {stretch_days(each.stretch, timezone)} ({why})"


def stretch_days(stretch: Stretch, timezone: str) -> str:
    """From when to when: "3 Nov, 02:00 – 16:00", "21 Oct, 00:00 – 3 Nov, 02:00"."""
    begin, end = local(stretch.from_at, timezone), local(stretch.to_at, timezone)
    first = f"{short_date(begin.date())}, {begin:%H:%M}"
    return (
        f"{first} – {end:%H:%M}" if begin.date() == end.date() else f"{first} – {short_date(end.date())}, {end:%H:%M}"
    )


def chart_words(trends: Trends) -> str:
    """What the chart shows, for whoever does not see it: the peak, the lowest mood, and what was not heard."""
    begun = [point for point in trends.points if point.figures is not None]
    told = [_("{posts} in {days}").format(posts=_posts(trends.now.posts), days=window_words(trends.window))]
    peak = max(begun, key=lambda point: point.figures.posts if point.figures else 0, default=None)
    if peak is not None and peak.figures is not None and peak.figures.posts and len(begun) > 1:
        when = point_name(peak, trends.step, trends.window.timezone)
        told.append(_("most of them: {n}, {when}").format(n=number(peak.figures.posts), when=when))
    moods = [
        (point.figures.net.value, point) for point in begun if point.figures and point.figures.net.value is not None
    ]
    if len(moods) > 1:
        value, lowest = min(moods, key=lambda pair: pair[0])
        when = point_name(lowest, trends.step, trends.window.timezone)
        told.append(_("lowest net sentiment: {value}, {when}").format(value=signed(value), when=when))
    if trends.heard.unheard:
        told.append(_("hatched stretches were not heard in full: there the figures are lower bounds"))
    return "; ".join(told) + "."


def _posts(n: int) -> str:
    return ngettext("{n} post", "{n} posts", n)


def within_words(bound_s: int | None) -> str:
    """A stretch in which customers were answered, by its upper end."""
    if bound_s is None:
        return _("Later than that")
    hours = bound_s // 3600
    if hours == 1:
        return _("Within an hour")
    if hours == 24:
        return _("Within a day")
    if hours < 24:
        return _("Within {n} hours").format(n=hours)
    return _("Within {n} days").format(n=hours // 24)


def waits_words(answers: Answers) -> str:
    """Half waited at most so long, nine in ten so long; or how few had an answer, ever or before the longest time."""
    if not answers.is_enough:
        return ""
    if answers.unanswered == answers.asked:
        return _("Nobody has had an answer yet.")
    if fewer_than_half(answers):
        return _("Fewer than half have been answered.")
    longest = stretch_words(LONGEST)
    if answers.half_s is None:
        said = (
            _("Fewer than half were answered within {time}.") if answers.unanswered else _("Half waited over {time}.")
        )
        return said.format(time=longest)
    half = _("Half waited {time} at most").format(time=stretch_words(timedelta(seconds=answers.half_s)))
    if over_one_in_ten(answers):
        most = _("more than one in ten has no answer yet")
    elif answers.most_s is None:
        most = _("fewer than nine in ten were answered within {time}").format(time=longest)
    else:
        most = _("nine in ten {time} at most").format(time=stretch_words(timedelta(seconds=answers.most_s)))
    return _("{half}; {most}.").format(half=half, most=most)


def empty_words(trends: Trends, *, now: datetime) -> tuple[str, str]:
    """Heading and sentence where the window holds no post at all: a silence that was heard, or nobody listening."""
    if trends.window.stretch.from_at > now:
        return _("These days are still to come"), _("Choose days that have begun.")
    if not trends.heard.channels and not trends.heard.left:
        return _("No post in these days"), _("No channel is read for this brand: only imported posts would be here.")
    if trends.heard.unheard:
        return (
            _("No post in these days"),
            _("Not everything was heard, so this says nothing about how much was written: see the stretches below."),
        )
    return _("No post in these days"), _("Everything was read, and nobody wrote.")


def percent_or_few(figure: Figure) -> str:
    """A share in whole percent, or a dash where there is too little to tell."""
    return "–" if figure.value is None else percent(figure.value)


def net_or_few(figure: Figure) -> str:
    """Net sentiment, or a dash where there is too little to tell."""
    return "–" if figure.value is None else signed(figure.value)
