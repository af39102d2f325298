"""Which addresses answer beside the pages? Signing in and out, the first own password, readiness, sample pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from desk import backend, forms
from desk.api.routes import ROUTES as API
from desk.auth import (
    FORM_COOKIE,
    PASSWORD_PATH,
    SESSION_COOKIE,
    SIGN_IN_PATH,
    is_our_own_form,
    local_path,
    member_of,
    new_form_token,
    set_cookie,
    with_next,
)
from desk.connect_routes import CALLBACK_PATH, came_back
from desk.download_routes import ROUTES as DOWNLOADS
from desk.i18n import LANGUAGES, _, speaking
from desk.report_routes import ROUTES as REPORTS
from desk.sentences import error_words
from domain.errors import DeskError, Invalid, Refused, SignInRefused
from services import health, sign_in, team

SIGN_OUT_PATH = "/auth/sign-out"
FORM_COOKIE_S = 24 * 3600
#: Forms are short; a longer body is nobody's password.
MAX_FORM_BYTES = 8_000
_SAMPLE_PICTURES = Path(__file__).resolve().parent.parent / "collectors" / "sample" / "content" / "media"
_PICTURE_NAME = re.compile(r"[a-z0-9_-]{1,60}\.svg")
_PICTURE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
}


@dataclass(frozen=True, slots=True)
class _Entered:
    """What a form carried, already checked to come from our own page."""

    form: FormData

    def text(self, name: str) -> str:
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""


def asked_language(request: Request) -> str:
    """The language of a visitor nobody knows yet: ``?lang``, else what the browser prefers, else Italian."""
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return asked
    for part in request.headers.get("accept-language", "").split(","):
        code = part.split(";")[0].strip()[:2].lower()
        if code in LANGUAGES:
            return code
    return backend.settings().language


async def sign_in_page(request: Request) -> Response:
    """The form to sign in; a colleague who is signed in goes on to the desk."""
    next_path = local_path(request.query_params.get("next", "/"))
    if await run_in_threadpool(member_of, request.cookies.get(SESSION_COOKIE)) is not None:
        return _go_to(next_path)
    with speaking(asked_language(request)):
        return _with_form(request, lambda token: _sign_in_form(token, next_path=next_path))


async def sign_in_act(request: Request) -> Response:
    """Check name and password; on success the session cookie is set and the desk opened."""
    entered = await _own_form(request)
    with speaking(_form_language(request, entered)):
        if entered is None:
            return await _refuse_forged(request, "sign_in.form")
        next_path, login = local_path(entered.text("next")), entered.text("login")
        ctx, password = backend.open_once().ctx, entered.text("password")
        try:
            signed = await run_in_threadpool(sign_in.sign_in, ctx, login, password, address=_address(request))
        except DeskError as err:
            refusal = error_words(err, timezone=backend.settings().timezone)
            status = _status(err)
            return _with_form(
                request,
                lambda token: _sign_in_form(token, next_path=next_path, login=login, refusal=refusal),
                status_code=status,
            )
        response = _go_to(with_next(PASSWORD_PATH, next_path) if signed.must_change_password else next_path)
        set_cookie(request, response, SESSION_COOKIE, signed.token, max_age_s=backend.settings().session_h * 3600)
        return response


async def sign_out_page(request: Request) -> Response:
    """Ask before signing out: a mere link from elsewhere must not do it."""
    with speaking(asked_language(request)):
        return _with_form(request, _sign_out_form)


async def sign_out_act(request: Request) -> Response:
    """End this session at once, in every window."""
    entered = await _own_form(request)
    with speaking(_form_language(request, entered)):
        if entered is None:
            return await _refuse_forged(request, "sign_out.form")
        token = request.cookies.get(SESSION_COOKIE)
        if token:
            await run_in_threadpool(sign_in.sign_out, backend.open_once().ctx, token)
        response = _go_to(SIGN_IN_PATH)
        response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")
        return response


async def password_page(request: Request) -> Response:
    """The form for a first password of one's own."""
    member = await run_in_threadpool(member_of, request.cookies.get(SESSION_COOKIE))
    if member is None:
        return _go_to(SIGN_IN_PATH)
    next_path = local_path(request.query_params.get("next", "/"))
    with speaking(member.language):
        return _with_form(request, lambda token: _password_form(token, next_path=next_path))


async def password_act(request: Request) -> Response:
    """Replace the password that was given by one's own."""
    entered = await _own_form(request)
    member = await run_in_threadpool(member_of, request.cookies.get(SESSION_COOKIE))
    with speaking(member.language if member else asked_language(request)):
        if entered is None:
            return await _refuse_forged(request, "password.form")
        if member is None:
            return _go_to(SIGN_IN_PATH)
        ctx, next_path = backend.open_once().for_member(member), local_path(entered.text("next"))
        try:
            if entered.text("new") != entered.text("again"):
                raise Invalid(reason="passwords_differ")
            old, new, kept = entered.text("old"), entered.text("new"), request.cookies.get(SESSION_COOKIE)
            await run_in_threadpool(team.set_own_password, ctx, old, new, keep_token=kept)
        except DeskError as err:
            refusal = error_words(err, timezone=backend.settings().timezone)
            return _with_form(
                request, lambda token: _password_form(token, next_path=next_path, refusal=refusal), status_code=400
            )
        return _go_to(next_path)


