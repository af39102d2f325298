"""How does the conversation of a case read? Days, posts, our replies, notes, and what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from desk import words
from desk.i18n import _, ngettext
from desk.numbers import clock_time, day_name, local, moment_words
from desk.pages.queue.rows import first_name
from desk.widgets.thread import Delivery, Evidence, Media, ThreadItem, ThreadKind
from domain.judgement import ReasonCode
from domain.priority import RankReason
from domain.states import ReplyState
from domain.text import one_line
from services.cases import CaseView, PostKind, ThreadPost

#: Shown without unfolding: the posts of this case, and this many before them.
EARLIER_SHOWN = 2
_DELIVERIES = {
    ReplyState.SENT: Delivery.SENT,
    ReplyState.FAILED: Delivery.FAILED,
    ReplyState.UNCERTAIN: Delivery.UNCERTAIN,
    ReplyState.NEEDS_HUMAN: Delivery.UNCERTAIN,
}


def thread_items(view: CaseView, *, timezone: str, now: datetime, origin: str = "") -> list[ThreadItem]:
    """The conversation oldest first, with a line before each day; what lies further back is folded.

    ``origin`` (scheme and host of the desk) completes the addresses of pictures that the desk itself serves.
    """
    posts = list(view.posts)
    start = next((place for place, post in enumerate(posts) if post.in_case), 0)
    cut = max(0, start - EARLIER_SHOWN)
    answered = _answered_now(posts)
    made = [(post, _item(post, post.id == answered, view, timezone, now, origin)) for post in posts]
    items: list[ThreadItem] = []
    if cut:
        items.append(_fold(posts[:cut], [item for _post, item in made[:cut]], timezone, now))
    day = None
    for post, item in made[cut:]:
        if (here := local(post.at, timezone).date()) != day:
            day = here
            items.append(ThreadItem(ThreadKind.DAY, day_name(here, today=local(now, timezone).date())))
        items.append(item)
    return items


def _answered_now(posts: Sequence[ThreadPost]) -> str | None:
    """The post the next reply answers: the customer's latest of this case."""
    own = [post.id for post in posts if post.kind == PostKind.POST and post.is_customer and post.in_case]
    return own[-1] if own else None


def _fold(posts: Sequence[ThreadPost], items: list[ThreadItem], timezone: str, now: datetime) -> ThreadItem:
    last = posts[-1]
    title = ngettext("{n} earlier item, {day}: {text}", "{n} earlier items, the last on {day}: {text}", len(posts))
    day = day_name(local(last.at, timezone).date(), today=local(now, timezone).date())
    text = _("“{text}”").format(text=one_line(last.text, max_chars=60)) if last.text else words.state_word("resolved")
    return ThreadItem(ThreadKind.FOLD, title.format(day=day, text=text), folded=tuple(items))


def _item(post: ThreadPost, is_now: bool, view: CaseView, timezone: str, now: datetime, origin: str) -> ThreadItem:
    when = clock_time(post.at, timezone)
    if post.kind == PostKind.TOMBSTONE:
        gone = _("Post deleted by its author, {when}. Its text is no longer kept.")
        return ThreadItem(ThreadKind.TOMBSTONE, gone.format(when=moment_words(post.at, timezone, now=now)))
    if post.kind == PostKind.NOTE:
        by = f"{post.author_user_name or post.author_name}, {when}"
        return ThreadItem(ThreadKind.NOTE, post.text, when=by)
    if post.kind == PostKind.REPLY or post.is_own:
        return _ours(post, view, when)
    return ThreadItem(
        ThreadKind.NOW if is_now else ThreadKind.CUSTOMER,
        post.text,
        name=post.author_name or post.handle,
        handle=_at(post.handle) if post.author_name else "",
        when=_where(post, view, when),
        when_title=moment_words(post.at, timezone, now=now),
        lang=post.language or "",
        url=_absolute(post.url or "", origin),
        evidence=tuple(Evidence(mark.start, mark.end, _reason(mark.code)) for mark in post.evidence),
        media=tuple(Media(_absolute(each.url, origin), each.alt) for each in post.media),
    )


def _where(post: ThreadPost, view: CaseView, time: str) -> str:
    """Where and when it was written, and for whom."""
    channel, audience = _channel(post, view), words.audience_word(post.audience)
    if not audience:
        return _("{channel}, public · {time}").format(channel=channel, time=time)
    return _("{channel}, {audience} · {time}").format(channel=channel, audience=audience, time=time)


def _ours(post: ThreadPost, view: CaseView, when: str) -> ThreadItem:
    status = ReplyState(post.status) if post.status else ReplyState.SENT
    by = first_name(post.author_user_name)
    told = _("published on {channel}, {time}") if status is ReplyState.SENT else "{word}, {time}"
    return ThreadItem(
        ThreadKind.US,
        post.text,
        name=view.brand.name,
        byline=_("reply by {name}").format(name=by) if by else "",
        lang=post.language or "",
        url=post.url or "",
        delivery=_DELIVERIES.get(status, Delivery.WAITING),
        delivery_text=told.format(channel=_channel(post, view), time=when, word=words.reply_state_word(status)),
    )


def _channel(post: ThreadPost, view: CaseView) -> str:
    title = view.route.channel_title if post.channel in ("", view.case.channel) else ""
    return words.channel_word(post.channel or view.case.channel, title=title)


def _reason(code: str) -> str:
    return words.reason_words(RankReason(ReasonCode(code))) if code in set(ReasonCode) else ""


def _at(handle: str) -> str:
    return handle if handle.startswith(("@", "u/")) or "@" in handle else f"@{handle}"


def _absolute(url: str, origin: str) -> str:
    return origin + url if url.startswith("/") and not url.startswith("//") else url
