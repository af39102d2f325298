"""Are two customers one person? A colleague says so, with evidence, and can take it back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from db import cases, episodes, joined_cases, joins, notes, notices, profiles, thread
from db.cases import CaseRow
from db.joins import JoinRow
from domain.errors import Invalid, NotPossible
from domain.mention import Audience
from domain.people import Right
from domain.same_person import NEEDS_POST, Basis
from domain.text import clean
from services import episodes as placing
from services import one_case
from services.act import Act, act, acting_member
from services.context import Context
from services.moves import require_nothing_under_way
from services.one_case import Hand


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a join rests on: a post of either of them, the words in it that say so, and a note for what is in none."""

    basis: Basis
    mention_id: int | None = None
    words: str = ""
    note: str = ""


def join(ctx: Context, customer_id: int, other_id: int, *, evidence: Evidence, owner_id: int | None = None) -> JoinRow:
    """Make ``other_id`` part of ``customer_id``; what both have open with one brand becomes one case.

    It is as urgent and has waited as long as either. Where both had an owner, ``owner_id`` names which of them
    goes on (else the one whose case is more urgent, then older); both are told. Nothing is asked of any network.
    Raises NotPossible(reply_pending) while a reply to either is on its way, NotPossible(joined_elsewhere) for one
    that is part of another customer already, Invalid for evidence that shows nothing.
    """
    with act(ctx, "customer.join", "customer", customer_id, needs=Right.WORK) as running:
        tx, member = running.tx, acting_member(ctx)
        _require_two(tx, customer_id, other_id)
        shown = _shown(running, customer_id, other_id, evidence, author_id=member.id)
        live = _live(tx, (customer_id, other_id))
        _require_quiet(running, live)
        values = {"kept_customer_id": customer_id, "joined_customer_id": other_id, "basis": evidence.basis.value}
        join_id = joins.add(tx, values | shown | {"joined_by_id": member.id, "joined_at": running.now})
        hand = Hand(tx, running.now, member.id)
        told = one_case.owners(tx, [case.id for case in live])
        kept = [_make_one(hand, pair, owner_id) for pair in one_case.pairs(live)]
        joins.give(tx, joined=other_id, kept=customer_id)
        joins.note_last_seen(tx, [customer_id])
        placing.rerank_many(tx, ctx, [case.id for case in live], running.now)
        _tell(running, "persons_joined", told, {case.id: case.brand_id for case in live}, kept)
        running.details.update({"join": join_id, "other": other_id, "basis": evidence.basis.value})
        return joins.get(tx, join_id)


def separate(ctx: Context, join_id: int) -> JoinRow:
    """Take a join back: accounts, posts, cases, promises and notes go to whom they belong by their author.

    What was worked on since stays with the case it was done in; a post goes with its author, a reply with the
    post it answers. Raises NotPossible(join_over) when it was taken back before, and as ``join`` does.
    """
    with act(ctx, "customer.separate", "join", join_id, needs=Right.WORK) as running:
        tx, member, row = running.tx, acting_member(ctx), joins.get(running.tx, join_id)
        if row.separated_at is not None:
            raise NotPossible("They were separated before.", reason="join_over", join=join_id)
        root, to = joins.top(tx, row.kept_customer_id), row.joined_customer_id
        homes = [to, *(below.joined_customer_id for below in joins.below(tx, to))]
        live = _live(tx, (root,))
        _require_quiet(running, live)
        joins.close(tx, join_id, by=member.id, at=running.now)
        _part_company(Hand(tx, running.now, member.id), root, to, homes)
        joins.follow_cases(tx, [root, to])
        joins.note_last_seen(tx, [root, to])
        both = _live(tx, (root, to))
        placing.rerank_many(tx, ctx, [case.id for case in both], running.now)
        told = one_case.owners(tx, [case.id for case in both])
        _tell(running, "persons_separated", told, {case.id: case.brand_id for case in both}, [])
        running.details.update({"customer": root, "other": to})
        return joins.get(tx, join_id)


