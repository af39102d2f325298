"""What the operator is writing, for whom, and what she asked to do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from datetime import date, time
from enum import StrEnum
from functools import lru_cache
from typing import Any

import streamlit as st

from desk.widgets.assets import widget_css, widget_js
from desk.widgets.markup import initials, shown_text

_mount = st.components.v2.component("sportello.composer", css=widget_css("composer.css"), js=widget_js("composer.js"))


class ComposerMode(StrEnum):
    """Who reads the text: everybody, or the team alone."""

    PUBLIC = "public"
    INTERNAL = "internal"


class CountMode(StrEnum):
    """Unit of the immediate count shown while typing."""

    CODEPOINTS = "codepoints"
    GRAPHEMES = "graphemes"
    UTF16 = "utf16"


class ComposerEvent(StrEnum):
    """What the operator asked for."""

    AUTOSAVE = "autosave"
    SEND = "send"
    NOTE = "note"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class PromiseFields:
    """A promise written with the reply; the due day and hour are in the brand's own time."""

    made: bool = False
    text: str = ""
    due_day: date | None = None
    due_time: time | None = None


@dataclass(frozen=True, slots=True)
class DueDay:
    """A day offered for the promise, in words: "today", "tomorrow", "Mon 23"."""

    day: date
    label: str


