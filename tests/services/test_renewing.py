"""Is a sign-in that ends renewed in time, and the word that renews it handed in once, whoever is at work?"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

import bootstrap
from collectors.x import keys
from db import meta, notices, secrets, users
from db.engine import Store
from db.tables import audit
from domain.brand import Account
from domain.errors import Unauthorized, Unavailable
from domain.people import Role
from services import account_secrets, brands, connecting, intake, keyring, renewing, team, vault
from services.connecting import Wanted
from services.context import Context
from tests.contract import granting
from tests.contract.granting import GrantingX
from tests.fakes import MovableClock

BACK = "http://127.0.0.1:8501/auth/callback"
RENEW = "POST /2/oauth2/token"


@pytest.fixture
def x(clock: MovableClock) -> Iterator[GrantingX]:
    server = GrantingX(clock, "hush-token-0")
    yield server
    server.close()


@pytest.fixture
def house(ctx: Context, clock: MovableClock) -> Context:
    door = bootstrap.Channels(
        str(ctx.settings.data_path), clock, secret_of=vault.reader(ctx.store, keyring.of(ctx.settings))
    )
    return replace(ctx, channels=door)


@pytest.fixture
def voice(house: Context, x: GrantingX) -> Account:
    """Our account on X, whose token lasts two hours."""
    brand = brands.add_brand(house, "Aurora")
    wanted = Wanted(brand.id, "x", x.url, client_id="app-x")
    address = connecting.begin(house, wanted, redirect_uri=BACK, session="browser")
    given = granting.came_back(granting.agree(x, address))
    return connecting.finish(house, state=given["state"], code=given["code"], error="", session="browser")


def kept(house: Context, voice: Account) -> keys.Grant:
    with house.store.read() as tx:
        found = vault.take(tx, keyring.of(house.settings), voice.id)
    assert found is not None
    return keys.granted(found)


def test_a_sign_in_is_renewed_before_it_ends_and_not_earlier(house, voice, x, clock):
    clock.move(minutes=90)
    assert renewing.renew_due(house) == 0
    clock.move(minutes=15)
    assert renewing.renew_due(house) == 1 and renewing.renew_due(house) == 0
    assert x.renewals == ["hush-refresh-0"]
    assert (kept(house, voice).access_token, kept(house, voice).refresh_token) == ("hush-token-1", "hush-refresh-1")


def test_two_workers_at_once_hand_it_in_once(house, voice, x, clock):
    clock.move(minutes=119)
    slow = threading.Event()

    def wait(call):
        if call == RENEW:
            slow.wait(1)

    x.before = wait
    threads = [threading.Thread(target=renewing.renew_due, args=(house,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 5
    while not x.renewals and time.monotonic() < deadline and not slow.is_set():
        time.sleep(0.02)
        slow.set()
    for thread in threads:
        thread.join()
    assert x.renewals == ["hush-refresh-0"] and kept(house, voice).refresh_token == "hush-refresh-1"


def sleeps_while_another_renews(house, clock) -> None:
    """A process that stands still for longer than its lease: a machine that was put to sleep, say."""
    clock.move(seconds=renewing.LEASE.total_seconds() + 1)
    assert renewing.renew_due(house) == 1


def test_who_slept_before_handing_a_word_in_hands_in_none_that_another_has_used(house, voice, x, clock, monkeypatch):
    clock.move(minutes=119)
    opened, slept = vault.opened, []

    def opened_slowly(ring, row):
        if not slept:
            slept.append(True)
            sleeps_while_another_renews(house, clock)
        return opened(ring, row)

    monkeypatch.setattr(vault, "opened", opened_slowly)
    assert renewing.renew_due(house) == 0
    assert x.renewals == ["hush-refresh-0"] and kept(house, voice).refresh_token == "hush-refresh-1"
    renewing.fresh(house, [voice])


def test_who_slept_while_handing_a_word_in_does_not_take_the_new_sign_in_for_over(house, voice, x, clock, admin):
    clock.move(hours=3)

    def slept(call):
        if call == RENEW:
            x.behave()
            sleeps_while_another_renews(house, clock)

    x.before = slept
    with pytest.raises(Unavailable):
        renewing.fresh(house, [voice])
    assert kept(house, voice).refresh_token == "hush-refresh-1"
    renewing.fresh(house, [voice])
    with house.store.read() as tx:
        assert not renewing.has_ended(tx, secrets.of(tx, voice.id))
    # One act, one line: nothing was changed by who found it renewed.
    assert renewed(house) == [True]


def refused_while_the_answer_lies_here(house, voice, clock, monkeypatch, *, then=lambda: None) -> None:
    """Holding the network's answer, a process sleeps beyond its lease; another is refused with the old word."""
    keep, slept = renewing._keep, []

    def keep_late(*given, **more):
        if not slept:
            slept.append(True)
            clock.move(seconds=renewing.LEASE.total_seconds() + 1)
            assert renewing.renew_due(house) == 0
            with house.store.read() as tx:
                assert renewing.has_ended(tx, secrets.of(tx, voice.id))
            assert told(house) == [("connect_again", {"channel": "x", "account": voice.id})]
            then()
        return keep(*given, **more)

    monkeypatch.setattr(renewing, "_keep", keep_late)


