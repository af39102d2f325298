"""Authors as networks know them, and the customers they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update

from db.conflicts import insert_new
from db.tables import authors, cases, conversations, customers, mentions, notes
from domain.mention import Author, Mention

#: Names an author for good: channel, origin, native id.
AuthorKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """An author that has a row, and the customer behind it."""

    author_id: int
    customer_id: int


def author_key(mention: Mention) -> AuthorKey:
    """Who wrote it, as the network knows them."""
    return mention.channel, mention.origin, mention.author.native_id


def remember(tx: Connection, posts: Sequence[Mention], *, at: datetime) -> dict[AuthorKey, Known]:
    """Make sure every author of ``posts`` has a row and a customer; the newest profile wins."""
    newest: dict[AuthorKey, Mention] = {}
    for post in sorted((p for p in posts if not p.deleted), key=lambda p: p.published_at):
        newest[author_key(post)] = post
    for post in posts:
        newest.setdefault(author_key(post), post)
    known = find(tx, newest)
    _refresh(tx, [(known[key], post) for key, post in newest.items() if key in known and not post.deleted], at)
    _introduce(tx, [post for key, post in newest.items() if key not in known], at)
    return known if len(known) == len(newest) else find(tx, newest)


def find(tx: Connection, keys: Iterable[AuthorKey]) -> dict[AuthorKey, Known]:
    """The rows of these authors."""
    by_origin: dict[tuple[str, str], list[str]] = {}
    for channel, origin, native_id in keys:
        by_origin.setdefault((channel, origin), []).append(native_id)
    found: dict[AuthorKey, Known] = {}
    for (channel, origin), native_ids in by_origin.items():
        query = select(authors.c.native_id, authors.c.id, authors.c.customer_id).where(
            authors.c.channel == channel, authors.c.origin == origin, authors.c.native_id.in_(native_ids)
        )
        for native_id, author_id, customer_id in tx.execute(query):
            found[channel, origin, native_id] = Known(author_id, customer_id)
    return found


def _profile(author: Author) -> dict[str, object]:
    return {
        "handle": author.handle[:300],
        "name": author.name[:300],
        "bio": author.bio[:5000],
        "location": author.location[:200],
        "followers": author.followers,
        "avatar_url": author.avatar_url and author.avatar_url[:1000],
        "profile_url": author.profile_url and author.profile_url[:1000],
    }


def _refresh(tx: Connection, seen: list[tuple[Known, Mention]], at: datetime) -> None:
    if not seen:
        return
    _rename(tx, seen)
    profile = [{"b_id": k.author_id, **_profile(p.author), "updated_at": at} for k, p in seen]
    tx.execute(update(authors).where(authors.c.id == bindparam("b_id")), profile)
    times = [{"b_id": k.customer_id, "b_at": p.published_at} for k, p in seen]
    later = customers.c.last_seen_at < bindparam("b_at")
    statement = update(customers).where(customers.c.id == bindparam("b_id"), later)
    tx.execute(statement.values(last_seen_at=bindparam("b_at")), times)


def _rename(tx: Connection, seen: list[tuple[Known, Mention]]) -> None:
    """Customers are called what their author is called, as long as that is what they were called.

    A name given by a colleague is another one than the author's, so it stays; an old post that is read late renames
    nobody. Somebody whose posts were all deleted has come back with a name again.
    """
    was = select(func.substr(func.coalesce(func.nullif(authors.c.name, ""), authors.c.handle), 1, 200))
    called_so = customers.c.name == was.where(authors.c.id == bindparam("b_author")).scalar_subquery()
    is_news = and_(called_so, customers.c.last_seen_at <= bindparam("b_at"))
    statement = update(customers).where(
        customers.c.id == bindparam("b_id"),
        customers.c.name != bindparam("b_name"),
        or_(customers.c.name == "", is_news),
    )
    named = [
        {"b_id": k.customer_id, "b_author": k.author_id, "b_name": _name(p), "b_at": p.published_at} for k, p in seen
    ]
    tx.execute(statement.values(name=bindparam("b_name")), named)


def _name(post: Mention) -> str:
    return (post.author.name or post.author.handle)[:200]


def _introduce(tx: Connection, posts: list[Mention], at: datetime) -> None:
    """One customer for each author seen for the first time."""
    if not posts:
        return
    people = [
        {
            "name": _name(p),
            "about": "",
            "dont_ask_again": "",
            "first_seen_at": p.published_at,
            "last_seen_at": p.published_at,
        }
        for p in posts
    ]
    made = insert(customers).returning(customers.c.id, sort_by_parameter_order=True)
    customer_ids = tx.execute(made, people).scalars().all()
    rows = [
        {
            "channel": p.channel,
            "origin": p.origin,
            "native_id": p.author.native_id,
            "customer_id": customer_id,
            **_profile(p.author),
            "updated_at": at,
        }
        for p, customer_id in zip(posts, customer_ids, strict=True)
    ]
    tx.execute(insert_new(tx, authors), rows)


def forget_if_silent(tx: Connection, author_id: int, *, at: datetime) -> None:
    """Purge what a network showed of an author who has no post left that is not deleted."""
    left = select(func.count()).select_from(mentions)
    if tx.execute(left.where(mentions.c.author_id == author_id, mentions.c.deleted_at.is_(None))).scalar():
        return
    whose = tx.execute(
        select(authors.c.customer_id, authors.c.home_customer_id, authors.c.name, authors.c.handle).where(
            authors.c.id == author_id
        )
    ).one()
    blank = {"handle": "", "name": "", "bio": "", "location": "", "followers": None}
    empty = {**blank, "avatar_url": None, "profile_url": None, "updated_at": at}
    tx.execute(update(authors).where(authors.c.id == author_id).values(**empty))
    for customer_id in {whose.customer_id, whose.home_customer_id or whose.customer_id}:
        _forget_name(tx, customer_id, was={whose.name[:200], whose.handle[:200]} - {""})


def _forget_name(tx: Connection, customer_id: int, *, was: set[str]) -> None:
    """A customer without any named account has no name; one who was called like a lost one is called like another."""
    theirs = or_(authors.c.customer_id == customer_id, authors.c.home_customer_id == customer_id)
    named = select(authors.c.name).where(theirs, authors.c.name != "").order_by(authors.c.id).limit(1)
    left = tx.execute(named).scalar()
    if left is None:
        tx.execute(update(customers).where(customers.c.id == customer_id).values(name="", about=""))
    else:
        lost = update(customers).where(customers.c.id == customer_id, customers.c.name.in_(was))
        tx.execute(lost.values(name=left[:200]))


def remove_unheard(tx: Connection) -> None:
    """Delete authors and conversations without posts, and then customers without authors, cases or notes."""
    tx.execute(authors.delete().where(authors.c.id.not_in(select(mentions.c.author_id))))
    kept = select(authors.c.customer_id).union(
        *(select(table.c.customer_id) for table in (cases, notes)),
        *(
            select(table.c.home_customer_id).where(table.c.home_customer_id.is_not(None))
            for table in (authors, cases, notes)
        ),
    )
    tx.execute(customers.delete().where(customers.c.id.not_in(kept)))
    tx.execute(conversations.delete().where(conversations.c.id.not_in(select(mentions.c.conversation_id))))