@dataclass(frozen=True, slots=True)
class Aside:
    """A quiet button beside the switch, such as canned replies; ``id`` comes back with the ASIDE event."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Draft:
    """The stored draft. A higher ``version`` replaces the text on screen unless someone is typing there."""

    version: int = 0
    text: str = ""
    note: str = ""
    promise: PromiseFields = field(default_factory=PromiseFields)


@dataclass(frozen=True, slots=True)
class Composer:
    """Everything the composer shows for one case. ``subject`` names the case (and reply) the text belongs to.

    Digits that begin the subject name the case: a note being written stays with the case while the rest changes.

    ``limit_chars`` 0 means no limit. ``fixed_prefix`` is put by the network before the text and shown in the preview
    only. ``url_weight_chars`` > 0 counts each link as that many characters. ``counted_chars`` is the channel's own
    count of ``draft.text``, shown until the operator types.
    """

    subject: str
    draft: Draft
    mode: ComposerMode = ComposerMode.PUBLIC
    to_handle: str = ""
    channel: str = ""
    as_handle: str = ""
    as_name: str = ""
    fixed_prefix: str = ""
    limit_chars: int = 0
    count_mode: CountMode = CountMode.CODEPOINTS
    url_weight_chars: int = 0
    counted_chars: int | None = None
    status: str = ""
    primary: str = "Send"
    primary_note: str = ""
    approver: str = ""
    can_send: bool = True
    can_promise: bool = True
    locked: bool = False
    hide_primary: bool = False
    refusal: str = ""
    lang: str = ""
    asides: tuple[Aside, ...] = ()
    due_days: tuple[DueDay, ...] = ()


_PLAIN = tuple(each.name for each in fields(Composer) if each.name not in {"draft", "asides", "due_days"})


@dataclass(frozen=True, slots=True)
class ComposerLabels:
    """Fixed words of the composer. ``route`` holds {to}, {channel} and {account}."""

    public: str = "Public reply"
    public_icon: str = "globe"
    internal: str = "Internal note"
    route: str = "Replying to {to} on {channel} as {account}"
    note_route: str = "A note on this case"
    anyone: str = "Anyone can read it"
    team_only: str = "only the team sees it"
    preview: str = "as it will look"
    placeholder: str = "Write the reply"
    note_placeholder: str = "Write a note for your colleagues"
    save_note: str = "Save note"
    promised: str = "I promised:"
    promise_text: str = "what you promised"
    by: str = "by"
    due_day: str = "day"
    due_time: str = "time"
    other_day: str = "another day"
    unsaved: str = "Not saved yet"
    too_long: str = "too long by {n}"


@dataclass(frozen=True, slots=True)
class ComposerResult:
    """The event of this run, if any, and the text it speaks of; ``subject`` tells which case it belongs to.

    ``text`` is what stands in the frame of ``mode``; ``reply_text`` and ``note_text`` are both frames, always.

    ``base_version`` is the draft version the operator was looking at. ``seq`` grows with each event: one event is
    returned once, however often the script runs.
    """

    event: ComposerEvent | None = None
    subject: str = ""
    mode: ComposerMode = ComposerMode.PUBLIC
    text: str = ""
    reply_text: str = ""
    note_text: str = ""
    promise: PromiseFields = field(default_factory=PromiseFields)
    base_version: int = 0
    aside: str = ""
    seq: int = 0


def composer(
    state: Composer,
    *,
    labels: ComposerLabels,
    key: str = "sp_composer",
    on_event: Callable[[ComposerResult], None] | None = None,
) -> ComposerResult:
    """Draw the composer and return what was asked in this run.

    ``on_event`` runs as a Streamlit callback, before the script; the returned result then repeats the same event.
    """

    def tell() -> None:
        result = _result(st.session_state.get(key))
        if _is_new(result, f"{key}.told") and on_event is not None:
            on_event(result)

    data = _data(state, labels) | {"answered_seq": st.session_state.get(f"{key}.told", 0)}
    # Streamlit asks of each value on the top level whether it is a table: one value, one question.
    result = _result(_mount(key=key, data={"state": data}, on_event_change=tell))
    return result if _is_new(result, f"{key}.returned") else ComposerResult()


def _is_new(result: ComposerResult, memory_key: str) -> bool:
    """True once for each event: a trigger can outlive its run when the page reruns itself."""
    if result.event is None or result.seq <= int(st.session_state.get(memory_key, 0)):
        return False
    st.session_state[memory_key] = result.seq
    return True


def _data(state: Composer, labels: ComposerLabels) -> dict[str, Any]:
    values = ((name, getattr(state, name)) for name in _PLAIN)  # asdict copies deeply: too slow for every key stroke
    plain = {name: shown_text(value) if isinstance(value, str) else value for name, value in values}
    return plain | {
        "labels": _labels_data(labels),
        "asides": [{"id": each.id, "label": shown_text(each.label)} for each in state.asides],
        "draft": {
            "version": state.draft.version,
            "text": shown_text(state.draft.text),
            "note": shown_text(state.draft.note),
            "promise": _promise_data(state.draft.promise),
        },
        "as_initials": initials(state.as_name or state.as_handle),
        "approver_initials": initials(state.approver) if state.approver else "",
        "due_days": [{"day": each.day.isoformat(), "label": each.label} for each in state.due_days],
    }


@lru_cache(maxsize=16)
def _labels_data(labels: ComposerLabels) -> dict[str, str]:
    return asdict(labels)


def _promise_data(promise: PromiseFields) -> dict[str, Any]:
    return {
        "made": promise.made,
        "text": shown_text(promise.text),
        "due_day": promise.due_day.isoformat() if promise.due_day else None,
        "due_time": promise.due_time.strftime("%H:%M") if promise.due_time else None,
    }


def _result(state: Any) -> ComposerResult:
    """The event as the browser sent it; anything malformed counts as no event, since browsers can be lied to."""
    sent: Any = getattr(state, "event", None)
    try:
        return ComposerResult(
            event=ComposerEvent(sent["event"]),
            subject=str(sent["subject"]),
            mode=ComposerMode(sent["mode"]),
            text=shown_text(str(sent["text"])),
            reply_text=shown_text(str(sent["reply_text"])),
            note_text=shown_text(str(sent["note_text"])),
            promise=_promise(sent["promise"]),
            base_version=int(sent["base_version"]),
            aside=str(sent["aside"]),
            seq=int(sent["seq"]),
        )
    except (KeyError, TypeError, ValueError):
        return ComposerResult()


def _promise(sent: dict[str, Any]) -> PromiseFields:
    due_day, due_time = sent["due_day"], sent["due_time"]
    return PromiseFields(
        made=bool(sent["made"]),
        text=shown_text(str(sent["text"])),
        due_day=date.fromisoformat(due_day) if due_day else None,
        due_time=time.fromisoformat(due_time) if due_time else None,
    )
