"""Do the firm's own tools get what their token opens, in pages, as the description says, and nothing else?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

import bootstrap
from desk.api import routes
from desk.api.description import described
from desk.api.limits import WRONG_TOKENS_MIN, MinuteLimit
from desk.routes import ROUTES
from domain.export import Every, ExportFormat, ExportOrder, Scope, Subject
from services import brands, export_making, export_schedules, tokens, trail

FILE = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"
LISTS = ("mentions", "cases", "trends", "exports")
PLAIN = (Scope.MENTIONS, Scope.CASES, Scope.TRENDS, Scope.EXPORTS)


@pytest.fixture
def tool(desk: bootstrap.Backend, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A program of the firm, without a token."""
    for name in ("_CALLS", "_WRONG"):
        monkeypatch.setattr(routes, name, MinuteLimit())
    with TestClient(Starlette(routes=ROUTES)) as client:
        yield client


@pytest.fixture
def show(desk: bootstrap.Backend, tool: TestClient):
    """Lets the program show a token with these scopes."""

    def with_scopes(*scopes: Scope, **more: object) -> str:
        made = tokens.add(desk.ctx, name="BI", scopes=scopes, **more)  # type: ignore[arg-type]
        tool.headers["Authorization"] = f"Bearer {made.secret}"
        return made.secret

    return with_scopes


def test_the_description_in_the_documents_is_the_one_that_is_served(tool) -> None:
    assert tool.get("/api/v1/openapi.json").json() == described() == json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [*LISTS, "exports/1/file"])
def test_nothing_is_read_without_a_token_that_holds(tool, path) -> None:
    for header in ({}, {"Authorization": "Bearer sportello_wrong"}, {"Authorization": "Basic x"}):
        answer = tool.get(f"/api/v1/{path}", headers=header)
        assert answer.status_code == 401 and answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("scope", PLAIN)
def test_a_token_opens_what_it_was_made_for_alone(tool, show, scope) -> None:
    show(scope)
    assert {name: tool.get(f"/api/v1/{name}").status_code for name in LISTS} == {
        name: 200 if name == scope else 403 for name in LISTS
    }


def test_pages_hold_every_post_once(tool, show) -> None:
    show(Scope.MENTIONS)
    rows, cursor = [], None
    while True:
        page = tool.get("/api/v1/mentions", params={"limit": 25} | ({"cursor": cursor} if cursor else {})).json()
        rows += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(rows) == len({row["post"] for row in rows}) > 60
    again = tool.get("/api/v1/mentions", params={"limit": 1000}).json()["data"]
    assert again == rows  # one token, one pseudonym for each


def test_two_tokens_know_a_person_under_two_names_and_neither_by_the_real_one(tool, show, desk) -> None:
    seen = []
    for _ in range(2):
        show(Scope.MENTIONS, Scope.CASES)
        answer = tool.get("/api/v1/mentions", params={"limit": 1000})
        seen.append({row["author"] for row in answer.json()["data"]} - {"brand"})
        assert "author_name" not in answer.text and "https://" not in answer.text
        assert not {"owner", "operator", "user"} & set(tool.get("/api/v1/cases").json()["data"][0])
    assert not seen[0] & seen[1] and len(seen[0]) == len(seen[1])


def test_names_are_read_with_the_scope_alone_and_recorded_with_their_purpose(tool, show, desk) -> None:
    show(Scope.MENTIONS, Scope.IDENTIFIED, purpose="Survey on the launch")
    for _ in range(3):
        assert tool.get("/api/v1/mentions").json()["data"][0]["author_name"]
    lines = [line for line in trail.page(desk.ctx, rows=50) if line.action == "api.read"]
    assert [line.reason for line in lines] == ["Survey on the launch"]


def test_a_token_of_one_brand_does_not_see_another(tool, show, desk) -> None:
    other = brands.add_brand(desk.ctx, "Altra")
    show(Scope.MENTIONS, brand_id=other.id)
    assert tool.get("/api/v1/mentions").json() == {"brand": "altra", "data": [], "next_cursor": None}
    [sample] = [b for b in brands.list_brands(desk.ctx) if b.is_sample]
    assert tool.get("/api/v1/mentions", params={"brand": sample.slug}).status_code == 404


