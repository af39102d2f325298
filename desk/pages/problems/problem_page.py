"""One shared problem: who waits, what they are to hear, and who of them has heard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from desk import problem_words as say
from desk import words
from desk.attempt import attempt, fetch
from desk.going import to_case
from desk.i18n import _, ngettext
from desk.numbers import moment_words
from desk.page_parts import line, title
from desk.pages.problems import opening
from desk.session import Seat, acting, timezone
from desk.widgets.markup import Markup, chip, html_tag
from domain.brand import Brand
from domain.errors import StaleVersion
from domain.problem import ABOUT_CHARS, REASON_CHARS, TITLE_CHARS, Outcome, ProblemState
from services import problem_ending, problems
from services.problem_view import Affected, ProblemView, Telling

LISTED = 100
_MESSAGE, _REASON, _OUTCOME = "sp_problem_message", "sp_problem_reason", "sp_problem_outcome"
_SEEN = "sp_problem_seen"
_TITLE, _WHAT, _BACK = "sp_problem_new_title", "sp_problem_new_about", "sp_problem_back_why"
_CHIPS = {
    Telling.TOLD: ("done", "check"),
    Telling.PREPARED: ("mine", "check"),
    Telling.NO_OWNER: ("warn", "warning"),
    Telling.TO_WRITE: ("warn", "pencil"),
}


def draw(found: Seat, brand: Brand, problem_id: int) -> None:
    """The problem, its people, and what can be done about it."""
    opening.back()
    view = fetch(lambda: problems.problem(found.ctx, problem_id))
    opening.settle_brand(brand, view.line.brand_id)
    now = found.ctx.clock()
    opened = _("opened by {name}").format(name=view.opened_by or _("the desk"))
    states = [say.state_word(view.line.state), *([say.outcome_word(view.line.outcome)] if view.line.outcome else [])]
    lead = " · ".join([*states, say.people_words(view.line), opened])
    title(view.line.title, lead)
    wide, side = st.columns([0.6, 0.4], gap="small")
    with wide, st.container(border=True):
        _people(view, now)
    with side:
        _about(view)
        _steps(view)
        _suggested(found, view, now)
        _history(view, now)


def _head(name: str, source: str = "") -> Markup:
    return html_tag("div", html_tag("h2", name), html_tag("p", source), cls="sp sp-card-head")


def _people(view: ProblemView, now: datetime) -> None:
    st.html(_head(_("Who it concerns"), _("who waits longest first; each case keeps its owner")))
    for person in view.people[:LISTED]:
        _person(view, person, now)
    if len(view.people) > LISTED:
        st.caption(ngettext("And {n} more.", "And {n} more.", len(view.people) - LISTED))


def _person(view: ProblemView, person: Affected, now: datetime) -> None:
    kind, sign = _CHIPS.get(person.telling, ("lock", "clock"))
    owner = person.owner_name or _("nobody has it")
    foot = " · ".join([words.channel_word(person.channel), owner, say.since_words(person.waiting_since, now)])
    mark = chip(kind, say.telling_word(person.telling), sign)
    with st.container(
        key=f"sp_row_case_pr_{person.case_id}", horizontal=True, vertical_alignment="center", gap="small"
    ):
        st.html(line(person.name, person.text, foot, marks=[mark], lang=person.language or ""))
        if "remove" in view.may:
            st.button(
                _("Take out"),
                key=f"sp_pr_out_{person.case_id}",
                type="tertiary",
                on_click=_remove,
                args=(view.line.problem_id, person.case_id),
                help=_("The case goes on by itself, with its owner."),
            )
        st.button(_("Open"), key=f"sp_pr_open_{person.case_id}", on_click=to_case, args=(person.case_id,))


def _about(view: ProblemView) -> None:
    why = say.reason_heading(view.line) if view.reason else ""
    if not view.about and not view.message and not why:
        return
    parts = [html_tag("p", view.about, cls="sp-line-text", dir="auto")] if view.about else []
    if view.message:
        heading = say.message_heading(view.line)
        parts += [html_tag("h3", heading, cls="sp-h3"), html_tag("p", view.message, dir="auto")]
    if why:
        parts += [html_tag("h3", why, cls="sp-h3"), html_tag("p", view.reason or "", dir="auto")]
    with st.container(border=True):
        st.html(html_tag("div", *parts, cls="sp sp-stack"))


def _steps(view: ProblemView) -> None:
    """What comes next, for whoever may decide it."""
    problem_id, seen = view.line.problem_id, _version_read(view)
    if "solve" in view.may:
        is_first = view.line.state is ProblemState.OPEN
        is_other = _typed(_MESSAGE, problem_id) != (view.message or "")  # Typed, and refused: it stays in sight.
        name = _("It is solved: tell everybody") if is_first else _("Change the message")
        with st.expander(name, expanded=is_first or is_other):
            _solving(view, seen)
    if "return" in view.may:
        with st.popover(_("It came back"), width="stretch"), st.form("sp_problem_returned", border=False):
            st.caption(
                _(
                    "The problem is open again. Whoever has the message in a draft is warned, and replies with it that "
                    "have not begun to go out are drafts again."
                )
            )
            st.text_input(_("What happened?"), key=_own(_BACK, problem_id), max_chars=REASON_CHARS)
            st.form_submit_button(_("Open it again"), on_click=_give_back, args=(problem_id, view.version))
    if "close" in view.may:
        with st.popover(_("Close the problem"), width="stretch"), st.form("sp_problem_close", border=False):
            choices = list(Outcome) if view.line.state is ProblemState.SOLVED else [Outcome.NO_PROBLEM]
            st.radio(_("How did it end?"), choices, format_func=say.outcome_word, key=_own(_OUTCOME, problem_id))
            if view.untold and view.line.state is ProblemState.SOLVED:
                st.caption(
                    ngettext(
                        "{n} person has not heard yet: say why it ends all the same.",
                        "{n} people have not heard yet: say why it ends all the same.",
                        len(view.untold),
                    )
                )
            is_told = not view.untold or view.line.state is ProblemState.OPEN
            why = _("Why (optional)") if is_told else _("Why (optional once everybody has heard)")
            st.text_input(why, key=_own(_REASON, problem_id), max_chars=REASON_CHARS)
            st.form_submit_button(_("Close"), on_click=_close, args=(problem_id, view.version))
    if "edit" in view.may:
        with st.popover(_("Change its name"), width="stretch"), st.form("sp_problem_rename", border=False):
            st.text_input(_("Name of the problem"), key=_own(_TITLE, problem_id), max_chars=TITLE_CHARS)
            known = _("What is known so far (optional)")
            st.text_area(known, key=_own(_WHAT, problem_id), max_chars=ABOUT_CHARS, height=90)
            st.form_submit_button(_("Save"), on_click=_reword, args=(problem_id, seen))


def _solving(view: ProblemView, version: int) -> None:
    with st.form("sp_problem_solve", border=False):
        st.text_area(
            _("One message, which each owner makes their own"),
            key=_own(_MESSAGE, view.line.problem_id),
            height=120,
            placeholder=_("Hello {name}, …").format(name=say.name_mark()),
        )
        st.caption(
            _(
                "Each owner finds it as a draft on their case; nothing is sent by itself. {name} becomes the "
                "customer’s name. Who is writing already keeps what they typed."
            ).format(name=say.name_mark())
        )
        st.form_submit_button(
            _("Prepare the drafts"), type="primary", on_click=_solve, args=(view.line.problem_id, version)
        )


def _suggested(found: Seat, view: ProblemView, now: datetime) -> None:
    rows = fetch(lambda: problems.suggested(found.ctx, view.line.problem_id)) if "add" in view.may else ()
    if not rows:
        return
    with st.container(border=True):
        st.html(_head(_("May belong to it"), _("found by comparing what people write: a person decides")))
        for row in rows[:10]:
            foot = " · ".join([words.channel_word(row.channel), say.since_words(row.last_mention_at, now)])
            with st.container(key=f"sp_row_case_sg_{row.case_id}", horizontal=True, vertical_alignment="center"):
                st.html(line(row.name, row.text, foot, lang=row.language or ""))
                args = (view.line.problem_id, row.case_id)
                st.button(_("Add"), key=f"sp_sg_add_{row.case_id}", on_click=_add, args=args)
                st.button(_("No"), key=f"sp_sg_no_{row.case_id}", type="tertiary", on_click=_refuse, args=args)


def _history(view: ProblemView, now: datetime) -> None:
    items = [
        html_tag("p", f"{moment_words(event.at, timezone(), now=now)}  {say.event_word(event.kind, event.actor_name)}")
        for event in view.events
    ]
    with st.expander(_("What happened")):
        st.html(html_tag("div", *items, cls="sp sp-stack s"))


def _own(name: str, problem_id: int) -> str:
    """The key of a field of one problem: what was typed for one is never offered for another."""
    return f"{name}_{problem_id}"


def _stored(view: ProblemView) -> dict[str, str]:
    """What stands in the fields of a problem while nobody types, of those that are drawn."""
    # A message that no longer holds is shown above, not put under the hand again.
    holds = view.message if view.line.state is ProblemState.SOLVED else None
    message = {_MESSAGE: holds or ""} if "solve" in view.may else {}
    return message | ({_TITLE: view.line.title, _WHAT: view.about} if "edit" in view.may else {})


def _version_read(view: ProblemView) -> int:
    """The version whose words stand in the fields: nobody writes over newer ones without having been told of them."""
    problem_id, stored = view.line.problem_id, _stored(view)
    key = _own(_SEEN, problem_id)
    if not any(_own(field, problem_id) in st.session_state for field in stored):
        st.session_state.pop(key, None)
    version, _words = st.session_state.setdefault(key, (view.version, stored))
    for field, words_ in stored.items():
        st.session_state.setdefault(_own(field, problem_id), words_)
    return int(version)


def _go_on_from(view: ProblemView, *, typed: tuple[str, ...]) -> None:
    """Take this state of the problem as read: fields whose words changed show the new ones, but for those ``typed``."""
    problem_id, stored = view.line.problem_id, _stored(view)
    _version, before = st.session_state.get(_own(_SEEN, problem_id), (0, {}))
    for field, words_ in stored.items():
        if field not in typed and before.get(field) != words_:
            st.session_state[_own(field, problem_id)] = words_
    st.session_state[_own(_SEEN, problem_id)] = (view.version, stored)


def _typed(name: str, problem_id: int) -> str:
    return str(st.session_state.get(_own(name, problem_id), ""))


def _try(problem_id: int, act: Callable[[], ProblemView], *, typed: tuple[str, ...] = (), done: str = "") -> None:
    """Do it. What it came to, or what a colleague made of the problem first, is shown and read from now on.

    Refused for another reason, the problem may be newer than what was read: that stays what was read.
    """
    shown: list[ProblemView] = []

    def tried() -> None:
        try:
            shown.append(act())
        except StaleVersion:
            shown.append(problems.problem(acting().ctx, problem_id))
            raise

    is_done = attempt(tried, done=done)
    for view in shown:
        _go_on_from(view, typed=() if is_done else typed)


def _solve(problem_id: int, version: int) -> None:
    found, message = acting(), _typed(_MESSAGE, problem_id)
    done = _("The drafts are ready. Each owner sends their own.")
    _try(
        problem_id,
        lambda: problem_ending.solve(found.ctx, problem_id, message=message, version=version),
        typed=(_MESSAGE,),
        done=done,
    )


def _reword(problem_id: int, version: int) -> None:
    found = acting()
    words = {"title": _typed(_TITLE, problem_id), "about": _typed(_WHAT, problem_id)}
    _try(
        problem_id,
        lambda: problems.reword(found.ctx, problem_id, version=version, **words),
        typed=(_TITLE, _WHAT),
        done=_("Saved."),
    )


def _give_back(problem_id: int, version: int) -> None:
    found, reason = acting(), _typed(_BACK, problem_id)
    done = _("It is open again.")
    _try(problem_id, lambda: problem_ending.give_back(found.ctx, problem_id, reason=reason, version=version), done=done)


def _close(problem_id: int, version: int) -> None:
    found = acting()
    outcome = Outcome(_typed(_OUTCOME, problem_id) or Outcome.NO_PROBLEM)
    reason, done = _typed(_REASON, problem_id), _("Closed. Its cases go on by themselves.")
    _try(
        problem_id,
        lambda: problem_ending.close(found.ctx, problem_id, outcome=outcome, reason=reason, version=version),
        done=done,
    )


def _add(problem_id: int, case_id: int) -> None:
    found = acting()
    _try(problem_id, lambda: problems.add_cases(found.ctx, problem_id, [case_id]))


def _refuse(problem_id: int, case_id: int) -> None:
    found = acting()
    attempt(lambda: problems.refuse_suggested(found.ctx, problem_id, [case_id]))


def _remove(problem_id: int, case_id: int) -> None:
    found = acting()
    _try(problem_id, lambda: problems.remove_cases(found.ctx, problem_id, [case_id]))