def test_who_slept_with_the_answer_in_hand_keeps_it_though_another_was_refused(
    house, voice, x, clock, admin, monkeypatch
):
    clock.move(minutes=105)
    refused_while_the_answer_lies_here(house, voice, clock, monkeypatch)
    assert renewing.renew_due(house) == 1
    assert x.renewals == ["hush-refresh-0", "hush-refresh-0"]
    assert kept(house, voice).refresh_token == "hush-refresh-1" and told(house) == []
    assert [each.ended for each in account_secrets.kept(house, (voice,)).values()] == [False]
    assert renewed(house) == [False, True]
    # It is an ordinary sign-in again.
    clock.move(minutes=110)
    assert renewing.renew_due(house) == 1 and kept(house, voice).refresh_token == x.refresh


def test_who_slept_with_the_answer_in_hand_puts_it_in_the_place_of_no_new_sign_in(
    house, voice, x, clock, admin, monkeypatch
):
    clock.move(minutes=105)

    def connected_anew():
        with house.store.write() as tx:
            ends = clock() + timedelta(hours=2)
            vault.put(tx, keyring.of(house.settings), voice.id, "hush-new", at=clock(), expires_at=ends)

    refused_while_the_answer_lies_here(house, voice, clock, monkeypatch, then=connected_anew)
    assert renewing.renew_due(house) == 0
    with house.store.read() as tx:
        assert vault.take(tx, keyring.of(house.settings), voice.id) == "hush-new"
    assert renewed(house) == [False]


def renewed(house: Context) -> list[object]:
    """What the audit says of each renewal."""
    with house.store.read() as tx:
        rows = tx.execute(select(audit.c.details).where(audit.c.action == "account.renew").order_by(audit.c.id))
        return [details["renewed"] for details in rows.scalars()]


def test_whoever_comes_while_it_is_renewed_waits_instead_of_using_a_dead_token(house, voice, x, clock):
    clock.move(hours=3)
    found: list[BaseException | None] = []

    def meanwhile(call):
        if call == RENEW:
            x.behave()
            with pytest.raises(Unavailable) as waits:
                renewing.fresh(house, [voice])
            found.append(waits.value)

    x.before = meanwhile
    renewing.fresh(house, [voice])
    assert len(found) == 1 and x.renewals == ["hush-refresh-0"]
    renewing.fresh(house, [voice])
    assert x.renewals == ["hush-refresh-0"]


def test_a_desk_that_was_off_for_hours_asks_with_a_new_token(house, voice, x, clock):
    clock.move(hours=9)
    watch = brands.list_watches(house, voice.brand_id)[0]
    assert intake.poll(house, "x", watch.id).error is None
    assert set(x.signed[-1:]) == {"Bearer hush-token-1"}


def test_a_network_that_is_away_is_asked_again(house, voice, x, clock):
    clock.move(minutes=110)
    x.before = lambda call: (503, {})
    assert renewing.renew_due(house) == 0
    x.behave()
    assert renewing.renew_due(house) == 1


def test_a_gateways_refusal_in_between_does_not_end_a_sign_in(house, voice, x, clock):
    clock.move(minutes=110)
    for refused in (403, 404):
        x.before = lambda call, status=refused: (status, {})
        assert renewing.renew_due(house) == 0
    x.behave()
    assert renewing.renew_due(house) == 1
    assert kept(house, voice).refresh_token == "hush-refresh-1"


def test_a_sign_in_that_was_taken_back_is_not_asked_for_again_and_the_channel_says_so(house, voice, x, clock):
    clock.move(minutes=119)
    x.refresh, x.token = "hush-other", "hush-other-token"
    assert renewing.renew_due(house) == 0 and renewing.renew_due(house) == 0
    assert x.renewals == ["hush-refresh-0"]
    watch = brands.list_watches(house, voice.brand_id)[0]
    assert "sign-in" in str(intake.poll(house, "x", watch.id).error)


class Killed(BaseException):
    """The process ends here."""


def killed_with_the_answer_in_hand(house: Context, monkeypatch) -> None:
    def die(*_given, **_more):
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(renewing, "_keep", die)
        renewing.renew_due(house)


def told(house: Context) -> list[tuple[str, object]]:
    with house.store.read() as tx:
        rows = [each for member in users.everybody(tx) for each in notices.unread(tx, member.id)]
    return [(row.kind, row.details) for row in rows if row.kind == renewing.CONNECT_AGAIN]


