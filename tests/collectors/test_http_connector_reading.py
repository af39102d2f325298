"""Is every item of a source read as its contract says, and told by its field where it is not so?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collectors.http_connector import fields
from collectors.http_connector.normalize import normalize, raw_text
from collectors.protocol import BadItem
from domain.errors import Malformed
from domain.mention import Mention

FOLDER = Path(__file__).parents[2] / "collectors" / "http_connector"
CONTRACT = json.loads((FOLDER / "openapi.json").read_text("utf-8"))
ITEMS = json.loads((FOLDER / "fixtures" / "items.json").read_text("utf-8"))
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PLAIN = {"id": "r1", "text": "Dov'è il pacco?", "author": {"name": "Mara"}, "published_at": "2026-03-02T09:00:00Z"}


@cache
def checker(name: str) -> jsonschema.Draft202012Validator:
    """Checks a body against the schema of that name in the OpenAPI file."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": CONTRACT["components"]}
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def read(item: object, **more: Any) -> Mention:
    return normalize(item, origin="account-1", heard_at=NOW, **more)


def accepts(item: object) -> bool:
    try:
        return isinstance(read(item), Mention)
    except Malformed:
        return False


def test_items_of_the_fixture_are_as_the_contract_describes_and_are_read_whole() -> None:
    checker("ItemsPage").validate(ITEMS)
    review, html, answer, gone = map(read, ITEMS["items"])
    assert review.text == "1 stella su 5.\n\nDelusa\n\nIl pacco non è mai arrivato e nessuno risponde al telefono."
    assert (review.author.native_id, review.author.name, review.author.location) == ("c-77", "Mara B.", "Lecce")
    assert (review.version, review.language, review.to_us, review.reply_ref) == ("1", "it", True, "r-1042")
    assert (html.text, html.author.native_id, html.reply_ref) == ("Tutto bene,\ngrazie!", "item:r-1043", None)
    assert html.published_at == datetime(2026, 3, 2, 8, 58, tzinfo=UTC)
    assert html.edited_at == html.worded_at == datetime(2026, 3, 2, 9, 1, tzinfo=UTC)
    assert [(media.type, media.alt) for media in html.media] == [("image", "Il pacco sul tavolo")]
    assert (answer.native_id, answer.parent_id, answer.conversation_id, answer.to_us) == (
        "-5",
        "r-1042",
        "r-1042",
        False,
    )
    assert (gone.native_id, gone.deleted, gone.text, gone.author.name) == ("r-1039", True, "", "")


@pytest.mark.parametrize(
    "given_id", ["r1", "0b0f7c1e-5c57-4d43-9a52-1f0f0c2f4e1a", -7, 0, 10**20, 5.0, "  ", "ß" * 900]
)
def test_ids_are_text_uuids_and_negative_numbers_and_always_the_same(given_id) -> None:
    one, again = read(PLAIN | {"id": given_id}), read(PLAIN | {"id": given_id})
    assert one == again and one.native_id and len(one.native_id) <= 300
    # What goes back to the source with an answer is the id as it gave it.
    assert one.reply_ref == (str(int(given_id)) if isinstance(given_id, float) else str(given_id))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "\x00\x1f"}, "id"),
        ({"id": None}, "id"),
        ({"id": True}, "id"),
        ({"id": 1.5}, "id"),
        ({"id": ["r1"]}, "id"),
        ({"author": None}, "author"),
        ({"author": "Mara"}, "author"),
        ({"author": {"followers": "many"}}, "followers"),
        ({"text": 7}, "text"),
        ({"format": "markdown"}, "format"),
        ({"published_at": None}, "published_at"),
        ({"published_at": "2026-03-02"}, "published_at"),
        ({"published_at": "2026-03-02T09:00:00"}, "published_at"),
        ({"published_at": "2026-02-30T09:00:00Z"}, "published_at"),
        ({"published_at": "0001-01-01T00:00:00+14:00"}, "published_at"),
        ({"published_at": 1772442000}, "published_at"),
        ({"edited_at": "yesterday"}, "edited_at"),
        ({"rating": 5}, "rating"),
        ({"rating": {"value": "5"}}, "value"),
        ({"rating": {"value": -1}}, "value"),
        ({"rating": {"value": 1, "best": 0}}, "best"),
        ({"media": [7]}, "media"),
        ({"to_us": "yes"}, "to_us"),
        ({"deleted": 1}, "deleted"),
    ],
)
def test_field_of_the_wrong_type_is_told_by_its_name(change, field) -> None:
    with pytest.raises(Malformed) as refused:
        read(PLAIN | change)
    assert refused.value.values["field"] == field and str(refused.value).startswith(f"{field}: ")
    assert not checker("Item").is_valid(PLAIN | change) or field in ("published_at",)


