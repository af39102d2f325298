"""How is a champion's report said? Sentences a director reads, in the language in force, each with what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from babel.dates import format_date

from desk import report_basis_words as basis
from desk import trend_words
from desk.i18n import _, ngettext
from desk.numbers import locale, number, percent
from desk.report_quotes import cut, plain, quote_of
from desk.report_sections import Section, together
from desk.report_wait_words import answered_words, time_words
from desk.words import reason_words
from domain.metrics import Figure
from domain.priority import RankReason
from domain.report import Month
from services.report_views import Concerns, Report

MOST_PROBLEMS = 3


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report in words: what stands between ``**`` is the figure of its sentence.

    ``lacking`` is said where signs could not be shown, and something stands in their place.
    """

    title: str
    about: str
    opening: str
    sections: tuple[Section, ...]
    basis: tuple[str, ...]
    lacking: str = ""


def page(report: Report) -> Page:
    """The report, to be shown, printed or written to a file."""
    quiet = basis.silence_words(report)
    sections = () if quiet else tuple(each for each in _sections(report) if each.text or each.quotes)
    return Page(
        title=_("What care returned: {month}").format(month=month_name(report.month)),
        about=_about(report),
        opening=quiet or opening_words(report),
        sections=sections,
        basis=basis.words(report),
        lacking=_("[…] stands for signs that this page has no letters for."),
    )


def month_name(month: Month) -> str:
    """October 2026."""
    return str(format_date(month.first, "LLLL y", locale=locale()))


def _about(report: Report) -> str:
    days, before = (basis.days_words(each) for each in (report.days.window, report.days.before))
    return " · ".join((report.brand, days, _("held against {days}").format(days=before)))


def then_words(report: Report) -> str:
    """When it was before, as it ends a sentence: "in September", "in the same days of October"."""
    earlier = report.month.before
    pattern = "LLLL" if earlier.year == report.month.year else "LLLL y"
    name = str(format_date(earlier.first, pattern, locale=locale()))
    if report.days.is_running:
        return _("in the same days of {month}").format(month=name)
    return _("in {month}").format(month=name)


def opening_words(report: Report) -> str:
    """Who was answered: the sentence everything else explains."""
    n, before, month = report.now.answered, report.before.answered, month_name(report.month)
    if not n:
        said = _("No customer had an answer from us in {month}.").format(month=month)
    else:
        said = ngettext(
            "**{n} customer** had an answer from us in {month}.",
            "**{n} customers** had an answer from us in {month}.",
            n,
        ).format(month=month)
    return together(said, _was(before, report) if n or before else "")


def _was(before: int, report: Report) -> str:
    if not before and not report.was_there:
        return _("Nobody listened yet {then}.").format(then=then_words(report))
    if not before:
        return _("Nobody had one {then}.").format(then=then_words(report))
    return ngettext("There was {n} {then}.", "There were {n} {then}.", before).format(then=then_words(report))


def _sections(report: Report) -> Iterable[Section]:
    yield Section(_("How long people waited"), _waits(report))
    yield Section(_("Solved, by their word"), _solved(report))
    yield Section(
        _("Complaints turned into thanks"),
        _thanks(report),
        tuple(quote_of(each, report.days.window.timezone) for each in report.examples),
    )
    yield Section(_("Promises kept"), _promises(report))
    yield Section(_("Problems closed"), shared_words(report))
    yield Section(_("What to mend"), together(_complaints(report), concern_words(report.concerns, report)))


def _waits(report: Report) -> str:
    now, before = report.now.answers, report.before.answers
    if not now.asked:
        return _("No question and no complaint came in.")
    if not now.is_enough:
        few = ngettext("{n} question or complaint came in", "{n} questions and complaints came in", now.asked)
        return _few(few, report)
    asked = ngettext("**{n} question or complaint** came in.", "**{n} questions and complaints** came in.", now.asked)
    was = _("Half waited {half} at most {then}.") if before.half_s is not None else ""
    was = was.format(half=time_words(before.half_s), then=then_words(report))
    return together(asked, answered_words(now), was, _("Nights and feast days count, since the customers lived them."))


def _solved(report: Report) -> str:
    now, before = report.now.answers.solved, report.before.answers.solved
    again = report.now.answers.reopened
    reopened = ngettext(
        "{n} case was opened again because its customer wrote.",
        "{n} cases were opened again because their customers wrote.",
        again,
    )
    reopened = reopened if again else ""
    if not now.n:
        return together(_("No case was closed."), reopened)
    if now.value is None:
        few = ngettext("{n} case was closed", "{n} cases were closed", now.n)
        return together(_few(few, report), reopened)
    said = ngettext(
        "Of {of} cases closed, **{n}** ended because its customer said that it was solved ({share}).",
        "Of {of} cases closed, **{n}** ended because their customers said that it was solved ({share}).",
        now.hits,
    )
    if not now.hits:
        said = _("Of {of} cases closed, none ended because its customer said that it was solved ({share}).")
    return together(said.format(of=number(now.n), share=_share(now)), _held(now, before, report), reopened)


