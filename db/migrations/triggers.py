"""How are append-only tables kept so? By triggers that refuse changes, on SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import Connection


def refuse(connection: Connection, table: str, act: str) -> None:
    """Make the database refuse every ``act`` (UPDATE or DELETE) on ``table``."""
    name, words = f"{table}_no_{act.lower()}", f"{table} is append-only"
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, '{words}'); END"
        )
        return
    connection.exec_driver_sql(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    connection.exec_driver_sql(f"CREATE TRIGGER {name} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
