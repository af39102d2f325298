"""Nothing is kept that was made of the words of a deleted post, and of no post more names of wordings than are needed.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_DELETED = "SELECT id FROM mentions WHERE deleted_at IS NOT NULL"
#: As many as are kept of a post from here on.
_TOO_OLD = """
    SELECT mention_id, version FROM (
        SELECT mention_id, version,
            row_number() OVER (PARTITION BY mention_id ORDER BY followed_at DESC, version) AS place
        FROM past_wordings
    ) AS by_age WHERE place > 20
"""


def upgrade() -> None:
    """The schema stays."""
    op.execute("UPDATE mentions SET version = NULL WHERE deleted_at IS NOT NULL AND version IS NOT NULL")
    op.execute(f"DELETE FROM past_wordings WHERE mention_id IN ({_DELETED})")  # noqa: S608 - no value of anybody
    op.execute(f"DELETE FROM past_wordings WHERE (mention_id, version) IN ({_TOO_OLD})")  # noqa: S608 - see above
