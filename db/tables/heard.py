"""What was heard: customers, authors, conversations, mentions, judgements, imports."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from db.tables.base import key, metadata, moment, one_of, ref
from domain.judgement import Kind, Sentiment

# A person of the public. Authors are linked to customers; joining two is a person's act.
customers = Table(
    "customers",
    metadata,
    key(),
    Column("name", String(200), nullable=False),
    Column("about", Text, nullable=False, default=""),
    Column("dont_ask_again", Text, nullable=False, default=""),
    ref("preferred_operator_id", "users", nullable=True),
    moment("first_seen_at"),
    moment("last_seen_at", index=True),
)

authors = Table(
    "authors",
    metadata,
    key(),
    Column("channel", String(40), nullable=False),
    Column("origin", String(200), nullable=False),
    Column("native_id", String(300), nullable=False),
    ref("customer_id", "customers", index=True),
    # Whose it was before a colleague joined two persons; null: whose it is.
    Column("home_customer_id", Integer),
    Column("handle", String(300), nullable=False),
    Column("name", String(300), nullable=False),
    Column("bio", Text, nullable=False, default=""),
    Column("location", String(200), nullable=False, default=""),
    Column("followers", Integer),
    Column("avatar_url", String(1000)),
    Column("profile_url", String(1000)),
    moment("updated_at"),
    UniqueConstraint("channel", "origin", "native_id"),
)
_JOINED = authors.c.home_customer_id.is_not(None)
Index("ix_authors_home", authors.c.home_customer_id, sqlite_where=_JOINED, postgresql_where=_JOINED)

conversations = Table(
    "conversations",
    metadata,
    key(),
    Column("channel", String(40), nullable=False),
    Column("origin", String(200), nullable=False),
    Column("native_id", String(300), nullable=False),
    UniqueConstraint("channel", "origin", "native_id"),
)

mentions = Table(
    "mentions",
    metadata,
    key(),
    Column("channel", String(40), nullable=False),
    Column("origin", String(200), nullable=False),
    Column("native_id", String(300), nullable=False),
    ref("conversation_id", "conversations", index=True),
    Column("parent_native_id", String(300)),
    ref("author_id", "authors", index=True),
    Column("text", Text, nullable=False),
    Column("language", String(12)),
    Column("url", String(2000)),
    # The network's name for this wording of the post, and what its channel needs to answer it.
    Column("version", String(120)),
    Column("reply_ref", Text),
    # Who may read it (domain.mention.Audience).
    Column("audience", String(12), nullable=False, server_default="public"),
    # When the network is next asked whether it is still there; null: at once.
    moment("recheck_at", nullable=True),
    Column("media", JSON, nullable=False),
    moment("published_at"),
    moment("edited_at", nullable=True),
    moment("received_at"),
    moment("deleted_at", nullable=True),
    Column("is_own", Boolean, nullable=False, default=False),
    Column("is_repost", Boolean, nullable=False, default=False),
    Column("is_history", Boolean, nullable=False, default=False),
    # Latest judgement, copied here so that the queue never searches for it; a correction is applied on top.
    Column("judgement_id", Integer),
    Column("sentiment", String(12)),
    Column("kind", String(12)),
    Column("urgency", Float),
    Column("urgency_level", Integer),
    Column("unsure", Boolean),
    # Model revision of the latest judgement; null while only the rules have looked.
    Column("judged_by", String(80)),
    Column("corrected", Boolean, nullable=False, default=False),
    UniqueConstraint("channel", "origin", "native_id"),
    CheckConstraint("urgency_level IS NULL OR urgency_level BETWEEN 0 AND 3", name="urgency_level_range"),
    Index("ix_mentions_author_time", "author_id", "published_at"),
    Index("ix_mentions_time", "published_at"),
    # Others' posts that are still there: ours and deleted ones are never looked for again.
    Index(
        "ix_mentions_recheck",
        "channel",
        "recheck_at",
        sqlite_where=text("deleted_at IS NULL AND is_own = 0"),
        postgresql_where=text("deleted_at IS NULL AND NOT is_own"),
    ),
    # The worker takes live work first, the newest first, then history.
    Index(
        "ix_mentions_unjudged",
        "is_history",
        "id",
        sqlite_where=text("judged_by IS NULL"),
        postgresql_where=text("judged_by IS NULL"),
    ),
    # What our account said, by the post it answers.
    Index(
        "ix_mentions_our_answers",
        "parent_native_id",
        sqlite_where=text("is_own = 1"),
        postgresql_where=text("is_own"),
    ),
)

# Names of wordings that were followed by another, where no name comes back: who hands one in again changes nothing.
past_wordings = Table(
    "past_wordings",
    metadata,
    Column("mention_id", ForeignKey("mentions.id", ondelete="CASCADE"), primary_key=True),
    Column("version", String(120), primary_key=True),
    moment("followed_at"),
)

mention_matches = Table(
    "mention_matches",
    metadata,
    ref("mention_id", "mentions", ondelete="CASCADE"),
    ref("watch_id", "watches", ondelete="CASCADE"),
    moment("matched_at"),
    # Found by the first reading of a source and too old to be queued by it: counted and shown, no case.
    Column("is_older", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("mention_id", "watch_id"),
    Index("ix_mention_matches_watch_time", "watch_id", "matched_at"),
    Index(
        "ix_mention_matches_older",
        "watch_id",
        sqlite_where=text("is_older = 1"),
        postgresql_where=text("is_older"),
    ),
)

# Append-only (triggers): what each model revision said. No text, only codes and offsets.
judgements = Table(
    "judgements",
    metadata,
    key(),
    ref("mention_id", "mentions", ondelete="CASCADE"),
    Column("model", String(80), nullable=False),
    Column("language", String(12), nullable=False),
    Column("sentiment", String(12), nullable=False),
    Column("sentiment_scores", JSON, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("kind_scores", JSON, nullable=False),
    Column("urgency", Float, nullable=False),
    Column("urgency_level", Integer, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("unsure", Boolean, nullable=False),
    moment("created_at"),
    one_of("sentiment", Sentiment),
    one_of("kind", Kind),
    CheckConstraint("urgency BETWEEN 0 AND 3", name="urgency_range"),
    Index("ix_judgements_mention", "mention_id", "id"),
)

# Append-only (triggers): a person's labels; the latest per field wins.
corrections = Table(
    "corrections",
    metadata,
    key(),
    ref("mention_id", "mentions", ondelete="CASCADE", index=True),
    ref("user_id", "users"),
    Column("sentiment", String(12)),
    Column("kind", String(12)),
    Column("urgency_level", Integer),
    moment("created_at"),
    CheckConstraint("urgency_level IS NULL OR urgency_level BETWEEN 0 AND 3", name="urgency_level_range"),
)

imports = Table(
    "imports",
    metadata,
    key(),
    ref("brand_id", "brands", index=True, ondelete="CASCADE"),
    Column("file_name", String(300), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("purpose", String(10), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("read", Integer, nullable=False),
    Column("stored", Integer, nullable=False),
    Column("duplicates", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    moment("at"),
)

import_rejects = Table(
    "import_rejects",
    metadata,
    key(),
    ref("import_id", "imports", index=True, ondelete="CASCADE"),
    Column("line", Integer, nullable=False),
    Column("reason", String(300), nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    key(),
    Column("channel", String(40), nullable=False),
    Column("raw", Text, nullable=False),
    Column("reason", String(500), nullable=False),
    moment("at"),
)
