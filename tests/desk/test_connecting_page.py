"""What does an administrator meet on the Channels page when an account is connected, and who else meets nothing?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

import bootstrap
from collectors.reddit import keys as reddit_keys
from collectors.x import keys as x_keys
from db import meta, secrets
from desk import backend, connect_secrets, i18n
from desk.auth import SESSION_COOKIE
from desk.connect_words import connect_words
from desk.routes import ROUTES
from domain.clock import utc_now
from domain.errors import Misconfigured, NotPossible, RateLimited, Refused, Unauthorized, Unavailable
from services import account_secrets, brands, connecting, sample, sign_in, team
from services.connecting import Wanted
from tests.contract import granting
from tests.contract.granting import GrantingMastodon
from tests.desk.conftest import CHEAP, PASSWORD

CALLBACK = "http://testserver/auth/callback"
TOKEN = "hush-page-token"


@pytest.fixture
def mastodon() -> Iterator[GrantingMastodon]:
    server = GrantingMastodon(utc_now, TOKEN)
    yield server
    server.close()


@pytest.fixture
def own_brand(desk: bootstrap.Backend) -> int:
    """The sample is gone, a brand of one's own is there."""
    sample.remove(desk.ctx)
    return brands.add_brand(desk.ctx, "Aurora Luce").id


@pytest.fixture
def browser(desk: bootstrap.Backend) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=ROUTES), follow_redirects=False) as client:
        yield client


def session_of(login: str) -> str:
    signed = sign_in.sign_in(backend.open_once().ctx, login, PASSWORD, address="127.0.0.1", hasher=CHEAP)
    return signed.token


def begun(login: str, session: str, brand_id: int, server: GrantingMastodon) -> str:
    built = backend.open_once()
    ctx = built.for_member(team.find(built.ctx, login))
    wanted = Wanted(brand_id, "mastodon", server.url)
    return connecting.begin(ctx, wanted, redirect_uri=CALLBACK, session=session)


def return_to(browser: TestClient, session: str, address: str):
    browser.cookies.set(SESSION_COOKIE, session)
    return browser.get(address.removeprefix("http://testserver"))


def said(page: AppTest) -> str:
    return " ".join(str(each.proto.body) for each in page.get("html"))


def test_an_administrator_sees_every_channel_that_can_be_connected(own_brand, draw_page: Callable[..., AppTest]):
    page = draw_page("aoife", "channels")
    keys = {each.key for each in page.button}
    assert {"sp_connect_mastodon", "sp_connect_bluesky", "sp_connect_x", "sp_connect_feeds"} <= keys
    assert "sp_connect_sample" not in keys


def test_whoever_looks_at_the_sample_is_told_where_an_account_is_connected(desk, draw_page):
    page = draw_page("aoife", "channels")
    assert "This is the sample" in said(page) and "top left" not in said(page)
    assert "sp_connect_start" in {each.key for each in page.button}
    brands.add_brand(desk.ctx, "Aurora Luce")
    page = draw_page("aoife", "channels")
    assert "sp_connect_start" not in {each.key for each in page.button}
    assert "top left" in said(page) or "sp_connect_mastodon" in {each.key for each in page.button}


def test_nobody_else_is_offered_anything(own_brand, draw_page: Callable[..., AppTest]):
    page = draw_page("paolo", "channels")
    assert not any((each.key or "").startswith("sp_connect") for each in page.button)


def test_the_form_leads_to_the_network_and_says_that_nothing_is_published(own_brand, draw_page, mastodon):
    page = draw_page("aoife", "channels")
    page.button("sp_connect_mastodon").click().run()
    page.text_input(key="sp_connect_server_1").set_value(mastodon.url)
    next(each for each in page.button if each.label == "Go on").click().run()
    assert not page.exception
    assert "/oauth/authorize?" in said(page) and "Nothing is published" in said(page)
    assert TOKEN not in said(page)


