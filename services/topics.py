"""Which open cases tell of the same problem? Found by the worker, kept as groups of case numbers, shown on the desk."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from db import alike, changes, open_posts
from db import brands as brands_db
from db import queue as queue_db
from db.open_posts import OpenPost
from domain.brand import Brand
from domain.judgement import Kind, ReasonCode
from domain.people import Right
from services import similar
from services.act import require
from services.context import Context

# Imported late below: only who compares posts needs their arithmetic.
if TYPE_CHECKING:
    from classifiers.topics.encoder import Floats, Vectors

#: Praise tells of no problem, and spam is nobody's.
NO_PROBLEM = frozenset({Kind.PRAISE, Kind.SPAM})
#: So many posts get their vector in one round of the worker, some two seconds of one core; the rest wait a minute.
ROUND_POSTS = 64


@dataclass(frozen=True, slots=True)
class Problem:
    """Open cases on one problem, the most pressing first. ``about`` is the case that is most like the others.

    ``languages``, ``kinds`` and ``reasons`` count the cases of each; a case may have several reasons.
    """

    cases: tuple[int, ...]
    about: int
    text: str
    languages: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, int], ...]
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Topics:
    """What a brand's customers come with: the problems they share, and their contact reasons over all open cases."""

    cases: int
    problems: tuple[Problem, ...]
    kinds: tuple[tuple[str, int], ...]
    reasons: tuple[tuple[str, int], ...]


class Finder:
    """Finds problems, and remembers the vectors of the posts it has seen while they stay open."""

    def __init__(self, load: Callable[[], Vectors]) -> None:
        self._load = load
        self._encoder: Vectors | None = None
        self._known: dict[int, dict[str, Any]] = {}
        self._seen: dict[int, tuple[int, int]] = {}
        self._unread: dict[int, int] = {}

    def find(self, ctx: Context, brand: Brand) -> Topics:
        """The problems among the open cases of the last days (setting ``topics_days``). Needs Right.READ.

        Raises Misconfigured when the encoder is not in this copy of the program.
        """
        require(ctx, Right.READ, action="queue.read", entity="brand")
        rows = _open_cases(ctx, brand.id)
        telling = [row for row in rows if row.kind not in NO_PROBLEM]
        return self._topics(rows, self._vectors(brand.id, [row.text for row in telling], posts=None))

    def _topics(self, rows: Sequence[Any], seen: dict[str, Any]) -> Topics:
        """The problems among these cases; a post without a vector is in none."""
        placed = [row for row in rows if row.kind not in NO_PROBLEM and row.text in seen]
        return Topics(len(rows), _problems(placed, [seen[row.text] for row in placed]), _kinds(rows), _reasons(rows))

    def keep(self, ctx: Context) -> int:
        """Find problems and like cases of every brand anew where something changed, and keep them; for how many brands.

        Looks at ROUND_POSTS new posts a brand at most, and goes on at the next call.
        """
        done = 0
        with ctx.store.read() as tx:
            found = brands_db.all_brands(tx)
            versions = {brand.id: changes.version(tx, brand.id) for brand in found}
            marks = {brand.id: alike.compared(tx, brand.id) for brand in found}
        for brand in found if ctx.settings.topics_days else ():
            state, mark = (versions[brand.id], ctx.clock().toordinal()), marks[brand.id]
            # Without a mark nothing is kept, whatever was seen: a sample begun again counts its changes anew.
            if self._seen.get(brand.id) == state and mark is not None:
                continue
            pool = _telling(ctx, brand.id)
            seen = self._vectors(brand.id, [post.text for post in pool], posts=ROUND_POSTS)
            topics = self._topics(_open_cases(ctx, brand.id), seen)
            posts = [post for post in pool if post.text in seen]
            new_mark = _mark(posts)
            near = None if new_mark == mark else _alike(posts, [seen[post.text] for post in posts])
            with ctx.store.write() as tx:
                alike.keep_groups(tx, brand.id, [problem.cases for problem in topics.problems])
                if near is not None:
                    similar.keep(tx, brand.id, near, pending=[p.case_id for p in pool if p.text not in seen])
                    alike.keep_compared(tx, brand.id, new_mark)
            if not self._unread[brand.id]:
                self._seen[brand.id] = state
            done += 1
        return done

    def _vectors(self, brand_id: int, texts: Sequence[str], *, posts: int | None) -> dict[str, Any]:
        """The vector of each text that has one by now; those of posts no longer there are forgotten."""
        before = self._known.get(brand_id, {})
        known = {text: before[text] for text in texts if text in before}
        unread = [text for text in dict.fromkeys(texts) if text not in known]
        new = unread[:posts]
        self._unread[brand_id] = len(unread) - len(new)
        if new:
            self._encoder = self._encoder or self._load()
            known |= dict(zip(new, self._encoder.vectors(new), strict=True))
        self._known[brand_id] = known
        return known


