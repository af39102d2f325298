"""How a post is written before the model reads it: the same in training and on the desk."""

from __future__ import annotations

import re

#: Posts are cut here before tokenising: far more characters than the model's token limit can use.
READ_CHARS = 2_000

_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]")
_HANDLE = re.compile(r"(?:(?<=\s)|^|(?<=[.(\"'“]))@\w[\w.-]*|__company__")
_LINK = re.compile(r"(?:https?://|www\.)\S+|\bhttps?\b")
_SPACE = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Return the text as the model sees it: names of accounts and addresses of links say nothing about tone.

    Characters that no tokeniser may get (lone surrogates, NUL, direction marks) become spaces.
    """
    text = _UNREADABLE.sub(" ", text[:READ_CHARS])
    text = _LINK.sub("http", text)
    text = _HANDLE.sub("@user", text)
    return _SPACE.sub(" ", text).strip()