def test_what_was_typed_wrongly_is_said_in_the_form(own_brand, draw_page):
    page = draw_page("aoife", "channels")
    page.button("sp_connect_mastodon").click().run()
    page.text_input(key="sp_connect_server_1").set_value("no server")
    next(each for each in page.button if each.label == "Go on").click().run()
    assert "Which server is it on?" in said(page) and page.text_input(key="sp_connect_server_1").value == "no server"


def test_an_address_is_read_from_now_on(own_brand, draw_page, desk):
    page = draw_page("aoife", "channels")
    page.button("sp_connect_feeds").click().run()
    page.text_input(key="sp_connect_name_1").set_value("Forum")
    page.text_input(key="sp_connect_url_1").set_value("https://forum.example/feed.xml")
    next(each for each in page.button if each.label == "Read it from now on").click().run()
    assert [each.handle for each in brands.list_accounts(desk.ctx, own_brand)] == ["Forum"]


def test_each_word_of_reddit_has_a_field_of_its_own_under_its_name(own_brand, draw_page, desk, monkeypatch):
    typed: list[str] = []
    monkeypatch.setattr(account_secrets, "add_typed", lambda *_given, **named: typed.append(named["secret"]))
    page = draw_page("aoife", "channels")
    page.button("sp_connect_reddit").click().run()
    assert not page.exception
    words = {"Client id of your app": "app-7", "Client secret of your app": "hush-app", "Refresh token": "hush-refresh"}
    fields = {each.label: each for each in page.text_input if "_word_" in (each.key or "")}
    assert set(fields) == set(words)
    for label, word in words.items():
        fields[label].set_value(word)
    page.text_input(key="sp_connect_handle_1").set_value("aurora")
    next(each for each in page.button if each.label == "Connect").click().run()
    assert not page.exception
    assert reddit_keys.read(typed[0]) == reddit_keys.Keys("app-7", "hush-app", "hush-refresh")


@pytest.mark.parametrize(
    ("channel", "typed", "secret"),
    [
        ("x", {"access_token": "hush-token"}, "hush-token"),
        ("x", {"consumer_key": "a b c hush-d"}, "a b c hush-d"),
        ("reddit", {"client_id": "a hush-b hush-c"}, "a hush-b hush-c"),
        ("bluesky", {"word": "hush-hush"}, "hush-hush"),
        ("reddit", {}, ""),
    ],
)
def test_words_pasted_into_one_field_are_understood(channel, typed, secret):
    assert connect_secrets.joined(channel, typed) == secret


def test_four_keys_of_x_are_read_as_they_were_typed():
    names = [each.name for each in connect_secrets.fields("x")]
    secret = connect_secrets.joined("x", {name: f"hush-{name}" for name in names})
    read = x_keys.read(secret)
    assert read is not None and read.four == tuple(f"hush-{name}" for name in x_keys.NAMES)


def test_a_word_that_is_missing_is_said_as_such(own_brand, draw_page):
    page = draw_page("aoife", "channels")
    page.button("sp_connect_reddit").click().run()
    page.text_input(key="sp_connect_handle_1").set_value("aurora")
    page.text_input(key="sp_connect_word_client_id_1").set_value("app-7")
    page.text_input(key="sp_connect_word_client_secret_1").set_value("hush-app")
    next(each for each in page.button if each.label == "Connect").click().run()
    assert "Something is missing" in said(page) and "hush-app" not in said(page)


def test_a_sign_in_is_taken_back_on_the_card(own_brand, draw_page, desk, mastodon):
    known = {"channel": "mastodon", "handle": "aurora", "base_url": mastodon.url}
    account = account_secrets.add_typed(desk.ctx, own_brand, **known, secret=TOKEN)
    page = draw_page("aoife", "channels")
    page.button(f"sp_care_revoke_{account.id}").click().run()
    assert account_secrets.kept(desk.ctx, (account,)) != {}
    page.button(f"sp_care_revoke_{account.id}_asked_yes").click().run()
    assert account_secrets.kept(desk.ctx, (account,)) == {}


