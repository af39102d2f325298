"""Does an account get in by its owner's word, once, from the browser that asked, and say why when it does not?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import bootstrap
from db import audit, secrets
from domain.errors import DeskError, Misconfigured, NotAllowed, NotPossible, Refused, Unauthorized, Unavailable
from services import account_secrets, brands, connecting, keyring, vault
from services.connecting import Wanted
from services.context import Context
from tests.contract import granting
from tests.contract.granting import GrantingMastodon, GrantingReddit, GrantingX
from tests.contract.scripted import CLOSED
from tests.fakes import MovableClock

#: The rows behind it are those of any other act; where a database could matter, a test says so.
pytestmark = pytest.mark.databases("sqlite")
BACK = "http://127.0.0.1:8501/auth/callback"
TOKEN = "hush-token-5d41402abc4b2a76"


@pytest.fixture
def house(ctx: Context, clock: MovableClock) -> Context:
    """The desk with its real channels."""
    ring = keyring.of(ctx.settings)
    door = bootstrap.Channels(str(ctx.settings.data_path), clock, secret_of=vault.reader(ctx.store, ring))
    return replace(ctx, channels=door)


@pytest.fixture
def mastodon(clock: MovableClock) -> Iterator[GrantingMastodon]:
    server = GrantingMastodon(clock, TOKEN)
    yield server
    server.close()


@pytest.fixture
def x(clock: MovableClock) -> Iterator[GrantingX]:
    server = GrantingX(clock, TOKEN)
    yield server
    server.close()


@pytest.fixture
def reddit(clock: MovableClock) -> Iterator[GrantingReddit]:
    server = GrantingReddit(clock, ("refresh_token", "hush-grant-r"))
    yield server
    server.close()


@pytest.fixture
def aurora(house: Context) -> int:
    return brands.add_brand(house, "Aurora").id


def begun(house: Context, brand_id: int, server: GrantingMastodon, **more: object) -> str:
    wanted = Wanted(brand_id, "mastodon", server.url, **more)  # type: ignore[arg-type]
    return connecting.begin(house, wanted, redirect_uri=BACK, session="browser one")


def finish(house: Context, address: str, session: str = "browser one"):
    given = granting.came_back(address)
    return connecting.finish(
        house, state=given["state"], code=given.get("code", ""), error=given.get("error", ""), session=session
    )


def begun_on_x(house: Context, brand_id: int, server: GrantingX, **more: str) -> str:
    wanted = Wanted(brand_id, "x", server.url, client_id="app-x", **more)
    return connecting.begin(house, wanted, redirect_uri=BACK, session="browser one")


def test_an_account_on_mastodon_is_connected_by_its_owners_word_and_stays_silent(house, aurora, mastodon):
    account = finish(house, granting.agree(mastodon, begun(house, aurora, mastodon)))
    assert (account.handle, account.base_url, account.publishing) == ("aurora@piazza.test", mastodon.url, False)
    mastodon.add("@aurora buongiorno", author="mara")
    page = house.channels.collector("mastodon", account).fetch(brands.list_watches(house, aurora)[0], None)
    assert [post.text for post in page.items] == ["@aurora buongiorno"]


def test_a_server_is_told_of_this_desk_once(house, aurora, mastodon):
    finish(house, granting.agree(mastodon, begun(house, aurora, mastodon)))
    finish(house, granting.agree(mastodon, begun(house, aurora, mastodon)))
    assert len(mastodon.apps) == 1 and len(brands.list_accounts(house, aurora)) == 1


def test_a_server_that_forgot_the_desk_is_told_again(house, aurora, mastodon):
    address = begun(house, aurora, mastodon)
    mastodon.apps.clear()
    with pytest.raises(Misconfigured, match="does not know"):
        finish(house, granting.agree(mastodon, address))
    assert finish(house, granting.agree(mastodon, begun(house, aurora, mastodon))).active


def test_nothing_of_it_stands_in_the_store_as_it_is(house, aurora, mastodon, settings):
    finish(house, granting.agree(mastodon, begun(house, aurora, mastodon)))
    if not settings.database_url:
        held = b"".join(path.read_bytes() for path in settings.data_path.rglob("*") if path.is_file())
        assert TOKEN.encode() not in held and b"hush-app" not in held
    key = settings.data_path / "secrets.key"
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.databases("sqlite", "postgresql")
def test_a_code_is_good_once(house, aurora, mastodon):
    back = granting.agree(mastodon, begun(house, aurora, mastodon))
    finish(house, back)
    with pytest.raises(NotPossible) as refused:
        finish(house, back)
    assert refused.value.reason == "sign_in_used"


def test_another_browser_cannot_finish_it_and_takes_nothing_away(house, aurora, mastodon):
    back = granting.agree(mastodon, begun(house, aurora, mastodon))
    with pytest.raises(NotPossible) as refused:
        finish(house, back, session="browser two")
    assert refused.value.reason == "sign_in_elsewhere" and mastodon.asked.count("POST /oauth/token") == 0
    assert finish(house, back).handle == "aurora@piazza.test"


def test_whoever_comes_back_too_late_begins_again(house, aurora, mastodon, clock):
    back = granting.agree(mastodon, begun(house, aurora, mastodon))
    clock.move(minutes=16)
    with pytest.raises(NotPossible) as refused:
        finish(house, back)
    assert refused.value.reason == "sign_in_late"


def test_a_state_nobody_began_is_refused(house, aurora):
    with pytest.raises(NotPossible) as refused:
        finish(house, f"{BACK}?state=made-up&code=x")
    assert refused.value.reason == "sign_in_unknown"


def test_a_no_on_the_network_connects_nothing(house, aurora, mastodon):
    with pytest.raises(NotPossible) as refused:
        finish(house, granting.deny(begun(house, aurora, mastodon)))
    assert refused.value.reason == "sign_in_denied" and brands.list_accounts(house, aurora) == []


def test_a_server_that_goes_down_half_way_connects_nothing_and_can_be_begun_again(house, aurora, mastodon):
    back = granting.agree(mastodon, begun(house, aurora, mastodon))
    mastodon.before = lambda call: (503, {}) if call == "POST /oauth/token" else None
    with pytest.raises(Unavailable):
        finish(house, back)
    mastodon.behave()
    assert brands.list_accounts(house, aurora) == []
    assert finish(house, granting.agree(mastodon, begun(house, aurora, mastodon))).active


def test_a_server_that_is_not_there_is_said_before_anybody_is_sent_away(house, aurora):
    with pytest.raises(Unavailable):
        connecting.begin(house, Wanted(aurora, "mastodon", CLOSED), redirect_uri=BACK, session="browser one")


def test_less_than_the_desk_needs_is_handed_back(house, aurora, mastodon):
    mastodon.scope = "read"
    with pytest.raises(Refused) as refused:
        finish(house, granting.agree(mastodon, begun(house, aurora, mastodon)))
    assert refused.value.values["reason"] == "wrong_scope"
    assert mastodon.revoked == [TOKEN] and brands.list_accounts(house, aurora) == []


def test_only_who_sets_the_desk_up_may_connect(house, aurora, mastodon, member):
    from services.context import colleague

    operator = house.acting_as(colleague(member("sara", roles=("operator", "manager"))))
    with pytest.raises(NotAllowed):
        begun(operator, aurora, mastodon)
    back = granting.agree(mastodon, begun(house, aurora, mastodon))
    with pytest.raises(NotAllowed):
        finish(operator, back)
    assert finish(house, back).active


def test_renewing_the_sign_in_of_one_account_never_brings_in_another(house, aurora, mastodon):
    other = brands.add_account(house, aurora, channel="mastodon", handle="luna@piazza.test", base_url=mastodon.url)
    with pytest.raises(NotPossible) as refused:
        finish(house, granting.agree(mastodon, begun(house, aurora, mastodon, account_id=other.id)))
    assert refused.value.reason == "other_account"


def test_every_end_leaves_a_line_without_a_secret(house, aurora, mastodon):
    for way in (granting.deny, lambda address: granting.agree(mastodon, address)):
        with suppress(DeskError):
            finish(house, way(begun(house, aurora, mastodon)))
    with house.store.read() as tx:
        rows = [row for row in audit.page(tx) if row.action == "account.connect"]
    assert [(row.outcome, row.details.get("why")) for row in rows] == [("done", None), ("refused", "sign_in_denied")]
    told = json.dumps([str(row) for row in rows])
    assert "hush" not in told and "code-" not in told


@pytest.mark.databases("sqlite", "postgresql")
def test_an_account_on_x_is_connected_through_the_firms_own_app(house, aurora, x, clock):
    account = finish(house, granting.agree(x, begun_on_x(house, aurora, x)))
    assert (account.handle, account.base_url) == ("aurora_test", x.url)
    with house.store.read() as tx:
        row = secrets.of(tx, account.id)
    assert row is not None and row.expires_at == clock() + timedelta(hours=2)
    x.add("@aurora_test buongiorno", author="mara", user_id="7")
    page = house.channels.collector("x", account).fetch(brands.list_watches(house, aurora)[0], None)
    assert len(page.items) == 1 and x.signed[-1] == f"Bearer {TOKEN}"


def test_an_app_with_a_secret_shows_it(house, aurora, x):
    x.client_secret = "hush-client"
    with pytest.raises(Misconfigured, match="does not know"):
        finish(house, granting.agree(x, begun_on_x(house, aurora, x, client_secret="hush-wrong")))
    assert finish(house, granting.agree(x, begun_on_x(house, aurora, x, client_secret="hush-client"))).active


@pytest.mark.databases("sqlite", "postgresql")
def test_an_account_that_comes_back_on_another_server_is_silent_until_somebody_says_otherwise(house, aurora, mastodon):
    """A server says itself whose names it bears."""
    account = finish(house, granting.agree(mastodon, begun(house, aurora, mastodon)))
    brands.set_publishing(house, account.id, on=True)
    same = finish(house, granting.agree(mastodon, begun(house, aurora, mastodon, account_id=account.id)))
    assert (same.id, same.publishing) == (account.id, True)
    moved = GrantingMastodon(house.clock, "hush-token-of-the-other")
    try:
        there = finish(house, granting.agree(moved, begun(house, aurora, moved, account_id=account.id)))
        assert (there.id, there.base_url, there.publishing) == (account.id, moved.url, False)
        # Connected anew under its name, it is the same account, and silent as well.
        brands.set_publishing(house, account.id, on=True)
        back = finish(house, granting.agree(mastodon, begun(house, aurora, mastodon)))
        assert (back.id, back.base_url, back.publishing) == (account.id, mastodon.url, False)
    finally:
        moved.close()


def test_x_without_the_right_to_renew_is_not_connected(house, aurora, x):
    x.scope = "tweet.read tweet.write users.read"
    with pytest.raises(Refused):
        finish(house, granting.agree(x, begun_on_x(house, aurora, x)))
    assert x.revoked == [TOKEN]


def test_revoking_tells_the_network_and_forgets_here(house, aurora, mastodon):
    account = finish(house, granting.agree(mastodon, begun(house, aurora, mastodon)))
    brands.set_publishing(house, account.id, on=True)
    assert account_secrets.revoke(house, account.id)
    assert mastodon.revoked == [TOKEN]
    assert account_secrets.kept(house, (account,)) == {}
    assert not brands.list_accounts(house, aurora)[0].publishing


def test_revoking_while_the_network_is_away_changes_nothing_unless_only_here(house, aurora, mastodon):
    account = finish(house, granting.agree(mastodon, begun(house, aurora, mastodon)))
    mastodon.before = lambda call: (503, {})
    with pytest.raises(Unavailable):
        account_secrets.revoke(house, account.id)
    assert account.id in account_secrets.kept(house, (account,))
    assert not account_secrets.revoke(house, account.id, only_here=True)
    assert account_secrets.kept(house, (account,)) == {}


def test_revoking_on_x_takes_both_words_back(house, aurora, x):
    account = finish(house, granting.agree(x, begun_on_x(house, aurora, x)))
    assert account_secrets.revoke(house, account.id)
    assert x.revoked == ["hush-refresh-0", TOKEN]


def test_a_typed_token_is_checked_and_takes_the_name_the_server_gives(house, aurora, mastodon):
    known = {"channel": "mastodon", "handle": "aurora", "base_url": mastodon.url}
    with pytest.raises(Unauthorized):
        account_secrets.add_typed(house, aurora, **known, secret="hush-wrong")
    account = account_secrets.add_typed(house, aurora, **known, secret=TOKEN)
    assert account.handle == "aurora@piazza.test"


def test_another_secret_is_taken_only_for_the_same_account(house, aurora, mastodon, tmp_path: Path):
    account = brands.add_account(house, aurora, channel="mastodon", handle="luna", base_url=mastodon.url)
    with pytest.raises(NotPossible) as refused:
        account_secrets.replace(house, account.id, secret=TOKEN)
    assert refused.value.reason == "other_account"
    ours = brands.add_account(house, aurora, channel="mastodon", handle="aurora", base_url=mastodon.url)
    account_secrets.replace(house, ours.id, secret=TOKEN)
    (tmp_path / "token").write_text(TOKEN)
    account_secrets.replace(house, ours.id, secret_ref=str(tmp_path / "token"))
    assert account_secrets.kept(house, tuple(brands.list_accounts(house, aurora)))[ours.id].named


def test_removing_an_account_forgets_its_secret(house, aurora, mastodon):
    account = finish(house, granting.agree(mastodon, begun(house, aurora, mastodon)))
    brands.remove_account(house, account.id)
    with house.store.read() as tx:
        assert secrets.of(tx, account.id) is None


def begun_on_reddit(house: Context, brand_id: int, server: GrantingReddit, client_secret: str = "hush-app-r") -> str:
    wanted = Wanted(brand_id, "reddit", server.url, client_id="app-r", client_secret=client_secret)
    return connecting.begin(house, wanted, redirect_uri=BACK, session="browser one")


def test_an_account_on_reddit_is_connected_and_heard(house, aurora, reddit):
    account = finish(house, granting.agree(reddit, begun_on_reddit(house, aurora, reddit)))
    assert (account.handle, account.base_url, account.publishing) == ("aurora_care", reddit.url, False)
    reddit.add("u/aurora_care buongiorno", author="mara")
    page = house.channels.collector("reddit", account).fetch(brands.list_watches(house, aurora)[0], None)
    assert [post.text for post in page.items] == ["u/aurora_care buongiorno"]
    assert account_secrets.revoke(house, account.id) and reddit.revoked == ["hush-grant-r"]


def test_reddit_says_no_in_its_own_way(house, aurora, reddit):
    with pytest.raises(Unauthorized):
        back = granting.agree(reddit, begun_on_reddit(house, aurora, reddit))
        reddit.codes.clear()
        finish(house, back)
    with pytest.raises(Unauthorized):
        finish(house, granting.agree(reddit, begun_on_reddit(house, aurora, reddit, client_secret="hush-wrong")))
    reddit.granted = "identity read"
    with pytest.raises(Refused) as refused:
        finish(house, granting.agree(reddit, begun_on_reddit(house, aurora, reddit)))
    assert refused.value.values["reason"] == "wrong_scope" and reddit.revoked == ["hush-grant-r"]
    assert brands.list_accounts(house, aurora) == []
