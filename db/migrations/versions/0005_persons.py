"""Who is the same person on several channels, which posts only we may read, when a post is looked for again.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables, and new columns that say nothing yet; whom Mastodon let read a post stands beside it already."""
    _joins()
    _joined_cases()
    for table in ("authors", "cases", "notes"):
        op.add_column(table, sa.Column("home_customer_id", sa.Integer()))
    for table in ("case_mentions", "replies", "promises", "notes"):
        op.add_column(table, sa.Column("home_case_id", sa.Integer()))
    op.add_column("mentions", sa.Column("audience", sa.String(12), nullable=False, server_default="public"))
    op.add_column("mentions", sa.Column("recheck_at", UtcDateTime()))
    op.create_index("ix_mentions_recheck", "mentions", ["channel", "recheck_at"])
    joined = sa.text("home_customer_id IS NOT NULL")
    op.create_index("ix_authors_home", "authors", ["home_customer_id"], sqlite_where=joined, postgresql_where=joined)
    for told, audience in (("private", "followers"), ("direct", "named")):
        known = {"audience": audience, "told": f'%"visibility":"{told}"%'}
        op.execute(
            sa.text(
                "UPDATE mentions SET audience = :audience WHERE channel = 'mastodon' AND reply_ref LIKE :told"
            ).bindparams(**known)
        )


def _joins() -> None:
    op.create_table(
        "joins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_customer_id", sa.Integer(), nullable=False),
        sa.Column("joined_customer_id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(20), nullable=False),
        sa.Column("mention_id", sa.Integer()),
        sa.Column("evidence_start", sa.Integer()),
        sa.Column("evidence_end", sa.Integer()),
        sa.Column("note_id", sa.Integer()),
        sa.Column("joined_by_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("separated_by_id", sa.Integer()),
        sa.Column("separated_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joins")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], op.f(f"fk_joins_{column}_{table}"), ondelete=on_deletion)
            for column, table, on_deletion in (
                ("kept_customer_id", "customers", "CASCADE"),
                ("joined_customer_id", "customers", "CASCADE"),
                ("mention_id", "mentions", "SET NULL"),
                ("note_id", "notes", "SET NULL"),
                ("joined_by_id", "users", None),
                ("separated_by_id", "users", None),
            )
        ),
        sa.CheckConstraint(
            "basis IN ('said_publicly', 'told_us', 'linked_profiles')", name=op.f("ck_joins_basis_known")
        ),
        sa.CheckConstraint("kept_customer_id <> joined_customer_id", name=op.f("ck_joins_two_persons")),
        sa.CheckConstraint(
            "(separated_at IS NULL) = (separated_by_id IS NULL)", name=op.f("ck_joins_separated_by_somebody")
        ),
        sa.CheckConstraint(
            "(evidence_start IS NULL) = (evidence_end IS NULL)", name=op.f("ck_joins_evidence_has_both_ends")
        ),
    )
    op.create_index("ix_joins_kept_customer_id", "joins", ["kept_customer_id"])
    now = sa.text("separated_at IS NULL")
    op.create_index(
        "uq_joins_joined", "joins", ["joined_customer_id"], unique=True, sqlite_where=now, postgresql_where=now
    )


def _joined_cases() -> None:
    op.create_table(
        "joined_cases",
        sa.Column("case_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("into_case_id", sa.Integer()),
        sa.Column("own", sa.JSON(), nullable=False),
        sa.Column("last_reply_at", UtcDateTime()),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_joined_cases")),
    )
    op.create_index("ix_joined_cases_into_case_id", "joined_cases", ["into_case_id"])
