"""How does a browser fetch the report as a PDF? By its own address, for whoever may see the trends."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from desk import backend
from desk.auth import SESSION_COOKIE, has_given_password, member_of
from desk.download_routes import HEADERS
from desk.i18n import LANGUAGES
from desk.report_file import MEDIA_TYPE, file_name, pdf_file
from domain.errors import DeskError, Invalid, NotFound, Refused
from services import report
from services.report import Month


async def download(request: Request) -> Response:
    """The report of one brand and month, in the language asked for."""
    return await run_in_threadpool(_made, request)


def path_of(brand_id: int, month: Month, *, language: str, links: bool = False, purpose: str = "") -> str:
    """The address of a report's PDF; ``purpose``: what the names are needed for that ``links`` lead to."""
    asked = {"lang": language} | ({"links": "1", "purpose": purpose} if links else {})
    return f"/reports/{brand_id}/{month}.pdf?{urlencode(asked)}"


def _made(request: Request) -> Response:
    try:
        member = member_of(request.cookies.get(SESSION_COOKIE))
        if member is None or has_given_password(member):
            return _said("Sign in first", 401)
        ctx = backend.open_once().for_member(member)
        month = report.month_from(request.path_params["month"])
        asked = request.query_params.get("lang", "")
        language = asked if asked in LANGUAGES else member.language
        links = request.query_params.get("links") == "1"
        purpose = request.query_params.get("purpose")
        found = report.taken(ctx, request.path_params["brand"], month, links=links, purpose=purpose)
    except (NotFound, Invalid) as problem:
        if problem.values.get("field") == "purpose":
            return _said("Say what the names are needed for", 400)
        return _said("There is no such report", 404)
    except Refused:
        return _said("Not yours to fetch", 403)
    except DeskError:
        return _said("The store does not answer", 503)
    name = file_name(found, language=language)
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(pdf_file(found, language=language), media_type=MEDIA_TYPE, headers=headers)


def _said(words: str, status_code: int) -> Response:
    return PlainTextResponse(words, status_code=status_code, headers=HEADERS)


ROUTES = [Route("/reports/{brand:int}/{month}.pdf", download, methods=["GET"])]
