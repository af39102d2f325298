"""How does a reply get onto Mastodon exactly once? Fixed beforehand, looked for first, and sent under a key.

Servers keep the key of a post for an hour at most, some not at all, and some make two posts of two requests at once
(mastodon/mastodon #21840, #37879, #40439). So the key is only the second net: before every attempt our own newest
posts are read from the one on that stood before the first, and what is there is never sent again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from collectors.mastodon.about import About
from collectors.mastodon.answers import Reply
from collectors.mastodon.client import MastodonNetwork, listed
from collectors.mastodon.normalize import address, answers, moment, named
from collectors.mastodon.normalize import words as plain
from collectors.mastodon.wording import as_shown, length, naming, same_words
from domain.errors import Invalid, Malformed, NotFound, NotPossible, OutcomeUnknown, TooLong, Unavailable
from domain.mention import Mention
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, ReplyLimits, ReplyRoute, RouteKind

#: Kept free for the name of who is answered: 30 characters are the longest, its sign and a space.
NAME_CHARS = 32
#: From everybody to those named alone; a reply is never seen by more people than the post it answers.
VISIBILITIES = ("public", "unlisted", "private", "direct")
#: How many pages of our own posts a look-up turns, and how many posts it asks for at once.
PAGES, PAGE_ITEMS = 10, 40
ALWAYS = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What was fixed before the first attempt. ``anchor``: our newest post then; empty when we had none.

    ``own_id``: who we were then; empty where that was not kept yet.
    """

    words: str
    parent_id: str
    visibility: str
    warning: str
    language: str
    anchor: str
    anchor_at: str
    own_id: str = ""

    def encode(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


class MastodonPublisher:
    """Answers with one account."""

    def __init__(self, network: MastodonNetwork) -> None:
        self._network = network

    @property
    def limits(self) -> ReplyLimits:
        """What our server allows, less the name of who is answered; its usual 500 until it was asked."""
        return _limits(self._network.known() or About(own_id=""))

    def route(self, mention: Mention) -> ReplyRoute:
        """By the network, at no cost, unless the post came in through another server: its id means another one here."""
        try:
            told = json.loads(mention.reply_ref or "null")["acct"]
        except (ValueError, TypeError, KeyError):
            told = None
        if not isinstance(told, str):
            return ReplyRoute(RouteKind.BY_HAND, reason="no_reference")
        if self._network.account is not None and mention.origin != self._network.origin:
            return ReplyRoute(RouteKind.BY_HAND, reason="other_server")
        return ReplyRoute(RouteKind.API)

    def prepare(self, reply: OutgoingReply, *, key: IdempotencyKey) -> str:
        """The words with the name in front, who may see them, and our newest post, as JSON.

        Raises Invalid, TooLong or NotPossible for a definite no.
        """
        if not key:
            raise Invalid("A reply needs an idempotency key.")
        if not reply.text.strip():
            raise Invalid("The reply is empty.", reason="empty")
        self._require_here(reply)
        about = self._network.about(fresh=True)
        parent = self._parent(reply.parent_id)
        words = naming(reply.text, address(parent["account"]))
        warning = str(parent.get("spoiler_text") or "")
        _require_fitting(reply.text, words, warning, about)
        anchor = next(iter(listed(self._network.own_posts(limit=1))), {})
        return _Fixed(
            words=words,
            parent_id=reply.parent_id,
            visibility=_narrower(parent.get("visibility"), _reference(reply).get("visibility")),
            warning=warning,
            language=_language(reply.language),
            anchor=named(anchor["id"]) if anchor else "",
            anchor_at=str(anchor.get("created_at", "")),
            own_id=about.own_id,
        ).encode()

    def publish(self, reply: OutgoingReply, *, key: IdempotencyKey) -> Receipt:
        """Send the reply, unless it is there. See ``collectors.protocol.Publisher``."""
        self._require_here(reply)
        fixed = _read(reply.prepared or self.prepare(reply, key=key))
        if self._is_anothers(fixed):
            raise NotPossible("Another account of ours on Mastodon began this reply.", reason="begun_elsewhere")
        there = self._find(fixed)
        if there is not None:
            return _receipt(there)
        self._parent(fixed.parent_id)  # A server may also publish an answer to nothing, for everybody to wonder at.
        given = {"language": fixed.language} if fixed.language else {}
        reply.require_time(self._network.clock())
        try:
            done = self._network.write(
                fixed.words,
                key=key,
                in_reply_to_id=fixed.parent_id,
                visibility=fixed.visibility,
                spoiler_text=fixed.warning or None,
                **given,
            )
        except NotFound:
            raise NotPossible("The post was deleted by its author.", reason="parent_deleted") from None
        return _receipt(done)

    def lookup(self, reply: OutgoingReply, *, key: IdempotencyKey, since: datetime) -> Receipt | None:
        """Our own post with these words under that post, among ours since the one before the first attempt.

        Raises OutcomeUnknown when what is there leaves doubt: a person has to look.
        """
        if reply.origin != self._network.origin:
            raise OutcomeUnknown("Our account has moved to another server since; somebody has to look.")
        if reply.prepared:
            fixed = _read(reply.prepared)
            if self._is_anothers(fixed):
                raise OutcomeUnknown("Another account of ours on Mastodon began this reply; look there.")
            there = self._find(fixed)
        else:
            there = self._find(_unprepared(reply), since=since - timedelta(minutes=1))
        return None if there is None else _receipt(there)

    def _is_anothers(self, fixed: _Fixed) -> bool:
        """Whether our token is another account's by now: its posts say nothing about this reply."""
        return fixed.own_id not in ("", self._network.about().own_id)

    def _require_here(self, reply: OutgoingReply) -> None:
        """Raises NotPossible where the ids of this reply mean something else, also after our account has moved."""
        if reply.origin != self._network.origin:
            raise NotPossible("The post was read through another server.", reason="other_server")

    def _parent(self, native_id: str) -> Mapping[str, Any]:
        parent = self._network.post(native_id)
        if parent is None:
            raise NotPossible("The post was deleted by its author.", reason="parent_deleted")
        if not isinstance(parent.get("account"), dict):
            raise Malformed("Mastodon shows a post without its author.")
        return parent

    def _find(self, fixed: _Fixed, *, since: datetime = ALWAYS) -> Mapping[str, Any] | None:
        """Our oldest post that is this reply, in the talk below the post or among our own since the anchor.

        ``since`` counts where there is no anchor; an account that had no post then can be read from its first.
        """
        own_id = self._network.about().own_id
        begins_at = moment(fixed.anchor_at) if fixed.anchor else since
        below = [view for view in self._below(fixed.parent_id, own_id) if _written_at(view) >= begins_at]
        own = [view for view in self._own_since(fixed.anchor, begins_at) if _is_ours(view, own_id)]
        shown = {_id(view): view for view in [*below, *own] if fixed.anchor or _written_at(view) >= begins_at}
        ours = [view for view in shown.values() if _id(view) != fixed.anchor]
        return min((view for view in ours if self._is_this(view, fixed)), key=_written_at, default=None)

    def _below(self, native_id: str, own_id: str) -> list[Mapping[str, Any]]:
        """Ours in that talk, which some servers show before they list them; a talk too long to show hides none."""
        try:
            return [view for view in self._network.talk(native_id)[1] if _is_ours(view, own_id)]
        except (Unavailable, Malformed):
            return []

    def _own_since(self, anchor: str, begins_at: datetime) -> Iterator[Mapping[str, Any]]:
        """Our posts after the anchor; without one, back to that moment. Raises OutcomeUnknown beyond ``PAGES``."""
        token: str | None = anchor or None
        for _ in range(PAGES):
            page = self._network.own_posts(
                newer_than=token if anchor else None, older_than=None if anchor else token, limit=PAGE_ITEMS
            )
            views = listed(page)
            yield from views
            following = _onward(page, views, is_up=bool(anchor))
            if not views or following == token or (not anchor and _written_at(views[-1]) < begins_at):
                return
            token = following
        raise OutcomeUnknown("We have posted more since than a look-up reads; somebody has to look.")

    def _is_this(self, view: Mapping[str, Any], fixed: _Fixed) -> bool:
        parent = answers(view)
        if parent not in (fixed.parent_id, None) or (parent is None and not view.get("mentions")):
            return False
        told = self._network.source(_id(view))
        is_same = same_words(told, fixed.words) if told is not None else _reads_like(view, fixed.words)
        if parent is None:
            if is_same:
                raise OutcomeUnknown("The reply stands alone, under no post; somebody has to look.")
            return False
        if view.get("edited_at") is not None or (told is None and not is_same):
            raise OutcomeUnknown("Another answer of ours stands there, edited or unreadable; somebody has to look.")
        return is_same


def _limits(about: About) -> ReplyLimits:
    most = max(1, about.max_chars - NAME_CHARS)
    return ReplyLimits(max_chars=most, count=partial(length, url_chars=about.url_chars), unit="graphemes")


def _require_fitting(text: str, words: str, warning: str, about: About) -> None:
    """Raises TooLong: the words by themselves, or with the name and the warning that they go out under."""
    limits = _limits(about)
    own, beside = limits.count(text), limits.count(words) - limits.count(text) + limits.count(warning)
    most = min(limits.max_chars, about.max_chars - beside)
    if own > most:
        raise TooLong(length=own, limit=most, channel="Mastodon")


def _narrower(now: object, then: object) -> str:
    """The narrower of two visibilities; one that nobody knows is the narrowest."""
    places = [VISIBILITIES.index(each) if each in VISIBILITIES else len(VISIBILITIES) - 1 for each in (now, then)]
    return VISIBILITIES[max(places)]


def _language(language: str | None) -> str:
    """The first part of a language's code, as servers take it (ISO 639)."""
    base = (language or "").split("-")[0].lower()
    return base if base.isascii() and base.isalpha() and 2 <= len(base) <= 3 and base != "und" else ""


def _reference(reply: OutgoingReply) -> Mapping[str, Any]:
    try:
        told = json.loads(reply.parent_ref or "null")
        return {"acct": str(told["acct"]), "visibility": str(told["visibility"])}
    except (ValueError, KeyError, TypeError) as error:
        raise NotPossible("The post came in without what an answer needs.", reason="no_reference") from error


def _unprepared(reply: OutgoingReply) -> _Fixed:
    """What a look-up needs of a reply that nobody has prepared."""
    words = naming(reply.text, _reference(reply)["acct"])
    return _Fixed(words, reply.parent_id, "", "", "", "", "")


def _read(prepared: str) -> _Fixed:
    try:
        return _Fixed(**{name: str(value) for name, value in json.loads(prepared).items()})
    except (ValueError, TypeError, AttributeError) as error:
        raise OutcomeUnknown("What was fixed for this reply cannot be read.") from error


def _reads_like(view: Mapping[str, Any], fixed: str) -> bool:
    """Whether what the public reads is that text; names of other servers are shown without their server."""
    content = view.get("content")
    return isinstance(content, str) and same_words(plain(content), as_shown(fixed))


def _onward(page: Reply, views: list[Mapping[str, Any]], *, is_up: bool) -> str | None:
    linked = page.newer_than if is_up else page.older_than
    return linked or (_id(views[0 if is_up else -1]) if views else None)


def _is_ours(view: Mapping[str, Any], own_id: str) -> bool:
    account = view.get("account")
    return isinstance(account, dict) and str(account.get("id")) == own_id and view.get("reblog") is None


def _written_at(view: Mapping[str, Any]) -> datetime:
    return moment(view.get("created_at"))


def _id(view: Mapping[str, Any]) -> str:
    return named(view.get("id"))


def _receipt(view: Mapping[str, Any]) -> Receipt:
    """Raises OutcomeUnknown when the server does not name the post."""
    try:
        url = view.get("url") or view.get("uri")
        return Receipt(_id(view), url if isinstance(url, str) else None, moment(view.get("created_at")))
    except Malformed:
        raise OutcomeUnknown("Mastodon answered without naming the post.") from None