async def ready(_request: Request) -> Response:
    """Whether the store answers, its schema is current and the worker lives: 200 or 503, for machines."""
    try:
        is_ready = await run_in_threadpool(health.ready, backend.open_once().ctx)
    except DeskError:
        is_ready = False
    return JSONResponse(
        {"ready": is_ready}, status_code=200 if is_ready else 503, headers={"Cache-Control": "no-store"}
    )


async def sample_picture(request: Request) -> Response:
    """A picture of the sample brand; only files that ship with it, and nothing in them can run."""
    name = request.path_params["name"]
    known = {path.name for path in _SAMPLE_PICTURES.glob("*.svg")} if _PICTURE_NAME.fullmatch(name) else set()
    if name not in known:
        return PlainTextResponse("Not found", status_code=404, headers={"X-Content-Type-Options": "nosniff"})
    return FileResponse(_SAMPLE_PICTURES / name, media_type="image/svg+xml", headers=_PICTURE_HEADERS)


def _sign_in_form(token: str, *, next_path: str, login: str = "", refusal: str = "") -> forms.FormPage:
    return forms.FormPage(
        title=_("Sign in"),
        lead=_("The desk where your team listens and answers."),
        action=SIGN_IN_PATH,
        button=_("Sign in"),
        token=token,
        fields=(
            forms.Field("login", _("Sign-in name"), autocomplete="username", value=login[:80]),
            forms.Field("password", _("Password"), kind="password", autocomplete="current-password"),
        ),
        refusal=refusal,
        next_path=next_path,
        offers_languages=True,
    )


def _sign_out_form(token: str) -> forms.FormPage:
    lead = _("Your drafts are saved; your cases stay yours.")
    return forms.FormPage(
        title=_("Sign out?"), lead=lead, action=SIGN_OUT_PATH, button=_("Sign out"), token=token, offers_languages=False
    )


def _password_form(token: str, *, next_path: str, refusal: str = "") -> forms.FormPage:
    return forms.FormPage(
        title=_("Choose a password of your own"),
        lead=_("The one you were given works only once. At least 10 characters; a short sentence is best."),
        action=PASSWORD_PATH,
        button=_("Save and go on"),
        token=token,
        fields=(
            forms.Field("old", _("The password you were given"), kind="password", autocomplete="current-password"),
            forms.Field("new", _("New password"), kind="password", autocomplete="new-password"),
            forms.Field("again", _("New password, again"), kind="password", autocomplete="new-password"),
        ),
        refusal=refusal,
        next_path=next_path,
    )


def _with_form(request: Request, make: Callable[[str], forms.FormPage], *, status_code: int = 200) -> Response:
    """A page with a form, and the cookie that proves it was sent from here."""
    token = request.cookies.get(FORM_COOKIE) or new_form_token()
    response = forms.render(make(token), status_code=status_code)
    set_cookie(request, response, FORM_COOKIE, token, max_age_s=FORM_COOKIE_S)
    return response


async def _own_form(request: Request) -> _Entered | None:
    """What was entered, or None when the form was not sent from our own page."""
    declared = request.headers.get("content-length", "")
    if not declared.isdigit() or int(declared) > MAX_FORM_BYTES:
        return None
    try:
        form = await request.form(max_files=0, max_fields=12)
    except HTTPException:
        return None
    entered = _Entered(form)
    return entered if is_our_own_form(request, entered.text("token")) else None


def _form_language(request: Request, entered: _Entered | None) -> str:
    chosen = entered.text("lang") if entered else ""
    return chosen if chosen in LANGUAGES else asked_language(request)


async def _refuse_forged(request: Request, action: str) -> Response:
    """Say no to a form that is not ours, leave a line in the audit trail, and offer a fresh one."""
    member = await run_in_threadpool(member_of, request.cookies.get(SESSION_COOKIE))
    ctx = backend.open_once().ctx
    with suppress(DeskError):
        await run_in_threadpool(sign_in.refuse_form, ctx, action, address=_address(request), member=member)
    refusal = _("This form was not sent from this desk, or it was open for too long. Try again here.")
    return _with_form(request, lambda token: _sign_in_form(token, next_path="/", refusal=refusal), status_code=403)


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _status(error: DeskError) -> int:
    if isinstance(error, SignInRefused):
        return 429 if error.values.get("until") else 401
    return 400 if isinstance(error, Refused) else 503


def _go_to(path: str) -> Response:
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})


ROUTES = [
    Route(SIGN_IN_PATH, sign_in_page, methods=["GET"]),
    Route(SIGN_IN_PATH, sign_in_act, methods=["POST"]),
    Route(SIGN_OUT_PATH, sign_out_page, methods=["GET"]),
    Route(SIGN_OUT_PATH, sign_out_act, methods=["POST"]),
    Route(PASSWORD_PATH, password_page, methods=["GET"]),
    Route(PASSWORD_PATH, password_act, methods=["POST"]),
    Route(CALLBACK_PATH, came_back, methods=["GET"]),
    Route("/api/ready", ready, methods=["GET"]),
    Route("/sample/media/{name}", sample_picture, methods=["GET"]),
    *DOWNLOADS,
    *REPORTS,
    *API,
]
