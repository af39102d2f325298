"""What answers beside the pages? Signing in and out, passwords, forged forms, readiness, pictures, guesses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

import bootstrap
from desk import auth, backend
from desk.auth import FORM_COOKIE, SESSION_COOKIE, SignedInOnly, local_path
from desk.page_headers import PageHeaders
from desk.routes import ROUTES
from domain.people import Role
from services import sign_in, team, trail
from services.context import SYSTEM

PASSWORD = "correct horse battery"
ORIGIN = {"origin": "http://testserver"}
PLUMBING = ("media/x.svg", "_stcore/upload_file/a/b", "_stcore/metrics")


async def _page(_request: object) -> PlainTextResponse:
    return PlainTextResponse("a page")


async def _stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("connected")
    await socket.close()


@pytest.fixture
def browser(desk: bootstrap.Backend) -> Iterator[TestClient]:
    """A browser that keeps cookies and does not follow redirects by itself."""
    pages = [Route("/", _page), Route("/outbox", _page), Route("/wp-admin/x", _page)]
    sockets = [WebSocketRoute("/_stcore/stream", _stream)]
    plumbing = [Route(f"/{path}", _page, methods=["GET", "PUT"]) for path in PLUMBING]
    guards = [Middleware(PageHeaders), Middleware(SignedInOnly)]
    app = Starlette(routes=[*ROUTES, *pages, *plumbing, *sockets], middleware=guards)
    with TestClient(app, follow_redirects=False) as client:
        yield client


def token_in(html: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', html)
    assert found is not None
    return found.group(1)


def fill(browser: TestClient, login: str = "sara", password: str = PASSWORD, **more: str) -> dict[str, str]:
    """The sign-in form as a person would send it."""
    token = token_in(browser.get("/auth/sign-in").text)
    return {"token": token, "login": login, "password": password, "next": "/", "lang": "en"} | more


def refusals(desk: bootstrap.Backend, action: str) -> list[str]:
    return [line.outcome for line in trail.page(desk.ctx.acting_as(SYSTEM), action=action)]


@pytest.mark.databases("sqlite", "postgresql")
def test_right_password_opens_the_desk_with_a_cookie_scripts_cannot_read(browser: TestClient) -> None:
    answer = browser.post("/auth/sign-in", data=fill(browser), headers=ORIGIN)
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith(SESSION_COOKIE))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower() and "Secure" not in cookie


def test_the_cookie_is_for_encrypted_connections_only_where_there_is_one(desk: bootstrap.Backend) -> None:
    with TestClient(Starlette(routes=ROUTES), base_url="https://testserver", follow_redirects=False) as client:
        answer = client.post("/auth/sign-in", data=fill(client), headers={"origin": "https://testserver"})
    assert all("Secure" in line for line in answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize(("login", "password"), [("sara", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_wrong_name_and_wrong_password_get_the_same_answer(browser: TestClient, login: str, password: str) -> None:
    answer = browser.post("/auth/sign-in", data=fill(browser, login, password), headers=ORIGIN)
    assert answer.status_code == 401
    assert "Name or password is not right." in answer.text
    assert SESSION_COOKIE not in answer.cookies


def test_too_many_attempts_are_told_until_when(browser: TestClient) -> None:
    answers = [browser.post("/auth/sign-in", data=fill(browser, "sara", "no"), headers=ORIGIN) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 401, 429]
    assert re.search(r"You can try again at \d\d:\d\d:\d\d\.", answers[-1].text)


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {}, {"origin": "null"}, {"referer": "https://evil.example/x"}]
)
def test_a_form_from_elsewhere_is_refused_and_audited(
    browser: TestClient, desk: bootstrap.Backend, headers: dict[str, str]
) -> None:
    answer = browser.post("/auth/sign-in", data=fill(browser), headers=headers)
    assert answer.status_code == 403
    assert SESSION_COOKIE not in answer.cookies
    assert refusals(desk, "sign_in.form") == ["refused"]


@pytest.mark.parametrize("token", ["", "guessed", "tökén"])
def test_a_form_without_this_browsers_token_is_refused(
    browser: TestClient, desk: bootstrap.Backend, token: str
) -> None:
    answer = browser.post("/auth/sign-in", data=fill(browser) | {"token": token}, headers=ORIGIN)
    assert answer.status_code == 403
    assert refusals(desk, "sign_in.form") == ["refused"]


def test_many_forged_forms_leave_few_lines(browser: TestClient, desk: bootstrap.Backend) -> None:
    for _ in range(40):
        assert browser.post("/auth/sign-in", data={"token": "guessed"}, headers=ORIGIN).status_code == 403
    assert 1 <= len(refusals(desk, "sign_in.form")) <= 12


def test_a_form_without_the_cookie_is_refused(browser: TestClient) -> None:
    form = fill(browser)
    browser.cookies.delete(FORM_COOKIE)
    assert browser.post("/auth/sign-in", data=form, headers=ORIGIN).status_code == 403


def test_a_form_too_long_for_any_password_is_refused_unread(browser: TestClient) -> None:
    form = fill(browser, password="x" * 100_000)
    assert browser.post("/auth/sign-in", data=form, headers=ORIGIN).status_code == 403


def test_what_was_typed_comes_back_as_text_never_as_markup(browser: TestClient) -> None:
    answer = browser.post("/auth/sign-in", data=fill(browser, "<script>x</script>", "no"), headers=ORIGIN)
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_forms_load_nothing_run_nothing_and_cannot_be_framed(browser: TestClient) -> None:
    answer = browser.get("/auth/sign-in")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "accepts", "word"),
    [("", "it-IT,it;q=0.9", "Entra"), ("", "en-GB", "Sign in"), ("?lang=en", "it", "Sign in"), ("", "fr", "Entra")],
)
def test_the_form_speaks_the_visitors_language(browser: TestClient, query: str, accepts: str, word: str) -> None:
    answer = browser.get(f"/auth/sign-in{query}", headers={"accept-language": accepts})
    assert f"<h1>{word}</h1>" in answer.text


def test_without_a_session_every_page_leads_to_the_sign_in(browser: TestClient) -> None:
    assert browser.get("/").headers["location"] == "/auth/sign-in"
    assert browser.get("/outbox").headers["location"] == "/auth/sign-in?next=/outbox"
    asked = {"/problems?spike=12": "/problems%3Fspike%3D12", "/?case=3": "/%3Fcase%3D3", "/queue?x=//evil": "/queue"}
    for path, then in asked.items():
        assert browser.get(path).headers["location"] == f"/auth/sign-in?next={then}"
    assert browser.get("/wp-admin/x").status_code == 303


@pytest.mark.parametrize("cookie", ["nonsense", "", "ä" * 40, "a" * 5_000])
def test_a_made_up_session_opens_nothing(browser: TestClient, cookie: str) -> None:
    answer = browser.get("/", headers={"cookie": f"{SESSION_COOKIE}={cookie}".encode("latin-1", "replace")})
    assert answer.status_code == 303


@pytest.mark.parametrize("cookie", [None, "nonsense", "a" * 5_000])
def test_no_script_runs_for_a_visitor(browser: TestClient, cookie: str | None) -> None:
    headers = {} if cookie is None else {"cookie": f"{SESSION_COOKIE}={cookie}"}
    with pytest.raises(WebSocketDisconnect) as refusal, browser.websocket_connect("/_stcore/stream", headers=headers):
        pass
    assert refusal.value.code == 1008


def test_a_colleagues_pages_are_connected_until_they_sign_out(browser: TestClient, desk: bootstrap.Backend) -> None:
    browser.post("/auth/sign-in", data=fill(browser), headers=ORIGIN)
    with browser.websocket_connect("/_stcore/stream") as socket:
        assert socket.receive_text() == "connected"
    sign_in.sign_out_everywhere(desk.for_member(team.find(desk.ctx, "sara")))
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect("/_stcore/stream"):
        pass


@pytest.mark.parametrize("asked", ["/outbox", "/outbox?spike=12"])
def test_after_signing_in_the_asked_page_opens(browser: TestClient, asked: str) -> None:
    answer = browser.post("/auth/sign-in", data=fill(browser, next=asked), headers=ORIGIN)
    assert answer.headers["location"] == asked
    assert browser.get(asked).text == "a page"


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/a\nb", "", "/auth/sign-in"]
)
def test_no_address_leads_away_from_the_desk(path: str) -> None:
    assert local_path(path) == "/"


def test_signing_out_ends_the_session_at_once(browser: TestClient, desk: bootstrap.Backend) -> None:
    browser.post("/auth/sign-in", data=fill(browser), headers=ORIGIN)
    kept = browser.cookies[SESSION_COOKIE]
    form = {"token": token_in(browser.get("/auth/sign-out").text)}
    assert browser.post("/auth/sign-out", data=form, headers=ORIGIN).headers["location"] == "/auth/sign-in"
    assert sign_in.member_of(desk.ctx, kept) is None
    assert browser.get("/", headers={"cookie": f"{SESSION_COOKIE}={kept}"}).status_code == 303


def test_a_link_alone_signs_nobody_out(browser: TestClient) -> None:
    browser.post("/auth/sign-in", data=fill(browser), headers=ORIGIN)
    browser.get("/auth/sign-out")
    assert browser.get("/").text == "a page"


def test_a_given_password_has_to_be_replaced_first(browser: TestClient, desk: bootstrap.Backend) -> None:
    fresh = team.add_member(desk.ctx, login="nora", name="Nora Bassi", roles=[Role.OPERATOR], language="en")
    assert fresh.password is not None
    answer = browser.post("/auth/sign-in", data=fill(browser, "nora", fresh.password), headers=ORIGIN)
    assert answer.headers["location"] == "/auth/password"
    assert browser.get("/").headers["location"] == "/auth/password"
    form = {"token": token_in(browser.get("/auth/password").text), "old": fresh.password}
    short = browser.post("/auth/password", data=form | {"new": "short", "again": "short"}, headers=ORIGIN)
    other = browser.post("/auth/password", data=form | {"new": "a fine sentence", "again": "b"}, headers=ORIGIN)
    assert "at least 10 characters" in short.text and "not the same" in other.text
    both = {"new": "a fine sentence", "again": "a fine sentence"}
    assert browser.post("/auth/password", data=form | both, headers=ORIGIN).headers["location"] == "/"
    assert browser.get("/").text == "a page"


def test_an_alerts_link_outlives_another_language_and_the_first_own_password(
    browser: TestClient, desk: bootstrap.Backend
) -> None:
    asked = browser.get(browser.get("/outbox?spike=12").headers["location"]).text
    found = re.search(r'href="(/auth/sign-in[^"]*lang=en[^"]*)"', asked)
    assert found is not None
    form = browser.get(unescape(found.group(1))).text
    assert "<h1>Sign in</h1>" in form and 'name="next" value="/outbox?spike=12"' in form

    fresh = team.add_member(desk.ctx, login="nora", name="Nora Bassi", roles=[Role.OPERATOR], language="en")
    data = fill(browser, "nora", fresh.password or "", next="/outbox?spike=12")
    first = browser.post("/auth/sign-in", data=data, headers=ORIGIN).headers["location"]
    assert first == "/auth/password?next=/outbox%3Fspike%3D12"
    assert browser.get("/outbox?spike=12").headers["location"] == first
    page = browser.get(first).text
    assert 'name="next" value="/outbox?spike=12"' in page
    own = {"token": token_in(page), "old": fresh.password, "next": "/outbox?spike=12"}
    wrong = browser.post("/auth/password", data=own | {"new": "short", "again": "short"}, headers=ORIGIN)
    assert 'name="next" value="/outbox?spike=12"' in wrong.text
    right = {"new": "a fine sentence", "again": "a fine sentence"}
    assert browser.post("/auth/password", data=own | right, headers=ORIGIN).headers["location"] == "/outbox?spike=12"


def test_no_form_leads_away_from_the_desk_by_its_language_or_its_password(
    browser: TestClient, desk: bootstrap.Backend
) -> None:
    away = "//evil.example/a"
    assert "evil" not in browser.get("/auth/sign-in", params={"next": away}).text
    fresh = team.add_member(desk.ctx, login="nora", name="Nora Bassi", roles=[Role.OPERATOR], language="en")
    data = fill(browser, "nora", fresh.password or "", next=away)
    assert browser.post("/auth/sign-in", data=data, headers=ORIGIN).headers["location"] == "/auth/password"
    page = browser.get("/auth/password", params={"next": away}).text
    own = {"token": token_in(page), "old": fresh.password, "next": away, "new": "a fine sentence"}
    answer = browser.post("/auth/password", data=own | {"again": "a fine sentence"}, headers=ORIGIN)
    assert "evil" not in page and answer.headers["location"] == "/"


def test_readiness_says_no_while_no_worker_lives(browser: TestClient) -> None:
    answer = browser.get("/api/ready")
    assert (answer.status_code, answer.json()) == (503, {"ready": False})


def test_sample_pictures_cannot_run_anything(browser: TestClient) -> None:
    answer = browser.get("/sample/media/bill.svg")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["../posts.jsonl", "..%2Fposts.jsonl", "none.svg", "bill.svg%00", "BILL.SVG"])
def test_no_other_file_is_handed_out(browser: TestClient, name: str) -> None:
    assert browser.get(f"/sample/media/{name}").status_code in (303, 404)


def test_streamlits_own_paths_need_no_sign_in_but_carry_nothing_of_ours() -> None:
    assert all(prefix.startswith("/") for prefix in auth.OPEN_PREFIXES)
    assert "/" not in auth.OPEN_PREFIXES


def test_the_store_gone_is_said_on_the_form(browser: TestClient, desk: bootstrap.Backend) -> None:
    form = fill(browser)
    desk.ctx.store.close()
    path = backend.settings().data_path / "sportello.db"
    path.unlink()
    path.mkdir()
    answer = browser.post("/auth/sign-in", data=form, headers=ORIGIN)
    assert answer.status_code == 503
    assert "The database file cannot be opened." in answer.text
    path.rmdir()


@pytest.mark.parametrize("path", PLUMBING)
def test_files_and_figures_of_the_desk_are_for_colleagues_alone(browser: TestClient, path: str) -> None:
    assert [browser.request(method, f"/{path}").status_code for method in ("GET", "PUT")] == [401, 401]
    browser.post("/auth/sign-in", data=fill(browser), headers=ORIGIN)
    assert [browser.request(method, f"/{path}").status_code for method in ("GET", "PUT")] == [200, 200]


def test_an_address_that_is_none_is_refused_like_any_other_forgery(browser: TestClient) -> None:
    assert browser.get("/auth/sign-in", params={"next": "http://["}).status_code == 200
    assert local_path("http://[") == "/"
    for header in ("origin", "referer"):
        assert browser.post("/auth/sign-in", data=fill(browser), headers={header: "http://["}).status_code == 403


def test_no_other_site_may_frame_a_page_and_the_forms_keep_their_stricter_rules(browser: TestClient) -> None:
    assert "default-src 'none'" in browser.get("/auth/sign-in").headers["content-security-policy"]
    browser.post("/auth/sign-in", data=fill(browser), headers=ORIGIN)
    page = browser.get("/").headers
    assert "frame-ancestors 'self'" in page["content-security-policy"]
    assert (page["x-frame-options"], page["x-content-type-options"]) == ("SAMEORIGIN", "nosniff")