def test_a_sign_in_that_has_ended_is_said_beside_its_account_with_the_way_back(own_brand, draw_page, desk, mastodon):
    known = {"channel": "mastodon", "handle": "aurora", "base_url": mastodon.url}
    account = account_secrets.add_typed(desk.ctx, own_brand, **known, secret=TOKEN)
    with desk.ctx.store.write() as tx:
        row = secrets.of(tx, account.id)
        meta.keep(tx, secrets.ended_mark(account.id), str(row.version))
    page = draw_page("aoife", "channels")
    assert "has ended: the network takes it no more" in said(page)
    assert "sign-in ended" in said(page), "the card does not say at its top that all is well"
    page.button(f"sp_care_again_{account.id}").click().run()
    assert f"Renew the sign-in of @{account.handle}" in said(page)
    account_secrets.replace(desk.ctx, account.id, secret=TOKEN)
    assert "has ended" not in said(draw_page("aoife", "channels"))


def test_coming_back_connects_and_says_so_in_ones_own_language(own_brand, browser, mastodon, desk):
    session = session_of("aoife")
    told = return_to(browser, session, granting.agree(mastodon, begun("aoife", session, own_brand, mastodon)))
    assert told.status_code == 200 and "@aurora@piazza.test is connected" in told.text
    assert told.headers["cache-control"] == "no-store" and TOKEN not in told.text
    assert [each.publishing for each in brands.list_accounts(desk.ctx, own_brand)] == [False]


def test_the_same_address_again_is_refused_in_words(own_brand, browser, mastodon):
    session = session_of("aoife")
    back = granting.agree(mastodon, begun("aoife", session, own_brand, mastodon))
    return_to(browser, session, back)
    again = return_to(browser, session, back)
    assert again.status_code == 400 and "finished already" in again.text


def test_a_no_an_old_attempt_and_a_strangers_browser_are_said_in_words(own_brand, browser, mastodon):
    session = session_of("aoife")
    denied = return_to(browser, session, granting.deny(begun("aoife", session, own_brand, mastodon)))
    assert denied.status_code == 400 and "Nobody agreed on Mastodon" in denied.text
    back = granting.agree(mastodon, begun("aoife", session, own_brand, mastodon))
    assert "another browser" in return_to(browser, session_of("aoife"), back).text
    assert "Nobody began this" in return_to(browser, session, f"{CALLBACK}?state=x&code=y").text


def test_a_network_that_goes_down_half_way_is_said_with_its_name(own_brand, browser, mastodon):
    session = session_of("aoife")
    back = granting.agree(mastodon, begun("aoife", session, own_brand, mastodon))
    mastodon.before = lambda call: (502, b"<html>bad gateway") if call == "POST /oauth/token" else None
    told = return_to(browser, session, back)
    assert told.status_code == 503 and "Mastodon does not answer" in told.text


def test_who_may_not_set_up_and_who_is_not_signed_in_connect_nothing(own_brand, browser, mastodon, desk):
    session = session_of("aoife")
    back = granting.agree(mastodon, begun("aoife", session, own_brand, mastodon))
    assert return_to(browser, session_of("sara"), back).status_code == 403
    assert return_to(browser, "nobody", back).headers["location"] == "/auth/sign-in"
    assert brands.list_accounts(desk.ctx, own_brand) == []


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize(
    "error",
    [
        Unauthorized("x"),
        Unavailable("x"),
        RateLimited("x"),
        Refused("x", reason="wrong_scope"),
        Misconfigured("x", what="app_unknown"),
        Misconfigured("x", what="key_missing"),
        NotPossible("x", reason="sign_in_denied"),
        NotPossible("x", reason="sign_in_late"),
    ],
    ids=lambda error: str(error.values.get("reason") or error.values.get("what") or error.key),
)
def test_every_end_has_a_sentence_of_its_own(error, language):
    with i18n.speaking(language):
        words = connect_words(error, "Mastodon", timezone="Europe/Rome")
    assert len(words) > 30 and "{" not in words and words.endswith(".")
