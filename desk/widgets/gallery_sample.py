"""Invented cases for the widget gallery, in Italian and English, and texts made to do harm."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, time
from typing import Any

from desk.widgets.assets import read_asset
from desk.widgets.composer import Aside, Composer, ComposerLabels, Draft, DueDay, PromiseFields
from desk.widgets.person import KnownBy, Mark, PaneLine, PaneSection, Person
from desk.widgets.rows import ChipKind, QueueLabels, QueueRow, UrgencyShape
from desk.widgets.states import StateAction, StateBox, StateStep, StateTone
from desk.widgets.thread import Delivery, Evidence, Media, ThreadItem, ThreadKind, ThreadLabels

HOSTILE = (
    "<script>window.broken = 1</script><img src=x onerror='window.broken = 2'> ** & \u202eabc\u202c "
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \ud800 \x00 שלום"
)
LONG = "parola lunga " * 770
_STORIES: dict[str, dict[str, Any]] = {lang: json.loads(read_asset(f"gallery_{lang}.json")) for lang in ("it", "en")}


def rows(lang: str) -> list[QueueRow]:
    """Cases in every state the list can show."""
    return [
        QueueRow(
            **told
            | {
                "urgency": UrgencyShape(told["urgency"]),
                "chip": ChipKind(told["chip"]),
                "why": tuple(told["why"]),
            }
        )
        for told in _STORIES[lang]["rows"]
    ]


def hostile_rows() -> list[QueueRow]:
    """Rows whose every outside string is hostile."""
    first, second = rows("en")[:2]
    return [
        replace(first, name=HOSTILE, text=HOSTILE, why=(HOSTILE,), chip_text=HOSTILE, lang="he"),
        replace(second, name="n" * 300, text=LONG, why=("w" * 400,), chip=ChipKind.FREE, chip_text="Free"),
    ]


def thread_items(lang: str) -> list[ThreadItem]:
    """One conversation with every kind of item."""
    return [_item(told) for told in _STORIES[lang]["thread"]]


def _item(told: dict[str, Any]) -> ThreadItem:
    text = told.get("text", "")
    words = [(text.index(word), len(word)) for word in told.get("evidence", ())]
    return ThreadItem(
        **told
        | {
            "kind": ThreadKind(told["kind"]),
            "delivery": Delivery(told.get("delivery", "")),
            "evidence": tuple(Evidence(start, start + length) for start, length in words),
            "media": tuple(Media(**each) for each in told.get("media", ())),
            "folded": tuple(_item(each) for each in told.get("folded", ())),
        }
    )


def hostile_items() -> list[ThreadItem]:
    """Posts that try to run, to stretch, to turn the line round and to leave by a bad link."""
    post = ThreadItem(
        ThreadKind.CUSTOMER,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        when="10:00",
        url="javascript:alert(1)",
        evidence=(Evidence(0, 8), Evidence(4, 12), Evidence(90, 9000)),
        media=(Media("data:text/html,x", HOSTILE),),
    )
    return [
        post,
        replace(post, text=LONG, media=(Media("https://example.org/a.png", HOSTILE),)),
        replace(post, kind=ThreadKind.US, delivery=Delivery.UNCERTAIN, delivery_text="?"),
        replace(post, kind=ThreadKind.NOTE),
    ]


def composer_state(lang: str) -> Composer:
    """A reply in progress by a trainee, with a promise."""
    told = _STORIES[lang]["composer"]
    draft = told["draft"]
    promise = draft["promise"]
    return Composer(
        **told
        | {
            "draft": Draft(
                version=draft["version"],
                text=draft["text"],
                promise=PromiseFields(
                    made=promise["made"],
                    text=promise["text"],
                    due_day=date.fromisoformat(promise["due_day"]),
                    due_time=time.fromisoformat(promise["due_time"]),
                ),
            ),
            "asides": tuple(Aside(**each) for each in told["asides"]),
            "due_days": tuple(DueDay(date.fromisoformat(each["day"]), each["label"]) for each in told["due_days"]),
        }
    )


def person(lang: str) -> Person:
    """A known customer with a broken promise."""
    told = _STORIES[lang]["person"]
    sections = tuple(
        PaneSection(**section | {"lines": tuple(_line(line) for line in section.get("lines", ()))})
        for section in told["sections"]
    )
    return Person(**told | {"known_by": KnownBy(**told["known_by"]), "sections": sections})


def _line(told: dict[str, Any]) -> PaneLine:
    return PaneLine(**told | {"mark": Mark(told.get("mark", ""))})


def state_boxes(lang: str) -> list[StateBox]:
    """One box for each thing the desk may have to say."""
    return [
        StateBox(
            **told
            | {
                "tone": StateTone(told["tone"]),
                "steps": tuple(StateStep(**each) for each in told.get("steps", ())),
                "actions": tuple(StateAction(**each) for each in told.get("actions", ())),
            }
        )
        for told in _STORIES[lang]["states"]
    ]


def word(lang: str, name: str) -> str:
    """One of the gallery's own words; pages use gettext."""
    return str(_STORIES[lang]["words"][name])


def tabs(lang: str) -> list[str]:
    """The queue's tabs with their counts."""
    return list(_STORIES[lang]["words"]["tabs"])


def queue_labels(lang: str) -> QueueLabels:
    """Fixed words of the queue list."""
    return QueueLabels(**_STORIES[lang]["labels"]["queue"])


def thread_labels(lang: str) -> ThreadLabels:
    """Fixed words of the conversation."""
    return ThreadLabels(**_STORIES[lang]["labels"]["thread"])


def composer_labels(lang: str) -> ComposerLabels:
    """Fixed words of the composer."""
    return ComposerLabels(**_STORIES[lang]["labels"]["composer"])
