"""The first released schema.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import op

from db.migrations.first import answers, cases, heard, house, team
from db.migrations.triggers import refuse

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table; what is history cannot be rewritten, and the audit trail cannot be shortened."""
    for part in (house, team, heard, cases, answers):
        part.create()
    for table in ("audit", "case_events", "judgements", "corrections"):
        refuse(op.get_bind(), table, "UPDATE")
    refuse(op.get_bind(), "audit", "DELETE")
