"""What is told to people outside the desk: where, when not, of what already, and every message under way."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, text

from db.tables.base import key, metadata, moment, one_of, ref
from domain.alert import AlertKind, DeliveryState, Medium

PENDING = "state IN ('waiting', 'sending')"

# When a colleague is left in peace; minutes of their own day. No row: at no time.
alert_quiet = Table(
    "alert_quiet",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("timezone", String(60), nullable=False),
    Column("from_min", Integer, nullable=False),
    Column("until_min", Integer, nullable=False),
    Column("urgent_anyway", Boolean, nullable=False),
    CheckConstraint("from_min BETWEEN 0 AND 1439 AND until_min BETWEEN 0 AND 1439", name="minutes_of_a_day"),
)

# Where a colleague (``user_id``), the team (null), or a scheduled export is told. ``hint`` is what may be shown of it.
alert_addresses = Table(
    "alert_addresses",
    metadata,
    key(),
    ref("user_id", "users", nullable=True, index=True, ondelete="CASCADE"),
    ref("made_by_id", "users", nullable=True, ondelete="SET NULL"),
    Column("medium", String(10), nullable=False),
    Column("service", String(60), nullable=False),
    Column("hint", String(120), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("language", String(5), nullable=False),
    # Which kinds reach it; none where it is the one that the files of a scheduled export go to.
    Column("kinds", JSON, nullable=False),
    ref("schedule_id", "export_schedules", nullable=True, index=True, ondelete="CASCADE"),
    moment("created_at"),
    one_of("medium", Medium),
)

# What was told once is told again only after a while: one row a cause, changed by whoever tells of it.
alert_causes = Table(
    "alert_causes",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("cause", String(120), primary_key=True),
    moment("told_at", index=True),
    one_of("kind", AlertKind),
)

# One message to one address. ``details``: ids, codes and numbers, never text or names.
alert_deliveries = Table(
    "alert_deliveries",
    metadata,
    key(),
    ref("address_id", "alert_addresses", index=True, ondelete="CASCADE"),
    Column("kind", String(20), nullable=False),
    ref("brand_id", "brands", nullable=True, ondelete="CASCADE"),
    Column("details", JSON, nullable=False),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False),
    moment("created_at"),
    moment("next_at"),
    Column("lease_owner", String(80)),
    moment("lease_until", nullable=True),
    moment("ended_at", nullable=True),
    Column("error", String(40)),
    one_of("kind", AlertKind),
    one_of("state", DeliveryState),
    Index("ix_alert_deliveries_due", "next_at", sqlite_where=text(PENDING), postgresql_where=text(PENDING)),
    Index("ix_alert_deliveries_ended", "ended_at"),
)
