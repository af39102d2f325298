"""How does the network's stream look from outside? A small one that speaks its wire, fed by a test or a real network.

The shapes are those of ``network.bsky.jetstream.subscribeEvents`` (atproto.com, lexicons). Bluesky's own network for
development has no stream of this kind, so ``follow`` bridges the firehose of its data server.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

METHOD = "network.bsky.jetstream.subscribeEvents"
POSTS = "app.bsky.feed.post"


class Jetstream:
    """A stream on this machine. ``floor``: events before that place are not kept any more."""

    def __init__(self) -> None:
        self.frames: list[tuple[int, str]] = []
        self.floor = 0
        self.asked: list[str] = []
        self._more = threading.Condition()
        self._closed = False
        self._sockets: set[ServerConnection] = set()
        self._server: Server = serve(self._serve, "127.0.0.1", 0, subprotocols=["xrpc.v1.json"], compression=None)
        self.url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/xrpc"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def tell(self, did: str, rkey: str, record: dict[str, Any] | None, *, cid: str = "", operation: str = "") -> int:
        """One change of one post, now; returns when it was seen, in microseconds."""
        at_us = max(time.time_ns() // 1000, self.frames[-1][0] + 1 if self.frames else 0)
        at = datetime.fromtimestamp(at_us / 1_000_000, UTC).isoformat()
        payload: dict[str, Any] = {
            "$type": f"{METHOD}#commit",
            "seq": len(self.frames) + 1,
            "time": at,
            "witnessedAt": at,
        }
        payload |= {"did": did, "collection": POSTS, "rkey": rkey, "rev": rkey}
        payload |= {"operation": operation or ("delete" if record is None else "create")}
        payload |= {} if record is None else {"record": record, "cid": cid}
        self.tell_raw(json.dumps({"$type": "message", "payload": payload}), at_us=at_us)
        return at_us

    def tell_raw(self, frame: str, *, at_us: int = 0) -> None:
        """Any frame at all."""
        with self._more:
            self.frames.append((at_us or (self.frames[-1][0] if self.frames else 1), frame))
            self._more.notify_all()

    def break_connections(self) -> None:
        """As when a server is started anew."""
        for socket in list(self._sockets):
            socket.socket.close()

    def close(self) -> None:
        with self._more:
            self._closed = True
            self._more.notify_all()
        self._server.shutdown()

    def follow(self, data_server: str) -> None:
        """Tell on what the firehose of a real data server tells, from now on."""
        threading.Thread(target=self._follow, args=(data_server,), daemon=True).start()

    def _serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        given = parse_qs(urlsplit(socket.request.path).query)
        place = self._place(int(given["cursor"][0]) if "cursor" in given else None)
        self._sockets.add(socket)
        # From here on nothing is missed: who waits for the request may begin.
        self.asked.append(socket.request.path)
        try:
            for frame in self._from(place):
                socket.send(frame)
        except (ConnectionClosed, OSError):
            pass
        finally:
            self._sockets.discard(socket)

    def _place(self, cursor: int | None) -> int:
        if cursor is None:
            return len(self.frames)
        return next((n for n, (at_us, _) in enumerate(self.frames) if at_us >= cursor), len(self.frames))

    def _from(self, place: int) -> Iterator[str]:
        if place < self.floor:
            place = self.floor
            yield json.dumps({"$type": "message", "payload": {"$type": f"{METHOD}#info", "name": "OutdatedCursor"}})
        while True:
            with self._more:
                while place >= len(self.frames) and not self._closed:
                    self._more.wait(1.0)
                if self._closed:
                    return
            yield self.frames[place][1]
            place += 1

    def _follow(self, data_server: str) -> None:
        from atproto import CAR, FirehoseSubscribeReposClient, models, parse_subscribe_repos_message

        client = FirehoseSubscribeReposClient(base_uri=data_server.replace("http://", "ws://") + "/xrpc")

        def pass_on(message: Any) -> None:
            if self._closed:
                client.stop()
                return
            commit = parse_subscribe_repos_message(message)
            if not isinstance(commit, models.ComAtprotoSyncSubscribeRepos.Commit):
                return
            blocks = CAR.from_bytes(commit.blocks).blocks if commit.blocks else {}
            for change in commit.ops:
                collection, _, rkey = change.path.partition("/")
                if collection == POSTS:
                    record = blocks.get(change.cid) if change.cid else None
                    self.tell(commit.repo, rkey, record, cid=str(change.cid or ""), operation=change.action)

        client.start(pass_on)
