"""How is a message handed to the courier, and what came of it? One process a message, with an end to its patience."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.alert import Medium
from domain.errors import Invalid, NotPossible, Unavailable
from services.context import Context
from settings import ROOT, Settings

#: A message that takes longer is cut off: its receiver is as good as not there.
SEND_S = 30.0
MAX_ADDRESS_CHARS = 1000
_MAIL = re.compile(r"[^@\s<>\"(),;:\\\[\]]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
#: Of the desk's own surroundings the courier gets what finds programs and certificates: no proxy, no secret.
_SURROUNDINGS = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "LD_LIBRARY_PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
)
PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class Checked:
    """An address that can be used: how it travels, the service's name, and what may be shown of it."""

    medium: Medium
    service: str
    hint: str
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``fields``: what a program on the other side wants to know. ``attach``: files with their names."""

    subject: str
    body: str
    fields: Mapping[str, object] = field(default_factory=dict)
    attach: Sequence[tuple[Path, str]] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """``why`` it did not arrive, a stable word; ``status`` as the other side's server said it, where it did."""

    ok: bool
    why: str = ""
    status: int | None = None

    @property
    def code(self) -> str | None:
        """One word for the row: ``refused``, ``refused_404``, ``slow``; None when it arrived."""
        return None if self.ok else (f"{self.why}_{self.status}" if self.status else self.why)


def can_mail(settings: Settings) -> bool:
    """Whether the settings name a mail server."""
    return bool(settings.mail_server)


def checked(ctx: Context, typed: str) -> Checked:
    """What a person typed, if messages can go there: an e-mail address, a web address, or one of the library's.

    Raises Invalid(what="address", "address_service" or "address_private") and NotPossible(reason="mail_off").
    """
    text = typed.strip()
    if not text or len(text) > MAX_ADDRESS_CHARS or any(ord(c) < 33 for c in text):
        raise _unreadable()
    if _MAIL.fullmatch(text):
        if not can_mail(ctx.settings):
            raise NotPossible("The desk has no mail server: an administrator names one.", reason="mail_off")
        return Checked(Medium.MAIL, "E-mail", _masked(text), text)
    if "://" not in text:
        raise _unreadable()
    told = _ask(ctx, {"do": "check", "address": {"url": text}})
    if not told["ok"]:
        raise _refusal(str(told["why"]))
    medium = Medium(told["medium"])
    host = str(told["host"])
    shown = f"{told['service']}: {host}" if medium is not Medium.CHAT else str(told["service"])
    return Checked(medium, str(told["service"]), shown[:120], text)


def send(ctx: Context, address: str, medium: Medium, message: Message) -> Outcome:
    """One attempt. Whatever goes wrong is told in the outcome."""
    to: dict[str, Any] = {"url": address}
    if medium is Medium.MAIL and "://" not in address:
        if not can_mail(ctx.settings):
            return Outcome(False, "mail_off")
        to = {"mail": _letter(ctx.settings, address)}
    elif address.startswith(("http://", "https://")) and medium is Medium.WEBHOOK:
        to = {"webhook": address}
    said = {"subject": message.subject, "body": message.body, "fields": dict(message.fields)}
    attach = [{"path": str(path), "name": name} for path, name in message.attach]
    try:
        told = _ask(ctx, {"do": "send", "address": to, "message": said, "attach": attach})
    except Unavailable:
        return Outcome(False, "slow")
    return Outcome(bool(told["ok"]), str(told.get("why") or ""), told.get("status"))


def _ask(ctx: Context, order: dict[str, Any]) -> dict[str, Any]:
    """The courier's answer. Raises Unavailable when it took too long or died."""
    order |= {"private": ctx.settings.private_addresses == "allow", "waits_s": SEND_S}
    kept = {name: os.environ[name] for name in _SURROUNDINGS if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-m", "services.alert_courier"],
            input=json.dumps(order),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SEND_S,
            cwd=ROOT,
            env=kept,
            text=True,
            check=True,
        )
        told: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        # Not "from": what was being sent stands in the command's own error.
        raise Unavailable("The message could not be handed over in time.") from None
    return told


def _letter(settings: Settings, to: str) -> dict[str, Any]:
    host, _, port = settings.mail_server.rpartition(":")
    if not host or not port.isdigit():
        host, port = settings.mail_server, ""
    return {
        "server": host,
        "port": int(port) if port else PORTS.get(settings.mail_security, 587),
        "security": settings.mail_security,
        "user": settings.mail_user,
        "password": settings.mail_password,
        "from": settings.mail_from or settings.mail_user,
        "to": to,
    }


def _masked(address: str) -> str:
    """``p…@studio.it``: enough for its owner to know which one."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"[:120]


def _unreadable() -> Invalid:
    return Invalid(
        "That is no address: an e-mail address, or one that begins with https:// or the name of a service.",
        field="address",
        what="address",
    )


def _refusal(why: str) -> Invalid:
    if why == "private":
        said = "The address lies inside your own network; an administrator may allow that (private_addresses)."
        return Invalid(said, field="address", what="address_private")
    if why == "service":
        return Invalid("That service cannot be used for alerts.", field="address", what="address_service")
    return _unreadable()
