"""What can be asked for under /api/v1? The description in OpenAPI 3.1, made from the same columns and filters."""

from __future__ import annotations

from functools import cache
from typing import Any

from desk.api.parameters import CHOICES, DEFAULT_ROWS, FILTERS, MOST_ROWS, PAGE
from desk.export_words import english_meaning
from domain.export import ExportFormat, ExportState, Subject
from services.export_columns import Column, Holds, columns_of

Schema = dict[str, Any]
_TYPES: dict[Holds, Schema] = {
    Holds.TEXT: {"type": ["string", "null"]},
    Holds.WORD: {"type": ["string", "null"]},
    Holds.WHOLE: {"type": ["integer", "null"]},
    Holds.DECIMAL: {"type": ["number", "null"]},
    Holds.FLAG: {"type": ["boolean", "null"]},
    Holds.MOMENT: {"type": ["string", "null"], "format": "date-time"},
}
_WORDS = {
    "brand": "The short name of the brand; without it the token's, else the first.",
    "since": "From this day of the brand's clock, or this moment, on.",
    "until": "Up to this day of the brand's clock, or this moment, not itself included.",
    "channel": "These networks alone, separated by commas.",
    "language": "Posts in this language alone.",
    "kind": "These kinds alone, separated by commas.",
    "sentiment": "These tones alone, separated by commas.",
    "urgency_level": "These levels alone, separated by commas.",
    "watch": "Posts that matched one of these watches, by number, separated by commas.",
    "state": "Cases in these states alone, separated by commas.",
    "cursor": "Where to go on: `next_cursor` of the page before.",
    "limit": "How many rows at most.",
}
_SUMMARIES = {
    "mentions": "Posts, the oldest first",
    "cases": "Cases, the oldest first",
    "trends": "Figures of a window, by day, week or month, of all channels and of each",
    "exports": "Files made by the calendar, the newest first",
}
_PROBLEMS = {"400": "Not understood", "401": "No valid token", "403": "Not allowed", "404": "Not found"} | {
    "429": "Too many requests",
    "503": "Not available",
}


@cache
def described() -> Schema:
    """The whole description."""
    paths = {f"/{name}": {"get": _operation(name)} for name in FILTERS}
    paths["/exports/{id}/file"] = {"get": _file_operation()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sportello, for the firm's own tools",
            "version": "1",
            "description": "Read only. People stand under pseudonyms that hold for one token; a token with the scope "
            "`identified` reads names, and its use is recorded with its purpose. There is no figure of a colleague.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {name: _rows_schema(name) for name in FILTERS} | {"problem": _problem_schema()},
        },
    }


def _operation(name: str) -> Schema:
    parameters = [] if name == "exports" else ["brand"]
    parameters += [*FILTERS[name], *(() if name == "trends" else PAGE)]
    return {
        "operationId": name,
        "summary": _SUMMARIES[name],
        "parameters": [_parameter(each) for each in parameters],
        "responses": {"200": _answer(name)} | _problems(),
    }


def _file_operation() -> Schema:
    number = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
    whole = {"description": "The file", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    part = whole | {"description": "The part of the file that `Range` asked for"}
    beyond = {"description": "The file has no such part"}
    answers: Schema = {"200": whole, "206": part, "416": beyond}
    return {
        "operationId": "export_file",
        "summary": "One of these files, in parts if asked for by `Range`",
        "parameters": [number],
        "responses": answers | _problems(),
    }


def _parameter(name: str) -> Schema:
    schema: Schema = {"type": "string", "maxLength": 400}
    if name == "limit":
        schema = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": DEFAULT_ROWS}
    elif name == "cursor":
        schema = {"type": "string", "pattern": "^[0-9]{1,19}(-[0-9]{1,19})?$"}
    elif name in CHOICES:
        one = "|".join(CHOICES[name])
        schema = {"type": "string", "pattern": f"^({one})(,({one}))*$"}
    return {"name": name, "in": "query", "required": False, "description": _WORDS[name], "schema": schema}


def _answer(name: str) -> Schema:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": _SUMMARIES[name], "content": {"application/json": {"schema": schema}}}


def _problems() -> Schema:
    schema = {"$ref": "#/components/schemas/problem"}
    content = {"application/problem+json": {"schema": schema}}
    return {status: {"description": words, "content": content} for status, words in _PROBLEMS.items()}


def _problem_schema() -> Schema:
    texts = {name: {"type": "string"} for name in ("type", "title", "detail")}
    return {
        "type": "object",
        "properties": texts | {"status": {"type": "integer"}},
        "required": ["type", "status", "title", "detail"],
        "additionalProperties": False,
    }


def _rows_schema(name: str) -> Schema:
    if name == "exports":
        row = _export_row()
    else:
        columns = columns_of(Subject(name), identified=True)
        required = [column.name for column in columns if not column.identified]
        row = _object({column.name: _column(column) for column in columns}, required)
    fields: Schema = {"data": {"type": "array", "items": row}}
    if name != "exports":
        fields["brand"] = {"type": "string"}
    if name != "trends":
        fields["next_cursor"] = {"type": ["string", "null"]}
    return _object(fields, list(fields))


def _column(column: Column) -> Schema:
    only = " Only for tokens with the scope `identified`." if column.identified else ""
    return _TYPES[column.holds] | {"description": english_meaning(column.name) + only}


def _export_row() -> Schema:
    fields: Schema = {
        "id": {"type": "integer"},
        "brand": {"type": "string"},
        "rows_of": {"enum": [str(each) for each in Subject]},
        "format": {"enum": [str(each) for each in ExportFormat]},
        "state": {"enum": [str(each) for each in ExportState]},
        "identified": {"type": "boolean"},
        "rows": {"type": "integer"},
        "bytes": {"type": ["integer", "null"]},
        "file_name": {"type": "string"},
        "asked_at": {"type": "string", "format": "date-time"},
        "expires_at": {"type": ["string", "null"], "format": "date-time"},
    }
    return _object(fields, list(fields))


def _object(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
