"""What does an alert say? A short sentence in the reader's language, the cause in it and the way to the desk below.

No word of a customer is in it, nor a name or handle: whoever may read those does so on the desk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from desk import words
from desk.coverage_words import lost_or_back
from desk.i18n import N_, _, ngettext, speaking
from desk.numbers import due_words, number, since_words, usual_words
from domain.alert import AlertKind, DeliveryState, Medium
from domain.text import clean, one_line
from services.alert_channels import LOST
from services.alert_delivering import Told
from services.alert_post import Message
from services.losing import BACK as CHANNEL_BACK
from services.losing import LOST as CHANNEL_LOST

KINDS = {
    AlertKind.SPIKE: N_("Far more posts than usual"),
    AlertKind.UNOWNED: N_("An urgent case that nobody has"),
    AlertKind.PROMISE: N_("A promise about to be broken"),
    AlertKind.BLIND: N_("A channel that is not heard"),
    AlertKind.BUDGET: N_("A month’s money that is spent"),
    AlertKind.REPLY: N_("A reply that somebody has to look for"),
    AlertKind.TEST: N_("A test"),
    AlertKind.EXPORT: N_("A file from the calendar"),
}
MEDIA = {
    Medium.MAIL: N_("E-mail"),
    Medium.CHAT: N_("Chat"),
    Medium.WEBHOOK: N_("Web address of your own"),
}
_ENDS = {
    DeliveryState.WAITING: N_("on its way"),
    DeliveryState.SENDING: N_("on its way"),
    DeliveryState.SENT: N_("delivered"),
    DeliveryState.DROPPED: N_("not needed any more"),
    DeliveryState.GIVEN_UP: N_("not delivered"),
}
_WHY = {
    "refused": N_("the other side did not take it"),
    "slow": N_("the other side did not answer in time"),
    "private": N_("the address leads into your own network, which the settings do not allow"),
    "unreadable": N_("the address cannot be used any more"),
    "service": N_("that service cannot be used for alerts"),
    "broken": N_("the desk could not put it together, or its file is gone"),
    "mail_off": N_("the desk has no mail server any more"),
    "key_missing": N_("the key that opens the address is missing"),
    "key_wrong": N_("another key than now closed the address"),
}
# Characters that a chat takes for a link, a mention or bold type.
_MARKUP = re.compile(r"[<>\[\]{}()*_~`|@#\\]")


def kind_words(kind: AlertKind) -> str:
    """What somebody is told of."""
    return _(KINDS[kind])


def medium_words(medium: Medium) -> str:
    """How it travels."""
    return _(MEDIA[medium])


def outcome_words(state: DeliveryState, error: str | None) -> str:
    """What became of a message, and why where it did not arrive."""
    said = _(_ENDS[state])
    word, _line, status = (error or "").rpartition("_") if (error or "")[-3:].isdigit() else (error or "", "", "")
    if not error or state in (DeliveryState.SENT, DeliveryState.DROPPED) or word not in _WHY:
        return said
    why = _(_WHY[word])
    return f"{said}: {why} ({status})" if status else f"{said}: {why}"


def speak(told: Told) -> Message:
    """The message in its reader's language."""
    with speaking(told.language):
        sentence, path = _SENTENCES[told.kind](told)
        brand = one_line(_MARKUP.sub("", clean(told.brand)), max_chars=80)
        subject = f"{brand}: {kind_words(told.kind)}" if brand else f"Sportello: {kind_words(told.kind)}"
    link = f"{told.desk_url}{path}"
    fields = {"id": told.delivery_id, "kind": str(told.kind), "link": link, "at": told.now.isoformat()}
    named = {"brand": told.brand} if told.brand else {}
    return Message(subject=subject, body=f"{sentence}\n{link}", fields={**fields, **named, **_plain(told.details)})


def _plain(details: Mapping[str, Any]) -> dict[str, Any]:
    """What a program gets beside the sentence: ids, codes and numbers, under names the library has no use for."""
    return {f"about_{name}": value for name, value in details.items()}


