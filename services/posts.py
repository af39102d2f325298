"""How does what was said become the items of a conversation?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from db.notes import NoteRow
from db.replies import ReplyRow
from db.thread import PostRow
from domain.mention import MediaRef
from domain.states import ReplyState


class PostKind(StrEnum):
    """What an item of the conversation is."""

    POST = "post"
    REPLY = "reply"
    NOTE = "note"
    TOMBSTONE = "tombstone"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words a reason rests on: ``[start, end)`` in code points of the post's text."""

    code: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ThreadPost:
    """One item of the conversation. ``id`` is unique in the view; labels have corrections applied."""

    id: str
    kind: PostKind
    at: datetime
    text: str
    author_name: str
    handle: str = ""
    mention_id: int | None = None
    reply_id: int | None = None
    parent_mention_id: int | None = None
    customer_id: int | None = None
    is_customer: bool = False
    is_own: bool = False
    in_case: bool = False
    case_id: int | None = None
    channel: str = ""
    language: str | None = None
    audience: str = "public"
    url: str | None = None
    media: tuple[MediaRef, ...] = ()
    status: str | None = None
    author_user_name: str | None = None
    edited_at: datetime | None = None
    sentiment: str | None = None
    kind_label: str | None = None
    level: int | None = None
    unsure: bool = False
    judged: bool = False
    corrected: bool = False
    evidence: tuple[Evidence, ...] = ()


def conversation(
    posts: Sequence[PostRow],
    replies: Sequence[ReplyRow],
    notes: Iterable[NoteRow],
    *,
    customer_id: int,
    case_id: int | None,
    case_of: Mapping[int, int],
    names: Mapping[int, str],
) -> tuple[ThreadPost, ...]:
    """Posts, our replies and notes in time order; a reply of ours that was also heard appears once."""
    ours = {(r.channel, r.remote_id) for r in replies if r.remote_id}
    heard = [p for p in posts if not (p.is_own and (p.channel, p.native_id) in ours)]
    ids = {(p.channel, p.origin, p.native_id): p.id for p in heard}
    items = [_post(p, ids, customer_id=customer_id, case_id=case_id, case_of=case_of) for p in heard]
    items += [_reply(r, case_id=case_id, names=names) for r in replies]
    items += [_note(n, case_id=case_id) for n in notes]
    return tuple(sorted(items, key=lambda item: item.at))


def _post(
    post: PostRow,
    ids: Mapping[tuple[str, str, str], int],
    *,
    customer_id: int,
    case_id: int | None,
    case_of: Mapping[int, int],
) -> ThreadPost:
    gone = post.deleted_at is not None
    return ThreadPost(
        id=f"m{post.id}",
        kind=PostKind.TOMBSTONE if gone else PostKind.POST,
        at=post.published_at,
        text="" if gone else post.text,
        author_name=post.author_name,
        handle=post.handle,
        mention_id=post.id,
        parent_mention_id=ids.get((post.channel, post.origin, post.parent_native_id or "")),
        customer_id=post.customer_id,
        is_customer=post.customer_id == customer_id and not post.is_own,
        is_own=post.is_own,
        in_case=case_id is not None and case_of.get(post.id) == case_id,
        case_id=case_of.get(post.id),
        channel=post.channel,
        language=post.language,
        audience=post.audience,
        url=post.url,
        media=tuple(MediaRef(m.get("type", ""), m.get("url", ""), m.get("alt", "")) for m in post.media),
        edited_at=post.edited_at,
        sentiment=post.sentiment,
        kind_label=post.kind,
        level=post.urgency_level,
        unsure=bool(post.unsure),
        judged=post.judged_by is not None,
        corrected=post.corrected,
        evidence=() if gone else _evidence(post),
    )


def _evidence(post: PostRow) -> tuple[Evidence, ...]:
    # Offsets count in the text that was judged; an edit may have made it shorter since.
    spans = [(r["code"], r["evidence"]) for r in post.reasons or () if r.get("evidence")]
    return tuple(Evidence(code, span[0], span[1]) for code, span in spans if 0 <= span[0] < span[1] <= len(post.text))


def _reply(reply: ReplyRow, *, case_id: int | None, names: Mapping[int, str]) -> ThreadPost:
    return ThreadPost(
        id=f"r{reply.id}",
        kind=PostKind.REPLY,
        at=reply.sent_at or reply.updated_at,
        text=reply.text if reply.status != ReplyState.DELETED else "",
        author_name=names.get(reply.author_id, ""),
        reply_id=reply.id,
        parent_mention_id=reply.mention_id,
        is_own=True,
        in_case=reply.case_id == case_id,
        case_id=reply.case_id,
        channel=reply.channel,
        url=reply.url,
        status=str(reply.status),
        author_user_name=names.get(reply.author_id),
    )


def _note(note: NoteRow, *, case_id: int | None) -> ThreadPost:
    return ThreadPost(
        id=f"n{note.id}",
        kind=PostKind.NOTE,
        at=note.created_at,
        text=note.text,
        author_name=note.author_name,
        is_own=True,
        in_case=case_id is not None and note.case_id == case_id,
        case_id=note.case_id,
        author_user_name=note.author_name,
    )
