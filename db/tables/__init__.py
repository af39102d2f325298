"""The schema: every table in one metadata, one module per part of the house."""

from db.tables.base import metadata
from db.tables.desk import (
    case_events,
    case_mentions,
    cases,
    deliveries,
    notes,
    promises,
    replies,
)
from db.tables.heard import (
    authors,
    conversations,
    corrections,
    customers,
    import_rejects,
    imports,
    judgements,
    mention_matches,
    mentions,
    quarantine,
)
from db.tables.house import accounts, audit, brands, changes, heartbeats, leases, meta, polls, watches
from db.tables.team import notices, presence, sessions, sign_in_attempts, trainings, user_roles, users

__all__ = [
    "accounts",
    "audit",
    "authors",
    "brands",
    "case_events",
    "case_mentions",
    "cases",
    "changes",
    "conversations",
    "corrections",
    "customers",
    "deliveries",
    "heartbeats",
    "import_rejects",
    "imports",
    "judgements",
    "leases",
    "mention_matches",
    "mentions",
    "meta",
    "metadata",
    "notes",
    "notices",
    "polls",
    "presence",
    "promises",
    "quarantine",
    "replies",
    "sessions",
    "sign_in_attempts",
    "trainings",
    "user_roles",
    "users",
    "watches",
]
