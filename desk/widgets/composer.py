"""What the operator is writing, for whom, and what she asked to do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class ComposerLabels:
    """Fixed words of the composer. ``route`` holds {to}, {channel} and {account}."""

    public: str = "Public reply"
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
    unsaved: str = "Not saved yet"
    too_long: str = "too long by {n}"


@dataclass(frozen=True, slots=True)
class ComposerResult:
    """The event of this run, if any, and the text it speaks of; ``subject`` tells which case it belongs to.

    ``base_version`` is the draft version the operator was looking at. ``seq`` grows with each event: one event is
    returned once, however often the script runs.
    """

    event: ComposerEvent | None = None
    subject: str = ""
    mode: ComposerMode = ComposerMode.PUBLIC
    text: str = ""
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
    raise NotImplementedError
