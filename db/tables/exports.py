"""What leaves the desk as figures and files: exports, their calendar, and the tokens of the firm's tools."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    collate,
    func,
    text,
)

from db.tables.base import key, metadata, moment, one_of, ref
from db.tables.heard import authors
from domain.export import Every, ExportFormat, ExportState, Subject

UNDER_WAY = "state IN ('waiting', 'running')"


def _order() -> tuple[Column[object], ...]:
    """What somebody asked for: the same columns for one export and for one by the calendar."""
    return (
        Column("subject", String(12), nullable=False),
        Column("format", String(10), nullable=False),
        # Ids, codes and moments; the words of a search are what the asker typed.
        Column("filter", JSON, nullable=False),
        Column("style", JSON, nullable=False),
        # The dictionary of the columns in the asker's language, written when they asked.
        Column("words", JSON, nullable=False),
        Column("identified", Boolean, nullable=False, default=False),
        Column("purpose", String(500)),
        Column("actor", String(80), nullable=False),
    )


# An order to have the same export made again and again, into a folder the administrator has named.
export_schedules = Table(
    "export_schedules",
    metadata,
    key(),
    ref("brand_id", "brands", index=True, ondelete="CASCADE"),
    ref("user_id", "users", nullable=True),
    Column("name", String(120), nullable=False),
    *_order(),
    Column("every", String(10), nullable=False),
    Column("folder", String(120), nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    moment("created_at"),
    moment("next_at"),
    moment("last_at", nullable=True),
    one_of("subject", Subject),
    one_of("format", ExportFormat),
    one_of("every", Every),
    CheckConstraint("NOT identified OR purpose IS NOT NULL", name="identified_has_purpose"),
    Index(
        "ix_export_schedules_due",
        "next_at",
        sqlite_where=text("active = 1"),
        postgresql_where=text("active"),
    ),
)

# One file asked for: the row is the truth about it, a worker makes it under a lease.
exports = Table(
    "exports",
    metadata,
    key(),
    ref("brand_id", "brands", index=True, ondelete="CASCADE"),
    ref("user_id", "users", nullable=True),
    ref("schedule_id", "export_schedules", nullable=True, ondelete="SET NULL"),
    *_order(),
    Column("state", String(12), nullable=False),
    Column("rows_done", Integer, nullable=False, default=0),
    Column("rows_total", Integer),
    Column("bytes", BigInteger),
    # Under which name it is handed out, and under which it lies in the data folder.
    Column("file_name", String(200), nullable=False),
    Column("stored_name", String(120)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("lease_owner", String(80)),
    moment("lease_until", nullable=True),
    moment("cancel_asked_at", nullable=True),
    moment("created_at"),
    moment("started_at", nullable=True),
    moment("finished_at", nullable=True),
    moment("expires_at", nullable=True),
    Column("error_key", String(40)),
    one_of("subject", Subject),
    one_of("format", ExportFormat),
    one_of("state", ExportState),
    CheckConstraint("NOT identified OR purpose IS NOT NULL", name="identified_has_purpose"),
    CheckConstraint("state <> 'done' OR stored_name IS NOT NULL", name="done_has_file"),
    Index("ix_exports_user", "user_id", "id"),
    Index(
        "ix_exports_under_way",
        "id",
        sqlite_where=text(UNDER_WAY),
        postgresql_where=text(UNDER_WAY),
    ),
)

# The token is shown once; only its SHA-256 is stored. ``pseudonym_key`` turns ids into pseudonyms for this token
# alone, so that two tools cannot lay their figures of one person beside each other.
api_tokens = Table(
    "api_tokens",
    metadata,
    key(),
    ref("brand_id", "brands", nullable=True, index=True, ondelete="CASCADE"),
    ref("user_id", "users", nullable=True),
    Column("actor", String(80), nullable=False),
    Column("name", String(120), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("hint", String(12), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("purpose", String(500)),
    Column("pseudonym_key", String(64), nullable=False),
    moment("created_at"),
    moment("expires_at", nullable=True),
    moment("last_used_at", nullable=True),
    moment("noted_at", nullable=True),
    moment("revoked_at", nullable=True),
)

# Whom a handle inside a text names, whatever the case of its letters.
Index("ix_authors_handle_nocase", collate(authors.c.handle, "NOCASE")).ddl_if(dialect="sqlite")
Index("ix_authors_handle_lower", func.lower(authors.c.handle)).ddl_if(dialect="postgresql")
