"""How is a post written for a model that is not ours? Without what no tokenizer may get, names and links apart."""

from __future__ import annotations

import re

#: Posts are cut here before tokenising: far more characters than a model's limit of tokens can use.
READ_CHARS = 2_000

_PARTS = re.compile(
    # Lone surrogates, NUL and marks of direction are as good as space.
    r"(?P<space>[\s\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u200b\u200e\u200f\u202a-\u202e\u2060\ufeff]+)"
    r"|(?P<link>(?:https?://|www\.)\S+)"
    r"|(?P<handle>(?<!\w)@\w[\w.-]*)"
)
#: What most checkpoints trained on posts have seen in place of names and links.
USUAL = {"space": " ", "link": "http", "handle": "@user"}
GONE = {"space": " ", "link": " ", "handle": " "}


def with_placeholders(text: str) -> str:
    """The post with ``@user`` for names of accounts and ``http`` for links."""
    return _written(text, USUAL)


def bare(text: str) -> str:
    """The post without names of accounts and links: neither tells what it is about."""
    return " ".join(_written(text, GONE).split())


def _written(text: str, instead: dict[str, str]) -> str:
    return _PARTS.sub(lambda part: instead[part.lastgroup or "space"], text[:READ_CHARS]).strip()
