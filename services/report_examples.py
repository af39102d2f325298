"""Which complaints that turned into thanks does a report quote? Public ones, behind pseudonyms, a few of many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db import export_beside
from db.report import PostOfCase
from domain.export import ExportFormat, ExportOrder, Subject
from domain.report import Turn
from domain.solved import says_solved
from services.context import Context
from services.export_reading import PEOPLE_OF_A_BATCH
from services.exporting import reader_of
from services.pseudonyms import Kind, Pseudonyms, new_key
from services.report_views import Example, Words
from services.scrubbing import Named, Scrubber, named

#: More is an anthology, and one page is one page.
MOST_EXAMPLES = 3
#: Shorter words of thanks say nothing to somebody who was not there.
LEAST_CHARS = 25


@dataclass(frozen=True, slots=True)
class Told:
    """How a customer's complaint went on, with the posts themselves; ``thanks`` None: it has not turned."""

    customer_id: int
    turn: Turn
    complaint: PostOfCase
    thanks: PostOfCase | None


def examples(ctx: Context, brand_id: int, told: Iterable[Told], *, links: bool) -> tuple[Example, ...]:
    """Some of those that turned: only where both posts are public, the newest first, no customer twice."""
    chosen: dict[int, tuple[PostOfCase, PostOfCase]] = {}
    both = ((each, each.thanks) for each in told if each.thanks is not None)
    fit = [(each, thanks) for each, thanks in both if thanks.is_public and each.complaint.is_public]
    for each, thanks in sorted(fit, key=_telling):
        chosen.setdefault(each.customer_id, (each.complaint, thanks))
    some = list(chosen.values())[:MOST_EXAMPLES]
    said = hidden(ctx, brand_id, [post for pair in some for post in pair])
    words = [
        Words(text, post.language, post.at, post.url if links else None)
        for post, text in zip((post for pair in some for post in pair), said, strict=True)
    ]
    return tuple(
        Example(thanks.channel, *two)
        for (_complaint, thanks), two in zip(some, zip(words[::2], words[1::2], strict=True), strict=True)
    )


def _telling(pair: tuple[Told, PostOfCase]) -> tuple[bool, bool, float]:
    """What says by itself that it is settled comes first, then what is more than a word, then the newest."""
    thanks = pair[1]
    return not says_solved(thanks.text), len(thanks.text) < LEAST_CHARS, -thanks.at.timestamp()


def hidden(ctx: Context, brand_id: int, posts: Sequence[PostOfCase]) -> list[str]:
    """The texts of these posts without names, handles, links, addresses and numbers, under a key nobody keeps."""
    if not posts:
        return []
    names = Pseudonyms(new_key())
    scrubber, colleagues = _scrubber(ctx, brand_id, names)
    with ctx.store.read() as tx:
        talks = {post.conversation_id for post in posts}
        others = export_beside.people_in(tx, talks, most=PEOPLE_OF_A_BATCH)
    by_talk: dict[int, tuple[Named, ...]] = {}
    for talk, customer_id, name, handle in others:
        who = named(names.one(Kind.PERSON, customer_id), name, handle)
        by_talk[talk] = (*by_talk.get(talk, ()), who)
    people = [
        (
            named(names.one(Kind.PERSON, post.customer_id), post.name, post.handle),
            *by_talk.get(post.conversation_id, ()),
            colleagues,
        )
        for post in posts
    ]
    return scrubber.texts([post.text for post in posts], [post.channel for post in posts], people)


def titles(ctx: Context, brand_id: int, given: Sequence[str]) -> list[str]:
    """What colleagues call the problems of their customers, without handles, links, addresses and their own names."""
    if not given:
        return []
    scrubber, colleagues = _scrubber(ctx, brand_id, Pseudonyms(new_key()))
    return scrubber.texts(given, [""] * len(given), [(colleagues,)] * len(given))


def _scrubber(ctx: Context, brand_id: int, names: Pseudonyms) -> tuple[Scrubber, Named]:
    """What an export takes names out with; a colleague who is thanked by name is a name like any other."""
    reader = reader_of(ctx, ExportOrder(brand_id, Subject.MENTIONS, ExportFormat.JSONL), names)
    return reader.scrubber, named(names.word(Kind.PERSON, "colleague"), *reader.colleagues.names)
