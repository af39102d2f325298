"""Indexes for the report of a month: replies by when they went out, and answered cases by their latest post.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SENT, _ANSWERED = sa.text("sent_at IS NOT NULL"), sa.text("answered_at IS NOT NULL")


def upgrade() -> None:
    """Two indexes."""
    op.create_index("ix_replies_sent", "replies", ["status", "sent_at"], sqlite_where=_SENT, postgresql_where=_SENT)
    op.create_index(
        "ix_cases_answered",
        "cases",
        ["brand_id", "last_mention_at"],
        sqlite_where=_ANSWERED,
        postgresql_where=_ANSWERED,
    )
