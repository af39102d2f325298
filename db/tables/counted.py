"""What the trends count, hour by hour: kept by triggers beside every row that counts, and rebuildable from those."""

from __future__ import annotations

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, String, Table

from db.tables.base import metadata, ref
from domain.judgement import Kind, Sentiment
from domain.waiting import STRETCHES

#: In ``watch_id``: the brand itself; else the competitor's watch.
OURSELVES = 0
#: In ``theme``: whatever it is about; else the code of a contact reason. Hours are not counted by theme, days are.
ANY_THEME = ""

#: One column for each pair of labels.
LABELLED = tuple((kind, sentiment) for kind in Kind for sentiment in Sentiment)


def labelled(kind: Kind, sentiment: Sentiment) -> str:
    """The column that counts posts with these two labels."""
    return f"{kind}_{sentiment}"


def waited(stretch: int) -> str:
    """The column that counts the customers who waited so long for their first answer, see ``domain.waiting``."""
    return f"waited_{stretch:02}"


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


# Posts by the hour in which they were published (whole hours since 1970, UTC). One row for all labels: a window
# of a month is a few thousand rows, however many posts it has.
mention_rollups = Table(
    "mention_rollups",
    metadata,
    ref("brand_id", "brands", ondelete="CASCADE"),
    Column("watch_id", Integer, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("channel", String(40), nullable=False),
    Column("language", String(12), nullable=False),
    Column("theme", String(80), nullable=False),
    _count("unjudged"),
    _count("own"),
    _count("reposts"),
    _count("deleted"),
    *(_count(labelled(kind, sentiment)) for kind, sentiment in LABELLED),
    PrimaryKeyConstraint("brand_id", "watch_id", "hour", "channel", "language", "theme"),
    sqlite_with_rowid=False,
)

# The same by the days of the brand's own clock, which every window but the shortest is made of, and by theme: a post
# with two contact reasons stands under both, and once under the empty theme.
day_rollups = Table(
    "day_rollups",
    metadata,
    ref("brand_id", "brands", ondelete="CASCADE"),
    Column("watch_id", Integer, nullable=False),
    Column("theme", String(80), nullable=False),
    Column("day", Integer, nullable=False),
    Column("channel", String(40), nullable=False),
    Column("language", String(12), nullable=False),
    _count("unjudged"),
    _count("own"),
    _count("reposts"),
    _count("deleted"),
    *(_count(labelled(kind, sentiment)) for kind, sentiment in LABELLED),
    PrimaryKeyConstraint("brand_id", "watch_id", "theme", "day", "channel", "language"),
    sqlite_with_rowid=False,
)

# Since which whole hour the clocks of a brand are how many hours ahead: no database knows every timezone by itself.
brand_turns = Table(
    "brand_turns",
    metadata,
    ref("brand_id", "brands", ondelete="CASCADE"),
    Column("from_hour", Integer, nullable=False),
    Column("offset_h", Integer, nullable=False),
    PrimaryKeyConstraint("brand_id", "from_hour"),
    sqlite_with_rowid=False,
)

# Which revisions judged the posts of an hour.
model_rollups = Table(
    "model_rollups",
    metadata,
    ref("brand_id", "brands", ondelete="CASCADE"),
    Column("watch_id", Integer, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("model", String(80), nullable=False),
    _count("posts"),
    PrimaryKeyConstraint("brand_id", "watch_id", "hour", "model"),
    sqlite_with_rowid=False,
)

# Cases: by the hour in which the customer asked (how long until the first answer, or none yet), in which it was
# closed, in which the customer reopened it last. Nothing here is about a colleague, and nothing ever will be.
case_rollups = Table(
    "case_rollups",
    metadata,
    ref("brand_id", "brands", ondelete="CASCADE"),
    Column("hour", Integer, nullable=False),
    Column("channel", String(40), nullable=False),
    Column("language", String(12), nullable=False),
    Column("theme", String(80), nullable=False),
    _count("unanswered"),
    *(_count(waited(stretch)) for stretch in range(STRETCHES)),
    _count("closed"),
    _count("solved"),
    _count("reopened"),
    PrimaryKeyConstraint("brand_id", "hour", "channel", "language", "theme"),
    sqlite_with_rowid=False,
)
