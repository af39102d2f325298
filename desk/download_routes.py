"""How does a browser fetch the file of an export? By its own address, by who asked for it, in parts if it must.

A download that broke off goes on where it stopped: the answer understands ``Range`` and names the file's version.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from desk import backend
from desk.auth import SESSION_COOKIE, has_given_password, member_of
from domain.errors import DeskError, NotFound, Refused
from services import exports
from services.exports import ReadyFile

#: Below ``/media/``-like addresses of the desk's own: never cached, never run, never sniffed.
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


async def download(request: Request) -> Response:
    """The file of one export, or (``?dictionary``) what explains its columns."""
    dictionary = "dictionary" in request.query_params
    # A part from the middle belongs to a download that was recorded when it began.
    is_first = request.headers.get("range", "bytes=0-").replace(" ", "").startswith("bytes=0-")
    found = await run_in_threadpool(_found, request, request.path_params["id"], dictionary, is_first)
    return found if isinstance(found, Response) else handed_out(found)


def handed_out(file: ReadyFile) -> Response:
    """The answer that carries a file."""
    return FileResponse(file.path, filename=file.name, media_type=file.media_type, headers=HEADERS)


def path_of(export_id: int, *, dictionary: bool = False) -> str:
    """The address of an export's file."""
    return f"/exports/{export_id}/file" + ("?dictionary" if dictionary else "")


def _found(request: Request, export_id: int, dictionary: bool, is_first: bool) -> ReadyFile | Response:
    try:
        member = member_of(request.cookies.get(SESSION_COOKIE))
        if member is None or has_given_password(member):
            return _said("Sign in first", 401)
        ctx = backend.open_once().for_member(member)
        return exports.open_file(ctx, export_id, dictionary=dictionary, is_first=is_first and request.method == "GET")
    except NotFound:
        return _said("There is no such file", 404)
    except Refused:
        return _said("Not yours to fetch", 403)
    except DeskError:
        return _said("The store does not answer", 503)


def _said(words: str, status_code: int) -> Response:
    return PlainTextResponse(words, status_code=status_code, headers=HEADERS)


ROUTES = [Route("/exports/{id:int}/file", download, methods=["GET", "HEAD"])]
