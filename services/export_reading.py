"""How do stored rows become the columns of an export, batch by batch, with people hidden behind pseudonyms?

A batch is a list for each column: a thousand values at once cost a fraction of a thousand rows one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from db import export_beside, export_rows
from db.export_rows import Wanted
from domain.export import Subject
from domain.mention import Audience
from services.context import Context
from services.export_columns import columns_of
from services.pseudonyms import Kind, Pseudonyms
from services.scrubbing import Named, Scrubber, named

#: Rows of one look at the store: large enough to be quick, small enough to be held twice.
BATCH_ROWS = 4000
#: So many people of the conversations of one batch are known by name when texts are cleared of names.
PEOPLE_OF_A_BATCH = 20_000
#: From how many followers on an account stands in the next group; exact counts tell people apart.
_REACH = ((1_000_000, "1000000+"), (100_000, "100000+"), (10_000, "10000+"), (1_000, "1000+"), (100, "100+"))
Cells = list[Any]


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the posts of a batch: their watches, their cases, and who else wrote in their threads."""

    watches: Mapping[int, str] = field(default_factory=dict)
    cases: Mapping[int, int] = field(default_factory=dict)
    people: Mapping[int, tuple[Named, ...]] = field(default_factory=dict)


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
            found = export_rows.page(tx, self.subject, self.want, after=after, upto=upto, rows=rows)
            if not found:
                return None
            ids = [row[0] for row in found]
            beside = self._beside(tx, found)
        read = {Subject.MENTIONS: self._mentions, Subject.CASES: self._cases, Subject.REPLIES: self._replies}
        made = read[self.subject](list(zip(*found, strict=True)), beside)
        names = [column.name for column in columns_of(self.subject, identified=self.identified)]
        return Batch([made[name] for name in names], len(found), ids[-1])

    def _beside(self, tx: Any, found: Sequence[Any]) -> Beside:
        if self.subject != Subject.MENTIONS:
            talks = {row[-1] for row in found}
            return Beside(people=self._by_talk(export_beside.people_in(tx, talks, most=PEOPLE_OF_A_BATCH)))
        ids = [row[0] for row in found]
        matched: dict[int, str] = {}
        for mention_id, watch_id in export_beside.watches_of(tx, ids, self.want.watch_ids):
            name = self.watches[watch_id]
            matched[mention_id] = f"{matched[mention_id]}; {name}" if mention_id in matched else name
        talks = {row[2] for row in found if row[10] or row[12]}
        in_talks = export_beside.people_in(tx, talks, most=PEOPLE_OF_A_BATCH) if talks else []
        return Beside(matched, export_beside.cases_of(tx, ids, self.want.brand_id), self._by_talk(in_talks))

    def _by_talk(self, found: Sequence[tuple[int, int, str, str]]) -> dict[int, tuple[Named, ...]]:
        names = self.names.of(Kind.PERSON, [row[1] for row in found]) if found else []
        by_talk: dict[int, tuple[Named, ...]] = {}
        for (talk, _customer, name, handle), pseudonym in zip(found, names, strict=True):
            by_talk[talk] = (*by_talk.get(talk, ()), named(str(pseudonym), name, handle))
        return by_talk

    def _mentions(self, of: list[Any], beside: Beside) -> dict[str, Cells]:
        (ids, channels, threads, customers, people, handles, followers, texts, languages, published, answers) = of[:11]
        audience, own, reposts, history = of[11:15]
        sentiment, kind, urgency, levels, unsure, model, corrected, urls, origins, natives = of[15:]
        self.models.update(m for m in set(model) if m and m != "-")
        authors = self._people(customers, own)
        open_ = self._open(audience)
        who = self._named_in_posts(authors, people, handles, self._talks(threads, own, answers), own, beside)
        made: dict[str, Cells] = {
            "post": self._ids(Kind.POST, ids, open_),
            "published_at": [*published],
            "channel": [*channels],
            "text": self._hidden(texts, channels, who, open_),
            "language": [*languages],
            "sentiment": [*sentiment],
            "kind": [*kind],
            "urgency": _rounded(urgency),
            "urgency_level": [*levels],
            "unsure": _flags(unsure),
            "corrected": _flags(corrected),
            "model": [None if m == "-" else m for m in model],
            "watches": [beside.watches.get(each, "") for each in ids],
            "author": self._either_person(open_, customers, authors),
            "reach": [None if each is None else reach_of(each) for each in followers],
            "conversation": self._ids(Kind.THREAD, threads, open_),
            "answers_a_post": _flags(answers),
            "case": self._ids(Kind.CASE, [beside.cases.get(each) for each in ids], open_),
            "audience": [*audience],
            "is_own": _flags(own),
            "is_repost": _flags(reposts),
            "is_history": _flags(history),
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
            "urgency": _rounded(of[9]),
            "urgency_level": [*of[10]],
            "unsure": _flags(of[11]),
            "judged": _flags(of[12]),
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
        names = self.names.of(Kind.PERSON, customers)
        if not any(own):
            return [*map(str, names)]
        ours = own or (False,) * len(customers)
        return ["brand" if mine else str(name) for name, mine in zip(names, ours, strict=True)]

    def _either_person(self, open_: list[bool], customers: Sequence[int], hidden: Cells) -> Cells:
        return _either(open_, [_number("person", c) for c in customers], hidden) if open_ else hidden

    def _ids(self, kind: Kind, ids: Sequence[int | None], open_: list[bool]) -> Cells:
        hidden: Cells = [*self.names.of(kind, ids)]
        return _either(open_, [_number(kind.name.lower(), each) for each in ids], hidden) if open_ else hidden

    def _urls(self, ids: Sequence[int], urls: Sequence[str | None], kind: Kind, open_: list[bool]) -> Cells:
        offset = int(kind) << 40  # the link of post 5 and the link of case 5 are two
        has = [each + offset if url else None for each, url in zip(ids, urls, strict=True)]
        hidden: Cells = [*self.names.of(Kind.LINK, has)]
        return _either(open_, urls, hidden) if open_ else hidden

    def _named_in_posts(
        self,
        who: Sequence[str],
        people: Sequence[str],
        handles: Sequence[str],
        talks: Sequence[int | None],
        own: Sequence[Any],
        beside: Beside,
    ) -> Iterator[tuple[Named, ...]]:
        """Whose names may stand in each post: its author's, those of the thread it answers in; in ours, colleagues'.

        One after the other, since thousands kept at once are walked through by the garbage collector.
        """
        authors = (named(w, p, h) for w, p, h in zip(who, people, handles, strict=True))
        if not beside.people and not any(own):
            return ((author,) for author in authors)
        others = (() if talk is None else beside.people.get(talk, ()) for talk in talks)
        return (
            (self.colleagues if mine else author, *there)
            for author, there, mine in zip(authors, others, own, strict=True)
        )

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
    ) -> Iterable[tuple[Named, ...]]:
        """Whose names may stand in a case or a reply: its customer's, the thread's, those of colleagues who sign."""
        customers = [named(w, p, h) for w, p, h in zip(who, people, handles, strict=True)]
        return [
            (customer, *beside.people.get(talk, ()), self.colleagues)
            for customer, talk in zip(customers, threads, strict=True)
        ]

    def _hidden(
        self, texts: Sequence[str], channels: Sequence[str], who: Iterable[tuple[Named, ...]], open_: list[bool]
    ) -> Cells:
        if open_ and all(open_):
            return [*texts]
        hidden: Cells = [*self.scrubber.texts(texts, channels, who)]
        return _either(open_, texts, hidden) if open_ else hidden

    def _named(self, open_: list[bool], **columns: Sequence[Any]) -> dict[str, Cells]:
        """The columns that say who somebody is: empty where that must not be said."""
        if not self.identified:
            return {}
        nothing = [None] * len(open_)
        return {name: _either(open_, values, nothing) for name, values in columns.items()}


def _either(open_: Iterable[bool], plain: Sequence[Any], hidden: Sequence[Any]) -> Cells:
    return [p if shown else h for shown, p, h in zip(open_, plain, hidden, strict=True)]


def _number(word: str, number: int | None) -> str | None:
    return None if number is None else f"{word}-{number}"


def _rounded(values: Sequence[float | None]) -> Cells:
    """Four decimals: as exact as a judgement is told anywhere."""
    return [None if value is None else round(value, 4) for value in values]


_FLAGS = {0: False, 1: True, None: None}


def _flags(values: Sequence[Any]) -> Cells:
    return [*map(_FLAGS.__getitem__, values)]


def reach_of(followers: int | None) -> str | None:
    """The group an account's followers put it in; None where the network does not tell."""
    if followers is None:
        return None
    return next((name for least, name in _REACH if followers >= least), "0+")


def seconds_between(earlier: str | None, later: str | None) -> int | None:
    """From one moment of an export to the other; None where one is missing."""
    if not earlier or not later:
        return None
    return int((datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds())
