"""How are a mail server and a receiver of JSON played? On this machine alone; they remember, and misbehave."""

from __future__ import annotations

import base64
import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any


@dataclass
class MailServer:
    """Speaks SMTP (RFC 5321) as far as a letter needs. ``security``: starttls, tls or none; ``drop``: after DATA."""

    security: str = "none"
    certificate: Path | None = None
    password: str | None = None
    drop: bool = False
    refuse: bool = False
    letters: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    was_encrypted: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _mail_handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.port = int(self._server.server_address[1])

    def context(self) -> ssl.SSLContext:
        """The server's end of TLS."""
        found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        found.load_cert_chain(str(self.certificate))
        return found

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _mail_handler(server: MailServer) -> type[socketserver.BaseRequestHandler]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.encrypted = False
            try:
                if server.security == "tls":
                    self._encrypt()
                self._talk()
            except (OSError, ssl.SSLError):
                pass  # The other side had enough.

        def _encrypt(self) -> None:
            self.request = server.context().wrap_socket(self.request, server_side=True)
            self.encrypted = True

        def _say(self, line: str) -> None:
            self.request.sendall(f"{line}\r\n".encode())

        def _talk(self) -> None:
            self._say("220 desk.test")
            lines = self.request.makefile("rb")
            while line := lines.readline().decode().strip():
                word = line.upper().partition(" ")[0]
                if word == "STARTTLS":
                    self._say("220 go on")
                    self._encrypt()
                    lines = self.request.makefile("rb")
                elif word == "QUIT":
                    self._say("221 bye")
                    return
                elif not self._obey(word, line, lines):
                    return

        def _obey(self, word: str, line: str, lines: Any) -> bool:
            if word == "EHLO":
                offers = ["desk.test"]
                offers += ["STARTTLS"] if server.security == "starttls" and not self.encrypted else []
                offers += ["AUTH PLAIN"] if server.password else []
                for at, offer in enumerate(offers):
                    self._say(f"250{' ' if at == len(offers) - 1 else '-'}{offer}")
            elif word == "AUTH":
                given = base64.b64decode(line.split()[-1]).decode().split("\0")[-1]
                self._say("235 ok" if given == server.password else "535 no")
            elif word == "RCPT":
                server.to.append(line.partition("<")[2].rstrip(">"))
                self._say("550 nobody here" if server.refuse else "250 ok")
            elif word == "DATA":
                return self._letter(lines)
            else:
                self._say("250 ok")
            return True

        def _letter(self, lines: Any) -> bool:
            self._say("354 go on")
            whole = b""
            while (line := lines.readline()) not in (b".\r\n", b""):
                whole += line.removeprefix(b".") if line.startswith(b"..") else line
            if server.drop:
                server.drop = False
                self.request.shutdown(socket.SHUT_RDWR)
                return False
            server.letters.append(message_from_bytes(whole, policy=policy.default))  # type: ignore[arg-type]
            server.was_encrypted.append(self.encrypted)
            self._say("250 taken")
            return True

    return Handler


class Receiver:
    """Takes JSON by POST. ``answer`` gives the status of the next one, or does something slow or rude."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], int | None] = lambda _: 204) -> None:
        self.answer = answer
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.taken.append((self.path, json.loads(body)))
            status = receiver.answer(self)
            self.close_connection = True
            if status is not None:
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


def own_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    path = folder / "own.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return path