def _part_company(hand: Hand, root: int, to: int, homes: list[int]) -> None:
    """Everybody's cases become their own again, first those of before, then what came in since."""
    tx = hand.tx
    apart = []
    for case_id in joined_cases.of_homes(tx, homes):
        apart += one_case.dissolve(hand, case_id)
    joins.take_back(tx, root=root, homes=homes, to=to)
    for case_id, posts in joined_cases.strangers(tx, root, author_of=to).items():
        if len(posts) == joined_cases.count_posts(tx, case_id):
            joined_cases.belongs_to(tx, case_id, customer_id=to)
    apart.sort(key=lambda each: (each.own["owner_id"] is None, each.own["waiting_since"], each.case_id))
    for each in apart:
        if each.into_case_id is not None:
            one_case.revive(hand, each)
    for here, there in ((root, to), (to, root)):
        for case_id, posts in joined_cases.strangers(tx, here, author_of=there).items():
            one_case.part(hand, case_id, posts, customer_id=there)


def _require_two(tx: Connection, customer_id: int, other_id: int) -> None:
    if customer_id == other_id:
        raise Invalid("That is the same profile.", reason="same_profile")
    for each in (customer_id, other_id):
        profiles.get(tx, each)
        if joins.into(tx, each) is not None:
            raise NotPossible("This profile is part of another one.", reason="joined_elsewhere", customer=each)


def _shown(
    running: Act, customer_id: int, other_id: int, evidence: Evidence, *, author_id: int
) -> dict[str, int | None]:
    """The evidence as ids and offsets; Invalid when it shows nothing."""
    tx, words, note = running.tx, evidence.words.strip(), clean(evidence.note, max_chars=2000)
    if evidence.mention_id is None:
        if evidence.basis in NEEDS_POST:
            raise Invalid("Which post says so?", reason="evidence_post")
        if not note:
            raise Invalid("Say in a note what they told you.", reason="evidence_note")
    shown: dict[str, int | None] = dict.fromkeys(("mention_id", "evidence_start", "evidence_end", "note_id"))
    if evidence.mention_id is not None:
        shown["mention_id"] = evidence.mention_id
        shown["evidence_start"], shown["evidence_end"] = _place(tx, (customer_id, other_id), evidence, words)
    if note:
        shown["note_id"] = notes.add(
            tx, case_id=None, customer_id=customer_id, author_id=author_id, text=note, at=running.now
        )
    return shown


def _place(
    tx: Connection, customer_ids: tuple[int, int], evidence: Evidence, words: str
) -> tuple[int | None, int | None]:
    assert evidence.mention_id is not None
    post = thread.post(tx, evidence.mention_id)
    if post.customer_id not in customer_ids or post.deleted_at is not None:
        raise Invalid("The post is by neither of them.", reason="evidence_post")
    if evidence.basis in NEEDS_POST and post.audience != Audience.PUBLIC:
        raise Invalid("What was written to us alone was not said in public.", reason="evidence_private")
    if not words:
        return None, None
    start = post.text.find(words)
    if start < 0:
        raise Invalid("These words are not in the post.", reason="evidence_words")
    return start, start + len(words)


def _live(tx: Connection, customer_ids: tuple[int, ...]) -> list[CaseRow]:
    return episodes.live_of_all(tx, customer_ids)


def _make_one(hand: Hand, pair: tuple[CaseRow, CaseRow], owner_id: int | None) -> int:
    if owner_id is not None and owner_id not in {case.owner_id for case in pair}:
        owner_id = None
    kept = one_case.stands_for_both(*pair, owner_id=owner_id)
    other = pair[1] if kept is pair[0] else pair[0]
    one_case.absorb(hand, kept, other)
    return kept.id


def _require_quiet(running: Act, live: Iterable[CaseRow]) -> None:
    for case in live:
        require_nothing_under_way(running, case)


def _tell(running: Act, kind: str, owners: dict[int, int], brands: dict[int, int], kept: list[int]) -> None:
    """Every owner but who does it hears of it, at the case that goes on."""
    goes_on = {cases.get(running.tx, case_id).brand_id: case_id for case_id in kept}
    for case_id, owner_id in owners.items():
        if owner_id != running.user_id:
            shown = goes_on.get(brands[case_id], case_id)
            details: dict[str, object] = {"by": running.user_id}
            notices.add(running.tx, user_id=owner_id, kind=kind, case_id=shown, at=running.now, details=details)
