"""Spikes as they were noticed, and the problems that group cases.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from db.migrations.triggers import refuse
from db.types import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Four new tables."""
    _spikes()
    _problems()
    _problem_cases()
    _problem_events()
    refuse(op.get_bind(), "problem_events", "UPDATE")


def _refers(table: str, column: str, target: str, on_deletion: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name, ondelete=on_deletion)


def _demands(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _spikes() -> None:
    op.create_table(
        "spikes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("measure", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("from_at", UtcDateTime(), nullable=False),
        sa.Column("to_at", UtcDateTime(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("usual", sa.Float(), nullable=False),
        sa.Column("peak_at", UtcDateTime(), nullable=False),
        sa.Column("peak_posts", sa.Integer(), nullable=False),
        sa.Column("noticed_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("over_at", UtcDateTime()),
        sa.Column("set_aside_by_id", sa.Integer()),
        sa.Column("set_aside_at", UtcDateTime()),
        sa.Column("set_aside_reason", sa.String(300)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spikes")),
        _refers("spikes", "brand_id", "brands", "CASCADE"),
        _refers("spikes", "set_aside_by_id", "users"),
        _demands("spikes", "measure_known", "measure IN ('posts', 'complaints')"),
        _demands("spikes", "state_known", "state IN ('open', 'over', 'set_aside')"),
        _demands("spikes", "spike_has_length", "from_at < to_at"),
        _demands("spikes", "set_aside_has_time", "(state = 'set_aside') = (set_aside_at IS NOT NULL)"),
    )
    op.create_index("ix_spikes_brand", "spikes", ["brand_id", "from_at"])
    lasts = sa.text("over_at IS NULL")
    series = ["brand_id", "channel", "measure"]
    op.create_index("uq_spikes_open", "spikes", series, unique=True, sqlite_where=lasts, postgresql_where=lasts)


def _problems() -> None:
    op.create_table(
        "problems",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer(), nullable=False),
        sa.Column("spike_id", sa.Integer()),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("opened_by_id", sa.Integer()),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("message", sa.Text()),
        sa.Column("solved_by_id", sa.Integer()),
        sa.Column("solved_at", UtcDateTime()),
        sa.Column("closed_by_id", sa.Integer()),
        sa.Column("closed_at", UtcDateTime()),
        sa.Column("outcome", sa.String(12)),
        sa.Column("reason", sa.String(300)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problems")),
        _refers("problems", "brand_id", "brands", "CASCADE"),
        _refers("problems", "spike_id", "spikes", "SET NULL"),
        *(_refers("problems", f"{act}_by_id", "users") for act in ("opened", "solved", "closed")),
        _demands("problems", "state_known", "state IN ('open', 'solved', 'closed')"),
        _demands("problems", "outcome_known", "outcome IN ('solved', 'explained', 'no_problem')"),
        _demands("problems", "closed_has_time", "(state = 'closed') = (closed_at IS NOT NULL)"),
        _demands("problems", "closed_has_outcome", "(closed_at IS NULL) = (outcome IS NULL)"),
        _demands(
            "problems", "solved_has_message", "state <> 'solved' OR (message IS NOT NULL AND solved_at IS NOT NULL)"
        ),
    )
    op.create_index("ix_problems_brand_id", "problems", ["brand_id"])
    op.create_index("ix_problems_spike_id", "problems", ["spike_id"])


def _problem_cases() -> None:
    op.create_table(
        "problem_cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("added_by_id", sa.Integer()),
        sa.Column("left_at", UtcDateTime()),
        sa.Column("left_by_id", sa.Integer()),
        sa.Column("left_why", sa.String(12)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_cases")),
        _refers("problem_cases", "problem_id", "problems", "CASCADE"),
        _refers("problem_cases", "case_id", "cases", "CASCADE"),
        *(_refers("problem_cases", f"{act}_by_id", "users") for act in ("added", "left")),
        _demands("problem_cases", "left_why_known", "left_why IN ('removed', 'refused', 'closed')"),
        _demands("problem_cases", "left_has_reason", "(left_at IS NULL) = (left_why IS NULL)"),
        sa.UniqueConstraint("problem_id", "case_id", name=op.f("uq_problem_cases_problem_id_case_id")),
    )
    here = sa.text("left_at IS NULL")
    name = "uq_problem_cases_one_problem"
    op.create_index(name, "problem_cases", ["case_id"], unique=True, sqlite_where=here, postgresql_where=here)


def _problem_events() -> None:
    op.create_table(
        "problem_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Integer()),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_events")),
        _refers("problem_events", "problem_id", "problems", "CASCADE"),
    )
    op.create_index("ix_problem_events_problem", "problem_events", ["problem_id", "id"])
