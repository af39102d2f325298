"""What did the worker find of a brand's open cases? Which share a problem, which are like which: numbers alone."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from db import meta

#: Cases whose neighbours stand in one row: the desk reads one row, the worker writes those that changed.
_BLOCK = 64


def groups(tx: Connection, brand_id: int) -> list[list[int]]:
    """The cases that share a problem, group by group."""
    found: list[list[int]] = json.loads(meta.read(tx, _groups(brand_id)) or "[]")
    return found


def keep_groups(tx: Connection, brand_id: int, found: Iterable[Sequence[int]]) -> None:
    """Keep the groups."""
    meta.keep(tx, _groups(brand_id), json.dumps([list(group) for group in found]))


def near(tx: Connection, brand_id: int, case_id: int) -> list[int]:
    """The cases most like this one, the nearest first."""
    told: dict[str, list[int]] = json.loads(meta.read(tx, _near(brand_id, case_id)) or "{}")
    return told.get(str(case_id), [])


def all_near(tx: Connection, brand_id: int) -> dict[int, list[int]]:
    """The same of every case that has any."""
    kept = meta.read_all(tx, _all_near(brand_id)).values()
    return {int(case_id): ids for told in kept for case_id, ids in json.loads(told).items()}


def keep_near(tx: Connection, brand_id: int, found: Mapping[int, Sequence[int]]) -> None:
    """Keep these and no others; rows that say the same as before are not written."""
    before = meta.read_all(tx, _all_near(brand_id))
    blocks: dict[str, dict[int, list[int]]] = defaultdict(dict)
    for case_id in sorted(found):
        if found[case_id]:
            blocks[_near(brand_id, case_id)][case_id] = list(found[case_id])
    told = {name: json.dumps(each, separators=(",", ":")) for name, each in blocks.items()}
    for name, value in told.items():
        if before.get(name) != value:
            meta.keep(tx, name, value)
    meta.drop(tx, *(before.keys() - told.keys()))


def compared(tx: Connection, brand_id: int) -> str | None:
    """The mark of the posts that were compared last; None where none ever were."""
    return meta.read(tx, _compared(brand_id))


def keep_compared(tx: Connection, brand_id: int, mark: str) -> None:
    """Keep the mark of the posts that have just been compared."""
    meta.keep(tx, _compared(brand_id), mark)


def forget(tx: Connection, brand_id: int) -> None:
    """Nothing was found: the brand goes, and its numbers and those of its cases may be given again."""
    meta.drop(tx, _groups(brand_id), _compared(brand_id), *meta.read_all(tx, _all_near(brand_id)))


def _groups(brand_id: int) -> str:
    return f"topics {brand_id}"


def _compared(brand_id: int) -> str:
    return f"compared {brand_id}"


def _all_near(brand_id: int) -> str:
    return f"near {brand_id} "


def _near(brand_id: int, case_id: int) -> str:
    return f"{_all_near(brand_id)}{case_id // _BLOCK}"
