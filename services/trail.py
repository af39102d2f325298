"""What does the audit trail say? Read by those who may, a page at a time, the newest first."""

from __future__ import annotations

from db import audit
from db.audit import AuditRow as TrailLine
from domain.people import Right
from services.act import require
from services.context import Context

__all__ = ["TrailLine", "page"]


def page(
    ctx: Context,
    *,
    before_id: int | None = None,
    actor: str | None = None,
    action: str | None = None,
    rows: int = 50,
) -> list[TrailLine]:
    """Lines below ``before_id``, of one actor or one action when given. Needs Right.AUDIT; a refusal is audited."""
    require(ctx, Right.AUDIT, action="audit.read", entity="audit")
    with ctx.store.read() as tx:
        return audit.page(tx, before_id=before_id, actor=actor, action=action, rows=rows)
