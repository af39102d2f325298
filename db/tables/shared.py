"""What many customers bring at once: spikes as they were noticed, and the problems that group cases."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, Float, Index, Integer, String, Table, Text, UniqueConstraint, text

from db.tables.base import key, metadata, moment, one_of, ref
from domain.problem import Left, Outcome, ProblemState
from domain.spike import Measure, SpikeState

# One row for each time a brand was spoken of far more than usual; kept up to date while it lasts.
spikes = Table(
    "spikes",
    metadata,
    key(),
    ref("brand_id", "brands", ondelete="CASCADE"),
    # '' for all channels together.
    Column("channel", String(40), nullable=False),
    Column("measure", String(12), nullable=False),
    Column("state", String(12), nullable=False),
    # The beginning of its first hour and the end of its last one that was above; the last may still run.
    moment("from_at"),
    moment("to_at"),
    # How many there were from its beginning to its end so far, and how many are usual in those hours.
    Column("posts", Integer, nullable=False),
    Column("usual", Float, nullable=False),
    moment("peak_at"),
    Column("peak_posts", Integer, nullable=False),
    moment("noticed_at"),
    moment("updated_at"),
    # When it was quiet again.
    moment("over_at", nullable=True),
    # Known to somebody, or set aside by them.
    ref("set_aside_by_id", "users", nullable=True),
    moment("set_aside_at", nullable=True),
    Column("set_aside_reason", String(300)),
    one_of("measure", Measure),
    one_of("state", SpikeState),
    CheckConstraint("from_at < to_at", name="spike_has_length"),
    CheckConstraint("(state = 'set_aside') = (set_aside_at IS NOT NULL)", name="set_aside_has_time"),
    Index("ix_spikes_brand", "brand_id", "from_at"),
    Index(
        "uq_spikes_open",
        "brand_id",
        "channel",
        "measure",
        unique=True,
        sqlite_where=text("over_at IS NULL"),
        postgresql_where=text("over_at IS NULL"),
    ),
)

problems = Table(
    "problems",
    metadata,
    key(),
    ref("brand_id", "brands", index=True, ondelete="CASCADE"),
    ref("spike_id", "spikes", nullable=True, index=True, ondelete="SET NULL"),
    # In a colleague's own words.
    Column("title", String(120), nullable=False),
    Column("about", Text, nullable=False),
    Column("state", String(12), nullable=False),
    # Raised by every change; an act names the version it saw.
    Column("version", Integer, nullable=False, server_default="1"),
    ref("opened_by_id", "users", nullable=True),
    moment("opened_at"),
    # The one message that each owner adapts, once there is something to tell.
    Column("message", Text),
    ref("solved_by_id", "users", nullable=True),
    moment("solved_at", nullable=True),
    ref("closed_by_id", "users", nullable=True),
    moment("closed_at", nullable=True),
    Column("outcome", String(12)),
    Column("reason", String(300)),
    one_of("state", ProblemState),
    one_of("outcome", Outcome),
    CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
    CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed_has_outcome"),
    CheckConstraint("state <> 'solved' OR (message IS NOT NULL AND solved_at IS NOT NULL)", name="solved_has_message"),
)

# Which cases a problem groups. Each keeps its owner; a case is part of one problem at most at a time.
problem_cases = Table(
    "problem_cases",
    metadata,
    key(),
    ref("problem_id", "problems", ondelete="CASCADE"),
    ref("case_id", "cases", ondelete="CASCADE"),
    moment("added_at"),
    ref("added_by_id", "users", nullable=True),
    moment("left_at", nullable=True),
    ref("left_by_id", "users", nullable=True),
    Column("left_why", String(12)),
    one_of("left_why", Left),
    CheckConstraint("(left_at IS NULL) = (left_why IS NULL)", name="left_has_reason"),
    UniqueConstraint("problem_id", "case_id"),
    Index(
        "uq_problem_cases_one_problem",
        "case_id",
        unique=True,
        sqlite_where=text("left_at IS NULL"),
        postgresql_where=text("left_at IS NULL"),
    ),
)

# Append-only (triggers). Ids and codes only, never text or names.
problem_events = Table(
    "problem_events",
    metadata,
    key(),
    ref("problem_id", "problems", ondelete="CASCADE"),
    moment("at"),
    Column("actor_id", Integer),
    Column("kind", String(40), nullable=False),
    Column("details", JSON, nullable=False),
    Index("ix_problem_events_problem", "problem_id", "id"),
)
