"""How does the interface say no? In JSON problem details (RFC 9457), in English, for programs and who writes them."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from domain.errors import DeskError, Invalid, NotAllowed, NotFound, Refused

MEDIA_TYPE = "application/problem+json"
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def problem(status: int, title: str, detail: str, **headers: str) -> Response:
    """One refusal; header names are given with underscores."""
    body = {"type": "about:blank", "status": status, "title": title, "detail": detail}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=HEADERS | named)


def of_error(error: DeskError) -> Response:
    """What an error of the desk means to a program."""
    if isinstance(error, NotFound):
        return problem(404, "Not found", str(error))
    if isinstance(error, NotAllowed):
        return problem(403, "Not allowed", str(error))
    if isinstance(error, Invalid | Refused):
        return problem(400, "Not understood", str(error))
    return problem(503, "Not available", "The desk cannot answer now; try again later.", Retry_After="30")


def unauthorized() -> Response:
    """No token, or none that holds (RFC 6750)."""
    detail = "Send a token that holds: Authorization: Bearer sportello_..."
    return problem(401, "No valid token", detail, WWW_Authenticate='Bearer realm="sportello"')


def read_only() -> Response:
    """A method other than reading."""
    detail = "Nothing is written here: addresses are read with GET."
    return problem(405, "Method not allowed", detail, Allow="GET, HEAD")


def too_many(wait_s: int) -> Response:
    """More requests than the limit allows."""
    return problem(429, "Too many requests", f"Wait {wait_s} seconds.", Retry_After=str(wait_s))