def _test(told: Told) -> tuple[str, str]:
    return _("This is the test you asked for: what you want to be told reaches you here."), "/account"


def _unowned(told: Told) -> tuple[str, str]:
    cases = list(told.details["cases"])
    since = since_words(_moment(told, "since"), told.timezone, now=told.now)
    channels = ", ".join(words.channel_word(str(each)) for each in told.details["channels"])
    if len(cases) == 1:
        said = _("A case on {channel} that cannot wait has had nobody {since}.")
        return said.format(channel=channels, since=since), f"/?case={int(cases[0])}"
    said = ngettext(
        "{n} case that cannot wait has nobody, the first {since}. On: {channels}.",
        "{n} cases that cannot wait have nobody, the first {since}. On: {channels}.",
        len(cases),
    )
    return said.replace("{since}", since).replace("{channels}", channels), "/"


def _promise(told: Told) -> tuple[str, str]:
    due = _moment(told, "due")
    if due <= told.now:
        since = since_words(due, told.timezone, now=told.now)
        said = _("A promise to a customer has been overdue {since}.").format(since=since)
    else:
        said = _("A promise to a customer falls due {time} and is still open.").format(
            time=due_words(due, told.timezone, now=told.now)
        )
    return said, f"/?case={int(told.details['case'])}"


def _blind(told: Told) -> tuple[str, str]:
    kind = CHANNEL_LOST if told.details["state"] == LOST else CHANNEL_BACK
    channel, since = (str(told.details.get(name, "")) for name in ("channel", "since"))
    return lost_or_back(kind, channel, since, told.timezone, now=told.now), "/channels"


def _budget(told: Told) -> tuple[str, str]:
    channel = words.channel_word(str(told.details["channel"]))
    if told.details["budget"] == "replies":
        said = _("This month’s money for replies on {channel} is spent: they go out by hand now.")
    else:
        said = _("This month’s money for reading on {channel} is spent: new posts wait for the next month.")
    return said.format(channel=channel), "/channels"


def _reply(told: Told) -> tuple[str, str]:
    said = _("Nobody knows whether a reply on {channel} went out: somebody has to look.")
    return said.format(channel=words.channel_word(str(told.details["channel"]))), f"/?case={int(told.details['case'])}"


def _spike(told: Told) -> tuple[str, str]:
    posts, usual = number(int(told.details["posts"])), usual_words(float(told.details["usual"]))
    said = _("{n} posts so far, where {usual} are usual.")
    if told.details["measure"] == "complaints":
        said = _("{n} complaints so far, where {usual} are usual.")
    where = words.channel_word(str(told.details["channel"])) if told.details["channel"] else ""
    sentence = said.format(n=posts, usual=usual)
    return (f"{where}: {sentence}" if where else sentence), f"/problems?spike={int(told.details['spike'])}"


def _export(told: Told) -> tuple[str, str]:
    said = ngettext("{file} is made: {n} row.", "{file} is made: {n} rows.", int(told.details["rows"]))
    said = said.replace("{file}", str(told.details["file"]))
    way = _("It comes with this message.") if told.details["attached"] else _("It is fetched on the desk:")
    return f"{said} {way}", "/exports"


def _moment(told: Told, name: str) -> datetime:
    return datetime.fromisoformat(str(told.details[name]))


_SENTENCES: dict[AlertKind, Callable[[Told], tuple[str, str]]] = {
    AlertKind.SPIKE: _spike,
    AlertKind.UNOWNED: _unowned,
    AlertKind.PROMISE: _promise,
    AlertKind.BLIND: _blind,
    AlertKind.BUDGET: _budget,
    AlertKind.REPLY: _reply,
    AlertKind.TEST: _test,
    AlertKind.EXPORT: _export,
}
assert set(_SENTENCES) == set(KINDS) == set(AlertKind)
