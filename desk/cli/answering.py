"""Who needs an answer, and what becomes of it? queue, claim, reply, approve, outbox."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import datetime, time
from typing import TYPE_CHECKING

from desk.cli import output
from desk.cli.arguments import Commands, command, positive, with_brand
from desk.cli.language import reason_words
from desk.cli.session import UsageProblem, opened
from domain.clock import localize

if TYPE_CHECKING:
    from services.context import Context
    from services.outbox import ReplyView
    from services.queue import QueueEntry

PAGE_ROWS = 200
SHOWN_ROWS = 20
#: A promise "by Friday" is kept until the end of Friday.
END_OF_DAY = time(23, 59)

CASE_HELP = "its number, as `sportello queue` shows it"


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    parser = with_brand(command(commands, "queue", queue, help="who needs us next, and why", json=True))
    parser.add_argument("--limit", metavar="N", type=positive, help="at most N cases (all; 20 without --json)")
    parser = command(commands, "claim", claim, help="take an ownerless case", json=True, person="required")
    parser.add_argument("case", metavar="CASE", type=positive, help=CASE_HELP)
    parser = command(commands, "reply", reply, help="answer a case you own", json=True, person="required")
    parser.add_argument("case", metavar="CASE", type=positive, help=CASE_HELP)
    parser.add_argument("--text", metavar="T", required=True, help="the reply; - reads it from stdin")
    parser.add_argument("--promise", metavar="T", help="what you promise in it")
    parser.add_argument("--due", metavar="D", type=moment, help="by when: 2026-05-31 or 2026-05-31T18:00")
    parser = command(commands, "approve", approve, help="approve a colleague's reply", json=True, person="required")
    parser.add_argument("reply", metavar="REPLY", type=positive, help="its number, as `sportello outbox` shows it")
    command(commands, "outbox", outbox, help="replies under way, sent and stuck", json=True)


def moment(text: str) -> datetime:
    """A day (its end is meant) or a moment, naive unless it carries an offset; ValueError is a usage error."""
    found = datetime.fromisoformat(text)
    return datetime.combine(found.date(), END_OF_DAY) if len(text) <= len("2026-05-31") else found


def queue(args: argparse.Namespace) -> None:
    """The ranked queue of one brand."""
    from services import brands

    with opened(args) as session:
        brand = brands.resolve_brand(session.ctx, args.brand)
        limit = args.limit or (None if args.json else SHOWN_ROWS)
        entries = list(_entries(session.ctx, brand.id, limit=limit))
    if args.json:
        output.say_json([_entry_fields(e, session.language) for e in entries])
        return
    rows = [
        (e.case_id, e.level, e.owner_name or "", e.author_name, _why(e, session.language), output.safe(e.text))
        for e in entries
    ]
    output.table(rows, headings=("CASE", "URGENCY", "OWNER", "WHO", "WHY", "WHAT THEY SAY"))


def _entries(ctx: Context, brand_id: int, *, limit: int | None) -> Iterator[QueueEntry]:
    from services import queue as ranked

    cursor, left = None, limit
    while True:
        page = ranked.page(
            ctx, ranked.QueueFilter(brand_id), cursor=cursor, limit=PAGE_ROWS if left is None else min(left, PAGE_ROWS)
        )
        yield from page.entries
        left = None if left is None else left - len(page.entries)
        cursor = page.next_cursor
        if cursor is None or left == 0:
            return


def _entry_fields(entry: QueueEntry, language: str) -> dict[str, object]:
    return {
        "case": entry.case_id,
        "brand": entry.brand,
        "channel": entry.channel,
        "author": entry.author_name,
        "text": entry.text,
        "kind": entry.kind,
        "sentiment": entry.sentiment,
        "urgency": round(entry.urgency, 4),
        "urgency_level": entry.level,
        "priority": round(entry.priority, 3),
        "reasons": [{"code": r.code, "words": reason_words(r, language, kind=entry.kind)} for r in entry.reasons],
        "waiting_s": entry.waiting_s,
        "owner": entry.owner_name,
        "state": entry.state,
        "judged": entry.judged,
    }


def _why(entry: QueueEntry, language: str) -> str:
    return ", ".join(reason_words(r, language, kind=entry.kind) for r in entry.reasons[:2])


def claim(args: argparse.Namespace) -> None:
    """Take an ownerless case."""
    from services import claims

    with opened(args) as session:
        case = claims.claim(session.ctx, args.case)
        owner = session.ctx.actor.member
    if args.json:
        output.say_json({"case": case.id, "state": case.state, "owner": None if owner is None else owner.name})
    else:
        output.say(f"Case {case.id} is yours.")


def reply(args: argparse.Namespace) -> None:
    """Answer the customer's latest post; there is no undo window here."""
    if (args.promise is None) != (args.due is None):
        raise UsageProblem("--promise and --due belong together")
    from services import cases, drafts

    text = sys.stdin.read() if args.text == "-" else args.text
    with opened(args) as session:
        view = cases.view(session.ctx, args.case)
        draft = drafts.save(
            session.ctx,
            args.case,
            mention_id=view.case.last_mention_id,
            text=text,
            promise_text=args.promise,
            promise_due_at=None if args.due is None else localize(args.due, view.brand.timezone),
        )
        sent = drafts.submit(session.ctx, draft.reply_id, undo_s=0)
    if args.json:
        output.say_json({"reply": sent.reply_id, "case": sent.case_id, "status": sent.status})
    else:
        output.say(f"Reply {sent.reply_id} to case {sent.case_id}: {sent.status.replace('_', ' ')}.")


def approve(args: argparse.Namespace) -> None:
    """Approve a colleague's reply."""
    from services import approvals

    with opened(args) as session:
        view = approvals.approve(session.ctx, args.reply)
    if args.json:
        output.say_json({"reply": view.reply_id, "case": view.case_id, "status": view.status})
    else:
        output.say(f"Reply {view.reply_id} approved: {view.status.replace('_', ' ')}.")


def outbox(args: argparse.Namespace) -> None:
    """Every brand's replies from submission on, the newest first."""
    with opened(args) as session:
        views = list(_replies(session.ctx))
    if args.json:
        output.say_json([_reply_fields(view) for view in views])
        return
    rows = [(v.reply_id, v.case_id, v.channel, v.status, v.attempts, v.url or v.error or "") for v in views]
    output.table(rows, headings=("REPLY", "CASE", "CHANNEL", "STATUS", "ATTEMPTS", "LINK OR ERROR"))


def _replies(ctx: Context) -> Iterator[ReplyView]:
    from services import outbox as replies

    before_id = None
    while page := replies.page(ctx, before_id=before_id, limit=PAGE_ROWS):
        yield from page
        before_id = page[-1].reply_id


def _reply_fields(view: ReplyView) -> dict[str, object]:
    fields = ("channel", "status", "attempts", "remote_id", "url", "error")
    return {"reply": view.reply_id, "case": view.case_id} | {f: getattr(view, f) for f in fields}
