"""Where posts were missed, streams beside polls, wordings of a post, and what was fixed before a first attempt.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables, and new columns that start empty: no row of the first schema changes its meaning."""
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("from_at", UtcDateTime(), nullable=False),
        sa.Column("to_at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
        sa.ForeignKeyConstraint(["watch_id"], ["watches.id"], op.f("fk_gaps_watch_id_watches"), ondelete="CASCADE"),
        sa.UniqueConstraint(
            *("watch_id", "channel", "from_at", "to_at", "reason"),
            name=op.f("uq_gaps_watch_id_channel_from_at_to_at_reason"),
        ),
        sa.CheckConstraint("from_at <= to_at", name=op.f("ck_gaps_gap_has_length")),
    )
    op.create_table(
        "streams",
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("connected_at", UtcDateTime()),
        sa.Column("last_event_at", UtcDateTime()),
        sa.Column("failing_since", UtcDateTime()),
        sa.Column("last_error", sa.String(500)),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_streams")),
    )
    op.add_column("mentions", sa.Column("version", sa.String(120)))
    op.add_column("mentions", sa.Column("reply_ref", sa.Text()))
    op.add_column("watches", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("polls", sa.Column("error_key", sa.String(40)))
    op.add_column("polls", sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("polls", sa.Column("last_poll_at", UtcDateTime()))
    op.add_column("polls", sa.Column("last_post_at", UtcDateTime()))
    op.add_column("polls", sa.Column("silence_s", sa.Integer()))
    op.add_column("polls", sa.Column("silence_learned_at", UtcDateTime()))
    op.add_column("polls", sa.Column("quota_left", sa.Integer()))
    op.add_column("polls", sa.Column("quota_limit", sa.Integer()))
    op.add_column("polls", sa.Column("quota_resets_at", UtcDateTime()))
    op.add_column("polls", sa.Column("told_blind_at", UtcDateTime()))
    # A week of a watch is read by its time.
    op.drop_index("ix_mention_matches_watch_id", "mention_matches")
    op.create_index("ix_mention_matches_watch_time", "mention_matches", ["watch_id", "matched_at"])
    op.add_column("replies", sa.Column("prepared", sa.Text(), nullable=False, server_default=""))
    op.add_column("replies", sa.Column("author_text", sa.Text()))
