"""Who is asking, over HTTP? Cookies, form tokens, where a request came from, and the door before the pages."""

from __future__ import annotations

import re
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from desk import backend
from domain.errors import Retriable
from domain.people import Member
from services import sign_in, team

SESSION_COOKIE = "sportello_session"
FORM_COOKIE = "sportello_form"
SIGN_IN_PATH = "/auth/sign-in"
#: What a page's address may name beside the page: numbers, such as ``?case=12``.
_NUMBERS = re.compile(r"[a-z]+=[0-9]{1,12}(&[a-z]+=[0-9]{1,12}){0,3}")
PASSWORD_PATH = "/auth/password"
#: Paths that answer without a sign-in: our own forms and machine answers, and Streamlit's plumbing, which
#: carries nothing of ours until the script has verified the session itself.
OPEN_PREFIXES = ("/auth/", "/api/", "/sample/", "/_stcore/", "/static/", "/media/", "/component/", "/favicon")

#: Of that plumbing, what gives out or takes in files or tells how busy the desk is: colleagues only.
PRIVATE_PREFIXES = ("/media/", "/_stcore/upload_file", "/_stcore/metrics")


def member_of(token: str | None) -> Member | None:
    """The colleague behind a session token; None when it is unknown, over or revoked."""
    return sign_in.member_of(backend.open_once().ctx, token) if token else None


def has_given_password(member: Member) -> bool:
    """Whether the colleague still signs in with the password somebody gave them: it opens nothing but its change."""
    return team.preferences(backend.open_once().for_member(member), member.id).must_change_password


def _where_first(token: str | None, asked: str) -> str | None:
    """Where a visitor has to go before the page they asked for; None when nowhere."""
    try:
        member = member_of(token)
        if member is not None:
            return with_next(PASSWORD_PATH, asked) if has_given_password(member) else None
    except Retriable:
        return None  # the store is gone: the page itself says so, and shows nothing without it
    return with_next(SIGN_IN_PATH, asked)


def with_next(form: str, then: str) -> str:
    """The address of a form that leads on to ``then``, a path of this desk."""
    return form if then == "/" else f"{form}?next={quote(then, safe='/')}"


def _refusal(token: str | None) -> Response | None:
    """What a visitor gets who asks for something colleagues alone may have; None for a colleague."""
    try:
        if member_of(token) is not None:
            return None
    except Retriable:
        return PlainTextResponse("The store does not answer", status_code=503, headers={"Cache-Control": "no-store"})
    return PlainTextResponse("Sign in first", status_code=401, headers={"Cache-Control": "no-store"})


def _may_connect(token: str | None) -> bool:
    """Whether the script of the pages may run for this browser. While the store is gone it may: it says just that."""
    try:
        return member_of(token) is not None
    except Retriable:
        return True


def new_form_token() -> str:
    """A fresh secret for one browser's forms."""
    return secrets.token_urlsafe(32)


def set_cookie(request: Request, response: Response, name: str, value: str, *, max_age_s: int) -> None:
    """A cookie that scripts cannot read and other sites cannot send along with a form."""
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, max_age=max_age_s, path="/", httponly=True, samesite="lax", secure=secure)


def is_our_own_form(request: Request, field: str) -> bool:
    """Whether a form was sent from our own page: same origin, and the token of this browser's cookie."""
    cookie = request.cookies.get(FORM_COOKIE, "")
    return is_same_origin(request) and bool(cookie) and secrets.compare_digest(cookie.encode(), field.encode())


def is_same_origin(request: Request) -> bool:
    """Whether Origin (or, without it, Referer) names the host that was asked; neither counts as no."""
    told = request.headers.get("origin") or request.headers.get("referer") or ""
    try:
        return bool(told) and urlsplit(told).netloc == request.headers.get("host", "")
    except ValueError:
        return False  # no address at all, such as "http://["


def local_path(path: str) -> str:
    """A path on this desk to go on to; anything that could lead elsewhere becomes the start page."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return "/"
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return path if inside and path.isprintable() and not path.startswith("/auth/") else "/"


def _address(scope: Scope) -> str:
    """The page asked for, with the numbers of its address: an alert's link leads to one case after signing in as well.

    Nothing else of a query is kept: what else stands there is not ours to hand on.
    """
    query = scope["query_string"].decode("latin-1")
    path: str = scope["path"]
    return f"{path}?{query}" if _NUMBERS.fullmatch(query) else path


def cookie_of(headers: Headers, name: str) -> str | None:
    """One cookie of a request; None when there is none, or when the header cannot be read."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return None if morsel is None else morsel.value


class SignedInOnly:
    """Sends whoever asks for a page without a valid session to the sign-in page, and lets no script run for them.

    The script behind the pages verifies the session again on every run: one that ends meanwhile ends there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._connect(scope, receive, send)
            return
        if scope["type"] != "http" or not (self._guards(scope) or self._keeps(scope)):
            await self.app(scope, receive, send)
            return
        token = cookie_of(HTTPConnection(scope).headers, SESSION_COOKIE)
        if self._keeps(scope):
            refusal = await run_in_threadpool(_refusal, token)
            await (refusal or self.app)(scope, receive, send)
            return
        target = await run_in_threadpool(_where_first, token, local_path(_address(scope)))
        if target is None:
            await self.app(scope, receive, send)
            return
        await RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})(scope, receive, send)

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Behind a connection stands the script of the pages: nobody without a session gets one (an HTTP 403)."""
        if await run_in_threadpool(_may_connect, cookie_of(HTTPConnection(scope).headers, SESSION_COOKIE)):
            await self.app(scope, receive, send)
            return
        await receive()  # the browser's "connect", which a refusal answers
        await send({"type": "websocket.close", "code": 1008})

    @staticmethod
    def _keeps(scope: Scope) -> bool:
        path: str = scope["path"]
        return scope["method"] != "OPTIONS" and path.startswith(PRIVATE_PREFIXES)

    @staticmethod
    def _guards(scope: Scope) -> bool:
        path: str = scope["path"]
        last = path.rsplit("/", 1)[-1]
        return scope["method"] in ("GET", "HEAD") and not path.startswith(OPEN_PREFIXES) and "." not in last
