"""What did a source send us on its own? Read only after its signature was found to be right."""

from __future__ import annotations

from collectors.http_connector import fields
from collectors.http_connector.normalize import normalize, raw_text
from collectors.http_connector.signing import TOLERANCE, keys_of, named, require_signed, signed_at
from collectors.protocol import BadItem, Call, ChannelSetup, Received, origin_through
from domain.errors import Invalid, Malformed, Unauthorized
from domain.mention import Mention

#: So many items a call may carry; more come in the next one.
MOST_ITEMS = 200


class HttpReceiver:
    """Takes the calls of one source."""

    def __init__(self, setup: ChannelSetup) -> None:
        self._setup = setup

    def read(self, call: Call) -> Received:
        """See ``collectors.protocol.Receiver``."""
        account, now = self._setup.account, self._setup.clock()
        if account is None:
            raise Unauthorized("There is no such source.", reason="wrong_signature")
        require_signed(keys_of(self._setup.secret), call.headers, call.body, now=now)
        origin = origin_through(account)

        def each(item: object) -> Mention | BadItem:
            try:
                return normalize(item, origin=origin, heard_at=now)
            except Malformed as error:
                return BadItem(raw_text(item), str(error))

        items = tuple(map(each, _items(call.body)))
        return Received(items, named(call.headers, call.body), signed_at(call.headers) + TOLERANCE)


def _items(body: bytes) -> list[object]:
    try:
        told = fields.parsed(body)
    except Malformed as error:
        raise Invalid(f"The body is {error}.", reason="not_json") from None
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(items, list):
        raise Invalid("The body has to be an object with a list of items.", reason="no_items")
    if len(items) > MOST_ITEMS:
        raise Invalid(f"A call carries {MOST_ITEMS} items at most.", reason="too_many_items")
    return items
