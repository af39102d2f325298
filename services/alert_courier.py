"""How does one message leave this machine? Through the library Apprise, in a process that does nothing else.

``python -m services.alert_courier`` reads one order, a JSON document, from its input and writes one answer to its
output. It lives for seconds, is ended from outside when it takes too long, and holds neither the settings nor the key
of the desk. Addresses are typed by people: an audit hook refuses whatever connection leads into our own network and
whatever file such an address might name, whichever of the library's hundred services asks for it.
"""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import sys
from collections.abc import Mapping
from importlib import import_module
from ipaddress import ip_address
from mimetypes import knownfiles
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from collectors.addresses import Address, reachable
from domain.alert import Medium
from domain.errors import DeskError

#: So much longer than whoever ordered waits: nobody is left behind, should they have died.
LAST_BREATH_S = 10
CONNECT_S, READ_S = 6.0, 10.0
#: What acts on this machine, or says to everybody what is meant for one: no way to be told.
REFUSED = frozenset(
    {
        *("syslog", "rsyslog", "dbus", "glib", "gnome", "macosx", "windows", "blink1", "growl", "mqtt", "smpp", "aprs"),
        *("twitter", "mastodon", "bluesky", "reddit", "misskey"),
    }
)
_STATUS = re.compile(r"error=(\d{3})")
_ALLOWED = tuple(
    os.path.realpath(each)
    for each in (sys.prefix, sys.base_prefix, os.path.dirname(os.__file__), "/usr/share/zoneinfo", "/etc/ssl")
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NEVER = frozenset(
    {
        *(
            "subprocess.Popen",
            "os.system",
            "os.exec",
            "os.posix_spawn",
            "os.spawn",
            "os.fork",
            "os.forkpty",
            "pty.spawn",
        ),
        *("socket.sendto", "socket.bind", "ctypes.dlopen", "shutil.copyfile", "os.remove", "os.rename", "os.mkdir"),
    }
)


class Blocked(OSError):
    """What an address led to is not allowed."""


class Guard:
    """Refuses, for the rest of this process, what no message needs. ``trusted``: the settings name the server."""

    def __init__(self, *, private: bool, trusted: bool, files: tuple[str, ...]) -> None:
        self._private, self._trusted = private, trusted
        self._files = {os.path.realpath(each) for each in (*files, *knownfiles)}
        self.led_inside = False

    def __call__(self, event: str, told: tuple[Any, ...]) -> None:
        """The hook: an error from here ends what was begun."""
        if event == "socket.connect":
            self._connect(told[0], told[1])
        elif event == "open":
            self._open(told[0], told[2])
        elif event in _NEVER:
            raise Blocked(f"{event} is no part of sending a message")

    def _connect(self, sock: socket.socket, where: Any) -> None:
        if sock.family not in (socket.AF_INET, socket.AF_INET6):
            raise Blocked("a message leaves through the internet alone")
        if self._trusted:
            return
        address = Address(url="", scheme="https", host=str(where[0]).split("%")[0], port=int(where[1]))
        try:
            reachable(address, private=self._private, loopback=False)
        except DeskError:
            self.led_inside = True
            raise Blocked("inside our own network") from None

    def _open(self, path: Any, flags: int | None) -> None:
        if isinstance(path, int) or (flags or 0) & _WRITES == 0 and self._is_ours(os.path.realpath(os.fsdecode(path))):
            return
        raise Blocked("no address opens a file here")

    def _is_ours(self, path: str) -> bool:
        return path in self._files or any(path.startswith(f"{each}{os.sep}") for each in _ALLOWED)


class _Status(logging.Handler):
    """Reads the status that a server answered out of what the library says, and keeps nothing else."""

    def __init__(self) -> None:
        super().__init__(level=logging.WARNING)
        self.code: int | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if found := _STATUS.search(record.getMessage()):
            self.code = int(found[1])


def main() -> int:
    """One order, one answer."""
    order, answer = json.load(sys.stdin), sys.stdout
    signal.alarm(int(order["waits_s"]) + LAST_BREATH_S)
    sys.stdout = sys.stderr  # Whatever a service prints is no part of the answer.
    json.dump(obey(order), answer)
    answer.flush()
    return 0


def obey(order: Mapping[str, Any]) -> dict[str, Any]:
    """Do what the order says: look at an address ("check"), or send a message there ("send")."""
    status = _quiet_logs()
    try:
        asset = _asset(all_services="url" in order["address"])
        files = tuple(str(each["path"]) for each in order.get("attach", ()))
        guard = Guard(private=bool(order["private"]), trusted="mail" in order["address"], files=files)
        sys.addaudithook(guard)
        plugin = _plugin(order["address"], order.get("message", {}), asset)
    except Exception as error:  # noqa: BLE001 - a hundred services, each with mistakes of its own
        return {"ok": False, "why": "unreadable", "error": type(error).__name__}
    if plugin is None:
        return {"ok": False, "why": "unreadable"}
    if type(plugin).__module__.split(".")[2] in REFUSED:
        return {"ok": False, "why": "service"}
    told = {"service": str(plugin.service_name)[:60], "medium": _medium(plugin), "host": str(plugin.host or "")[:100]}
    if order["do"] == "check":
        inside = not guard._trusted and _names_inside(str(plugin.host or ""), private=guard._private)
        return told | ({"ok": False, "why": "private"} if inside else {"ok": True})
    sent = _send(plugin, order, asset)
    why = None if sent else ("private" if guard.led_inside else "refused")
    return told | {"ok": sent, "why": why, "status": status.code}


def _quiet_logs() -> _Status:
    """The library's lines hold addresses: they are read for a status and go nowhere."""
    status = _Status()
    for name in ("apprise", "urllib3", "requests"):
        logger = logging.getLogger(name)
        logger.handlers[:], logger.propagate = [status], False
    logging.getLogger().addHandler(logging.NullHandler())
    return status


def _asset(*, all_services: bool) -> Any:
    from apprise import AppriseAsset
    from apprise.plugins import N_MGR

    if all_services:
        list(cast(Any, N_MGR).schemas())  # They are read in before the guard stands; a letter needs none of them.
    return AppriseAsset(
        app_id="Sportello",
        app_desc="Sportello",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        http_redirects=False,
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
    )


def _plugin(address: Mapping[str, Any], message: Mapping[str, Any], asset: Any) -> Any:
    if "mail" in address:
        return _mail(address["mail"], asset)
    if "webhook" in address:
        return _webhook(str(address["webhook"]), message.get("fields", {}), asset)
    from apprise import Apprise

    found = Apprise.instantiate(str(address["url"]), asset=asset, suppress_exceptions=False)
    if found is None and str(address["url"]).startswith(("http://", "https://")):
        return _webhook(str(address["url"]), message.get("fields", {}), asset)
    return found


def _service(name: str) -> Any:
    return import_module(f"apprise.plugins.{name}")


def _mail(to: Mapping[str, Any], asset: Any) -> Any:
    return _service("email").NotifyEmail(
        smtp_host=to["server"],
        host=to["server"],
        port=to["port"],
        user=to["user"] or None,
        password=to["password"] or None,
        secure=to["security"] != "none",
        secure_mode={"none": "insecure", "tls": "ssl"}.get(to["security"], "starttls"),
        from_addr=to["from"],
        targets=[to["to"]],
        format="text",
        asset=asset,
    )


def _webhook(url: str, fields: Mapping[str, Any], asset: Any) -> Any:
    """JSON: title and message as the library has them, and beside them what a program wants to know."""
    parts = urlsplit(url)
    return _service("custom_json").NotifyJSON(
        secure=parts.scheme == "https",
        host=parts.hostname,
        port=parts.port,
        fullpath=parts.path or "/",
        params=dict(parse_qsl(parts.query, keep_blank_values=True)),
        payload={"attachments": "", **fields},
        asset=asset,
    )


def _medium(plugin: Any) -> str:
    name = type(plugin).__module__.split(".")[2]
    if name == "email":
        return Medium.MAIL
    return Medium.WEBHOOK if name in ("custom_json", "custom_xml", "custom_form") else Medium.CHAT


def _names_inside(host: str, *, private: bool) -> bool:
    """Whether the address names our own network in so many words; what a name leads to is seen when it is called."""
    if host == "localhost" or host.endswith(".localhost"):
        return not private
    try:
        ip_address(host)
    except ValueError:
        return False
    try:
        reachable(Address(url="", scheme="https", host=host, port=443), private=private, loopback=False)
    except DeskError:
        return True
    return False


def _send(plugin: Any, order: Mapping[str, Any], asset: Any) -> bool:
    from apprise import Apprise, NotifyFormat

    # For a letter the first counts for each line of the conversation.
    plugin.socket_connect_timeout = READ_S if _medium(plugin) == Medium.MAIL else CONNECT_S
    plugin.socket_read_timeout = READ_S
    file: Any = import_module("apprise.attachment.file")
    attach = [file.AttachFile(path=each["path"], name=each["name"], asset=asset) for each in order.get("attach", ())]
    message = order["message"]
    way = Apprise(asset=asset)
    way.add(plugin)
    return bool(
        way.notify(
            title=message["subject"],
            body=message["body"],
            body_format=NotifyFormat.TEXT,
            attach=attach or None,
        )
    )


if __name__ == "__main__":
    sys.exit(main())
