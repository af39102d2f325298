"""Which columns has an export, of which kind is each, and which stand only in an identified one?

The names are a contract with whoever reads the files by program: columns are added at the end and never renamed.
What they mean is written by the desk, in the language of who asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.export import Subject


class Holds(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"  # words of people: guarded where a spreadsheet would run them
    WORD = "word"  # a code or a pseudonym of ours
    WHOLE = "whole number"
    DECIMAL = "number"
    FLAG = "true or false"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``identified``: it says who somebody is, and stands in identified exports alone."""

    name: str
    holds: Holds
    identified: bool = False


_T, _W, _N, _D, _F, _M = Holds.TEXT, Holds.WORD, Holds.WHOLE, Holds.DECIMAL, Holds.FLAG, Holds.MOMENT

MENTIONS = (
    Column("post", _W),
    Column("published_at", _M),
    Column("channel", _W),
    Column("text", _T),
    Column("language", _T),  # as whoever handed the post in called it
    Column("sentiment", _W),
    Column("kind", _W),
    Column("urgency", _D),
    Column("urgency_level", _N),
    Column("unsure", _F),
    Column("corrected", _F),
    Column("model", _W),
    Column("watches", _T),
    Column("author", _W),
    Column("reach", _W),
    Column("conversation", _W),
    Column("answers_a_post", _F),
    Column("case", _W),
    Column("audience", _W),
    Column("is_own", _F),
    Column("is_repost", _F),
    Column("is_history", _F),
    Column("url", _W),
    Column("author_name", _T, identified=True),
    Column("author_handle", _T, identified=True),
    Column("followers", _N, identified=True),
    Column("origin", _T, identified=True),
    Column("native_id", _T, identified=True),
)
CASES = (
    Column("case", _W),
    Column("opened_at", _M),
    Column("channel", _W),
    Column("customer", _W),
    Column("state", _W),
    Column("resolution", _W),
    Column("kind", _W),
    Column("sentiment", _W),
    Column("urgency", _D),
    Column("urgency_level", _N),
    Column("unsure", _F),
    Column("judged", _F),
    Column("first_post_at", _M),
    Column("last_post_at", _M),
    Column("last_post", _T),
    Column("language", _T),  # as whoever handed the post in called it
    Column("first_reply_at", _M),
    Column("first_response_s", _N),
    Column("last_reply_at", _M),
    Column("waiting_since", _M),
    Column("closed_at", _M),
    Column("posts", _N),
    Column("replies", _N),
    Column("contacts", _N),
    Column("hand_overs", _N),
    Column("open_promises", _N),
    Column("audience", _W),
    Column("url", _W),
    Column("customer_name", _T, identified=True),
    Column("customer_handle", _T, identified=True),
)
REPLIES = (
    Column("reply", _W),
    Column("sent_at", _M),
    Column("channel", _W),
    Column("text", _T),
    Column("status", _W),
    Column("confirmed_at", _M),
    Column("post", _W),
    Column("post_published_at", _M),
    Column("waited_s", _N),
    Column("case", _W),
    Column("customer", _W),
    Column("audience", _W),
    Column("url", _W),
    Column("customer_name", _T, identified=True),
    Column("customer_handle", _T, identified=True),
)
TRENDS = (
    Column("from", _W),
    Column("to", _W),
    Column("step", _W),
    Column("channel", _W),
    Column("posts", _N),
    Column("judged_posts", _N),
    Column("unjudged", _N),
    Column("net_sentiment", _D),
    Column("net_sentiment_low", _D),
    Column("net_sentiment_high", _D),
    Column("complaint_share", _D),
    Column("complaint_share_low", _D),
    Column("complaint_share_high", _D),
    Column("positive", _N),
    Column("neutral", _N),
    Column("negative", _N),
    Column("complaints", _N),
    Column("questions", _N),
    Column("praise", _N),
    Column("ideas", _N),
    Column("others", _N),
    Column("reposts", _N),
    Column("spam", _N),
    Column("own", _N),
    Column("deleted", _N),
    Column("complete", _F),
)
_BY_SUBJECT = {
    Subject.MENTIONS: MENTIONS,
    Subject.CASES: CASES,
    Subject.REPLIES: REPLIES,
    Subject.TRENDS: TRENDS,
}


def columns_of(subject: Subject, *, identified: bool) -> tuple[Column, ...]:
    """The columns of an export, in order."""
    return tuple(column for column in _BY_SUBJECT[subject] if identified or not column.identified)
