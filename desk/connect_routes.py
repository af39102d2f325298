"""Where does a network send people back to? One address for all of them; what became of it is said on a page."""

from __future__ import annotations

import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk import backend, forms
from desk.auth import SESSION_COOKIE, SIGN_IN_PATH, member_of
from desk.connect_words import connect_words
from desk.i18n import _, speaking
from desk.words import channel_word
from domain.brand import Account
from domain.errors import DeskError, NotAllowed, NotPossible, Retriable
from domain.people import Member
from services import connecting

CALLBACK_PATH = "/auth/callback"
#: More than any network sends; the rest of a longer one is nobody's code.
MOST_CHARS = 4_000
_LOG = logging.getLogger(__name__)


async def came_back(request: Request) -> Response:
    """Somebody comes back from a network, with a code or with a no; the code is used once and shown nowhere."""
    token = request.cookies.get(SESSION_COOKIE) or ""
    member = await run_in_threadpool(member_of, token)
    if member is None:
        return RedirectResponse(SIGN_IN_PATH, status_code=303, headers={"Cache-Control": "no-store"})
    with speaking(member.language):
        try:
            account = await run_in_threadpool(_finished, request, member, token)
        except DeskError as error:
            _LOG.info("an account was not connected: %s", error.key)
            return _refused(error)
        return _connected(account)


def _finished(request: Request, member: Member, token: str) -> Account:
    given = {name: request.query_params.get(name, "")[:MOST_CHARS] for name in ("state", "code", "error")}
    return connecting.finish(backend.open_once().for_member(member), **given, session=token)


def _connected(account: Account) -> Response:
    channel = channel_word(account.channel, title=_title(account.channel))
    heading = _("{handle} is connected").format(handle=f"@{account.handle}")
    text = _("{channel} is read from now on. Nothing goes out through this account until you switch publishing on.")
    link = forms.Link(_("To the Channels page"), "/channels")
    return forms.notice(heading, text.format(channel=channel), link=link)


def _refused(error: DeskError) -> Response:
    zone = backend.settings().timezone
    network = str(error.values.get("network") or "")
    name = channel_word(network, title=_title(network)) if network else _("The network")
    words = connect_words(error, name, timezone=zone)
    status = 403 if isinstance(error, NotAllowed) else 503 if isinstance(error, Retriable) else 400
    heading = _("Nothing was changed") if _was_before(error) else _("Not connected")
    link = forms.Link(_("To the Channels page"), "/channels")
    return forms.notice(heading, words, link=link, is_refusal=True, status_code=status)


def _was_before(error: DeskError) -> bool:
    return isinstance(error, NotPossible) and error.reason in ("sign_in_used", "other_account")


def _title(channel: str) -> str:
    return backend.open_once().ctx.channels.manifest(channel).title
