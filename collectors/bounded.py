"""How does one request of a network's library end, whatever comes back? Its answer kept, in bounded time and size.

For the libraries that ask through `requests`. They wait for ever, follow redirects, repeat what they sent, and read
answers their own way; so whoever asks looks at the answer itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import requests
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout
from urllib3.exceptions import NameResolutionError, NewConnectionError

from collectors.deadline import Deadline, within
from collectors.fitting import Overlong
from collectors.guarded import guard

#: Seconds until a connection stands, and between two bytes.
CONNECT_S, ANSWER_S = 5.0, 20.0
#: The most one answer may cost: seconds from the question to its last byte, and bytes unpacked.
TOTAL_S, MAX_BYTES = 60.0, 10_000_000
PIECE_BYTES = 65_536


class TooMuch(OSError):
    """The answer was longer, or slower, than anybody waits for."""


class TooLong(TooMuch, Overlong):
    """It was longer."""


class BoundedSession(requests.Session):
    """Follows no redirect (a POST would come out of one as a GET), and repeats no request.

    ``answer`` is the last one, whole; it is None until it is here.
    """

    answer: requests.Response | None = None

    def __init__(self) -> None:
        super().__init__()
        guard(self, None)

    def forget(self) -> None:
        """A new question begins."""
        self.answer = None

    def send(self, request: requests.PreparedRequest, **given: Any) -> requests.Response:
        """One attempt; the library gets what ``shown`` makes of the answer."""
        self.forget()
        given |= {"allow_redirects": False, "stream": True, "timeout": (CONNECT_S, ANSWER_S)}
        with within(TOTAL_S) as limit:
            response = super().send(request, **given)
            try:
                body = read_whole(response, limit)
            finally:
                response.close()
        # As the library of requests keeps it for whoever reads `content`.
        response._content, response._content_consumed = body, True
        self.answer = response
        return self.shown(response)

    def shown(self, response: requests.Response) -> requests.Response:
        """What the library may see of an answer."""
        return response


def hush(loggers: Iterable[str]) -> None:
    """Let nothing through that these libraries mean for debugging: tokens, forms and texts stand in it."""
    for name in loggers:
        logger = logging.getLogger(name)
        if _discreet not in logger.filters:
            logger.addFilter(_discreet)


def _discreet(record: logging.LogRecord) -> bool:
    return record.levelno > logging.INFO


def never_stood(cause: BaseException | None) -> bool:
    """Whether no byte can have left: a time-out of the connecting, or nobody there (requests, urllib3).

    Plain connection errors of that library may also have come after everything was sent.
    """
    if isinstance(cause, ConnectTimeout):
        return True
    inner = cause.args[0] if isinstance(cause, NoConnection) and cause.args else None
    return isinstance(getattr(inner, "reason", inner), (NewConnectionError, NameResolutionError))


def read_whole(response: requests.Response, limit: Deadline) -> bytes:
    """The body of an answer that was asked for as a stream. Raises TooMuch beyond ``limit`` or ``MAX_BYTES``."""
    pieces, left = [], MAX_BYTES
    while piece := response.raw.read1(PIECE_BYTES, decode_content=True):
        pieces.append(piece)
        left -= len(piece)
        if left < 0:
            raise TooLong("the answer is too long")
    if limit.is_over:  # Headers that were cut off end like headers, and a body without a length like a body.
        raise TooMuch("the answer is too slow")
    return b"".join(pieces)
