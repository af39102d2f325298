"""How is one request made that may change something? Asked once, never repeated, never sent on elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import httpx

from collectors.addresses import Address, Resolve, numbers, read, resolve
from collectors.deadline import Deadline
from collectors.http import Bounds, answer_of, pieces, trusted
from domain.errors import DeskError, Misconfigured, OutcomeUnknown, Unavailable


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, whatever its status. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Asks addresses that people typed; which of them may be asked is as in ``collectors.http.Web``."""

    private: bool = False
    bounds: Bounds = Bounds()
    look_up: Resolve = resolve

    def ask(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None) -> Said:
        """The answer, read to its end.

        Without a body nothing changes there: what goes wrong is Unavailable, or Misconfigured with ``too_large``.
        With one, Unavailable says that no connection ever stood, so nothing was sent (an answer that cannot be
        connected to proves nothing else); everything after that is OutcomeUnknown. Raises Misconfigured for an
        address nobody may ask.
        """
        address = read(url)
        ips = numbers(address, private=self.private, loopback=address.is_loopback, look_up=self.look_up)
        try:
            return self._asked(method, address, ips, headers, body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unavailable(
                f"{address.host} cannot be reached ({type(error).__name__}).", host=address.host
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise _unclear(f"{address.host} gave no answer ({type(error).__name__}).", address, body) from None
        except (Unavailable, Misconfigured) as error:
            if body is None:
                raise
            raise OutcomeUnknown(str(error), host=address.host) from None

    def _asked(
        self, method: str, address: Address, ips: Sequence[str], headers: Mapping[str, str], body: bytes | None
    ) -> Said:
        deadline = time.monotonic() + self.bounds.total_s
        times = httpx.Timeout(self.bounds.read_s, connect=self.bounds.connect_s)
        limit = Deadline(deadline)
        with limit, httpx.Client(timeout=times, verify=trusted(), trust_env=False) as client:
            with closing(answer_of(client, address, ips, headers, limit=limit, method=method, body=body)) as response:
                told = b"".join(pieces(response, address.host, self.bounds, deadline))
                said = Said(response.status_code, dict(response.headers), told)
        if limit.is_over:  # What was cut off may look like an end.
            raise Unavailable(f"{address.host} answers too slowly.", host=address.host)
        return said


def _unclear(words: str, address: Address, body: bytes | None) -> DeskError:
    kind = Unavailable if body is None else OutcomeUnknown
    return kind(words, host=address.host)
