"""No index of answered cases: the report finds who wrote again from the posts of its month.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One index less to keep with every case that changes."""
    op.drop_index("ix_cases_answered", "cases")
