"""How did the first schema make cases and their events?

Frozen: later revisions change these tables, nobody edits this file.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime


def create() -> None:
    """Create these tables with their indexes."""
    _cases()
    _case_events()
    _case_mentions()


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owned_since", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lock_user_id", sa.Integer(), nullable=True),
        sa.Column("lock_until", UtcDateTime(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("last_mention_id", sa.Integer(), nullable=False),
        sa.Column("sentiment", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("urgency", sa.Float(), nullable=False),
        sa.Column("urgency_level", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("judged", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("rerank_at", UtcDateTime(), nullable=True),
        sa.Column("arrived_version", sa.BigInteger(), nullable=False),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("hand_overs", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("waiting_since", UtcDateTime(), nullable=False),
        sa.Column("last_mention_at", UtcDateTime(), nullable=False),
        sa.Column("last_reply_at", UtcDateTime(), nullable=True),
        sa.Column("snoozed_until", UtcDateTime(), nullable=True),
        sa.Column("check_back_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("resolution", sa.String(length=30), nullable=True),
        sa.CheckConstraint(
            "(state = 'new') = (owner_id IS NULL) OR state IN ('dismissed', 'resolved')",
            name=op.f("ck_cases_owned_unless_new"),
        ),
        sa.CheckConstraint(
            "state IN ('new', 'open', 'waiting', 'resolved', 'dismissed')", name=op.f("ck_cases_state_known")
        ),
        sa.CheckConstraint("urgency_level BETWEEN 0 AND 3", name=op.f("ck_cases_urgency_level_range")),
        sa.ForeignKeyConstraint(["brand_id"], ["brands.id"], name=op.f("fk_cases_brand_id_brands"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_cases_customer_id_customers")),
        sa.ForeignKeyConstraint(["last_mention_id"], ["mentions.id"], name=op.f("fk_cases_last_mention_id_mentions")),
        sa.ForeignKeyConstraint(["lock_user_id"], ["users.id"], name=op.f("fk_cases_lock_user_id_users")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_cases_owner_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(
        "ix_cases_arrived",
        "cases",
        ["brand_id", "arrived_version"],
        unique=False,
        sqlite_where=sa.text("state IN ('new', 'open')"),
        postgresql_where=sa.text("state IN ('new', 'open')"),
    )
    op.create_index(
        "ix_cases_check_back",
        "cases",
        ["check_back_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_cases_customer", "cases", ["customer_id", "id"], unique=False)
    op.create_index(
        "ix_cases_free",
        "cases",
        ["brand_id", sa.literal_column("priority DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("state = 'new'"),
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_index(
        "ix_cases_newest",
        "cases",
        ["brand_id", sa.literal_column("last_mention_at DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('new', 'open')"),
        postgresql_where=sa.text("state IN ('new', 'open')"),
    )
    op.create_index("ix_cases_owner", "cases", ["owner_id", "state"], unique=False)
    op.create_index(
        "ix_cases_queue",
        "cases",
        ["brand_id", sa.literal_column("priority DESC"), "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('new', 'open')"),
        postgresql_where=sa.text("state IN ('new', 'open')"),
    )
    op.create_index(
        "ix_cases_rerank",
        "cases",
        ["rerank_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('new', 'open')"),
        postgresql_where=sa.text("state IN ('new', 'open')"),
    )
    op.create_index(
        "ix_cases_snoozed",
        "cases",
        ["snoozed_until"],
        unique=False,
        sqlite_where=sa.text("snoozed_until IS NOT NULL"),
        postgresql_where=sa.text("snoozed_until IS NOT NULL"),
    )
    op.create_index(
        "ix_cases_waiting",
        "cases",
        ["brand_id", "waiting_since", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('new', 'open')"),
        postgresql_where=sa.text("state IN ('new', 'open')"),
    )
    op.create_index(
        "uq_cases_live_per_customer",
        "cases",
        ["brand_id", "customer_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('new', 'open', 'waiting')"),
        postgresql_where=sa.text("state IN ('new', 'open', 'waiting')"),
    )


def _case_events() -> None:
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id_cases"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    op.create_index("ix_case_events_case", "case_events", ["case_id", "id"], unique=False)


def _case_mentions() -> None:
    op.create_table(
        "case_mentions",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("mention_id", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_mentions_case_id_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["mention_id"], ["mentions.id"], name=op.f("fk_case_mentions_mention_id_mentions"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("case_id", "mention_id", name=op.f("uq_case_mentions_case_id_mention_id")),
    )
    op.create_index(op.f("ix_case_mentions_mention_id"), "case_mentions", ["mention_id"], unique=False)
