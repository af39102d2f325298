"""Where the accounts' secrets stand, sealed; sign-ins on networks under way; how networks know this desk.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three new tables, all empty: secrets that were named by a variable or a file stay where they are."""
    op.create_table(
        "secrets",
        sa.Column("account_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("expires_at", UtcDateTime()),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_secrets")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], op.f("fk_secrets_account_id_accounts"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "connections",
        sa.Column("state_hash", sa.String(64), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("session_hash", sa.String(64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_connections")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], op.f("fk_connections_brand_id_brands"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "network_apps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("server", sa.String(500), nullable=False),
        sa.Column("redirect_uri", sa.String(500), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_apps")),
        sa.UniqueConstraint(
            "channel", "server", "redirect_uri", name=op.f("uq_network_apps_channel_server_redirect_uri")
        ),
    )
