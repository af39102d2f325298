"""What does each column of an export mean? The dictionary that goes with every file, and the words of its page."""

from __future__ import annotations

from dataclasses import replace

from desk.i18n import N_, _
from domain.export import Every, ExportFormat, ExportOrder, Meaning, Style, Subject
from services.export_columns import columns_of

SUBJECTS = {
    Subject.MENTIONS: N_("Posts"),
    Subject.CASES: N_("Cases, one a row"),
    Subject.REPLIES: N_("Our replies"),
    Subject.TRENDS: N_("Trends, day by day"),
}
FORMATS = {
    ExportFormat.XLSX: N_("Spreadsheet (XLSX)"),
    ExportFormat.CSV: N_("CSV"),
    ExportFormat.PARQUET: N_("Parquet, for analysts"),
    ExportFormat.JSONL: N_("JSON lines, for programs"),
}
EVERY = {Every.DAY: N_("each day"), Every.WEEK: N_("each Monday"), Every.MONTH: N_("on the first of each month")}

_PSEUDONYM = N_(
    "A pseudonym, or a number where the export is identified. It is the same wherever it stands in this file and "
    "another in the next file."
)
_MEANINGS = {
    "post": _PSEUDONYM,
    "case": _PSEUDONYM,
    "reply": _PSEUDONYM,
    "conversation": _PSEUDONYM,
    "author": N_("Who wrote the post: a pseudonym, the same for one person in the whole file; “brand” is ourselves."),
    "customer": N_("Whose case it is: a pseudonym, the same for one person in the whole file."),
    "url": N_("The link to the post: a pseudonym, or the link itself where the export is identified."),
    "published_at": N_("When the post was published."),
    "sent_at": N_("When our reply went out."),
    "confirmed_at": N_("When the network showed our reply to us."),
    "post_published_at": N_("When the post that was answered was published."),
    "opened_at": N_("When the case came to this desk."),
    "first_post_at": N_("When the customer’s first post of the case was published."),
    "last_post_at": N_("When the customer wrote last."),
    "first_reply_at": N_("When our first reply went out."),
    "last_reply_at": N_("When our last reply went out."),
    "waiting_since": N_("Since when the customer has waited, or whom we wait for."),
    "closed_at": N_("When the case was closed."),
    "channel": N_("The network."),
    "text": N_("The words. Names of its author, handles, links, mail addresses and telephone numbers are pseudonyms."),
    "last_post": N_("The customer’s last words, with pseudonyms as in “text”."),
    "language": N_("The language, as a code such as it or en."),
    "sentiment": N_("The tone: negative, neutral or positive."),
    "kind": N_("What its author wants: complaint, question, praise, idea, other or spam."),
    "urgency": N_("How soon silence does harm, from 0 to 3."),
    "urgency_level": N_("The same as a level: 0 no rush, 1 soon, 2 today, 3 now."),
    "unsure": N_("Whether the model asks a person to read it."),
    "corrected": N_("Whether a colleague corrected the judgement."),
    "judged": N_("Whether a model has judged it."),
    "model": N_("The revision of the model that judged it; empty: the rules alone."),
    "watches": N_("The watches it matched."),
    "reach": N_("How many people follow its author, as a group."),
    "answers_a_post": N_("Whether it answers another post."),
    "audience": N_("Who may read it: public, followers or named. What is not public is never identified."),
    "is_own": N_("Whether we wrote it ourselves."),
    "is_repost": N_("Whether it is a plain repost."),
    "is_history": N_("Whether it came in as history, not as work."),
    "state": N_("How far the case is: new, open, waiting, resolved or dismissed."),
    "resolution": N_("How the case was resolved."),
    "first_response_s": N_("Seconds from the customer’s first post to our first reply, as the customer lived them."),
    "waited_s": N_("Seconds from the post to our reply, as the customer lived them."),
    "posts": N_("How many posts."),
    "replies": N_("How many replies of ours went out."),
    "contacts": N_("How often the customer had to write again."),
    "hand_overs": N_("How often the case was handed over."),
    "open_promises": N_("How many promises are open."),
    "status": N_("Whether the reply is out (sent), or was taken down (deleted)."),
    "author_name": N_("The author’s name, as the network shows it."),
    "author_handle": N_("The author’s handle."),
    "customer_name": N_("The customer’s name, as the network shows it."),
    "customer_handle": N_("The customer’s handle."),
    "followers": N_("How many people follow the author."),
    "origin": N_("The server or feed it came from."),
    "native_id": N_("The post’s id on its network."),
    "from": N_("Where the stretch begins, by the brand’s clock."),
    "to": N_("Where the stretch ends, by the brand’s clock; not itself included."),
    "step": N_("How long the stretch is: hour, day, week or month."),
    "unjudged": N_("How many posts no model has judged yet."),
    "reposts": N_("Plain reposts, left out of the posts."),
    "spam": N_("Spam, left out of the posts."),
    "own": N_("Our own posts, left out of the posts."),
    "deleted": N_("Posts their authors have deleted, left out of the posts."),
    "judged_posts": N_("How many posts the shares rest on."),
    "net_sentiment": N_("(positive − negative) / judged posts, from −1 to 1; empty where too few posts were judged."),
    "net_sentiment_low": N_("The lower end of its 95 % interval."),
    "net_sentiment_high": N_("The upper end of its 95 % interval."),
    "complaint_share": N_("The share of complaints; empty where too few posts were judged."),
    "complaint_share_low": N_("The lower end of its 95 % interval."),
    "complaint_share_high": N_("The upper end of its 95 % interval."),
    "positive": N_("How many judged posts are positive; empty where too few were judged."),
    "neutral": N_("How many judged posts are neutral; empty where too few were judged."),
    "negative": N_("How many judged posts are negative; empty where too few were judged."),
    "complaints": N_("How many judged posts complain; empty where too few were judged."),
    "questions": N_("How many judged posts ask; empty where too few were judged."),
    "praise": N_("How many judged posts praise; empty where too few were judged."),
    "ideas": N_("How many judged posts bring an idea; empty where too few were judged."),
    "others": N_("How many judged posts want something else; empty where too few were judged."),
    "complete": N_("Whether everything of the stretch was heard; false: the figures are a lower bound."),
}
_ABOUT_TIMES = {
    True: N_("Moments stand on the clock of the brand, which the line (timezone) names."),
    False: N_("Moments stand in UTC."),
}


