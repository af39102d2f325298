"""What the trends count, kept beside the rows they count, and when each case's customer asked and was answered.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KINDS = ("complaint", "question", "praise", "idea", "other", "spam")
_SENTIMENTS = ("negative", "neutral", "positive")


def upgrade() -> None:
    """Three tables of counts and four columns of cases. Revision 0012 fills them and puts the triggers up.

    A revision that changes what is counted takes the triggers down, puts them up again and counts anew, and those
    before it leave that to it: what counts is written once, for the newest schema.
    """
    for name in ("asked_at", "answered_at", "reopened_at"):
        op.add_column("cases", sa.Column(name, UtcDateTime()))
    op.add_column("cases", sa.Column("language", sa.String(12)))
    _mention_rollups()
    _model_rollups()
    _case_rollups()


def _mention_rollups() -> None:
    labels = [f"{kind}_{sentiment}" for kind in _KINDS for sentiment in _SENTIMENTS]
    op.create_table(
        "mention_rollups",
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("theme", sa.String(80), nullable=False),
        *_counts("unjudged", "own", "reposts", "deleted", *labels),
        sa.PrimaryKeyConstraint(
            *("brand_id", "watch_id", "hour", "channel", "language", "theme"), name=op.f("pk_mention_rollups")
        ),
        _brand("mention_rollups"),
        sqlite_with_rowid=False,
    )


def _model_rollups() -> None:
    op.create_table(
        "model_rollups",
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        *_counts("posts"),
        sa.PrimaryKeyConstraint("brand_id", "watch_id", "hour", "model", name=op.f("pk_model_rollups")),
        _brand("model_rollups"),
        sqlite_with_rowid=False,
    )


def _case_rollups() -> None:
    op.create_table(
        "case_rollups",
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("language", sa.String(12), nullable=False),
        sa.Column("theme", sa.String(80), nullable=False),
        *_counts("unanswered", *(f"waited_{n:02}" for n in range(27)), "closed", "solved", "reopened"),
        sa.PrimaryKeyConstraint("brand_id", "hour", "channel", "language", "theme", name=op.f("pk_case_rollups")),
        _brand("case_rollups"),
        sqlite_with_rowid=False,
    )


def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in names]


def _brand(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], op.f(f"fk_{table}_brand_id_brands"), ondelete="CASCADE")
