"""What nobody needs to act on is counted under no theme, and every case in the queue is ranked by the points of today.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

from alembic import op

from db import counting_triggers, rollups

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Everything is counted anew, and from here on the triggers keep it; the schema stays.

    The points of the queue have changed: with its moment in the past, the worker ranks each case again, in batches.
    """
    op.execute("UPDATE cases SET rerank_at = waiting_since WHERE state IN ('new', 'open')")
    counting_triggers.take_down(op.get_bind())
    rollups.rebuild(op.get_bind())
    counting_triggers.put_up(op.get_bind())
