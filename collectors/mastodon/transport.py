"""How does one request end, whatever the server sends? Its last answer kept as it came, in bounded time and size.

The library reads answers its own way: it drops what it cannot cast, and calls an answer a rate limit when a header
about limits cannot be read, even where a post was just published. So whoever asks looks at the answer itself.
"""

from __future__ import annotations

import copy
import time
from typing import Any

import requests

#: Seconds until a connection stands, and between two bytes. The library's own 300 are too many for anybody.
CONNECT_S, ANSWER_S = 5.0, 20.0
#: The most one answer may cost: seconds from the first byte of its body, and bytes unpacked.
BODY_S, MAX_BYTES = 60.0, 10_000_000
PIECE_BYTES = 65_536


class TooMuch(OSError):
    """The answer was longer, or slower, than anybody waits for."""


class BoundedSession(requests.Session):
    """Follows no redirect (a POST would come out of one as a GET), and repeats no request."""

    answer: requests.Response | None = None

    def forget(self) -> None:
        """A new question begins."""
        self.answer = None

    def send(self, request: requests.PreparedRequest, **given: Any) -> requests.Response:
        """For the library the answer without its words, which it would cast piece by piece and quote in its errors.

        ``answer`` holds the whole; it is None until it is here.
        """
        self.forget()
        given |= {"allow_redirects": False, "stream": True, "timeout": (CONNECT_S, ANSWER_S)}
        response = super().send(request, **given)
        try:
            body = _body(response)
        finally:
            response.close()
        # As the library of requests keeps it for whoever reads `content`.
        response._content, response._content_consumed = body, True
        self.answer, shown = response, copy.copy(response)
        shown._content = b"{}"
        return shown


def _body(response: requests.Response) -> bytes:
    ends_at, pieces, left = time.monotonic() + BODY_S, [], MAX_BYTES
    while piece := response.raw.read1(PIECE_BYTES, decode_content=True):
        pieces.append(piece)
        left -= len(piece)
        if left < 0 or time.monotonic() > ends_at:
            raise TooMuch("the answer is too long or too slow")
    return b"".join(pieces)