@pytest.fixture
def admin(house: Context) -> None:
    team.add_member(house, login="ada", name="Ada", roles=[Role.ADMIN])
    team.add_member(house, login="olga", name="Olga", roles=[Role.OPERATOR])


def test_what_died_with_a_process_is_asked_for_once_more_and_then_told_once(house, voice, x, clock, admin, monkeypatch):
    clock.move(minutes=105)
    killed_with_the_answer_in_hand(house, monkeypatch)
    assert kept(house, voice).refresh_token == "hush-refresh-0" and told(house) == []
    with pytest.raises(Unauthorized) as lost:
        renewing._renew(house, voice.id, before=renewing.AHEAD)
    assert lost.value.values["reason"] == "renewal_lost"
    # The old word was tried, refused, and is not tried again; the administrator reads it, nobody else.
    for _ in range(3):
        assert renewing.renew_due(house) == 0
    assert x.renewals == ["hush-refresh-0", "hush-refresh-0"]
    assert told(house) == [("connect_again", {"channel": "x", "account": voice.id})]


def test_a_worker_killed_between_answer_and_store_costs_one_click_and_nothing_else(house, voice, x, clock, admin):
    """``kill -9`` with the only copy in hand: the store knows that it was begun, and what is lost is said."""
    watch = brands.list_watches(house, voice.brand_id)[0]
    clock.move(minutes=105)
    assert killed_there(house) == signal.SIGKILL
    assert x.renewals == ["hush-refresh-0"] and kept(house, voice).refresh_token == "hush-refresh-0"
    clock.move(minutes=3)  # Its lease ends.
    assert renewing.renew_due(house) == 0
    assert told(house) == [("connect_again", {"channel": "x", "account": voice.id})]
    assert [each.ended for each in account_secrets.kept(house, (voice,)).values()] == [True]
    # What was handed out before still works to its end; then the channel stops and says why.
    x.token, renewed = "hush-token-0", x.token
    x.add("prima", author="mara", user_id="77")
    assert intake.poll(house, "x", watch.id).stored == 1
    x.token = renewed
    clock.move(minutes=20)
    x.add("durante", author="ugo", user_id="78")
    assert "sign-in" in str(intake.poll(house, "x", watch.id).error)
    # One click, and the owner's agreement: it is the same account, and reading goes on where it stopped.
    wanted = Wanted(voice.brand_id, "x", x.url, client_id="app-x", account_id=voice.id)
    given = granting.came_back(granting.agree(x, connecting.begin(house, wanted, redirect_uri=BACK, session="browser")))
    again = connecting.finish(house, state=given["state"], code=given["code"], error="", session="browser")
    assert again.id == voice.id
    assert [each.ended for each in account_secrets.kept(house, (voice,)).values()] == [False]
    assert intake.poll(house, "x", watch.id).stored == 1


def killed_there(house: Context) -> int:
    """A worker dies with the network's answer in its hand; returns the signal that ended it."""
    house.store.close()
    child = os.fork()
    if child == 0:
        try:
            renewing._keep = lambda *_given, **_more: os.kill(os.getpid(), signal.SIGKILL)
            renewing.renew_due(replace(house, store=Store(house.settings.effective_database_url)))
        finally:
            os._exit(0)
    return -os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_network_that_still_takes_the_old_word_loses_nobody(house, voice, x, clock, admin, monkeypatch):
    clock.move(minutes=105)
    x.before = lambda call: (503, {}) if call == RENEW else None
    renewing.renew_due(house)
    x.behave()
    assert renewing.renew_due(house) == 1 and told(house) == []
    assert kept(house, voice).refresh_token == "hush-refresh-1"


def test_nothing_is_handed_in_before_the_store_has_written_that_it_will_be(house, voice, x, clock, monkeypatch):
    clock.move(minutes=105)

    def away(*_given):
        raise Unavailable("The store is away.")

    with monkeypatch.context() as patched:
        patched.setattr(renewing.meta, "keep", away)
        assert renewing.renew_due(house) == 0
    assert x.renewals == []
    assert renewing.renew_due(house) == 1


def test_a_sign_in_that_ended_is_told_to_who_can_connect_it_again(house, voice, x, clock, admin):
    clock.move(minutes=105)
    x.refresh = "hush-other"
    assert renewing.renew_due(house) == 0 and renewing.renew_due(house) == 0
    assert told(house) == [("connect_again", {"channel": "x", "account": voice.id})]


