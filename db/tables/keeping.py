"""What must not be read by whoever finds the database: secrets, sign-ins under way, keys of our apps. All sealed."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from db.tables.base import key, metadata, moment, ref

# At most one secret an account; an account that names a variable or a file has none here.
secrets = Table(
    "secrets",
    metadata,
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("sealed", Text, nullable=False),
    # Raised by every change: what was fetched for an older one takes nobody's place.
    Column("version", Integer, nullable=False, server_default="1"),
    # When the network stops to take it, unless it is renewed before; null: it lasts until it is revoked.
    moment("expires_at", nullable=True),
    moment("changed_at"),
)

# Somebody was sent to a network to agree; they come back with the word whose hash is the key, once.
connections = Table(
    "connections",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    ref("brand_id", "brands", ondelete="CASCADE"),
    Column("channel", String(40), nullable=False),
    # The hash of the browser's session that began it, or the name of who began it at the command line.
    Column("session_hash", String(64), nullable=False),
    Column("sealed", Text, nullable=False),
    moment("begun_at"),
    moment("ends_at"),
    moment("used_at", nullable=True),
)

# How a server knows this desk: registered once for each server and address to come back to.
network_apps = Table(
    "network_apps",
    metadata,
    key(),
    Column("channel", String(40), nullable=False),
    Column("server", String(500), nullable=False),
    Column("redirect_uri", String(500), nullable=False),
    Column("sealed", Text, nullable=False),
    moment("made_at"),
    UniqueConstraint("channel", "server", "redirect_uri"),
)
