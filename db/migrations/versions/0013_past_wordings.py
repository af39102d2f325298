"""Which wordings of a post were followed by another.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table; what was followed before it was there is not known."""
    op.create_table(
        "past_wordings",
        sa.Column("mention_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(120), nullable=False),
        sa.Column("followed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("mention_id", "version", name=op.f("pk_past_wordings")),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mentions.id"], op.f("fk_past_wordings_mention_id_mentions"), ondelete="CASCADE"
        ),
    )
