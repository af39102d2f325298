"""How does one database serve many tests, one after another? Emptied after each, and under another name for the next.

Making one anew costs several times as much. One whose tables, functions or settings a test has changed, or which has
grown large, is never lent again: every test finds what a new one would hold, down to the next number of each table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tests.peers.postgres import Server, conninfo

#: Whatever a statement that changes more than rows leaves a trace in.
CATALOGUES = (
    *("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_proc", "pg_type"),
    *("pg_namespace", "pg_rewrite", "pg_statistic", "pg_extension", "pg_event_trigger", "pg_db_role_setting"),
    *("pg_sequence", "pg_policy", "pg_default_acl", "pg_enum", "pg_statistic_ext"),
)
_STATE = " UNION ALL ".join(f"SELECT '{each}', count(*), max(xmin::text::bigint) FROM {each}" for each in CATALOGUES)
_FILLED = """
SELECT oid::regclass::text, pg_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND oid >= 16384 AND pg_relation_size(oid) > 0"""
_ALONE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_ANEW = "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"
#: Nobody reads through the pages of more than that again.
LARGE = 4_000_000


@dataclass
class Again:
    """The databases of a server that are lent to one test after another."""

    server: Server
    _spare: list[str] = field(default_factory=list)
    #: What a database looked like when it was empty, by its name.
    _states: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)
    _sown: dict[str, list[tuple[object, ...]]] | None = None

    def lend(self) -> str:
        """The URL of a database with the schema of this code and nothing in it."""
        if self._spare:
            return self.server.url_of(self._spare.pop())
        return self.adopt(self.server.fresh())

    def adopt(self, url: str) -> str:
        """Remember how that database, to which nobody has written yet, looks now."""
        with self._inside(url) as inside:
            if self._sown is None:
                self._sown = {name: _rows(inside, name) for name, _ in inside.execute(_FILLED).fetchall()}
            self._states[_name(url)] = _state(inside)
        return url

    def take_back(self, url: str) -> None:
        """Empty it for another test, who will know it under another name, or remove it."""
        name = f"sportello_test_{uuid4().hex[:16]}"
        try:
            state = self._emptied(url)
            if state is not None:
                self.server.rename(url, name)
        except psycopg.Error:  # The test has removed it, or somebody it started is still there.
            state = None
        del self._states[_name(url)]
        if state is None:
            self.server.drop(url)
            return
        self._states[name] = state
        self._spare.append(name)

    def renew(self, url: str, like: str) -> None:
        """Empty it, or make it anew like that other one; it keeps its name, and whoever is connected to it is not."""
        if (state := self._emptied(url)) is not None:
            self._states[_name(url)] = state
            return
        self.server.renew(url, like)
        self.adopt(url)

    def _emptied(self, url: str) -> list[tuple[object, ...]] | None:
        """How it looks now that it is empty; None where that is not enough to make it a new one."""
        with self._inside(url) as inside:
            inside.execute(_ALONE)
            filled = dict(inside.execute(_FILLED).fetchall())
            as_before = _state(inside) == self._states[_name(url)] and self._same(inside)
            if not as_before or sum(filled.values()) > LARGE:
                return None
            _empty(inside, [name for name in filled if name not in (self._sown or {})])
            left = [name for name, _ in inside.execute(_FILLED).fetchall() if name not in (self._sown or {})]
            return None if left else _state(inside)

    def _same(self, inside: psycopg.Connection) -> bool:
        """Whether the tables that a new database has rows in hold exactly these."""
        return all(_rows(inside, name) == rows for name, rows in (self._sown or {}).items())

    def _inside(self, url: str) -> psycopg.Connection:
        return psycopg.connect(conninfo(make_url(url)), autocommit=True)


def _name(url: str) -> str:
    return make_url(url).database or ""


def _state(inside: psycopg.Connection) -> list[tuple[object, ...]]:
    return inside.execute(_STATE).fetchall()


def _empty(inside: psycopg.Connection, names: list[str]) -> None:
    """Take all rows out of these tables. TRUNCATE would make new files for all their indexes: ten times dearer."""
    if names:
        with inside.transaction():
            inside.execute("SET LOCAL session_replication_role = replica")
            inside.execute(";".join(f"DELETE FROM {name}" for name in names).encode())
        inside.execute(f"VACUUM (TRUNCATE, SKIP_DATABASE_STATS) {', '.join(names)}".encode())
    inside.execute(_ANEW)


def _rows(inside: psycopg.Connection, name: str) -> list[tuple[object, ...]]:
    return inside.execute(sql.SQL("SELECT whole::text FROM {} whole ORDER BY 1").format(sql.SQL(name))).fetchall()
