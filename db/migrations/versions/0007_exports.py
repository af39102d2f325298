"""Exports people asked for, and the tokens of the firm's own tools.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SUBJECTS = "subject IN ('mentions', 'cases', 'replies', 'trends')"
_FORMATS = "format IN ('csv', 'xlsx', 'parquet', 'jsonl')"
_STATES = "state IN ('waiting', 'running', 'done', 'cancelled', 'failed', 'expired')"
_PURPOSE = "NOT identified OR purpose IS NOT NULL"
_UNDER_WAY = "state IN ('waiting', 'running')"


def upgrade() -> None:
    """Three new tables, and an index to find whom a handle names."""
    _schedules()
    _exports()
    _tokens()
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("ix_authors_handle_nocase", "authors", [sa.text("handle COLLATE NOCASE")])
    else:
        op.create_index("ix_authors_handle_lower", "authors", [sa.text("lower(handle)")])


def _order() -> list[sa.Column[Any]]:
    return [
        sa.Column("subject", sa.String(12), nullable=False),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("style", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("identified", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(500)),
        sa.Column("actor", sa.String(80), nullable=False),
    ]


def _schedules() -> None:
    op.create_table(
        "export_schedules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("name", sa.String(120), nullable=False),
        *_order(),
        sa.Column("every", sa.String(10), nullable=False),
        sa.Column("folder", sa.String(120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_schedules")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], op.f("fk_export_schedules_brand_id_brands"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], op.f("fk_export_schedules_user_id_users")),
        sa.CheckConstraint(_SUBJECTS, name=op.f("ck_export_schedules_subject_known")),
        sa.CheckConstraint(_FORMATS, name=op.f("ck_export_schedules_format_known")),
        sa.CheckConstraint("every IN ('day', 'week', 'month')", name=op.f("ck_export_schedules_every_known")),
        sa.CheckConstraint(_PURPOSE, name=op.f("ck_export_schedules_identified_has_purpose")),
    )
    op.create_index("ix_export_schedules_brand_id", "export_schedules", ["brand_id"])
    op.create_index(
        "ix_export_schedules_due",
        "export_schedules",
        ["next_at"],
        sqlite_where=sa.text("active = 1"),
        postgresql_where=sa.text("active"),
    )


def _exports() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("schedule_id", sa.Integer()),
        *_order(),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_total", sa.Integer()),
        sa.Column("bytes", sa.BigInteger()),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("stored_name", sa.String(120)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(80)),
        sa.Column("lease_until", UtcDateTime()),
        sa.Column("cancel_asked_at", UtcDateTime()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime()),
        sa.Column("finished_at", UtcDateTime()),
        sa.Column("expires_at", UtcDateTime()),
        sa.Column("error_key", sa.String(40)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], op.f("fk_exports_brand_id_brands"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], op.f("fk_exports_user_id_users")),
        sa.ForeignKeyConstraint(
            *(["schedule_id"], ["export_schedules.id"], op.f("fk_exports_schedule_id_export_schedules")),
            ondelete="SET NULL",
        ),
        sa.CheckConstraint(_SUBJECTS, name=op.f("ck_exports_subject_known")),
        sa.CheckConstraint(_FORMATS, name=op.f("ck_exports_format_known")),
        sa.CheckConstraint(_STATES, name=op.f("ck_exports_state_known")),
        sa.CheckConstraint(_PURPOSE, name=op.f("ck_exports_identified_has_purpose")),
        sa.CheckConstraint("state <> 'done' OR stored_name IS NOT NULL", name=op.f("ck_exports_done_has_file")),
    )
    op.create_index("ix_exports_brand_id", "exports", ["brand_id"])
    op.create_index("ix_exports_user", "exports", ["user_id", "id"])
    under_way = sa.text(_UNDER_WAY)
    op.create_index("ix_exports_under_way", "exports", ["id"], sqlite_where=under_way, postgresql_where=under_way)


def _tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer()),
        sa.Column("user_id", sa.Integer()),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("hint", sa.String(12), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.String(500)),
        sa.Column("pseudonym_key", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime()),
        sa.Column("last_used_at", UtcDateTime()),
        sa.Column("noted_at", UtcDateTime()),
        sa.Column("revoked_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], op.f("fk_api_tokens_brand_id_brands"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], op.f("fk_api_tokens_user_id_users")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index("ix_api_tokens_brand_id", "api_tokens", ["brand_id"])
