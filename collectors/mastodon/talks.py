"""Which talk does a post belong to, and what was said before it? Read once for each talk of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collectors.mastodon.client import MastodonNetwork
from collectors.mastodon.normalize import answers, normalize
from collectors.mastodon.pages import id_of
from domain.errors import Malformed, Unavailable
from domain.mention import Mention

#: At most so many posts are kept beside those of one page; of a long talk the nearest.
AROUND_POSTS, NEAREST_POSTS = 50, 8
#: After so many talks of one page that the server cannot show, it is asked for no more of them.
LOST_TALKS = 3


class Talks:
    """The talks that the posts of one page go on."""

    def __init__(self, network: MastodonNetwork, views: Sequence[Mapping[str, Any]]) -> None:
        self._network = network
        self._lost = 0
        self._roots: dict[str, str] = {}
        self._beside: dict[str, Mapping[str, Any]] = {}
        self._here = {found for view in views if (found := id_of(view))}

    def root(self, view: Mapping[str, Any]) -> str | None:
        """The id of the first post of its talk; asks the server for a talk that is not known yet.

        A post whose talk is not shown to us begins with what it answers. None where its id cannot be read.
        """
        native_id, parent = id_of(view), answers(view)
        if not native_id:
            return None
        if native_id not in self._roots:
            self._roots[native_id] = native_id if parent is None else self._above(native_id, parent)
        return self._roots[native_id]

    def around(self, *, own_id: str) -> tuple[Mention, ...]:
        """What was said before, oldest first; one that cannot be read is no loss to be told of."""
        found: list[Mention] = []
        for native_id, view in list(self._beside.items())[-AROUND_POSTS:]:
            if native_id in self._here:
                continue
            try:
                root = self._roots.get(native_id)
                found.append(normalize(view, origin=self._network.origin, own_id=own_id, root=root))
            except Malformed:
                continue
        return tuple(found)

    def _above(self, native_id: str, parent: str) -> str:
        if parent in self._roots:
            return self._roots[parent]
        above = self._shown_above(native_id)
        root = id_of(above[0]) if above else parent
        self._roots |= {id_of(view): root for view in above}
        self._roots[parent] = root
        self._beside |= {id_of(view): view for view in [*above[:1], *above[-NEAREST_POSTS:]]}
        return root

    def _shown_above(self, native_id: str) -> list[Mapping[str, Any]]:
        """Nothing where the server breaks on this talk: a spoilt one must not hold back what was said in it."""
        if self._lost >= LOST_TALKS:
            return []
        try:
            return [view for view in self._network.talk(native_id)[0] if id_of(view)]
        except (Unavailable, Malformed):
            self._lost += 1
            return []
