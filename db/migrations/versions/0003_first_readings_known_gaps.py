"""Which matches a first reading found too old to queue, who asked for a poll, which gaps people know of, whose cases.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New columns that start empty: what was matched before stays work, gaps of before are still to be told."""
    op.add_column("mention_matches", sa.Column("is_older", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_mention_matches_older",
        "mention_matches",
        ["watch_id"],
        sqlite_where=sa.text("is_older = 1"),
        postgresql_where=sa.text("is_older"),
    )
    op.add_column("polls", sa.Column("asked_at", UtcDateTime()))
    op.add_column("gaps", sa.Column("known_at", UtcDateTime()))
    carried = sa.text("state IN ('open', 'waiting')")
    op.create_index(
        "ix_cases_mine",
        "cases",
        ["owner_id", "brand_id", "state", sa.text("priority DESC"), "id", "snoozed_until"],
        sqlite_where=carried,
        postgresql_where=carried,
    )
