"""What is typed where an account is connected by hand? A field for each word, under the name its network gives it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from desk.i18n import N_, _


@dataclass(frozen=True, slots=True)
class Field:
    """One word of a secret. ``label`` and ``hint`` are sentences not translated yet; an ``open`` one may be read."""

    name: str
    label: str
    hint: str = ""
    open: bool = False


_ONE = "word"
_FIELDS = {
    "bluesky": (Field(_ONE, N_("App password"), "abcd-efgh-ijkl-mnop"),),
    "mastodon": (Field(_ONE, N_("Access token")),),
    "x": (
        Field("consumer_key", N_("API key"), N_("empty, if you have an access token alone")),
        Field("consumer_secret", N_("API key secret"), N_("empty, if you have an access token alone")),
        Field("access_token", N_("Access token")),
        Field("access_token_secret", N_("Access token secret"), N_("empty, if you have an access token alone")),
    ),
    "reddit": (
        Field("client_id", N_("Client id of your app"), open=True),
        Field("client_secret", N_("Client secret of your app"), N_("empty, if your app has none")),
        Field("refresh_token", N_("Refresh token")),
    ),
    "http_connector": (Field(_ONE, N_("The secret with which both sides sign")),),
}
_UNKNOWN = (Field(_ONE, N_("The secret")),)


def fields(channel: str) -> tuple[Field, ...]:
    """The words that a channel's secret is made of, in the order in which its network shows them."""
    return _FIELDS.get(channel, _UNKNOWN)


def said(words: str) -> str:
    """A label or hint in the reader's language; an example stays as it is."""
    return _(words) if " " in words or words[:1].isupper() else words


def joined(channel: str, typed: Mapping[str, str]) -> str:
    """The secret as the channel reads it; empty where nothing was typed. Who pastes all in one field is understood."""
    given = {name: word for name, word in typed.items() if word}
    if len(given) < 2:
        return next(iter(given.values()), "")
    return json.dumps({each.name: typed.get(each.name, "") for each in fields(channel)})