def beside(ctx: Context, brand_id: int, case_id: int) -> tuple[int, ...]:
    """The other open cases on the problem of this one, as the worker found them last. Needs Right.READ."""
    require(ctx, Right.READ, action="queue.read", entity="case")
    with ctx.store.read() as tx:
        group = next((each for each in alike.groups(tx, brand_id) if case_id in each), [])
        if not group:
            return ()
        rows = queue_db.page(
            tx, similar.open_cases(brand_id), now=ctx.clock(), after=None, rows=len(group), among=group
        )
    return tuple(row.id for row, _ in rows if row.id != case_id)


def on_the_same(tx: Connection, brand_id: int, case_ids: Collection[int]) -> set[int]:
    """The other cases that the worker found last to tell of the same problem as one of these."""
    near = [set(group) for group in alike.groups(tx, brand_id) if not set(case_ids).isdisjoint(group)]
    return set().union(*near) - set(case_ids)


def _open_cases(ctx: Context, brand_id: int) -> list[Any]:
    """The newest open cases of the last days, as many as can be compared."""
    from classifiers.topics.grouping import MOST_POSTS

    now = ctx.clock()
    since = now - timedelta(days=ctx.settings.topics_days)
    with ctx.store.read() as tx:
        rows = queue_db.page(tx, similar.open_cases(brand_id), now=now, after=None, rows=MOST_POSTS)
    return [row for row, _ in rows if row.published_at >= since]


def _telling(ctx: Context, brand_id: int) -> list[OpenPost]:
    """What the newest open cases of the last days say, but for those that tell of no problem and what was deleted."""
    since = ctx.clock() - timedelta(days=ctx.settings.topics_days)
    with ctx.store.read() as tx:
        found = open_posts.newest(tx, brand_id, since=since, rows=similar.MOST_COMPARED)
    return [post for post in found if post.kind not in NO_PROBLEM and post.text.strip()]


def _mark(posts: Sequence[OpenPost]) -> str:
    """The same for the same posts compared in the same way, whichever worker does; it holds no word of them."""
    if len(posts) < 2:
        return "none"
    from classifiers.topics import encoder, near

    said = hashlib.sha256(f"{encoder.REVISION} {near.LIKE}".encode())
    for post in posts:
        said.update(repr((post.case_id, post.text, post.language)).encode())
    return said.hexdigest()


def _alike(posts: Sequence[OpenPost], vectors: Sequence[Any]) -> dict[int, list[int]]:
    if len(posts) < 2:
        return {}
    import numpy as np

    from classifiers.topics import grouping, near

    points: Floats = grouping.placed(np.stack(list(vectors)), [post.language or "und" for post in posts])
    found = near.nearest(points, most=similar.KEPT)
    return {post.case_id: [posts[at].case_id for at in places] for post, places in zip(posts, found, strict=True)}


def _problems(rows: Sequence[Any], vectors: Sequence[Any]) -> tuple[Problem, ...]:
    if len(rows) < 2:
        return ()
    import numpy as np

    from classifiers.topics import grouping

    points: Floats = grouping.placed(np.stack(list(vectors)), [row.language or "und" for row in rows])
    return tuple(
        _problem([rows[place] for place in group], rows[grouping.middle(points, group)])
        for group in grouping.groups(points)
    )


def _problem(rows: Sequence[Any], about: Any) -> Problem:
    pressing = sorted(rows, key=lambda row: -row.priority)
    languages = Counter(row.language or "und" for row in rows)
    ids = tuple(row.id for row in pressing)
    return Problem(ids, about.id, about.text, tuple(languages.most_common()), _kinds(rows), _reasons(rows))


def _kinds(rows: Sequence[Any]) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(str(row.kind) for row in rows).most_common())


def _reasons(rows: Sequence[Any]) -> tuple[tuple[str, int], ...]:
    """What of the text carries the urgency; what only the rank adds (waiting, promises) is no reason for contact."""
    codes = set(ReasonCode)
    return tuple(Counter(r["code"] for row in rows for r in row.reasons if r["code"] in codes).most_common())
