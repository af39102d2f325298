"""How does a shop attach its reviews to the desk? A whole source in one file, with nothing but Python's own library.

    python3 reviews_source.py --secret-file SECRET --file reviews.json --port 9120 [--hook https://desk.example/hooks/7]

Type a review as ``Mara: where is my parcel?`` and press Enter. The desk asks for it within a minute, or has it at once
where ``--hook`` says where to call. What the desk answers is written to the terminal. ``gone r1`` deletes a review.
A real shop keeps reviews and replies in its database instead of a file; everything else can stay as it is here.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import secrets
import sys
import threading
import time
import urllib.request
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

MINUTES_S = 300  # What was signed longer ago is not listened to.


def signature(secret: str, message_id: str, timestamp: str, content: bytes) -> str:
    """As Standard Webhooks has it; every language has a library for that (standardwebhooks.com)."""
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    words = f"{message_id}.{timestamp}.".encode() + content
    return "v1," + base64.b64encode(hmac.new(key, words, hashlib.sha256).digest()).decode()


def now() -> str:
    return datetime.now(UTC).isoformat()


class Shop:
    """The reviews as a log of changes, and the answers to them. The cursor of the desk is a place in that log."""

    def __init__(self, url: str, file: Path) -> None:
        self.url, self.file, self.lock = url, file, threading.Lock()
        kept = json.loads(file.read_text("utf-8")) if file.exists() else {"changes": [], "replies": []}
        self.changes: list[dict] = kept["changes"]
        self.replies: list[dict] = kept["replies"]

    def keep(self) -> None:
        """On disk before anybody is told: a cursor must never point at what a crash has taken away."""
        aside = self.file.with_suffix(".new")
        aside.write_text(json.dumps({"changes": self.changes, "replies": self.replies}), "utf-8")
        aside.replace(self.file)

    def write(self, author: str, text: str) -> dict:
        with self.lock:
            number = f"r{len(self.changes) + 1}"
            person = hashlib.sha256(author.encode()).hexdigest()[:12]
            review = {
                "id": number,
                "text": text,
                "author": {"id": person, "name": author},
                "published_at": now(),
                "url": f"{self.url}/reviews/{number}",
            }
            self.changes.append(review)
            self.keep()
        return review

    def remove(self, number: str) -> dict:
        gone = {"id": number, "deleted": True}
        with self.lock:
            self.changes.append(gone)
            self.keep()
        return gone

    def page(self, cursor: str, limit: int) -> dict:
        with self.lock:
            start = int(cursor or 0)
            items = self.changes[start : start + limit]
            end = start + len(items)
            return {"items": items, "next_cursor": str(end), "has_more": end < len(self.changes)}

    def answers(self, item_id: str) -> dict:
        with self.lock:
            return {"item_id": item_id, "replies": [each for each in self.replies if each["item_id"] == item_id]}

    def take(self, told: dict) -> tuple[int, dict]:
        """Publish a reply, once for each key: in a real shop one transaction, with the key as a unique column."""
        with self.lock:
            for known in self.replies:
                if known["key"] == told["key"]:
                    return 200, known
            here = [each for each in self.changes if each["id"] == told["item_id"]]
            if not here or here[-1].get("deleted"):
                return 404, {"error": {"code": "item_gone", "message": "There is no such review."}}
            number = f"a{len(self.replies) + 1}"
            reply = {"id": number, "item_id": told["item_id"], "key": told["key"], "text": told["text"]}
            reply |= {"url": f"{self.url}/reviews/{told['item_id']}#{number}", "published_at": now()}
            self.replies.append(reply)
            self.keep()
        return 201, reply


class Asked(BaseHTTPRequestHandler):
    """What the desk asks. ``shop`` and ``secret`` are set when the program starts."""

    shop: Shop
    secret: str

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if not self.is_signed(self.path.encode()):
            self.say(401, {"error": {"code": "wrong_signature", "message": "Not signed with our secret."}})
        elif parts.path == "/":
            self.say(200, {"contract": 1, "replies": {"max_chars": 1000}})
        elif parts.path == "/items":
            self.say(200, self.shop.page(asked.get("cursor", ""), int(asked.get("limit", 100))))
        elif parts.path == "/replies":
            self.say(200, self.shop.answers(asked.get("item_id", "")))
        else:
            self.say(404, {"error": {"code": "not_found", "message": "There is nothing here."}})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not self.is_signed(body):
            self.say(401, {"error": {"code": "wrong_signature", "message": "Not signed with our secret."}})
            return
        status, answer = self.shop.take(json.loads(body))
        if status == 201:
            sys.stdout.write(f"answer to {answer['item_id']}: {answer['text']}\n")
            sys.stdout.flush()
        self.say(status, answer)

    def is_signed(self, content: bytes) -> bool:
        message_id, stamp = self.headers.get("webhook-id", ""), self.headers.get("webhook-timestamp", "")
        if not stamp.isdigit() or abs(time.time() - int(stamp)) > MINUTES_S:
            return False
        made = signature(self.secret, message_id, stamp, content)
        given = self.headers.get("webhook-signature", "").split()
        return any(hmac.compare_digest(made.encode(), each.encode()) for each in given)

    def say(self, status: int, told: dict) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def call_desk(hook: str, secret: str, items: list[dict]) -> str:
    """Hand items in at once. A real shop calls again later, with the same id, when this fails."""
    body = json.dumps({"items": items}).encode()
    message_id, stamp = f"msg_{secrets.token_hex(12)}", str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, message_id, stamp, body),
    }
    try:
        with urllib.request.urlopen(urllib.request.Request(hook, body, headers), timeout=10) as answer:
            return ", ".join(each["status"] for each in json.load(answer)["results"])
    except OSError as error:
        return f"not taken ({error})"


def main() -> None:
    arguments = argparse.ArgumentParser(description="A shop whose reviews the desk reads and answers.")
    arguments.add_argument("--secret-file", required=True, help="holds the signing secret, alone on one line")
    arguments.add_argument("--file", default="reviews.json", help="keeps the reviews and their answers")
    arguments.add_argument("--port", type=int, default=9120)
    arguments.add_argument("--hook", help="where the desk is called: https://desk.example/hooks/7")
    given = arguments.parse_args()
    Asked.secret = Path(given.secret_file).read_text("utf-8").strip()
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Asked)
    Asked.shop = Shop(f"http://127.0.0.1:{server.server_address[1]}", Path(given.file))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"The desk may ask {Asked.shop.url} now.\n")
    sys.stdout.flush()
    for line in sys.stdin:
        first, _, rest = line.strip().partition(" ")
        author, _, text = line.strip().partition(":")
        item = Asked.shop.remove(rest) if first == "gone" else Asked.shop.write(author, text.strip() or author)
        said = call_desk(given.hook, Asked.secret, [item]) if given.hook else "kept until the desk asks"
        sys.stdout.write(f"{item['id']}: {said}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
