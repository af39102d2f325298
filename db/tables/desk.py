"""Work on the desk: cases, their events, replies and deliveries, promises, notes."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from db.tables.base import key, metadata, moment, one_of, ref
from domain.states import CaseState, ReplyState

RANKED = "state IN ('new', 'open')"
CARRIED = "state IN ('open', 'waiting')"
LIVE = "state IN ('new', 'open', 'waiting')"

cases = Table(
    "cases",
    metadata,
    key(),
    ref("brand_id", "brands", ondelete="CASCADE"),
    ref("customer_id", "customers"),
    # Whose it was before a colleague joined two persons; null: whose it is.
    Column("home_customer_id", Integer),
    Column("state", String(12), nullable=False),
    ref("owner_id", "users", nullable=True),
    moment("owned_since", nullable=True),
    # Raised by every change; an act names the version it saw.
    Column("version", Integer, nullable=False, default=1),
    ref("lock_user_id", "users", nullable=True),
    moment("lock_until", nullable=True),
    Column("channel", String(40), nullable=False),
    ref("last_mention_id", "mentions"),
    Column("sentiment", String(12), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("urgency", Float, nullable=False),
    Column("urgency_level", Integer, nullable=False),
    Column("unsure", Boolean, nullable=False, default=False),
    Column("judged", Boolean, nullable=False, default=False),
    # Time-free rank key and its reasons (codes and numbers), see domain.priority.
    Column("priority", Float, nullable=False),
    Column("reasons", JSON, nullable=False),
    moment("rerank_at", nullable=True),
    # The brand's change counter when the case last came to the desk anew: "3 new" without a log.
    Column("arrived_version", BigInteger, nullable=False, default=0),
    Column("contacts", Integer, nullable=False, default=1),
    Column("hand_overs", Integer, nullable=False, default=0),
    moment("opened_at"),
    moment("waiting_since"),
    moment("last_mention_at"),
    moment("last_reply_at", nullable=True),
    moment("snoozed_until", nullable=True),
    moment("check_back_at", nullable=True),
    moment("closed_at", nullable=True),
    Column("resolution", String(30)),
    # As the customer lived it, kept by triggers (db.counting_triggers): first asked, first answered, reopened last,
    # and the language of the first post.
    moment("asked_at", nullable=True),
    moment("answered_at", nullable=True),
    moment("reopened_at", nullable=True),
    Column("language", String(12)),
    one_of("state", CaseState),
    CheckConstraint(
        "(state = 'new') = (owner_id IS NULL) OR state IN ('dismissed', 'resolved')", name="owned_unless_new"
    ),
    CheckConstraint("urgency_level BETWEEN 0 AND 3", name="urgency_level_range"),
    # One open episode per customer and brand.
    Index(
        "uq_cases_live_per_customer",
        "brand_id",
        "customer_id",
        unique=True,
        sqlite_where=text(LIVE),
        postgresql_where=text(LIVE),
    ),
    Index("ix_cases_customer", "customer_id", "id"),
    Index(
        "ix_cases_queue",
        "brand_id",
        text("priority DESC"),
        "id",
        sqlite_where=text(RANKED),
        postgresql_where=text(RANKED),
    ),
    Index(
        "ix_cases_free",
        "brand_id",
        text("priority DESC"),
        "id",
        sqlite_where=text("state = 'new'"),
        postgresql_where=text("state = 'new'"),
    ),
    Index(
        "ix_cases_waiting", "brand_id", "waiting_since", "id", sqlite_where=text(RANKED), postgresql_where=text(RANKED)
    ),
    Index(
        "ix_cases_newest",
        "brand_id",
        text("last_mention_at DESC"),
        "id",
        sqlite_where=text(RANKED),
        postgresql_where=text(RANKED),
    ),
    Index(
        "ix_cases_arrived",
        "brand_id",
        "arrived_version",
        sqlite_where=text(RANKED),
        postgresql_where=text(RANKED),
    ),
    Index(
        "ix_cases_snoozed",
        "snoozed_until",
        sqlite_where=text("snoozed_until IS NOT NULL"),
        postgresql_where=text("snoozed_until IS NOT NULL"),
    ),
    Index("ix_cases_owner", "owner_id", "state"),
    # All that choosing and counting one's own cases needs: without it each of hundreds is looked up in the table.
    Index(
        "ix_cases_mine",
        "owner_id",
        "brand_id",
        "state",
        text("priority DESC"),
        "id",
        "snoozed_until",
        sqlite_where=text(CARRIED),
        postgresql_where=text(CARRIED),
    ),
    Index("ix_cases_rerank", "rerank_at", sqlite_where=text(RANKED), postgresql_where=text(RANKED)),
    Index(
        "ix_cases_check_back",
        "check_back_at",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
)

case_mentions = Table(
    "case_mentions",
    metadata,
    ref("case_id", "cases", ondelete="CASCADE"),
    ref("mention_id", "mentions", index=True, ondelete="CASCADE"),
    # The case it came from, where that became part of this one; the same in replies, promises and notes.
    Column("home_case_id", Integer),
    moment("added_at"),
    UniqueConstraint("case_id", "mention_id"),
)

# Append-only (triggers). Ids and codes only, never text or names.
case_events = Table(
    "case_events",
    metadata,
    key(),
    ref("case_id", "cases", ondelete="CASCADE"),
    moment("at"),
    Column("actor_id", Integer),
    Column("kind", String(40), nullable=False),
    Column("details", JSON, nullable=False),
    Index("ix_case_events_case", "case_id", "id"),
)

#: Of a reply that may still become public, or has become so without our knowing it.
UNDER_WAY = "status IN ('awaiting_approval','queued','sending','uncertain','needs_human','by_hand')"

replies = Table(
    "replies",
    metadata,
    key(),
    ref("case_id", "cases", ondelete="CASCADE"),
    Column("home_case_id", Integer),
    ref("mention_id", "mentions"),
    ref("account_id", "accounts", nullable=True),
    Column("channel", String(40), nullable=False),
    ref("author_id", "users"),
    Column("text", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("version", Integer, nullable=False, default=1),
    Column("idempotency_key", String(80), nullable=False, unique=True),
    # What its channel fixed before the first attempt: the very record to write, or where to look for it.
    Column("prepared", Text, nullable=False, server_default=""),
    # What its author handed in, where an approver let other words go out.
    Column("author_text", Text),
    # A promise typed with the reply; it enters the ledger when the reply is sent.
    Column("promise_text", Text),
    moment("promise_due_at", nullable=True),
    Column("return_note", Text),
    Column("return_reason", String(40)),
    ref("approver_id", "users", nullable=True),
    moment("created_at"),
    moment("updated_at"),
    moment("queued_at", nullable=True),
    moment("send_after", nullable=True),
    Column("attempts", Integer, nullable=False, default=0),
    Column("lease_owner", String(80)),
    moment("lease_until", nullable=True),
    moment("first_attempt_at", nullable=True),
    Column("absent_probes", Integer, nullable=False, default=0),
    moment("next_probe_at", nullable=True),
    Column("denied_once", Boolean, nullable=False, default=False),
    Column("remote_id", String(300)),
    Column("url", String(2000)),
    moment("sent_at", nullable=True),
    moment("confirmed_at", nullable=True),
    Column("error", String(500)),
    one_of("status", ReplyState),
    CheckConstraint("approver_id IS NULL OR approver_id <> author_id", name="four_eyes"),
    CheckConstraint("status <> 'sent' OR sent_at IS NOT NULL", name="sent_has_time"),
    CheckConstraint("status <> 'queued' OR send_after IS NOT NULL", name="queued_has_time"),
    Index("ix_replies_case", "case_id", "id"),
    Index("ix_replies_pending", "status", "send_after"),
    Index(
        "ix_replies_sent",
        "status",
        "sent_at",
        sqlite_where=text("sent_at IS NOT NULL"),
        postgresql_where=text("sent_at IS NOT NULL"),
    ),
    # One draft per case and author; one reply under way per case.
    Index(
        "uq_replies_draft",
        "case_id",
        "author_id",
        unique=True,
        sqlite_where=text("status = 'draft'"),
        postgresql_where=text("status = 'draft'"),
    ),
    Index(
        "uq_replies_under_way",
        "case_id",
        unique=True,
        sqlite_where=text(UNDER_WAY),
        postgresql_where=text(UNDER_WAY),
    ),
    Index("uq_replies_remote", "channel", "remote_id", unique=True),
)

# One row per attempt or look-up.
deliveries = Table(
    "deliveries",
    metadata,
    key(),
    ref("reply_id", "replies", index=True, ondelete="CASCADE"),
    Column("act", String(12), nullable=False),
    moment("started_at"),
    moment("finished_at", nullable=True),
    Column("outcome", String(30)),
    Column("detail", String(500)),
    CheckConstraint("act IN ('publish', 'lookup')", name="act_known"),
)

promises = Table(
    "promises",
    metadata,
    key(),
    ref("case_id", "cases", index=True, ondelete="CASCADE"),
    Column("home_case_id", Integer),
    ref("customer_id", "customers", index=True),
    ref("reply_id", "replies", nullable=True),
    ref("owner_id", "users"),
    Column("text", Text, nullable=False),
    moment("due_at"),
    Column("status", String(10), nullable=False),
    moment("created_at"),
    moment("closed_at", nullable=True),
    CheckConstraint("status IN ('open', 'kept', 'broken')", name="status_known"),
    CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed_has_time"),
    Index("ix_promises_due", "status", "due_at"),
)

notes = Table(
    "notes",
    metadata,
    key(),
    ref("case_id", "cases", nullable=True, index=True, ondelete="CASCADE"),
    Column("home_case_id", Integer),
    ref("customer_id", "customers", index=True),
    Column("home_customer_id", Integer),
    ref("author_id", "users"),
    Column("text", Text, nullable=False),
    moment("created_at"),
)
