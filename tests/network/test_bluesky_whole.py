"""Is a customer on the real Bluesky heard, and do they read our answer once, under their own post?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from db import thread
from domain.states import ReplyState
from services import cases, claims, drafts, intake, outbox, queue
from tests.network.conftest import Connected
from tests.network.sending import soon
from tests.peers import bluesky

# The network keeps real time; each store of the desk has its own tests.
pytestmark = [pytest.mark.databases("sqlite"), pytest.mark.timeout(400)]


def poll(connected: Connected) -> intake.PollOutcome:
    outcome = intake.poll(connected.ctx, "bluesky", connected.watch.id)
    assert outcome.error is None
    return outcome


def heard(connected: Connected, giulia) -> list[queue.QueueEntry]:
    """The queue as soon as something is in it."""

    def look() -> list[queue.QueueEntry]:
        poll(connected)
        return list(queue.page(giulia, queue.QueueFilter(connected.watch.brand_id)).entries)

    return soon(look)


@pytest.fixture
def giulia(connected, acting):
    someone = acting("giulia", trained=("bluesky",))
    return replace(someone, clock=connected.ctx.clock, channels=connected.ctx.channels)


def answer(giulia, case_id: int, text: str) -> int:
    claims.claim(giulia, case_id)
    mention_id = cases.view(giulia, case_id).route.mention_id
    draft = drafts.save(giulia, case_id, mention_id=mention_id, text=text)
    return drafts.submit(giulia, draft.reply_id, undo_s=0).reply_id


def test_customer_who_names_us_is_a_case_and_reads_our_answer_once_under_their_post(
    connected, somebody, giulia, bluesky_network
) -> None:
    mara, handle = somebody("mara"), connected.account.handle
    post = mara.post(f"@{handle} il mio pacco non è arrivato 😡")
    [entry] = heard(connected, giulia)
    reply_id = answer(giulia, entry.case_id, f"Ci dispiace @{mara.handle}! Cerchiamo: https://aurora.example/p?a=1.")
    assert outbox.deliver_due(connected.ctx, worker="w1").sent == 1
    outbox.deliver_due(connected.ctx, worker="w1")
    [read] = soon(lambda: mara.answers(post))
    assert read["record"]["text"].startswith("Ci dispiace @mara.test!")
    assert read["record"]["reply"]["parent"]["uri"] == post["uri"] and read["author"]["handle"] == handle
    features = [facet["features"][0] for facet in read["record"]["facets"]]
    assert features[0]["did"] == mara.network.own_id and features[1]["uri"] == "https://aurora.example/p?a=1"
    assert soon(lambda: [n["uri"] for n in mara.told_of() if n["author"]["handle"] == handle]) == [read["uri"]]
    shown = next(r for r in outbox.page(connected.ctx) if r.reply_id == reply_id)
    assert shown.status == ReplyState.SENT and shown.remote_id == read["uri"]
    # The link names the account and the key the network itself shows.
    assert shown.url == f"https://bsky.app/profile/{handle}/post/{read['uri'].rpartition('/')[2]}"


def test_search_thread_edit_and_deletion_reach_the_desk(connected, somebody, giulia) -> None:
    ugo, mara, name = somebody("ugo"), somebody("mara"), connected.watch.terms[0]
    root = ugo.post("Chi sa qualcosa dei contatori nuovi?")
    post = mara.post(f"Con {name} da tre giorni senza luce", answering=root)
    [entry] = heard(connected, giulia)
    texts = {p.text for p in cases.view(giulia, entry.case_id).posts}
    assert texts == {"Chi sa qualcosa dei contatori nuovi?", f"Con {name} da tre giorni senza luce"}
    mara.edit(post, f"Con {name} da quattro giorni senza luce")

    def edited() -> bool:
        poll(connected)
        return any("quattro" in p.text for p in cases.view(giulia, entry.case_id).posts)

    assert soon(edited)
    mara.delete(post)

    def gone() -> bool:
        poll(connected)
        return not queue.page(giulia, queue.QueueFilter(connected.watch.brand_id)).entries

    assert soon(gone)
    assert all("giorni" not in p.text for p in cases.view(giulia, entry.case_id).posts)


def test_answer_to_a_reply_of_ours_comes_to_the_same_case_whatever_its_words(connected, somebody, giulia) -> None:
    mara = somebody("mara")
    post = mara.post(f"@{connected.account.handle} aiuto")
    [entry] = heard(connected, giulia)
    answer(giulia, entry.case_id, "Eccoci, che cosa succede?")
    outbox.deliver_due(connected.ctx, worker="w1")
    [ours] = soon(lambda: mara.answers(post))
    mara.post("Niente luce in scala", answering={"uri": ours["uri"], "cid": ours["cid"], "root": post})

    def back() -> bool:
        poll(connected)
        return any(p.text == "Niente luce in scala" for p in cases.view(giulia, entry.case_id).posts)

    assert soon(back)
    own = [p for p in cases.view(giulia, entry.case_id).posts if p.is_own]
    assert [p.text for p in own] == ["Eccoci, che cosa succede?"]


def test_closed_thread_is_answered_by_hand_and_one_closed_meanwhile_is_a_definite_no(
    connected, somebody, giulia
) -> None:
    mara, name = somebody("mara"), connected.watch.terms[0]
    post = mara.post(f"{name}, vergogna")
    [entry] = heard(connected, giulia)
    answer(giulia, entry.case_id, "Ci scusiamo")
    mara.close(post)
    network = mara.network
    assert soon(lambda: network.posts([post["uri"]])[0].get("threadgate") is not None)
    assert outbox.deliver_due(connected.ctx, worker="w1").failed == 1
    [reply] = outbox.page(connected.ctx)
    assert (reply.error or "").startswith("replies_closed:") and mara.answers(post) == []
    poll(connected)
    with connected.ctx.store.read() as tx:
        mention = thread.mention(tx, cases.view(giulia, entry.case_id).route.mention_id)
    assert json.loads(mention.reply_ref or "{}").get("closed") == "replies_closed"
    assert connected.ctx.channels.publisher("bluesky", connected.account).route(mention).kind == "by_hand"


def test_reply_to_a_post_deleted_meanwhile_is_not_sent(connected, somebody, giulia) -> None:
    mara, name = somebody("mara"), connected.watch.terms[0]
    post = mara.post(f"{name} bolletta doppia")
    [entry] = heard(connected, giulia)
    answer(giulia, entry.case_id, "La controlliamo")
    mara.delete(post)
    assert soon(lambda: not mara.network.posts([post["uri"]]))
    assert outbox.deliver_due(connected.ctx, worker="w1").failed == 1
    ours = somebody(connected.account.handle.removesuffix(".test"))
    assert ours.records() == []


def test_sign_in_is_kept_in_a_file_nobody_else_reads_and_used_again(connected) -> None:
    poll(connected)
    [kept] = [p for p in (connected.ctx.settings.data_path / "bluesky").iterdir() if p.suffix != ".lock"]
    assert kept.stat().st_mode & 0o777 == 0o600 and bluesky.PASSWORD not in kept.read_text()
    before = kept.read_text()
    poll(connected)
    assert kept.read_text() == before
    kept.write_text("damaged")
    poll(connected)
    assert kept.read_text() not in ("damaged", before)
