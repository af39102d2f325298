"""Do the pages of a list go in a circle? Then its reading would never end, and nothing new would ever be heard."""

from __future__ import annotations

import hashlib

#: Of so many pages it is known whether they come again. Each may a few times: a list may begin anew in between.
PASSED_PAGES, PASSED_TIMES = 200, 3


def passed_on(passed: tuple[str, ...], token: str) -> tuple[str, ...]:
    """The pages that were gone on to, and this one."""
    return (*passed, _name(token))[-PASSED_PAGES:]


def comes_too_often(passed: tuple[str, ...], token: str) -> bool:
    """Whether this page was gone on to so often that it would come for ever."""
    return passed.count(_name(token)) >= PASSED_TIMES


def _name(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()[:12]
