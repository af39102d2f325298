"""What is asked of somebody who wants an export? Which rows, in which file, of which days, with names or without."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import streamlit as st

from desk import export_views, words
from desk.attempt import attempt, fetch, tell_done
from desk.export_views import Looked
from desk.export_words import EVERY, FORMATS, SUBJECTS, every_word, explained, format_word, subject_word
from desk.i18n import N_, _
from desk.numbers import local
from desk.session import Seat, acting
from desk.widgets.markup import html_tag
from domain.brand import Brand
from domain.clock import localize
from domain.export import PLAIN, SPREADSHEET_EN, SPREADSHEET_IT, Every, ExportFilter, ExportFormat, ExportOrder, Style
from domain.export import Subject as Rows
from domain.judgement import Kind
from domain.people import Right
from services import brands, export_schedules, exports, watches

_STYLES = {
    "it": (SPREADSHEET_IT, N_("As a spreadsheet in Italian opens it: semicolons, decimal commas")),
    "en": (SPREADSHEET_EN, N_("As a spreadsheet in English opens it: commas, decimal points")),
    "plain": (PLAIN, N_("As programs read it: commas, points, UTC")),
}
_FROM = {
    "queue": N_("From the queue: the cases of the list, with its filters"),
    "customers": N_("From the customers: posts of those the search finds"),
    "trends": N_("From the trends: their days, channels, languages and theme"),
}
_WIDTH = 260


@dataclass(frozen=True, slots=True)
class _Names:
    """Whether names go along, and why."""

    identified: bool
    purpose: str


def draw(found: Seat, brand: Brand) -> None:
    """The questions, and the button that asks for the file."""
    looked = export_views.brought()
    if looked is not None:
        _from_where(looked)
    with st.container(border=True, key="sp_export_form"):
        with st.container(horizontal=True, gap="small"):
            subject = _subject(found, looked)
            form = _form()
            style = _style(found, form)
        with st.container(horizontal=True, gap="small"):
            since, until = _days(brand, looked)
            filter = _filter(found, brand, subject, looked)
        names = _names(found, subject)
        first, after = _period(since, until, brand.timezone)
        filter = replace(filter, since=first, until=after)
        order = ExportOrder(brand.id, subject, form, filter, style, names.identified, names.purpose or None)
        with st.container(horizontal=True, gap="small"):
            if st.button(_("Export"), type="primary", key="sp_export_go", icon=":material/download:"):
                _ask(order)
            with st.popover(_("By the calendar"), icon=":material/event_repeat:", key="sp_export_calendar"):
                _calendar(order)


def _from_where(looked: Looked) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="sp_export_from_where"):
        said = _(_FROM[looked.page])
        chosen = [words.theme_word(looked.filter.theme)] if looked.filter.theme else []
        chosen += [words.language_word(code) for code in looked.filter.languages]
        said += "".join(f" · {each}" for each in chosen)
        if looked.filter.search or looked.filter.people:
            said += f" · “{looked.filter.search or looked.filter.people}”"
        st.html(html_tag("p", said, cls="sp s"))
        st.button(_("Everything instead"), key="sp_export_all", type="tertiary", on_click=export_views.put_away)


def _days(brand: Brand, looked: Looked | None) -> tuple[date | None, date | None]:
    """The first and the last day; at first those of the page one came from, where it has any."""
    page = looked.page if looked is not None else "all"
    begin, end = (looked.filter.since, looked.filter.until) if looked is not None else (None, None)
    first = None if begin is None else local(begin, brand.timezone).date()
    last = None if end is None else local(end - timedelta(seconds=1), brand.timezone).date()
    since = st.date_input(_("First day"), value=first, key=f"sp_export_since_{page}", width=160, format="DD/MM/YYYY")
    until = st.date_input(_("Last day"), value=last, key=f"sp_export_until_{page}", width=160, format="DD/MM/YYYY")
    return since, until


def _subject(found: Seat, looked: Looked | None) -> Rows:
    if looked is not None:
        choices: list[Rows] = [looked.subject, *((Rows.MENTIONS,) if looked.subject is Rows.TRENDS else ())]
    else:
        choices = [each for each in SUBJECTS if each is not Rows.TRENDS or found.may(Right.TRENDS)]
    key = "sp_export_subject" + (f"_{looked.page}" if looked else "")
    return st.selectbox(_("What"), choices, format_func=subject_word, key=key, width=_WIDTH)


def _form() -> ExportFormat:
    return st.selectbox(_("File"), list(FORMATS), format_func=format_word, key="sp_export_format", width=_WIDTH)


def _style(found: Seat, form: ExportFormat) -> Style:
    language = found.member.language
    if form is not ExportFormat.CSV:
        return replace(PLAIN, language=language)
    start = list(_STYLES).index(language if language in _STYLES else "plain")
    chosen = st.selectbox(
        _("How the CSV is written"),
        list(_STYLES),
        index=start,
        format_func=lambda each: _(_STYLES[each][1]),
        key="sp_export_style",
        width=420,
    )
    return replace(_STYLES[chosen][0], language=language)


def _filter(found: Seat, brand: Brand, subject: Rows, looked: Looked | None) -> ExportFilter:
    """What of the rows; a list that was brought along keeps its own choices."""
    start = looked.filter if looked is not None else ExportFilter()
    page = looked.page if looked is not None else "all"
    accounts = fetch(lambda: brands.list_accounts(found.ctx, brand.id))
    known = sorted({account.channel for account in accounts} | {"import"} | set(start.channels))
    channels = st.multiselect(
        _("Channel"),
        known,
        default=list(start.channels),
        format_func=words.channel_word,
        key=f"sp_export_channels_{page}",
        placeholder=_("All"),
        width=_WIDTH,
    )
    filter = replace(start, channels=tuple(channels))
    if subject is Rows.MENTIONS:
        filter = replace(filter, watches=_watches(found, brand))
    if subject in (Rows.MENTIONS, Rows.CASES):
        kinds = st.multiselect(
            _("What they want"),
            [str(each) for each in Kind],
            default=list(start.kinds),
            format_func=words.kind_word,
            key=f"sp_export_kinds_{page}",
            placeholder=_("All"),
            width=_WIDTH,
        )
        filter = replace(filter, kinds=tuple(kinds))
    return filter


def _watches(found: Seat, brand: Brand) -> tuple[int, ...]:
    known = {watch.id: watch.name for watch in fetch(lambda: watches.list_watches(found.ctx, brand.id))}
    chosen = st.multiselect(
        _("Watch"),
        list(known),
        format_func=lambda each: known[each],
        key=f"sp_export_watches_{brand.id}",
        placeholder=_("All"),
        width=_WIDTH,
    )
    return tuple(chosen)


def _names(found: Seat, subject: Rows) -> _Names:
    """Pseudonyms, unless somebody who may says why names are needed."""
    if subject is Rows.TRENDS:
        return _Names(False, "")
    if not found.may(Right.IDENTIFY):
        st.caption(_("People stand in it under pseudonyms, also inside the texts."))
        return _Names(False, "")
    identified = st.toggle(_("With names, handles and links"), key="sp_export_identified")
    if not identified:
        st.caption(_("People stand in it under pseudonyms, also inside the texts."))
        return _Names(False, "")
    purpose = st.text_input(
        _("What are the names needed for?"),
        key="sp_export_purpose",
        max_chars=300,
        help=_("It is recorded with your name in the audit. Posts that are not public keep their pseudonyms."),
        width=560,
    )
    return _Names(True, (purpose or "").strip())


def _period(since: date | None, until: date | None, timezone: str) -> tuple[datetime | None, datetime | None]:
    """Whole days of the brand's clock, the last one included."""
    first = None if since is None else localize(datetime.combine(since, time()), timezone)
    after = None if until is None else localize(datetime.combine(until + timedelta(days=1), time()), timezone)
    return first, after


