"""How does a test get the real Bluesky network? Started once for all test processes, on free ports, stopped by pid.

    python -m tests.peers.bluesky

starts it, makes the accounts of a small story, prints where everything is, and stops it at Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import make_url

from tests.peers import bluesky_install, postgres
from tests.peers.jetstream import Jetstream
from tests.peers.leftovers import own_folder

START_S = 240.0
PASSWORD = "a-quiet-night-in-May"
SCRIPT = Path(__file__).with_suffix(".mjs")


@dataclass
class Bluesky:
    """A running network: personal data server, app view, directory of identities."""

    pds: str
    appview: str
    plc: str
    node: subprocess.Popen[bytes]
    folder: Path
    redis: subprocess.Popen[bytes] | None = None
    database: postgres.Server | None = None
    _handles: dict[str, str] = field(default_factory=dict)

    def account(self, name: str) -> str:
        """The handle of an account of that name, made when first asked for; its password is PASSWORD."""
        if name not in self._handles:
            handle = f"{name}.test"
            answer = httpx.post(
                f"{self.pds}/xrpc/com.atproto.server.createAccount",
                json={"handle": handle, "email": f"{name}@example.com", "password": PASSWORD},
                timeout=30,
            )
            if answer.status_code != 200 and "taken" not in answer.text.lower():
                raise RuntimeError(answer.text)
            self._handles[name] = handle
        return self._handles[name]

    def stop(self) -> None:
        """End everything that was started here, by its own process."""
        for process in filter(None, (self.node, self.redis)):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)
        if self.database is not None:
            self.database.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def start_alone() -> Bluesky:
    """Only directory and data server, with the network's own limits: sign-ins and records, no search, no threads."""
    modules = bluesky_install.installed()
    folder = own_folder("bluesky")
    node = _start_node(modules, folder, "", 0, ports=None, alone=True)
    where = _first_line(node, folder / "node.log")
    return Bluesky(where["pds"], "", where["plc"], node, folder)


def start(*, ports: tuple[int, int, int] | None = None) -> Bluesky:
    """Start the network; about six seconds. Raises NotInstalled where the machine lacks something for it."""
    modules = bluesky_install.installed()
    folder = own_folder("bluesky")
    database, redis_port = _start_postgresql(folder), _free_port()
    redis = _start_redis(folder, redis_port)
    node: subprocess.Popen[bytes] | None = None
    try:
        node = _start_node(modules, folder, _node_url(database), redis_port, ports=ports)
        where = _first_line(node, folder / "node.log")
        return Bluesky(where["pds"], where["appview"], where["plc"], node, folder, redis, database)
    except BaseException:
        for process in (node, redis):
            if process is not None:
                process.kill()
        database.stop()
        raise


def _start_postgresql(folder: Path) -> postgres.Server:
    folder.chmod(0o755)
    inside = folder / "postgresql"
    inside.mkdir(mode=0o755)
    programs = bluesky_install.postgresql()
    assert programs is not None
    return postgres._launch(programs, inside)


def _node_url(server: postgres.Server) -> str:
    """The database as Node's driver reads it: a socket's folder is a parameter."""
    url = make_url(server.url_of(server.empty()))
    return url.set(drivername="postgresql", host=url.host or "localhost").render_as_string(hide_password=False)


def _start_redis(folder: Path, port: int) -> subprocess.Popen[bytes]:
    words = [bluesky_install.redis() or "redis-server", "--port", str(port), "--bind", "127.0.0.1"]
    with (folder / "redis.log").open("wb") as log:
        return subprocess.Popen(
            [*words, "--save", "", "--appendonly", "no"], cwd=folder, stdout=log, stderr=log, preexec_fn=_end_with_us
        )


def _start_node(
    modules: Path, folder: Path, url: str, redis_port: int, *, ports: tuple[int, int, int] | None, alone: bool = False
) -> subprocess.Popen[bytes]:
    given = {"modules": str(modules), "ports": ports, "alone": alone, "schema": "desk"}
    environment = os.environ | {
        "SPORTELLO_BLUESKY": json.dumps(given),
        "DB_POSTGRES_URL": url,
        "REDIS_HOST": f"127.0.0.1:{redis_port}",
        "LOG_ENABLED": "false",
        "TMPDIR": str(folder),
    }
    with (folder / "node.log").open("wb") as log:
        return subprocess.Popen(
            [str(bluesky_install.node()), str(SCRIPT)],
            env=environment,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            preexec_fn=_end_with_us,
        )


def _end_with_us() -> None:
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _first_line(node: subprocess.Popen[bytes], log: Path) -> dict[str, str]:
    assert node.stdout is not None
    os.set_blocking(node.stdout.fileno(), False)
    end, said = time.monotonic() + START_S, b""
    while b"\n" not in said:
        if node.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"The Bluesky network did not start: {log.read_text()[-800:]}")
        said += node.stdout.read() or b""
        time.sleep(0.05)
    return dict(json.loads(said.splitlines()[-1]))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.peers.bluesky", description=(__doc__ or "").partition("\n")[0]
    )
    parser.parse_args()
    bluesky_install.install()
    network = start(ports=(12582, 12583, 12584))
    stream = Jetstream()
    stream.follow(network.pds)
    try:
        handles = ", ".join(network.account(name) for name in ("aurora", "mara", "ugo"))
        sys.stdout.write(
            f"Personal data server (base URL): {network.pds}\nApp view: {network.appview}\nStream: {stream.url}\n"
            f"Accounts: {handles}; the password of each: {PASSWORD}\nCtrl-C stops everything.\n"
        )
        sys.stdout.flush()
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        stream.close()
        network.stop()


if __name__ == "__main__":
    main()