def test_unknown_fields_and_decorations_that_make_no_sense_cost_nothing() -> None:
    odd = {
        "url": "javascript:alert(1)",
        "media": [{"type": "hologram", "url": "https://x.example/1"}, {"url": "file:///x"}],
    }
    author = {"name": "Mara", "followers": -3, "avatar_url": "http://[", "zodiac": "leo"}
    post = read(PLAIN | odd | {"author": author, "new_in_2027": {"a": [1]}, "language": "x" * 500})
    assert (post.url, post.media, post.author.followers, post.author.avatar_url) == (None, (), 0, None)


@pytest.mark.parametrize("days", [-1, 1, 400])
def test_clock_that_is_wrong_by_a_day_never_dates_a_post_in_time_to_come(days) -> None:
    told = (NOW + timedelta(days=days)).isoformat()
    post = read(PLAIN | {"published_at": told, "edited_at": told})
    assert post.published_at == min(NOW, NOW + timedelta(days=days)) and post.edited_at == post.published_at


def test_five_megabytes_of_text_are_cut_and_html_of_that_size_is_read_in_time() -> None:
    assert len(read(PLAIN | {"text": "ä" * 5_000_000}).text) == 20_000
    assert len(read(PLAIN | {"text": "<b>x</b>" * 700_000, "format": "html"}).text) <= 20_000


def test_hostile_html_becomes_plain_words() -> None:
    html = "<script>alert(1)</script><img src=x onerror=alert(1)>Ciao <b>a tutti</b><style>p{}</style>&lt;i&gt;"
    assert read(PLAIN | {"text": html, "format": "html"}).text == "Ciao a tutti<i>"
    assert read(PLAIN | {"text": html}).text == html


def test_what_addresses_us_is_not_about_a_competitor() -> None:
    assert read(PLAIN).to_us and not read(PLAIN, is_competitor=True).to_us


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\x00", b'{"a": NaN}', b"[" * 100_000, b"9" * 5000])
def test_what_is_no_json_is_told_as_such(body) -> None:
    with pytest.raises(Malformed):
        fields.parsed(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
IDS = st.one_of(st.text(max_size=9).map(lambda told: f"r{told}"), st.integers(-(2**70), 2**70), st.uuids().map(str))
TIMES = st.integers(86_400, 4_000_000_000).map(lambda at_s: datetime.fromtimestamp(at_s / 7, UTC).isoformat())
MEDIA = st.fixed_dictionaries({}, optional={"type": st.sampled_from(["image", "x"]), "url": st.text(max_size=9)})
RATINGS = st.fixed_dictionaries({"value": st.floats(0, 10)}, optional={"best": st.floats(0.5, 10) | st.none()})
AUTHORS = st.fixed_dictionaries({}, optional={"id": IDS, "name": st.text(max_size=9), "followers": st.integers()})
OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(max_size=60),
    "title": st.text(max_size=20),
    "format": st.sampled_from(["plain", "html"]),
    "rating": RATINGS,
    "edited_at": TIMES,
    "version": IDS,
    "conversation_id": IDS,
    "parent_id": IDS,
    "url": st.text(max_size=20),
    "language": st.sampled_from(["it", "en-GB", "x"]),
    "media": st.lists(MEDIA, max_size=2),
    **dict.fromkeys(("to_us", "is_own", "is_repost", "can_reply"), st.booleans()),
}
GOOD = st.fixed_dictionaries({"id": IDS, "author": AUTHORS, "published_at": TIMES}, optional=OPTIONAL)
#: One field of a good item holds anything at all, is missing, or is one that nobody knows.
NAMES = st.sampled_from(["id", "author", "published_at", "deleted", *OPTIONAL, "unknown"])
BROKEN = st.builds(lambda item, name, value: {**item, name: value}, GOOD, NAMES, JSON)
LACKING = st.builds(lambda item, name: {k: v for k, v in item.items() if k != name}, GOOD, NAMES)


@settings(max_examples=100)
@given(GOOD)
def test_whatever_the_openapi_file_allows_is_read(item) -> None:
    checker("Item").validate(item)
    assert accepts(json.loads(json.dumps(item)))


@settings(max_examples=300)
@example({**PLAIN, "id": "\x1f"})
@example({"id": "r1", "deleted": True, "text": 7})
@given(BROKEN | LACKING | JSON)
def test_openapi_file_and_code_agree_on_what_an_item_is(item) -> None:
    item = json.loads(json.dumps(item))
    assert checker("Item").is_valid(item) == accepts(item), raw_text(item)


@settings(max_examples=100)
@given(st.lists(BROKEN | LACKING | JSON, max_size=4))
def test_no_item_ever_breaks_the_reading_of_the_others(items) -> None:
    for item in items:
        try:
            post = read(item)
            assert post.published_at <= NOW and post.native_id
        except Malformed as error:
            assert BadItem(raw_text(item), str(error)).reason