def _ask(order: ExportOrder) -> None:
    if attempt(lambda: exports.ask(acting().ctx, explained(order))):
        tell_done(_("The export is being made. It stands below; you can leave this page."))
        export_views.put_away()
    st.rerun()


def _calendar(order: ExportOrder) -> None:
    with st.form("sp_export_calendar_form", border=False):
        name = st.text_input(_("Name"), key="sp_schedule_name", max_chars=120)
        every = st.selectbox(_("How often"), list(EVERY), format_func=every_word, key="sp_schedule_every")
        folder = st.text_input(
            _("Folder"), key="sp_schedule_folder", max_chars=80, help=_("One folder below the one of the setting.")
        )
        mail_to = st.text_input(
            _("Or by e-mail to"), key="sp_schedule_mail", max_chars=200, help=_("Files with names stay on the desk.")
        )
        st.caption(_("Made at six in the morning, of the day, week or month before."))
        if st.form_submit_button(_("Schedule"), type="primary"):
            _schedule(order, name or "", every or Every.WEEK, folder or "", mail_to or "")


def _schedule(order: ExportOrder, name: str, every: Every, folder: str, mail_to: str) -> None:
    def add() -> None:
        ctx, said = acting().ctx, explained(order)
        export_schedules.add(ctx, said, name=name, every=every, folder=folder, mail_to=mail_to)

    attempt(add, done=_("It is made by the calendar from now on."))
    st.rerun()
