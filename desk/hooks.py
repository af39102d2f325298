"""Where do sources call us? One address per account, open to nobody but whoever signs with its secret."""

from __future__ import annotations

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collectors.protocol import Call
from desk import backend
from desk.hook_pace import HOOK_PATH, Pace
from domain.errors import DeskError, NotPossible, Retriable, Unauthorized
from services import receiving

#: As the router reads it: a number and nothing else.
_ROUTE = HOOK_PATH.replace("{account}", "{account:int}")
#: The longest body that is read, and how long it may take to arrive.
MAX_BODY_BYTES, BODY_S = 2_000_000, 20.0
#: Calls a minute: of one source, and refused ones from one address before nothing more is read from there.
CALLS, REFUSALS = Pace(300), Pace(60)
NO_STORE = {"Cache-Control": "no-store"}


async def take_call(request: Request) -> Response:
    """Store what a source hands in: 202 with what became of each item, or why nothing was taken, both as JSON."""
    ctx, account_id = backend.open_once().ctx, int(request.path_params["account"])
    address, now = request.client.host if request.client else "unknown", ctx.clock()
    wait_s = max(REFUSALS.wait_s(address, now=now), CALLS.wait_s(str(account_id), now=now))
    if wait_s:
        return _no(429, "slow_down", "Too many calls in this minute.", wait_s=wait_s)
    try:
        body = await _body(request)
    except (TimeoutError, ClientDisconnect):
        return _no(408, "too_slow", f"The body has to arrive within {BODY_S:.0f} seconds.")
    if body is None:
        return _no(413, "too_large", f"A call may hold {MAX_BODY_BYTES} bytes; send fewer items in each.")
    call = Call({name.lower(): value for name, value in request.headers.items()}, body)
    try:
        outcomes = await run_in_threadpool(receiving.receive, ctx, account_id, call, address=address)
    except DeskError as error:
        if isinstance(error, Unauthorized):
            REFUSALS.count(address, now=now)
        return _refusal(error)
    CALLS.count(str(account_id), now=now)
    results = [{"status": str(each.fate), "id": each.id, "reason": each.reason or None} for each in outcomes]
    return JSONResponse({"results": results}, status_code=202, headers=NO_STORE)


async def _body(request: Request) -> bytes | None:
    """The body as it was sent, so that its signature can be checked; None for one that is too long."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
        return None
    pieces, length = [], 0
    async with asyncio.timeout(BODY_S):
        async for piece in request.stream():
            length += len(piece)
            if length > MAX_BODY_BYTES:
                return None
            pieces.append(piece)
    return b"".join(pieces)


def _refusal(error: DeskError) -> Response:
    code = str(error.values.get("reason") or error.key)
    if isinstance(error, Unauthorized):
        return _no(401, code, str(error))
    if isinstance(error, Retriable):
        return _no(503, "unavailable", "The desk cannot take this now.", wait_s=int(error.retry_after_s) + 1)
    return _no(409 if isinstance(error, NotPossible) else 400, code, str(error))


def _no(status: int, code: str, message: str, *, wait_s: int = 0) -> Response:
    headers = NO_STORE | ({"Retry-After": str(wait_s)} if wait_s else {})
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status, headers=headers)


ROUTES = [Route(_ROUTE, take_call, methods=["POST"])]
