"""Is a post on the real Bluesky soon a ranked case, claimed and answered in a browser, and its answer read once?"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from domain.people import Role
from services import brands, outbox, queue
from tests.browser.at_the_desk import AtTheDesk
from tests.browser.conftest import chromium, context, free_port, page
from tests.browser.running_desk import Colleague, RunningDesk, running_desk, wait_for
from tests.network.people import Somebody
from tests.network.sending import soon
from tests.peers import bluesky
from tests.peers.bluesky import Bluesky
from tests.peers.jetstream import Jetstream

__all__ = ["chromium", "context", "page"]

pytestmark = pytest.mark.timeout(600)
ERIN = Colleague("erin", "Erin Walsh", (Role.OPERATOR, Role.ADMIN), trained=("bluesky",), language="en")
#: Every post is there a poll (30 s) and three seconds after it was written. The stream brings it within three; a
#: machine that runs a desk and a network beside may be slow once, so that counts in the best of some.
ARRIVES_S, STREAMED_S, TRIES = 33.0, 3.0, 10


@pytest.fixture
def desk(tmp_path: Path, bluesky_network: Bluesky) -> Iterator[RunningDesk]:
    """A desk that is connected by its commands, as the how-to says, and hears the stream."""
    own = {"SPORTELLO_PUBLISH": "live", "SPORTELLO_STREAMS": "on", "BLUESKY_APP_PASSWORD": bluesky.PASSWORD}
    with closing(Jetstream()) as stream:
        stream.follow(bluesky_network.pds)
        with running_desk(tmp_path / "desk", port=free_port(), staff=(ERIN,), settings_of_its_own=own) as running:
            connect(running, bluesky_network, stream)
            wait_for(lambda: stream.asked, limit_s=60)
            yield running


def connect(desk: RunningDesk, network: Bluesky, stream: Jetstream) -> None:
    wait_for(lambda: removed_sample(desk), limit_s=60)
    desk.sportello("brand", "add", "Aurora")
    handle, url = network.account("aurora"), f"{network.pds}?stream={stream.url}"
    desk.sportello("account", "add", "bluesky", handle, "--base-url", url, "--secret-ref", "BLUESKY_APP_PASSWORD")
    [account] = desk.sportello("account", "list", "--json")
    desk.sportello("publishing", "on", account["account"])
    desk.sportello("watch", "add", "Ours", "--terms", "Aurora Luce", "--channels", "bluesky")


def removed_sample(desk: RunningDesk) -> bool:
    """The worker may hold the store while the sample arrives: a person would try once more, too."""
    try:
        desk.sportello("sample", "remove")
    except subprocess.CalledProcessError as refused:
        assert "busy" in refused.stderr or "lock" in refused.stderr or "answer" in refused.stderr, refused.stderr
        return False
    return True


def test_post_is_soon_a_ranked_case_answered_at_the_desk_and_its_author_reads_the_answer_once(
    page: Page, desk: RunningDesk, somebody
) -> None:
    erin, mara, ugo = AtTheDesk(page, desk, "en"), somebody("mara"), somebody("ugo")
    post, first_s = written(desk, mara, "Aurora Luce, da ieri senza corrente in via Roma!")
    took_s = [first_s]
    while took_s[-1] > STREAMED_S and len(took_s) < TRIES:
        took_s.append(written(desk, ugo, f"Aurora Luce, bolletta{len(took_s)}")[1])
    assert max(took_s) < ARRIVES_S and min(took_s) < STREAMED_S, took_s
    erin.sign_in("erin")
    row = erin.wait_for_row("senza corrente")
    row.hover()
    row.get_by_role("button", name="Claim").click()
    erin.expect_text("Yours to the end")
    erin.text.fill("Ci dispiace! Un tecnico arriva entro le 12.")
    page.get_by_role("button", name="Send Ctrl").click()
    [read] = soon(lambda: mara.answers(post), patience_s=60)
    assert read["record"]["text"] == "Ci dispiace! Un tecnico arriva entro le 12."
    assert read["record"]["reply"]["parent"]["uri"] == post["uri"] and read["author"]["handle"] == "aurora.test"
    wait_for(lambda: [r for r in sent(desk) if r.status == "sent"], limit_s=60)
    [reply] = sent(desk)
    assert reply.remote_id == read["uri"] and behind(reply.url, mara)["uri"] == read["uri"]
    expect(page.get_by_text("Un tecnico arriva").first).to_be_visible()
    expect(page.locator(f'a[href="{reply.url}"]').first).to_be_attached()
    # The customer goes on, and the same case is open again.
    mara.post("Grazie, aspetto", answering={"uri": read["uri"], "cid": read["cid"], "root": post})
    expect(page.get_by_text("Grazie, aspetto").first).to_be_visible(timeout=90_000)
    assert len(mara.answers(post)) == 1


def written(desk: RunningDesk, who: Somebody, text: str) -> tuple[dict[str, Any], float]:
    """Write a post; returns it, with the seconds until it was a judged case in the queue."""
    words = text.rpartition(" Luce")[2].strip(", !")
    with desk.colleague("erin") as ctx:
        [brand] = brands.list_brands(ctx)
        inbox, written_at = queue.QueueFilter(brand.id, search=words), time.monotonic()
        post = who.post(text)
        wait_for(lambda: [entry for entry in queue.page(ctx, inbox).entries if entry.judged], limit_s=60)
        return post, time.monotonic() - written_at


def behind(url: str | None, reader: Somebody) -> dict[str, Any]:
    """The post a link leads to: Bluesky's own app finds it by the account's handle and the key, and so does this."""
    found = re.fullmatch(r"https://bsky\.app/profile/([^/]+)/post/([^/]+)", url or "")
    assert found is not None, url
    did = reader.network.ask("com.atproto.identity.resolveHandle", handle=found[1]).body["did"]
    thread = reader.network.ask("app.bsky.feed.getPostThread", uri=f"at://{did}/app.bsky.feed.post/{found[2]}", depth=0)
    return dict(thread.body["thread"]["post"])


def sent(desk: RunningDesk) -> list[outbox.ReplyView]:
    with desk.colleague("erin") as ctx:
        return outbox.page(ctx)
