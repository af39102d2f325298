"""How is an HTTP client built quickly where nothing leaves this machine? It reads one certificate instead of all.

Reading the usual bundle takes a client 60 ms, which adds up where every page and every worker has a client of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import certifi

_NAME = "SSL_CERT_FILE"
_END = "-----END CERTIFICATE-----\n"


@contextmanager
def trusting_one(folder: Path) -> Iterator[None]:
    """While it lasts, clients of this process and of its children read one certificate, kept in ``folder``."""
    path = folder / "one-certificate.pem"
    path.write_text(Path(certifi.where()).read_text("utf-8").partition(_END)[0] + _END, encoding="utf-8")
    before = os.environ.get(_NAME)
    os.environ[_NAME] = str(path)
    try:
        yield
    finally:
        if before is None:
            del os.environ[_NAME]
        else:
            os.environ[_NAME] = before
