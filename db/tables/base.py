"""What every table shares: metadata with stable constraint names, and column shorthands."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, MetaData

from db.types import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key() -> Column[int]:
    """The primary key of a table."""
    return Column("id", Integer, primary_key=True)


def ref(name: str, target: str, *, nullable: bool = False, index: bool = False, **options: Any) -> Column[int]:
    """A foreign key to ``target.id``."""
    return Column(name, ForeignKey(f"{target}.id", **options), nullable=nullable, index=index)


def moment(name: str, *, nullable: bool = False, index: bool = False) -> Column[Any]:
    """A UTC moment."""
    return Column(name, UtcDateTime, nullable=nullable, index=index)


def one_of(column: str, values: Iterable[StrEnum]) -> CheckConstraint:
    """The database refuses any word outside the set."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")
