"""The house itself: brands, watches, accounts, polls, leases, audit, and what changed last."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    true,
)

from db.tables.base import key, metadata, moment, ref

brands = Table(
    "brands",
    metadata,
    key(),
    Column("name", String(120), nullable=False, unique=True),
    Column("slug", String(60), nullable=False, unique=True),
    Column("timezone", String(60), nullable=False),
    Column("is_sample", Boolean, nullable=False, default=False),
    moment("created_at"),
)

watches = Table(
    "watches",
    metadata,
    key(),
    ref("brand_id", "brands", index=True, ondelete="CASCADE"),
    Column("name", String(120), nullable=False),
    Column("terms", JSON, nullable=False),
    Column("exclusions", JSON, nullable=False),
    Column("languages", JSON, nullable=False),
    Column("channels", JSON, nullable=False),
    Column("is_competitor", Boolean, nullable=False, default=False),
    Column("active", Boolean, nullable=False, default=True),
    # Raised by every change: two people never undo each other's without seeing it.
    Column("version", Integer, nullable=False, server_default="1"),
    moment("created_at"),
    UniqueConstraint("brand_id", "name"),
)

accounts = Table(
    "accounts",
    metadata,
    key(),
    ref("brand_id", "brands", index=True, ondelete="CASCADE"),
    Column("channel", String(40), nullable=False),
    Column("handle", String(200), nullable=False),
    Column("base_url", String(500)),
    Column("secret_ref", String(300)),
    Column("publishing", Boolean, nullable=False, default=False),
    Column("active", Boolean, nullable=False, default=True),
    moment("created_at"),
    UniqueConstraint("brand_id", "channel", "handle"),
)

# One row per channel and watch that is polled: whoever holds the lease moves the cursor beside it.
polls = Table(
    "polls",
    metadata,
    key(),
    Column("channel", String(40), nullable=False),
    ref("watch_id", "watches", index=True, ondelete="CASCADE"),
    Column("cursor", Text),
    moment("next_poll_at"),
    Column("lease_owner", String(80)),
    moment("lease_until", nullable=True),
    moment("last_success_at", nullable=True),
    moment("complete_up_to", nullable=True),
    moment("failing_since", nullable=True),
    Column("last_error", String(500)),
    # The stable word of that error, so that the desk can say it in the reader's language.
    Column("error_key", String(40)),
    Column("stopped", Boolean, nullable=False, default=False),
    # False while its watch does not ask for this channel: nobody polls it, the cursor waits.
    Column("active", Boolean, nullable=False, server_default=true()),
    moment("last_poll_at", nullable=True),
    # The newest post this poll has brought, by its own date: silence is measured from here.
    moment("last_post_at", nullable=True),
    # After this long without a post something is wrong, as the last days have shown; null: not enough is known.
    Column("silence_s", Integer),
    moment("silence_learned_at", nullable=True),
    # What the network's last answer said about its limits.
    Column("quota_left", Integer),
    Column("quota_limit", Integer),
    moment("quota_resets_at", nullable=True),
    # Whether somebody has been told that this poll hears nothing: lost once, back once.
    moment("told_blind_at", nullable=True),
    # When a person last asked for this poll: whatever its channel lets rest is asked all the same.
    moment("asked_at", nullable=True),
    UniqueConstraint("channel", "watch_id"),
)

# Holes in what was heard, known and kept: a figure over this stretch of time is a lower bound.
gaps = Table(
    "gaps",
    metadata,
    key(),
    Column("channel", String(40), nullable=False),
    ref("watch_id", "watches", ondelete="CASCADE"),
    moment("from_at"),
    moment("to_at"),
    Column("reason", String(300), nullable=False),
    moment("noted_at"),
    # Since when people know of it; until then every page says so.
    moment("known_at", nullable=True),
    UniqueConstraint("watch_id", "channel", "from_at", "to_at", "reason"),
    CheckConstraint("from_at <= to_at", name="gap_has_length"),
)

# One row per channel heard through a stream beside its polls: all watches share one connection.
streams = Table(
    "streams",
    metadata,
    Column("channel", String(40), primary_key=True),
    Column("cursor", Text),
    moment("connected_at", nullable=True),
    moment("last_event_at", nullable=True),
    moment("failing_since", nullable=True),
    Column("last_error", String(500)),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("owner", String(80), nullable=False),
    Column("token", BigInteger, nullable=False),
    moment("until"),
)

heartbeats = Table("heartbeats", metadata, Column("process", String(40), primary_key=True), moment("at"))

# Append-only (triggers). Ids and codes only: erasing a person never needs to touch it.
audit = Table(
    "audit",
    metadata,
    key(),
    moment("at", index=True),
    Column("actor", String(80), nullable=False),
    Column("user_id", Integer),
    Column("action", String(60), nullable=False),
    Column("entity", String(40), nullable=False),
    Column("entity_id", Integer),
    Column("outcome", String(20), nullable=False),
    Column("reason", String(500)),
    Column("details", JSON, nullable=False),
    CheckConstraint("outcome IN ('done', 'refused')", name="outcome_known"),
    Index("ix_audit_entity", "entity", "entity_id"),
)

# One counter per brand, raised in every transaction that changes what the desk shows.
changes = Table(
    "changes",
    metadata,
    Column("brand_id", Integer, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)

meta = Table("meta", metadata, Column("name", String(60), primary_key=True), Column("value", Text, nullable=False))