def _thanks(report: Report) -> str:
    now, before = report.now.thanks, report.before.thanks
    if not now.n:
        return _("No customer whose complaint we had answered wrote again.")
    if now.value is None:
        few = ngettext(
            "{n} customer whose complaint we had answered wrote again",
            "{n} customers whose complaints we had answered wrote again",
            now.n,
        )
        return _few(few, report)
    said = ngettext(
        "Of {of} customers who wrote again after we had answered their complaint, **{n}** came back with thanks "
        "or said that it was solved ({share}).",
        "Of {of} customers who wrote again after we had answered their complaint, **{n}** came back with thanks "
        "or said that it was solved ({share}).",
        now.hits,
    )
    if not now.hits:
        said = _("Of {of} customers who wrote again after we had answered their complaint, none gave thanks ({share}).")
    return together(said.format(of=number(now.n), share=_share(now)), _held(now, before, report))


def _promises(report: Report) -> str:
    now, before = report.now.promises, report.before.promises
    kept = now.kept
    if not kept.n:
        return _("No promise fell due.")
    if kept.value is None:
        return _few(ngettext("{n} promise fell due", "{n} promises fell due", kept.n), report)
    said = ngettext(
        "Of {of} promises that fell due, **{n}** was kept ({share}).",
        "Of {of} promises that fell due, **{n}** were kept ({share}).",
        kept.hits,
    )
    if not kept.hits:
        said = _("Of {of} promises that fell due, none was kept ({share}).")
    broken = ngettext("{n} was not kept.", "{n} were not kept.", now.broken) if now.broken else ""
    late = ngettext("{n} is past its date and still open.", "{n} are past their dates and still open.", now.open)
    held = _held(kept, before.kept, report)
    return together(said.format(of=number(kept.n), share=_share(kept)), broken, late if now.open else "", held)


def _complaints(report: Report) -> str:
    now, before = report.now.posts.complaints, report.before.posts.complaints
    if now.value is None:
        return ""
    said = ngettext(
        "Of {of} posts judged, **{n}** was a complaint ({share}).",
        "Of {of} posts judged, **{n}** were complaints ({share}).",
        now.hits,
    )
    if not now.hits:
        said = _("Of {of} posts judged, none was a complaint ({share}).")
    return together(said.format(of=number(now.n), share=_share(now)), _held(now, before, report))


def concern_words(concerns: Concerns, report: Report) -> str:
    """What pressed in the complaints, by how many customers."""
    if not concerns.complaints:
        return _("No complaint has become a case.")
    if not concerns.told:
        return _("No single concern was shared by {least} customers or more.").format(least=number(report.least_people))
    told = [_concern(str(each.code), each.customers) for each in concerns.told]
    said = ngettext(
        "{n} customer complained; what pressed:",
        "{n} customers complained; what pressed them:",
        concerns.customers,
    )
    newest = "" if concerns.is_all else _("Only the latest {n} complaints were read for this.")
    return together(f"{said} {'; '.join(told)}.", newest.format(n=number(concerns.complaints)))


def _concern(code: str, customers: int) -> str:
    return f"**{reason_words(RankReason(code))}** ({_customers(customers)})"


def shared_words(report: Report) -> str:
    """The problems that many customers shared: those that were closed, and those still open at the month's end."""
    shared = report.shared
    n, left = len(shared.closed) + shared.closed_smaller, len(shared.open) + shared.open_smaller
    closed = ngettext(
        "**{n} problem** that several customers shared was closed",
        "**{n} problems** that several customers shared were closed",
        n,
    )
    still = ngettext("{n} is still open", "{n} are still open", left)
    return together(
        _named(closed, shared.closed, n) if n else _("No shared problem was closed.") if left else "",
        _named(still, shared.open, left) if left else "",
    )


def _named(counted: str, titles: tuple[tuple[str, int], ...], n: int) -> str:
    quoted = _("“{words}”")
    shown = [(quoted.format(words=plain(cut(title))), people) for title, people in titles[:MOST_PROBLEMS]]
    told = [f"{title} ({_customers(people)})" for title, people in shown]
    if not told:
        return f"{counted}."
    if len(told) < n:
        return _("{counted}, among them {titles}.").format(counted=counted, titles="; ".join(told))
    return f"{counted}: {'; '.join(told)}."


def _customers(n: int) -> str:
    return ngettext("{n} customer", "{n} customers", n)


def _few(counted: str, report: Report) -> str:
    """So many are too few to tell anything of."""
    return _("{counted}: too few to tell more (at least {least}).").format(
        counted=counted, least=number(report.least_people)
    )


def _share(figure: Figure) -> str:
    return _("{share}, margin ±{points} points").format(
        share=percent(figure.value or 0.0), points=trend_words.points_words(figure).lstrip("±")
    )


def _held(now: Figure, before: Figure, report: Report) -> str:
    """The same share of the month before, and whether the difference says anything."""
    then = then_words(report)
    if before.value is None or now.low is None or now.high is None or before.low is None or before.high is None:
        return _("There were too few {then} to compare.").format(then=then) if before.n else ""
    if now.low <= before.high and before.low <= now.high:
        said = _("It was {share} of {n} {then}: the difference lies within the margins.")
    else:
        said = _("It was {share} of {n} {then}: the difference is larger than the margins.")
    return said.format(share=percent(before.value), n=number(before.n), then=then)
