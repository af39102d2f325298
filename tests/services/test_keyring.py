"""Is the key outside the database, can it be changed, and is a wrong or missing one said in a sentence?"""

from __future__ import annotations

import base64
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

import bootstrap
from db import secrets
from domain.brand import Account, Brand
from domain.errors import Misconfigured
from domain.mention import Mention
from domain.reply import RouteKind
from services import account_secrets, brands, health, keyring, routes, vault
from services.context import Context
from services.keyring import Keyring
from settings import Settings
from tests.fakes import a_post

pytestmark = pytest.mark.databases("sqlite")
SECRET = "hush-app-password"


@pytest.fixture
def ring(settings: Settings) -> Keyring:
    return keyring.of(settings)


@pytest.fixture
def house(ctx: Context, ring: Keyring) -> Context:
    door = bootstrap.Channels(str(ctx.settings.data_path), ctx.clock, secret_of=vault.reader(ctx.store, ring))
    return replace(ctx, channels=door)


@pytest.fixture
def feed(house: Context, brand: Brand) -> Account:
    known = {"channel": "feeds", "handle": "forum", "base_url": "https://forum.example/feed"}
    return brands.add_account(house, brand.id, **known, secret=SECRET)


def held(house: Context, account: Account) -> str | None:
    return vault.reader(house.store, keyring.of(house.settings))(account)


def post(channel: str) -> Mention:
    return a_post("ciao", channel=channel)


def test_the_first_secret_makes_a_key_that_only_its_owner_reads(house, feed, ring):
    assert ring.file.stat().st_mode & 0o777 == 0o600
    assert held(house, feed) == SECRET


def test_two_processes_that_make_the_first_key_end_with_the_same(ring):
    threads = [threading.Thread(target=ring.make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ring.file.read_text().split()) == 1
    assert [path.name for path in ring.file.parent.iterdir() if "secrets.key" in path.name] == ["secrets.key"]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_new_key_opens_everything_and_the_old_one_still_opens_old_backups(house, feed, ring):
    old = ring.file.read_text().split()
    done = account_secrets.rotate_key(house)
    assert (done.sealed, done.lost) == (1, 0)
    assert ring.file.read_text().split()[1:] == old and held(house, feed) == SECRET
    assert account_secrets.rotate_key(house, drop_old=True).sealed == 1
    assert len(ring.file.read_text().split()) == 1 and held(house, feed) == SECRET
    assert ring.file.stat().st_mode & 0o777 == 0o600


def test_a_lost_key_is_said_and_never_replaced_unasked(house, feed, ring, brand):
    ring.file.unlink()
    with pytest.raises(Misconfigured, match="key to the accounts' secrets is missing"):
        held(house, feed)
    with pytest.raises(Misconfigured, match="is missing"):
        brands.add_account(
            house, brand.id, channel="feeds", handle="b", base_url="https://b.example/feed", secret=SECRET
        )
    with pytest.raises(Misconfigured, match="is missing"):
        account_secrets.rotate_key(house)
    assert not ring.file.exists()
    assert account_secrets.rotate_key(house, lost=True).lost == 1
    assert held(house, feed) is None


def test_another_key_is_said_and_nothing_is_sealed_anew_by_halves(house, feed, ring):
    before = ring.file.read_text()
    ring.file.write_text(keyring.new_key() + "\n")
    with pytest.raises(Misconfigured, match="does not open"):
        held(house, feed)
    with pytest.raises(Misconfigured, match="does not open"):
        account_secrets.rotate_key(house)
    ring.file.write_text(before)
    assert held(house, feed) == SECRET


def test_a_lost_key_stops_only_the_channels_that_need_it(house, feed, ring, brand, monkeypatch, tmp_path: Path):
    (tmp_path / "token").write_text("hush-token")
    here = {"channel": "mastodon", "handle": "aurora@piazza.test"}
    named = brands.add_account(house, brand.id, **here, secret_ref=str(tmp_path / "token"))
    sealed = brands.add_account(house, brand.id, channel="bluesky", handle="aurora.test", secret="abcd-efgh-ijkl-mnop")
    ring.file.unlink()
    assert routes.way(house, post("mastodon"), named).reason != "not_connected"
    lost = routes.way(house, post("bluesky"), sealed)
    assert (lost.kind, lost.reason) == (RouteKind.BY_HAND, "not_connected")
    told = {check.name: check for check in health.doctor(house).checks}["secrets"]
    assert not told.ok and "missing" in told.words


def test_a_key_from_the_settings_is_used_and_the_newest_one_seals(house, feed, ring):
    old = ring.file.read_text().strip()
    new = base64.b64encode(os.urandom(32)).decode()  # as openssl writes it
    given = replace(house, settings=replace(house.settings, secrets_key=f"{new},{old}"))
    assert held(given, feed) == SECRET
    assert account_secrets.rotate_key(given).sealed == 1
    alone = replace(house, settings=replace(house.settings, secrets_key=new))
    assert held(alone, feed) == SECRET
    with pytest.raises(Misconfigured, match="in the setting secrets_key"):
        held(replace(house, settings=replace(house.settings, secrets_key=old)), feed)


@pytest.mark.parametrize("words", ["short", "x" * 44, "é" * 20])
def test_a_key_that_is_none_is_said(house, feed, words):
    with pytest.raises(Misconfigured, match="key"):
        held(replace(house, settings=replace(house.settings, secrets_key=words)), feed)


def test_a_row_in_the_place_of_another_opens_nothing(house, feed, ring, brand):
    other = brands.add_account(
        house, brand.id, channel="feeds", handle="b", base_url="https://b.example/feed", secret="hush-b"
    )
    with house.store.write() as tx:
        stolen = secrets.of(tx, feed.id)
        assert stolen is not None
        secrets.put(tx, other.id, stolen.sealed, expires_at=None, at=house.clock())
    with pytest.raises(Misconfigured, match="does not open"):
        held(house, other)


def test_a_backup_does_not_carry_the_key(house, feed, ring, settings, tmp_path: Path):
    bootstrap.backup(settings, tmp_path / "copy.db")
    told = (tmp_path / "copy.db").read_bytes()
    assert SECRET.encode() not in told and ring.file.read_bytes().strip() not in told
