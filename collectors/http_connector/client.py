"""What does a source say? The only module that speaks to it: signed questions and replies, as in ``openapi.json``."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx

from collectors.exchange import Exchange, Said
from collectors.http import Bounds
from collectors.http_connector import fields
from collectors.http_connector.about import About, AboutFile, about
from collectors.http_connector.meaning import date_of, meaning, object_of, quota_of
from collectors.http_connector.signing import keys_of, signed
from collectors.http_connector.too_large import TooLargeFile
from collectors.protocol import Quota, origin_through
from domain.brand import Account
from domain.clock import Clock
from domain.errors import Malformed, Misconfigured, Unavailable

#: So many items are asked for; less where a page of them is more than anybody reads.
PAGE_ITEMS = (100, 10, 1)
BOUNDS = Bounds(max_bytes=20_000_000)


@dataclass(frozen=True, slots=True)
class ItemsPage:
    """A page of items as the source sent it, what it says about our limits, and what time it was there."""

    told: Mapping[str, Any] = field(repr=False)
    quota: Quota | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A value that shows in no repr."""

    value: str = field(repr=False)


class SourceClient:
    """One account's way to its source. Nothing is asked before the first call.

    Every method that asks raises RateLimited, Unavailable, Unauthorized or Misconfigured.
    """

    def __init__(
        self, account: Account, data_dir: str, clock: Clock, *, secret: str | None, private: bool = False
    ) -> None:
        self.account, self.clock, self.origin = account, clock, origin_through(account)
        self._exchange = Exchange(private=private, bounds=BOUNDS)
        self._secret = _Hidden(secret or "")
        self._file, self._large = AboutFile(data_dir, account), TooLargeFile(data_dir, account)

    @property
    def base_url(self) -> str | None:
        """Where the source is; None for one that only calls us. Raises Misconfigured for what is no address."""
        given = (self.account.base_url or "").strip()
        if not given:
            return None
        try:
            parts = urlsplit(given)
            is_plain = not (parts.query or parts.fragment)
        except ValueError:
            is_plain = False
        if not is_plain:
            raise Misconfigured("The address of the source holds a question mark or a #.", field="base_url")
        return given.rstrip("/")

    def known(self) -> About | None:
        """What is known of the source without asking it; None when nobody ever asked."""
        found = self._file.read()
        return found if found is not None and found.base_url == self.base_url else None

    def about(self, *, fresh: bool = False) -> About:
        """What the source can do; as it said today unless ``fresh``."""
        base, now = self._required(), self.clock()
        kept = self._file.read()
        if kept is not None and kept.is_good(base, now) and not fresh:
            return kept
        found = self.asked()
        self._file.write(found)
        return found

    def asked(self) -> About:
        """What the source says of itself now; kept nowhere."""
        return about(object_of(self._get("")), self._required(), now=self.clock())

    def items(self, cursor: str | None) -> ItemsPage:
        """The page after ``cursor``, of fewer items where it would be too large to read.

        An item that is too large by itself rests; then it is asked for alone, and no larger page in vain.
        """
        base = self._required()
        rest = self._large.rests(base, cursor, self.clock())
        if rest:
            raise _overlong(rest)
        for limit in PAGE_ITEMS if rest is None else PAGE_ITEMS[-1:]:
            asked = {"limit": str(limit)} | ({} if cursor is None else {"cursor": cursor})
            try:
                said = self._get("/items", asked)
            except Misconfigured as error:
                if not error.values.get("too_large"):
                    raise
                continue
            if rest is not None:
                self._large.forget()
            return ItemsPage(object_of(said), quota_of(said, self.clock()), date_of(said, self.clock()))
        raise _overlong(self._large.note(base, cursor, self.clock()))

    def replies(self, item_id: str, *, key: str) -> list[Mapping[str, Any]]:
        """Our replies to that item as the source lists them; nothing there is no proof unless it says so itself."""
        told = object_of(self._get("/replies", {"item_id": item_id, "key": key}))
        try:
            if not isinstance(told.get("replies"), list) or fields.name_of(told, "item_id") != item_id:
                raise fields.wrong("replies", "the list of that item")
            return [each if isinstance(each, dict) else {} for each in told["replies"]]
        except Malformed:
            raise Unavailable("The source does not say which replies it has to that item.") from None

    def reply(self, body: bytes, *, key: str) -> Mapping[str, Any]:
        """Hand one reply in, once. Also raises OutcomeUnknown, and Refused or TooLong for a definite no."""
        url = f"{self._required()}/replies"
        headers = self._signed(body) | {"content-type": "application/json", "idempotency-key": key}
        said = self._exchange.ask("POST", url, headers=headers, body=body)
        if not 200 <= said.status < 300:
            raise meaning(said, self.clock, secret=self._secret.value, is_writing=True)
        return object_of(said, is_writing=True)

    def _get(self, path: str, asked: Mapping[str, str] | None = None) -> Said:
        query = f"?{urlencode(asked, quote_via=quote)}" if asked else ""
        url = f"{self._required()}{path}{query}"
        try:
            target = httpx.URL(url).raw_path
        except (httpx.InvalidURL, UnicodeError):
            raise Misconfigured("The address of the source cannot be read.", field="base_url") from None
        said = self._exchange.ask("GET", url, headers=self._signed(target))
        if not 200 <= said.status < 300:
            raise meaning(said, self.clock, secret=self._secret.value)
        return said

    def _signed(self, content: bytes) -> dict[str, str]:
        keys = keys_of(self._secret.value)
        sent = signed(keys, message_id=f"msg_{secrets.token_hex(12)}", at=self.clock(), content=content)
        return {**sent, "accept": "application/json"}

    def _required(self) -> str:
        base = self.base_url
        if base is None:
            raise Misconfigured("The source has no address to ask: it only calls us.", field="base_url")
        return base


def _overlong(rest: timedelta) -> Unavailable:
    most = BOUNDS.max_bytes // 1_000_000
    words = f"The source has an item of more than {most} MB, and nothing behind it is read: make it shorter there."
    return Unavailable(words, retry_after_s=rest.total_seconds())
