"""What is told to people outside the desk: where, when not, of what already, and the messages under way.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_CHOSEN = "'spike', 'unowned', 'promise', 'blind', 'budget', 'reply', 'test', 'export'"
_STATES = "'waiting', 'sending', 'sent', 'dropped', 'given_up'"


def upgrade() -> None:
    """Four new tables."""
    _quiet()
    _addresses()
    _causes()
    _deliveries()


def _refers(table: str, column: str, target: str, on_deletion: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name, ondelete=on_deletion)


def _quiet() -> None:
    op.create_table(
        "alert_quiet",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("timezone", sa.String(60), nullable=False),
        sa.Column("from_min", sa.Integer(), nullable=False),
        sa.Column("until_min", sa.Integer(), nullable=False),
        sa.Column("urgent_anyway", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_alert_quiet")),
        _refers("alert_quiet", "user_id", "users", "CASCADE"),
        sa.CheckConstraint(
            "from_min BETWEEN 0 AND 1439 AND until_min BETWEEN 0 AND 1439",
            name=op.f("ck_alert_quiet_minutes_of_a_day"),
        ),
    )


def _addresses() -> None:
    op.create_table(
        "alert_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("made_by_id", sa.Integer()),
        sa.Column("medium", sa.String(10), nullable=False),
        sa.Column("service", sa.String(60), nullable=False),
        sa.Column("hint", sa.String(120), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("schedule_id", sa.Integer()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_addresses")),
        _refers("alert_addresses", "user_id", "users", "CASCADE"),
        _refers("alert_addresses", "made_by_id", "users", "SET NULL"),
        _refers("alert_addresses", "schedule_id", "export_schedules", "CASCADE"),
        sa.CheckConstraint("medium IN ('mail', 'chat', 'webhook')", name=op.f("ck_alert_addresses_medium_known")),
    )
    op.create_index("ix_alert_addresses_user_id", "alert_addresses", ["user_id"])
    op.create_index("ix_alert_addresses_schedule_id", "alert_addresses", ["schedule_id"])


def _causes() -> None:
    op.create_table(
        "alert_causes",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(120), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "cause", name=op.f("pk_alert_causes")),
        sa.CheckConstraint(f"kind IN ({_CHOSEN})", name=op.f("ck_alert_causes_kind_known")),
    )
    op.create_index("ix_alert_causes_told_at", "alert_causes", ["told_at"])


def _deliveries() -> None:
    op.create_table(
        "alert_deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("brand_id", sa.Integer()),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("lease_owner", sa.String(80)),
        sa.Column("lease_until", UtcDateTime()),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("error", sa.String(40)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_deliveries")),
        _refers("alert_deliveries", "address_id", "alert_addresses", "CASCADE"),
        _refers("alert_deliveries", "brand_id", "brands", "CASCADE"),
        sa.CheckConstraint(f"kind IN ({_CHOSEN})", name=op.f("ck_alert_deliveries_kind_known")),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_alert_deliveries_state_known")),
    )
    op.create_index("ix_alert_deliveries_address_id", "alert_deliveries", ["address_id"])
    pending = sa.text("state IN ('waiting', 'sending')")
    op.create_index(
        "ix_alert_deliveries_due", "alert_deliveries", ["next_at"], sqlite_where=pending, postgresql_where=pending
    )
    op.create_index("ix_alert_deliveries_ended", "alert_deliveries", ["ended_at"])
