"""How do stored rows become the columns of an export, batch by batch, with people hidden behind pseudonyms?

A batch is a list for each column: a thousand values at once cost a fraction of a thousand rows one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from db import export_beside, export_rows
from db.export_rows import Wanted
from domain.export import Subject
from domain.mention import Audience
from services.context import Context
from services.export_cells import Cells, either, flags, number, reach_of, rounded, seconds_between
from services.export_columns import columns_of
from services.pseudonyms import Kind, Pseudonyms
from services.scrub_glance import perhaps_named
from services.scrubbing import Named, Scrubber, named

#: Rows of one look at the store: large enough to be quick, small enough to be held twice.
BATCH_ROWS = 4000
#: So many people of the conversations of one batch are known by name when texts are cleared of names.
PEOPLE_OF_A_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the posts of a batch: their watches, their cases, and who else wrote in their threads."""

    watches: Mapping[int, str] = field(default_factory=dict)
    cases: Mapping[int, int] = field(default_factory=dict)
    people: Mapping[int, tuple[Named, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Posts:
    """Columns of a batch: what was said, and by whom."""

    texts: Sequence[str]
    people: Sequence[str]
    handles: Sequence[str]
    own: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows as columns, in the order of ``columns_of``; ``last_id`` is where the next batch goes on."""

    columns: list[Cells]
    rows: int
    last_id: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one subject of one brand. ``identified``: with names; posts that are not public keep their pseudonyms."""

    ctx: Context
    subject: Subject
    want: Wanted
    names: Pseudonyms
    scrubber: Scrubber
    watches: Mapping[int, str]
    identified: bool
    colleagues: Named = Named("colleague", (), ())
    models: set[str] = field(default_factory=set)

    def batch(self, *, after: int, upto: int, rows: int = BATCH_ROWS) -> Batch | None:
        """The rows behind ``after``; None when there are no more."""
        with self.ctx.store.read() as tx:
            hides = not self.identified
            found = export_rows.page(tx, self.subject, self.want, after=after, upto=upto, rows=rows, hidden=hides)
            if not found:
                return None
            ids = found[0]
            beside = self._beside(tx, found)
        read = {Subject.MENTIONS: self._mentions, Subject.CASES: self._cases, Subject.REPLIES: self._replies}
        made = read[self.subject](found, beside)
        names = [column.name for column in columns_of(self.subject, identified=self.identified)]
        return Batch([made[name] for name in names], len(ids), ids[-1])

    def _beside(self, tx: Any, found: list[Cells]) -> Beside:
        if self.subject != Subject.MENTIONS:
            return Beside(people=self._by_talk(export_beside.people_in(tx, {*found[-1]}, most=PEOPLE_OF_A_BATCH)))
        ids, threads, answers, own = found[0], found[2], found[15], found[16]
        talks = {talk for talk in self._talks(threads, own, answers) if talk is not None}
        in_talks = export_beside.people_in(tx, talks, most=PEOPLE_OF_A_BATCH) if talks else []
        return Beside(
            self._watches(*self._matches(tx, ids)),
            export_beside.cases_of(tx, ids, self.want.brand_id),
            self._by_talk(in_talks),
        )

    def _matches(self, tx: Any, ids: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
        """The posts, and beside each a watch that it matched."""
        if len(self.want.watch_ids) == 1:  # Each post here matched that one, or it would not be here.
            return ids, self.want.watch_ids * len(ids)
        return export_beside.watches_of(tx, ids, self.want.watch_ids)

    def _watches(self, posts: Sequence[int], watches: Sequence[int]) -> dict[int, str]:
        """The names of the watches each post matched."""
        matched = dict(zip(posts, map(self.watches.__getitem__, watches), strict=True))
        if len(matched) < len(posts):  # Some matched several: theirs once more, one after the other.
            several: dict[int, list[str]] = {}
            for post, watch in zip(posts, watches, strict=True):
                several.setdefault(post, []).append(self.watches[watch])
            matched = {post: "; ".join(names) for post, names in several.items()}
        return matched

    def _by_talk(self, found: Sequence[tuple[int, int, str, str]]) -> dict[int, tuple[Named, ...]]:
        names = self.names.known(Kind.PERSON, [row[1] for row in found])
        by_talk: dict[int, tuple[Named, ...]] = {}
        for (talk, _customer, name, handle), pseudonym in zip(found, names, strict=True):
            by_talk[talk] = (*by_talk.get(talk, ()), named(pseudonym, name, handle))
        return by_talk

    def _mentions(self, of: list[Any], beside: Beside) -> dict[str, Cells]:
        ids, channels, threads, customers, people, handles, followers, texts, languages, published = of[:10]
        audience, sentiment, kind, urgency, model = of[10:15]
        answers, own, reposts, history, corrected, linked, unsure, levels = of[15:23]
        urls, origins, natives = of[23:] if self.identified else (linked, (), ())
        self.models.update(m for m in set(model) if m and m != "-")
        authors = self._people(customers, own)
        open_ = self._open(audience)
        posts = Posts(texts, people, handles, own)
        who = self._named_in_posts(authors, posts, self._talks(threads, own, answers), beside)
        made: dict[str, Cells] = {
            "post": self._ids(Kind.POST, ids, open_),
            "published_at": [*published],
            "channel": [*channels],
            "text": self._hidden(texts, channels, who, open_),
            "language": [*languages],
            "sentiment": [*sentiment],
            "kind": [*kind],
            "urgency": rounded(urgency),
            "urgency_level": [*levels],
            "unsure": unsure,
            "corrected": corrected,
            "model": [None if m == "-" else m for m in model],
            "watches": [beside.watches.get(each, "") for each in ids],
            "author": self._either_person(open_, customers, authors),
            "reach": [None if each is None else reach_of(each) for each in followers],
            "conversation": self._ids(Kind.THREAD, threads, open_),
            "answers_a_post": answers,
            "case": self._ids(Kind.CASE, [beside.cases.get(each) for each in ids], open_),
            "audience": [*audience],
            "is_own": own,
            "is_repost": reposts,
            "is_history": history,
            "url": self._urls(ids, urls, Kind.POST, open_),
        }
        return made | self._named(
            open_, author_name=people, author_handle=handles, followers=followers, origin=origins, native_id=natives
        )

    def _cases(self, of: list[Any], beside: Beside) -> dict[str, Cells]:
        ids, channels, customers, people, handles = of[:5]
        opened, last_post, first_reply = of[13:16]
        texts, languages, audience, urls, first_post, threads = of[24:]
        who = self._people(customers, ())
        open_ = self._open(audience)
        made: dict[str, Cells] = {
            "case": self._ids(Kind.CASE, ids, open_),
            "opened_at": [*opened],
            "channel": [*channels],
            "customer": self._either_person(open_, customers, who),
            **{name: [*of[5 + n]] for n, name in enumerate(("state", "resolution", "kind", "sentiment"))},
            "urgency": rounded(of[9]),
            "urgency_level": [*of[10]],
            "unsure": flags(of[11]),
            "judged": flags(of[12]),
            "first_post_at": [*first_post],
            "last_post_at": [*last_post],
            "last_post": self._hidden(texts, channels, self._named_here(who, people, handles, threads, beside), open_),
            "language": [*languages],
            "first_reply_at": [*first_reply],
            "first_response_s": [seconds_between(a, b) for a, b in zip(first_post, first_reply, strict=True)],
            **{name: [*of[16 + n]] for n, name in enumerate(("last_reply_at", "waiting_since", "closed_at"))},
            **{name: [*of[19 + n]] for n, name in enumerate(("posts", "replies", "contacts", "hand_overs"))},
            "open_promises": [*of[23]],
            "audience": [*audience],
            "url": self._urls(ids, urls, Kind.CASE, open_),
        }
        return made | self._named(open_, customer_name=people, customer_handle=handles)

    def _replies(self, of: list[Any], beside: Beside) -> dict[str, Cells]:
        ids, in_case, posts, channels, customers, people, handles, texts, status = of[:9]
        published, sent, confirmed, audience, urls, threads = of[9:]
        who = self._people(customers, ())
        open_ = self._open(audience)
        made: dict[str, Cells] = {
            "reply": self._ids(Kind.REPLY, ids, open_),
            "sent_at": [*sent],
            "channel": [*channels],
            "text": self._hidden(texts, channels, self._named_here(who, people, handles, threads, beside), open_),
            "status": [*status],
            "confirmed_at": [*confirmed],
            "post": self._ids(Kind.POST, posts, open_),
            "post_published_at": [*published],
            "waited_s": [seconds_between(a, b) for a, b in zip(published, sent, strict=True)],
            "case": self._ids(Kind.CASE, in_case, open_),
            "customer": self._either_person(open_, customers, who),
            "audience": [*audience],
            "url": self._urls(ids, urls, Kind.REPLY, open_),
        }
        return made | self._named(open_, customer_name=people, customer_handle=handles)

    def _open(self, audience: Sequence[str]) -> list[bool]:
        """Which rows may say who somebody is; an empty list where none may."""
        return [each == Audience.PUBLIC for each in audience] if self.identified else []

    def _people(self, customers: Sequence[int], own: Sequence[Any]) -> list[str]:
        names = self.names.known(Kind.PERSON, customers)
        if not any(own):
            return names
        return ["brand" if mine else name for name, mine in zip(names, own, strict=True)]

    def _either_person(self, open_: list[bool], customers: Sequence[int], hidden: Cells) -> Cells:
        return either(open_, [number("person", c) for c in customers], hidden) if open_ else hidden

    def _ids(self, kind: Kind, ids: Sequence[int | None], open_: list[bool]) -> Cells:
        hidden: Cells = [*self.names.of(kind, ids)]
        return either(open_, [number(kind.name.lower(), each) for each in ids], hidden) if open_ else hidden

    def _urls(self, ids: Sequence[int], urls: Sequence[str | None], kind: Kind, open_: list[bool]) -> Cells:
        offset = int(kind) << 40  # the link of post 5 and the link of case 5 are two
        has = [each + offset if url else None for each, url in zip(ids, urls, strict=True)]
        hidden: Cells = [*self.names.of(Kind.LINK, has)]
        return either(open_, urls, hidden) if open_ else hidden

    def _named_in_posts(
        self, who: Sequence[str], posts: Posts, talks: Sequence[int | None], beside: Beside
    ) -> list[tuple[Named, ...]]:
        """Whose names may stand in each post: its author's, those of the thread it answers in; in ours, colleagues'.

        Nobody's where a glance at the whole batch says so: most people do not name themselves.
        """
        found: list[tuple[Named, ...]] = [()] * len(who)
        for n in perhaps_named(posts.texts, posts.people, posts.handles):
            found[n] = (named(who[n], posts.people[n], posts.handles[n]),)
        if any(posts.own):
            found = [(self.colleagues,) if own else there for own, there in zip(posts.own, found, strict=True)]
        if not beside.people:
            return found
        others = (() if talk is None else beside.people.get(talk, ()) for talk in talks)
        return [(*there, *more) for there, more in zip(found, others, strict=True)]

    @staticmethod
    def _talks(threads: Sequence[int], own: Sequence[Any], answers: Sequence[Any]) -> list[int | None]:
        """The conversation a post joined; None where it began one, and could name nobody who came later."""
        return [talk if mine or answer else None for talk, mine, answer in zip(threads, own, answers, strict=True)]

    def _named_here(
        self,
        who: Sequence[str],
        people: Sequence[str],
        handles: Sequence[str],
        threads: Sequence[int],
        beside: Beside,
    ) -> list[tuple[Named, ...]]:
        """Whose names may stand in a case or a reply: its customer's, the thread's, those of colleagues who sign."""
        customers = [named(w, p, h) for w, p, h in zip(who, people, handles, strict=True)]
        return [
            (customer, *beside.people.get(talk, ()), self.colleagues)
            for customer, talk in zip(customers, threads, strict=True)
        ]

    def _hidden(
        self, texts: Sequence[str], channels: Sequence[str], who: Sequence[tuple[Named, ...]], open_: list[bool]
    ) -> Cells:
        if open_ and all(open_):
            return [*texts]
        hidden: Cells = [*self.scrubber.texts(texts, channels, who)]
        return either(open_, texts, hidden) if open_ else hidden

    def _named(self, open_: list[bool], **columns: Sequence[Any]) -> dict[str, Cells]:
        """The columns that say who somebody is: empty where that must not be said."""
        if not self.identified:
            return {}
        nothing = [None] * len(open_)
        return {name: either(open_, values, nothing) for name, values in columns.items()}
