"""Who are the customers, and who of them is one person? customer list, show, join, separate."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from desk.cli import output
from desk.cli.arguments import Commands, command, group, positive
from desk.cli.session import opened
from domain.errors import Invalid
from domain.same_person import Basis

if TYPE_CHECKING:
    from services.context import Context
    from services.join_view import JoinPreview
    from services.profile import CustomerView

LISTED = 50


def declare(commands: Commands) -> None:
    """Declare this module's commands."""
    actions = group(commands, "customer", help="the people of the public, and who of them is one person")
    parser = command(
        actions, "list", show_list, help="list customers by name or handle, the last seen first", json=True
    )
    parser.add_argument("search", metavar="WORDS", nargs="?", default="", help="part of a name or handle")
    parser = command(actions, "show", show, help="accounts, cases, promises and joins of a customer", json=True)
    parser.add_argument("customer", metavar="CUSTOMER", type=positive, help="its number")
    parser = command(actions, "join", join, help="say that two customers are one person", json=True, person="required")
    parser.add_argument("customer", metavar="CUSTOMER", type=positive, help="the number that goes on")
    parser.add_argument("other", metavar="OTHER", type=positive, help="the number that becomes part of it")
    parser.add_argument("--basis", choices=tuple(Basis), help="on what it rests")
    parser.add_argument("--post", metavar="POST", type=positive, help="the number of the post that shows it")
    parser.add_argument("--words", metavar="W", default="", help="the words in that post that say so")
    parser.add_argument("--note", metavar="TEXT", default="", help="what they told us, for the team alone")
    parser.add_argument("--owner", metavar="NAME", help="who goes on when both have an owner")
    parser.add_argument("--preview", action="store_true", help="only tell what would become one")
    parser = command(actions, "separate", separate, help="take a join back", json=True, person="required")
    parser.add_argument("join", metavar="JOIN", type=positive, help="its number, as shown")


def show_list(args: argparse.Namespace) -> None:
    """Customers by part of their name or handle."""
    from services import profile

    with opened(args) as session:
        found = profile.customers(session.ctx, search=args.search, limit=LISTED).customers
    if args.json:
        output.say_json(
            [
                {
                    "customer": row.customer_id,
                    "name": row.name,
                    "handle": row.handle,
                    "channels": row.channels,
                    "cases": row.cases,
                    "open_case": row.open_case_id,
                    "last_seen_at": row.last_seen_at,
                }
                for row in found
            ]
        )
        return
    rows = [(r.customer_id, r.name, r.handle, ",".join(r.channels), r.cases, r.open_case_id) for r in found]
    output.table(rows, headings=("CUSTOMER", "NAME", "HANDLE", "CHANNELS", "CASES", "OPEN CASE"))


def show(args: argparse.Namespace) -> None:
    """One customer, with those who are part of them."""
    from services import profile

    with opened(args) as session:
        view = profile.view(session.ctx, args.customer)
    if args.json:
        output.say_json(_fields(view))
        return
    accounts = ", ".join(f"{i.handle} ({i.channel})" for i in view.identities)
    output.say(f"{view.customer_id}  {view.name}: {accounts}; {len(view.cases)} cases, {len(view.promises)} promises")
    for each in view.joins:
        output.say(f"join {each.join_id}: {each.name}, {each.basis}, by {each.by_name} at {each.at:%Y-%m-%d %H:%M}Z")


def join(args: argparse.Namespace) -> None:
    """Make two customers one, or tell what would become one."""
    from services import join_view, same_person

    with opened(args) as session:
        if args.preview:
            _tell(args, join_view.preview(session.ctx, args.customer, args.other))
            return
        if args.basis is None:
            raise Invalid("Say on what it rests: --basis.", reason="evidence_note")
        evidence = same_person.Evidence(Basis(args.basis), args.post, args.words, args.note)
        owner_id = _owner(session.ctx, args.owner)
        done = same_person.join(session.ctx, args.customer, args.other, evidence=evidence, owner_id=owner_id)
    if args.json:
        output.say_json({"join": done.id, "customer": done.kept_customer_id, "joined": done.joined_customer_id})
    else:
        output.say(f"Join {done.id}: {args.customer} and {args.other} are one person now.")


def separate(args: argparse.Namespace) -> None:
    """Take a join back."""
    from services import same_person

    with opened(args) as session:
        done = same_person.separate(session.ctx, args.join)
    if args.json:
        output.say_json({"join": done.id, "customer": done.kept_customer_id, "separated": done.joined_customer_id})
    else:
        output.say(f"{done.kept_customer_id} and {done.joined_customer_id} are two persons again.")


def _owner(ctx: Context, login: str | None) -> int | None:
    from services import team

    return None if login is None else team.find(ctx, login).id


def _tell(args: argparse.Namespace, what: JoinPreview) -> None:
    pairs = [
        [{"case": each.case_id, "owner": each.owner_name, "goes_on": each.goes_on} for each in p] for p in what.pairs
    ]
    told = {"cases": what.cases, "open_promises": what.open_promises, "drafts": what.drafts}
    if args.json:
        output.say_json({**told, "becomes_one": pairs, "refused": what.refused})
        return
    for one, other in what.pairs:
        kept, part = (one, other) if one.goes_on else (other, one)
        output.say(f"case {part.case_id} becomes part of case {kept.case_id} (owner: {kept.owner_name or 'nobody'})")
    output.say(", ".join(f"{name.replace('_', ' ')}: {n}" for name, n in told.items()))
    if what.refused:
        output.say(f"not possible now: {what.refused}")


def _fields(view: CustomerView) -> dict[str, object]:
    return {
        "customer": view.customer_id,
        "name": view.name,
        "accounts": [{"channel": i.channel, "handle": i.handle} for i in view.identities],
        "cases": [{"case": c.case_id, "state": c.state, "resolution": c.resolution} for c in view.cases],
        "promises": [{"promise": p.promise_id, "status": p.status, "due_at": p.due_at} for p in view.promises],
        "posts": [{"post": p.mention_id, "channel": p.channel, "at": p.at} for p in view.posts if p.mention_id],
        "joins": [
            {"join": j.join_id, "customer": j.customer_id, "basis": j.basis, "by": j.by_name, "at": j.at}
            for j in view.joins
        ],
    }
