"""The team: people, roles, training, sign-ins, who looks at what, and word for each other."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, Index, Integer, String, Table, UniqueConstraint

from db.tables.base import key, metadata, moment, one_of, ref
from domain.people import Role

users = Table(
    "users",
    metadata,
    key(),
    Column("login", String(80), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("password_hash", String(300), nullable=False),
    Column("must_change_password", Boolean, nullable=False, default=False),
    Column("language", String(5), nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    Column("away", Boolean, nullable=False, default=False),
    Column("shortcuts", Boolean, nullable=False, default=True),
    ref("substitute_id", "users", nullable=True),
    moment("created_at"),
    CheckConstraint("login = lower(login)", name="login_lower_case"),
    CheckConstraint("substitute_id IS NULL OR substitute_id <> id", name="substitute_is_another"),
)

user_roles = Table(
    "user_roles",
    metadata,
    ref("user_id", "users", ondelete="CASCADE"),
    Column("role", String(12), nullable=False),
    UniqueConstraint("user_id", "role"),
    one_of("role", Role),
)

trainings = Table(
    "trainings",
    metadata,
    ref("user_id", "users", ondelete="CASCADE"),
    Column("channel", String(40), nullable=False),
    Column("mentor", Boolean, nullable=False, default=False),
    UniqueConstraint("user_id", "channel"),
)

# The cookie holds a random token; only its SHA-256 is stored.
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    ref("user_id", "users", index=True, ondelete="CASCADE"),
    moment("created_at"),
    moment("expires_at"),
    moment("revoked_at", nullable=True),
)

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    key(),
    Column("login", String(80), nullable=False),
    Column("address", String(60), nullable=False),
    moment("at"),
    Index("ix_sign_in_attempts_login", "login", "at"),
    Index("ix_sign_in_attempts_address", "address", "at"),
)

presence = Table(
    "presence",
    metadata,
    ref("user_id", "users", ondelete="CASCADE"),
    Column("case_id", Integer, nullable=False),
    moment("seen_at"),
    UniqueConstraint("user_id"),
)

# A word from the desk to one person: a case was taken, an approval came back, a customer wrote again.
notices = Table(
    "notices",
    metadata,
    key(),
    ref("user_id", "users", ondelete="CASCADE"),
    Column("kind", String(40), nullable=False),
    Column("case_id", Integer),
    Column("details", JSON, nullable=False),
    moment("at"),
    moment("read_at", nullable=True),
    Index("ix_notices_user", "user_id", "read_at"),
)
