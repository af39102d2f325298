"""Does a message reach real receivers, by mail and by JSON, and nobody it must not reach?"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.alert import Medium
from domain.errors import Invalid
from services import alert_post
from services.alert_post import Message, Outcome
from services.context import Context
from settings import ROOT
from tests.peers.receivers import MailServer, Receiver, own_certificate

# The library is asked as it is, in a process of its own: once on one database says it all. Several of them start in one
# test, each with all the time it may need.
pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.timeout(600)]
LETTER = Message(
    "Aurora: <b>è</b> ora", "Un caso è senza nessuno.\nhttps://desk.test/?case=1", {"id": 7, "kind": "unowned"}
)


@pytest.fixture(autouse=True)
def on_a_busy_machine(monkeypatch) -> None:
    """Starting the courier may take its time where many tests run at once: that is no broken promise."""
    monkeypatch.setattr(alert_post, "SEND_S", 110.0)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def inside(ctx: Context) -> Context:
    """A desk whose settings let it go into its own network."""
    return replace(ctx, settings=replace(ctx.settings, private_addresses="allow"))


def mailing(ctx: Context, server: MailServer, **more: str) -> Context:
    values = {"mail_server": f"127.0.0.1:{server.port}", "mail_from": "desk@aurora.test", **more}
    return replace(ctx, settings=replace(ctx.settings, mail_security=server.security, **values))


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_letter_arrives_whole_with_and_without_encryption_and_sign_in(ctx, tmp_path, monkeypatch, security) -> None:
    certificate = own_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    signs_in = {"mail_user": "desk", "mail_password": "hush-mail-1"} if security != "none" else {}
    server = MailServer(security=security, certificate=certificate, password=signs_in.get("mail_password"))
    desk = mailing(ctx, server, **signs_in)
    file = tmp_path / "posts.csv"
    file.write_text("a;b\n1;2\n", encoding="utf-8")
    letter = replace(LETTER, attach=[(file, "aurora-posts.csv")])
    assert alert_post.send(desk, "olga@aurora.test", Medium.MAIL, letter) == Outcome(True)
    server.close()
    (got,) = server.letters
    assert (got["subject"], server.to) == ("Aurora: <b>è</b> ora", ["olga@aurora.test"])
    assert "desk@aurora.test" in got["from"]
    assert got.get_body(("plain",)).get_content().split() == LETTER.body.split() and got.get_body(("html",)) is None
    assert [each.get_filename() for each in got.iter_attachments()] == ["aurora-posts.csv"]
    assert server.was_encrypted == [security != "none"]


def test_a_mail_server_nobody_vouches_for_gets_nothing(ctx, tmp_path) -> None:
    server = MailServer(security="starttls", certificate=own_certificate(tmp_path))
    assert alert_post.send(mailing(ctx, server), "olga@aurora.test", Medium.MAIL, LETTER).code == "refused"
    server.close()
    assert server.letters == [] and server.to == []


@pytest.mark.parametrize("trouble", ["drop", "refuse"])
def test_a_letter_that_was_not_taken_is_not_counted_as_sent(ctx, trouble) -> None:
    server = MailServer()
    setattr(server, trouble, True)
    said = alert_post.send(mailing(ctx, server), "olga@aurora.test", Medium.MAIL, LETTER)
    server.close()
    assert not said.ok and said.why == "refused" and server.to == ["olga@aurora.test"], "it got there"
    assert server.letters == []


def test_json_arrives_with_what_a_program_wants_to_know(inside, receiver) -> None:
    sent = alert_post.send(inside, f"{receiver.url}/a%20b?token=hush-hook-1&x=", Medium.WEBHOOK, LETTER)
    assert sent == Outcome(True)
    ((path, body),) = receiver.taken
    assert path == "/a%20b?token=hush-hook-1&x="
    assert {name: body[name] for name in ("title", "message", "id", "kind")} == {
        "title": LETTER.subject,
        "message": LETTER.body,
        "id": 7,
        "kind": "unowned",
    }


def test_a_chat_gets_the_same_words(inside, receiver) -> None:
    receiver.answer = lambda _: 200
    address = receiver.url.replace("http://", "mmost://") + "/hush-room-0123456789"
    checked = alert_post.checked(inside, address)
    assert (checked.medium, checked.hint) == (Medium.CHAT, "Mattermost") and "hush" not in repr(checked)
    assert alert_post.send(inside, address, checked.medium, LETTER) == Outcome(True)
    assert "Un caso è senza nessuno." in receiver.taken[0][1]["text"]


def test_what_goes_wrong_is_told_with_the_servers_own_number(inside, receiver) -> None:
    for answer, code in ((lambda _: 500, "refused_500"), (lambda _: 302, "refused_302"), (lambda _: None, "refused")):
        receiver.answer = answer
        assert alert_post.send(inside, receiver.url, Medium.WEBHOOK, LETTER).code == code
    receiver.close()
    assert alert_post.send(inside, receiver.url, Medium.WEBHOOK, LETTER).code == "refused"


def test_a_receiver_that_trickles_is_cut_off(inside, receiver, monkeypatch) -> None:
    def trickle(request) -> None:
        while True:  # Until the other side is gone.
            request.wfile.write(b"H")
            request.wfile.flush()
            time.sleep(0.05)

    receiver.answer = trickle
    for patience_s in (6.0, 24.0, 96.0):
        monkeypatch.setattr(alert_post, "SEND_S", patience_s)
        assert alert_post.send(inside, receiver.url, Medium.WEBHOOK, LETTER).code == "slow"
        if receiver.taken:
            break
    assert receiver.taken, "it was cut off while it trickled, and not before it was reached"


def test_nothing_leads_into_our_own_network_unless_the_settings_say_so(ctx, receiver) -> None:
    url = f"{receiver.url}/0123456789"
    assert alert_post.send(ctx, url.replace("127.0.0.1", "localhost"), Medium.WEBHOOK, LETTER).code == "private"
    assert alert_post.send(ctx, url.replace("http", "mmost"), Medium.CHAT, LETTER).code == "private"
    with pytest.raises(Invalid) as refusal:
        alert_post.checked(ctx, url)
    assert refusal.value.values["what"] == "address_private"
    assert receiver.taken == []


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("syslog://", "address_service"),
        ("toots://hush-token-1@mastodon.example", "address_service"),
        ("nobody://knows.this", "address"),
        ("https://169.254.169.254/latest", "address_private"),
    ],
)
def test_what_speaks_to_everybody_or_to_this_machine_is_refused(inside, typed, what) -> None:
    with pytest.raises(Invalid) as refusal:
        alert_post.checked(inside, typed)
    assert refusal.value.values["what"] == what


# Whichever service asks for it: tried without the library, in a process that the guard keeps to itself.
GUARDED = """
import os, socket, subprocess, sys
from services.alert_courier import Guard
attached, secret = sys.argv[1:]
sys.addaudithook(Guard(private=True, trusted=False, files=(attached,)))
tries = {
    "attached": lambda: open(attached).read(),
    "library": lambda: open(os.__file__).read(),
    "secret": lambda: open(secret).read(),
    "written": lambda: open(attached, "w"),
    "program": lambda: subprocess.run(["true"]),
    "datagram": lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
    "unix": lambda: socket.socket(socket.AF_UNIX).connect(secret),
    "cloud": lambda: socket.create_connection(("169.254.169.254", 80), timeout=1),
}
for name, act in tries.items():
    try:
        act()
        print(name, "done")
    except OSError as error:
        print(name, type(error).__name__)
"""


def test_no_address_reads_a_file_of_ours_or_runs_anything(tmp_path) -> None:
    for name in ("attached.csv", "secrets.key"):
        (tmp_path / name).write_text("hush-file-1", encoding="utf-8")
    words = [sys.executable, "-c", GUARDED, str(tmp_path / "attached.csv"), str(tmp_path / "secrets.key")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    ended = dict(line.split() for line in done.stdout.splitlines())
    allowed = {"attached": "done", "library": "done"}
    refused = dict.fromkeys(("secret", "written", "program", "datagram", "unix", "cloud"), "Blocked")
    assert ended == {**allowed, **refused}


def test_the_courier_knows_nothing_of_the_desks_surroundings(inside, receiver, monkeypatch) -> None:
    monkeypatch.setenv("SPORTELLO_SECRETS_KEY", "hush-key-1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert alert_post.send(inside, receiver.url, Medium.WEBHOOK, LETTER).ok
    assert os.environ["HTTP_PROXY"] and len(receiver.taken) == 1
