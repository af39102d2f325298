"""What the trends count by local days and by theme, and an index of the posts that are looked for again.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db import counting_triggers

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KINDS = ("complaint", "question", "praise", "idea", "other", "spam")
_SENTIMENTS = ("negative", "neutral", "positive")


def upgrade() -> None:
    """Two new tables. Revision 0012 fills them and puts the triggers up again."""
    counting_triggers.take_down(op.get_bind())
    _turns()
    _days()
    _rechecks()


def _turns() -> None:
    op.create_table(
        "brand_turns",
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("from_hour", sa.Integer(), nullable=False),
        sa.Column("offset_h", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("brand_id", "from_hour", name=op.f("pk_brand_turns")),
        _brand("brand_turns"),
        sqlite_with_rowid=False,
    )


def _days() -> None:
    labels = [f"{kind}_{sentiment}" for kind in _KINDS for sentiment in _SENTIMENTS]
    counts = ("unjudged", "own", "reposts", "deleted", *labels)
    op.create_table(
        "day_rollups",
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("theme", sa.String(80), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in counts),
        sa.PrimaryKeyConstraint(
            *("brand_id", "watch_id", "theme", "day", "channel", "language"), name=op.f("pk_day_rollups")
        ),
        _brand("day_rollups"),
        sqlite_with_rowid=False,
    )


def _rechecks() -> None:
    op.drop_index("ix_mentions_recheck", "mentions")
    op.create_index(
        "ix_mentions_recheck",
        "mentions",
        ["channel", "recheck_at"],
        sqlite_where=sa.text("deleted_at IS NULL AND is_own = 0"),
        postgresql_where=sa.text("deleted_at IS NULL AND NOT is_own"),
    )


def _brand(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], op.f(f"fk_{table}_brand_id_brands"), ondelete="CASCADE")