@pytest.mark.parametrize("is_revoked", [True, False])
def test_a_sign_in_connected_again_is_never_taken_for_the_one_that_ended(house, voice, x, clock, is_revoked):
    """Versions begin anew after a revocation: a healthy one must not reach the number at which another ended."""
    given = kept(house, voice).secret
    clock.move(minutes=105)
    x.refresh, refresh = "hush-other", x.refresh
    assert renewing.renew_due(house) == 0
    assert [each.ended for each in account_secrets.kept(house, (voice,)).values()] == [True]
    x.refresh = refresh
    if is_revoked:
        account_secrets.revoke(house, voice.id, only_here=True)
    account_secrets.replace(house, voice.id, secret=given)
    for _ in range(3):
        assert [each.ended for each in account_secrets.kept(house, (voice,)).values()] == [False]
        with house.store.read() as tx:
            row = secrets.of(tx, voice.id)
            assert row is not None
            marks = secrets.ended_mark(voice.id), secrets.renewing_mark(voice.id)
            assert [meta.read(tx, name) for name in marks] == [None, None]
        with house.store.write() as tx:
            secrets.replace(tx, row, row.sealed, expires_at=None, at=clock())


def test_a_secret_that_was_replaced_meanwhile_stays(house, voice, x, clock):
    clock.move(minutes=119)
    ring = keyring.of(house.settings)

    def replaced(call):
        if call == RENEW:
            x.behave()
            with house.store.write() as tx:
                vault.put(tx, ring, voice.id, "by hand", at=clock(), expires_at=None)

    x.before = replaced
    renewing.renew_due(house)
    with house.store.read() as tx:
        assert vault.take(tx, ring, voice.id) == "by hand"


@pytest.mark.parametrize("is_refused", [False, True])
def test_an_answer_that_comes_after_the_account_was_connected_anew_changes_nothing(
    house, voice, x, clock, admin, is_refused
):
    """The new sign-in has the version of the one that was handed in: it is another one all the same."""
    clock.move(minutes=119)
    with house.store.read() as tx:
        before = secrets.of(tx, voice.id)
    if is_refused:
        x.refresh = "hush-other"

    def connected_anew(call):
        if call == RENEW:
            x.behave()
            account_secrets.revoke(house, voice.id, only_here=True)
            clock.move(seconds=20)
            with house.store.write() as tx:
                ends = clock() + timedelta(hours=2)
                vault.put(tx, keyring.of(house.settings), voice.id, "hush-new", at=clock(), expires_at=ends)

    x.before = connected_anew
    renewing.renew_due(house)
    with house.store.read() as tx:
        row = secrets.of(tx, voice.id)
        assert row is not None and before is not None and row.version == before.version
        assert vault.take(tx, keyring.of(house.settings), voice.id) == "hush-new"
        assert not renewing.has_ended(tx, row)
        assert meta.read(tx, secrets.ended_mark(voice.id)) is None
    assert x.renewals == ["hush-refresh-0"] and told(house) == []


@pytest.mark.parametrize("drop_old", [False, True])
def test_a_key_that_is_changed_while_the_network_answers_loses_no_sign_in(house, voice, x, clock, drop_old):
    clock.move(minutes=119)

    def rotated(call):
        if call == RENEW:
            x.behave()
            account_secrets.rotate_key(house, drop_old=drop_old)

    x.before = rotated
    assert renewing.renew_due(house) == 1
    assert kept(house, voice).refresh_token == "hush-refresh-1"
    # Nothing is left that only the old key opens.
    account_secrets.rotate_key(house, drop_old=True)
    assert kept(house, voice).refresh_token == "hush-refresh-1"


def test_a_key_is_never_changed_between_the_sealing_of_a_sign_in_and_its_keeping(house, voice, x, clock, monkeypatch):
    clock.move(minutes=119)
    sealed_for = vault.sealed_for
    rotation = threading.Thread(target=account_secrets.rotate_key, args=(house,), kwargs={"drop_old": True})

    def sealed(*given):
        found = sealed_for(*given)
        rotation.start()
        rotation.join(0.5)  # It waits for the store; were it not asked for yet, it would be over by now.
        return found

    with monkeypatch.context() as patched:
        patched.setattr(renewing.vault, "sealed_for", sealed)
        renewing.renew_due(house)
    rotation.join()
    assert kept(house, voice).refresh_token == "hush-refresh-1"


def test_a_lease_of_a_worker_that_died_ends(house, voice, x, clock):
    from db import leases

    clock.move(minutes=119)
    with house.store.write() as tx:
        leases.acquire(tx, f"renew {voice.id}", owner="dead", now=clock(), until=clock() + timedelta(seconds=120))
    assert renewing.renew_due(house) == 0 and x.renewals == []
    clock.move(minutes=3)
    assert renewing.renew_due(house) == 1


def test_what_is_kept_tells_nobody_what_it_is(house, voice):
    with house.store.read() as tx:
        row = secrets.of(tx, voice.id)
    assert row is not None and "hush" not in repr(row) and "hush" not in row.sealed
    assert "hush" not in repr(kept(house, voice)) and "hush" not in repr(keyring.of(house.settings))