def test_whoever_asks_too_often_waits(tool, show, monkeypatch, desk) -> None:
    show(Scope.TRENDS)
    most = desk.ctx.settings.api_requests_min
    answers = [tool.get("/api/v1/trends", params={"x": "y"}) for _ in range(most + 1)]
    assert answers[0].status_code == 400 and answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


def test_whoever_guesses_tokens_waits(tool) -> None:
    tool.headers["Authorization"] = "Bearer sportello_guess"
    answers = [tool.get("/api/v1/cases").status_code for _ in range(WRONG_TOKENS_MIN + 1)]
    assert answers[0] == 401 and answers[-1] == 429


def test_files_of_the_calendar_are_listed_and_fetched_in_parts(tool, show, desk) -> None:
    [brand] = brands.list_brands(desk.ctx)
    order = ExportOrder(brand.id, Subject.CASES, ExportFormat.CSV)
    made = export_schedules.add(desk.ctx, order, name="Daily", every=Every.DAY, folder="bi")
    with desk.ctx.store.write() as tx:
        from db import export_schedules as schedules_db

        schedules_db.change(tx, made.schedule_id, next_at=desk.ctx.clock())
    export_schedules.order_due(desk.ctx)
    export_making.make_next(desk.ctx, worker="w")
    show(Scope.EXPORTS)
    [one] = tool.get("/api/v1/exports").json()["data"]
    whole = tool.get(f"/api/v1/exports/{one['id']}/file")
    part = tool.get(f"/api/v1/exports/{one['id']}/file", headers={"Range": "bytes=5-"})
    assert whole.status_code == 200 and part.status_code == 206 and part.content == whole.content[5:]
    assert tool.get("/api/v1/exports/999/file").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FETCH"])
def test_nothing_is_written_through_the_interface_and_no_other_site_reads_it(tool, show, method) -> None:
    show(*PLAIN)
    for path in (*LISTS, "nowhere", "exports/1/file", ""):
        asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
        answer = tool.request(method, f"/api/v1/{path}", headers=asked)
        assert (answer.status_code, answer.headers["allow"], answer.json()["status"]) == (405, "GET, HEAD", 405)
        assert answer.headers["content-type"] == "application/problem+json"
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert tool.get("/api/v1/nowhere").status_code == tool.get("/api/v1/").status_code == 404


@pytest.mark.parametrize("path", ["mentions", "nowhere", ""])
def test_a_socket_is_closed_without_an_error(tool, path) -> None:
    with pytest.raises(WebSocketDisconnect), tool.websocket_connect(f"/api/v1/{path}"):
        pass


def test_a_channel_named_twice_is_told_once_and_one_that_nobody_knows_has_no_noughts(tool, show) -> None:
    show(Scope.TRENDS)
    once, twice = (tool.get(f"/api/v1/trends?channel={asked}").json() for asked in ("sample", "sample,sample"))
    assert once["data"] == twice["data"] and {row["channel"] for row in once["data"]} == {"all", "sample"}
    assert tool.get("/api/v1/trends?channel=nowhere").status_code == 404


_WORDS = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)
_SENSE = st.sampled_from(
    (
        "0",
        "1",
        "1000",
        "-1",
        "it",
        "complaint",
        "complaint,praise",
        "2026-03-02",
        "2026-03-02T09:00:00Z",
        "new",
        "9" * 19,
    )
)


@given(data=st.data())
@settings(max_examples=120, suppress_health_check=list(HealthCheck))
def test_whatever_is_asked_is_answered_as_described(tool, show, monkeypatch, data) -> None:
    monkeypatch.setattr(routes, "_CALLS", MinuteLimit())
    if "Authorization" not in tool.headers:
        show(*PLAIN)
    name = data.draw(st.sampled_from(LISTS))
    known = [each["name"] for each in described()["paths"][f"/{name}"]["get"]["parameters"]]
    keys = st.sampled_from([*known, "nonsense"])
    query = data.draw(st.lists(st.tuples(keys, _SENSE | _WORDS), max_size=4))
    asked = "&".join(f"{key}={quote(value)}" for key, value in query)

    answer = tool.get(f"/api/v1/{name}?{asked}")

    assert answer.status_code in (200, 400, 404), (asked, answer.text)
    answers = described()["paths"][f"/{name}"]["get"]["responses"][str(answer.status_code)]["content"]
    [(media_type, said)] = answers.items()
    assert answer.headers["content-type"] == media_type
    jsonschema.validate(answer.json(), said["schema"] | {"components": described()["components"]})
