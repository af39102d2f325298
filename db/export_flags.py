"""How is what is true or false of a post read as one number, and told apart again?

Each cell of a row that leaves the database costs as much as a short text, whatever stands in it: eight of them in one
are read in a third less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from db.tables import mentions


class _Whole(FunctionElement[int]):
    """True and false as 1 and 0, as SQLite keeps them anyway."""

    inherit_cache = True
    type = Integer()


@compiles(_Whole, "sqlite")
def _whole_on_sqlite(element: _Whole, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})"


@compiles(_Whole, "postgresql")
def _whole_on_postgresql(element: _Whole, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(({compiler.process(element.clauses, **options)}) AS integer)"


_BITS = (
    mentions.c.parent_native_id.is_not(None),
    mentions.c.is_own,
    mentions.c.is_repost,
    mentions.c.is_history,
    mentions.c.corrected,
    func.coalesce(mentions.c.url, "") != "",
)
_UNSURE_AT, _LEVEL_AT = 1 << len(_BITS), 3 << len(_BITS)
#: The number: a bit each, then unsure (false, true, not judged), then the level (0 where there is none, else one more).
PACKED = (
    sum((_Whole(bit) * (1 << n) for n, bit in enumerate(_BITS) if n), _Whole(_BITS[0]))
    + func.coalesce(_Whole(mentions.c.unsure), 2) * _UNSURE_AT
    + func.coalesce(mentions.c.urgency_level + 1, 0) * _LEVEL_AT
)


def unpacked(packed: Sequence[int]) -> list[list[Any]]:
    """Whether each post answers, is ours, a repost, history, corrected, has a link; whether unsure; its level."""
    table = {each: _of_packed(each) for each in {*packed}}
    rows = zip(*table.values(), strict=True)
    return [[*map(dict(zip(table, cells, strict=True)).__getitem__, packed)] for cells in rows]


def _of_packed(number: int) -> tuple[Any, ...]:
    level, rest = divmod(number, _LEVEL_AT)
    unsure, bits = divmod(rest, _UNSURE_AT)
    flags = [bool(bits >> n & 1) for n in range(len(_BITS))]
    return (*flags, None if unsure == 2 else bool(unsure), level - 1 if level else None)