def meaning_of(column: str) -> str:
    """What a column means, in the language in force."""
    return _(_MEANINGS[column])


def english_meaning(column: str) -> str:
    """The same in English, for who writes programs."""
    return _MEANINGS[column]


def meanings(subject: Subject, *, identified: bool, style: Style, format: ExportFormat) -> tuple[Meaning, ...]:
    """The dictionary of an export, in the language in force."""
    lines = [Meaning(column.name, meaning_of(column.name)) for column in columns_of(subject, identified=identified)]
    local = format is ExportFormat.XLSX or (format is ExportFormat.CSV and style.local_times)
    if subject is not Subject.TRENDS:
        lines.append(Meaning("(moments)", _(_ABOUT_TIMES[local])))
    return tuple(lines)


def explained(order: ExportOrder) -> ExportOrder:
    """The order with its dictionary, in the language in force."""
    words = meanings(order.subject, identified=order.identified, style=order.style, format=order.format)
    return replace(order, meanings=words)


def subject_word(subject: Subject) -> str:
    """What the rows are."""
    return _(SUBJECTS[subject])


def format_word(format: ExportFormat) -> str:
    """The kind of file."""
    return _(FORMATS[format])


def every_word(every: Every) -> str:
    """How often it is made."""
    return _(EVERY[every])
