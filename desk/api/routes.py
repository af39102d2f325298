"""Which addresses answer the firm's own tools? Posts, cases, trends and exports under /api/v1, by token, read only."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from desk import backend
from desk.api.description import described
from desk.api.limits import WRONG_TOKENS_MIN, MinuteLimit, wait_s
from desk.api.parameters import DEFAULT_ROWS, FILTERS, MOST_ROWS, PAGE, filter_of, number_of, require_known
from desk.api.problems import HEADERS, of_error, problem, read_only, too_many, unauthorized
from desk.download_routes import handed_out
from domain.errors import DeskError
from domain.export import Subject
from services import api_reading, tokens
from services.context import Context
from services.exports import ExportView
from services.tokens import Bearer

PREFIX = "/api/v1"
Answer: TypeAlias = Callable[[Context, Bearer, Request], Response]
_CALLS, _WRONG = MinuteLimit(), MinuteLimit()


def by_token(answer: Answer) -> Callable[[Request], Response]:
    """Answer only who shows a token that holds, and not too often."""

    @functools.wraps(answer)
    def asked(request: Request) -> Response:
        try:
            ctx = backend.open_once().ctx
            now = ctx.clock()
            bearer = _bearer(ctx, request, now)
            if isinstance(bearer, Response):
                return bearer
            most = ctx.settings.api_requests_min
            n = _CALLS.count(str(bearer.token_id), now=now)
            if n > most:
                return too_many(wait_s(now))
            response = answer(ctx, bearer, request)
        except DeskError as err:
            return of_error(err)
        response.headers["RateLimit"] = f'"minute";r={most - n};t={wait_s(now)}'
        return response

    return asked


def _bearer(ctx: Context, request: Request, now: datetime) -> Bearer | Response:
    address = request.client.host if request.client else "unknown"
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    bearer = tokens.bearer_of(ctx, secret.strip()) if kind.lower() == "bearer" else None
    if bearer is not None:
        return bearer  # Whatever somebody else tries from the same address.
    if _WRONG.so_far(address, now=now) >= WRONG_TOKENS_MIN:
        return too_many(wait_s(now))
    if secret:
        _WRONG.count(address, now=now)
    return unauthorized()


def mentions(ctx: Context, bearer: Bearer, request: Request) -> Response:
    """A page of posts."""
    return _page(ctx, bearer, request, Subject.MENTIONS)


def cases(ctx: Context, bearer: Bearer, request: Request) -> Response:
    """A page of cases."""
    return _page(ctx, bearer, request, Subject.CASES)


def trends(ctx: Context, bearer: Bearer, request: Request) -> Response:
    """The figures of a window."""
    require_known(request.query_params, "brand", *FILTERS["trends"])
    brand = api_reading.brand_for(ctx, bearer, request.query_params.get("brand"))
    found = api_reading.trends(ctx, bearer, brand, filter_of(request.query_params, brand.timezone))
    return _json({"brand": brand.slug, "data": [dict(row) for row in found.rows]})


def exports(ctx: Context, bearer: Bearer, request: Request) -> Response:
    """The files the calendar has made, the newest first."""
    require_known(request.query_params, *PAGE)
    rows = _rows(request)
    before = number_of(request.query_params, "cursor", default=0, least=1, most=api_reading.LARGEST_NUMBER) or None
    found = api_reading.listed(ctx, bearer, before=before, rows=rows)
    more = str(found[-1].export_id) if len(found) == rows else None
    return _json({"data": [_export(each) for each in found], "next_cursor": more})


def export_file(ctx: Context, bearer: Bearer, request: Request) -> Response:
    """One of these files, in parts if asked for by ``Range``."""
    require_known(request.query_params)
    return handed_out(api_reading.open_file(ctx, bearer, request.path_params["id"]))


async def description(_request: Request) -> Response:
    """What there is to ask for, as OpenAPI; open to everybody, as it tells nothing of anybody."""
    return JSONResponse(described(), headers={"Cache-Control": "public, max-age=3600"})


async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    """An address nobody knows, or a method other than reading, whichever it is; nothing is talked over a socket."""
    if scope["type"] != "http":
        await WebSocketClose()(scope, receive, send)
        return
    known = Request(scope).method in ("GET", "HEAD")
    detail = "There is nothing under this address; see /api/v1/openapi.json."
    await (problem(404, "Not found", detail) if known else read_only())(scope, receive, send)


def _page(ctx: Context, bearer: Bearer, request: Request, subject: Subject) -> Response:
    query = request.query_params
    require_known(query, "brand", *FILTERS[subject], *PAGE)
    api_reading.require_scope(bearer, api_reading.SCOPES[subject])
    brand = api_reading.brand_for(ctx, bearer, query.get("brand"))
    cursor = api_reading.cursor_of(query.get("cursor"))
    filter = filter_of(query, brand.timezone)
    found = api_reading.page(ctx, bearer, subject, brand, filter, cursor=cursor, rows=_rows(request))
    more = None if found.next_cursor is None else str(found.next_cursor)
    return _json({"brand": brand.slug, "data": [dict(row) for row in found.rows], "next_cursor": more})


def _rows(request: Request) -> int:
    return number_of(request.query_params, "limit", default=DEFAULT_ROWS, least=1, most=MOST_ROWS)


def _export(each: ExportView) -> dict[str, object]:
    return {
        "id": each.export_id,
        "brand": each.brand,
        "rows_of": each.subject,
        "format": each.format,
        "state": each.state,
        "identified": each.identified,
        "rows": each.rows_done,
        "bytes": each.bytes,
        "file_name": each.file_name,
        "asked_at": each.asked_at.isoformat(),
        "expires_at": None if each.expires_at is None else each.expires_at.isoformat(),
    }


def _json(body: dict[str, object]) -> Response:
    return JSONResponse(body, headers=HEADERS)


def _route(path: str, answer: Answer) -> Route:
    handler = by_token(answer)

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(handler, request)

    return Route(path, endpoint, methods=["GET"])


ROUTES = [
    Mount(
        PREFIX,
        routes=[
            Route("/openapi.json", description, methods=["GET"]),
            _route("/mentions", mentions),
            _route("/cases", cases),
            _route("/trends", trends),
            _route("/exports", exports),
            _route("/exports/{id:int}/file", export_file),
            Mount("/", nothing_here),
        ],
    )
]
