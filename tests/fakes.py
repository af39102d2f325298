"""What stands in for clocks, networks and models in tests? Small fakes with a memory, no mocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from classifiers.protocol import ModelCard
from collectors.protocol import Cursor, Manifest, Page
from domain.brand import Account, Watch
from domain.errors import NotFound, TooLong
from domain.judgement import Judgement, Kind, Reason, ReasonCode, Sentiment, UrgencyLevel
from domain.mention import Author, Mention
from domain.reply import IdempotencyKey, OutgoingReply, Receipt, ReplyLimits, ReplyRoute, RouteKind


class MovableClock:
    """A clock that stands still until told to move."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        """Move by ``timedelta(**by)``, for instance ``clock.move(minutes=5)``."""
        self.now += timedelta(**by)
        return self.now


class FakeChannel:
    """A network in memory. ``pages`` are handed out in order; what is published lands in ``published``.

    ``failures`` are raised by the next calls of ``publish``, ``lookup_failures`` and ``fetch_failures``
    likewise; ``lose_receipts`` publishes and then raises what stands in ``failures``.
    """

    def __init__(self, name: str = "fake", *, exempt: bool = True, clock: MovableClock | None = None) -> None:
        self.manifest = Manifest(name, name.title(), True, True, exempt_from_publish_switch=exempt)
        self.clock = clock or MovableClock()
        self.limits = ReplyLimits(max_chars=300, count=len)
        self.by_hand_because = ""
        self.pages: list[Page] = []
        self.published: dict[str, Receipt] = {}
        self.texts: list[str] = []
        self.attempts: list[str] = []
        self.failures: list[Exception] = []
        self.lookup_failures: list[Exception] = []
        self.fetch_failures: list[Exception] = []
        self.lose_receipts = False
        self.hidden = False

    def fetch(self, watch: Watch, cursor: Cursor | None) -> Page:
        if self.fetch_failures:
            raise self.fetch_failures.pop(0)
        at = int(cursor or 0)
        if at >= len(self.pages):
            return Page((), cursor, complete_up_to=self.clock())
        page, more = self.pages[at], at + 1 < len(self.pages)
        complete = page.complete_up_to or (None if more else self.clock())
        return replace(page, next_cursor=Cursor(str(at + 1)), has_more=more, complete_up_to=complete)

    def route(self, mention: Mention) -> ReplyRoute:
        kind = RouteKind.BY_HAND if self.by_hand_because else RouteKind.API
        return ReplyRoute(kind, self.by_hand_because)

    def prepare(self, reply: OutgoingReply, *, key: IdempotencyKey) -> str:
        return f"prepared for {key}"

    def publish(self, reply: OutgoingReply, *, key: IdempotencyKey) -> Receipt:
        self.attempts.append(key)
        if self.failures and not self.lose_receipts:
            raise self.failures.pop(0)
        if key not in self.published:
            self._require_fitting(reply)
            reply.require_time(self.clock())
            self.texts.append(reply.text)
            number = len(self.published) + 1
            url = f"https://{self.manifest.name}.invalid/{number}"
            self.published[key] = Receipt(f"{self.manifest.name}-{number}", url, self.clock())
        if self.failures:
            raise self.failures.pop(0)
        return self.published[key]

    def lookup(self, reply: OutgoingReply, *, key: IdempotencyKey, since: datetime) -> Receipt | None:
        if self.lookup_failures:
            raise self.lookup_failures.pop(0)
        return None if self.hidden else self.published.get(key)

    def _require_fitting(self, reply: OutgoingReply) -> None:
        length = self.limits.count(reply.text)
        if length > self.limits.max_chars:
            raise TooLong(length=length, limit=self.limits.max_chars, channel=self.manifest.title)


class FakeChannels:
    """The door to fake networks, as ``Context.channels``."""

    def __init__(self, *channels: FakeChannel) -> None:
        self._by_name = {c.manifest.name: c for c in channels}
        self._import = Manifest("import", "Import", False, False)

    def names(self) -> tuple[str, ...]:
        return tuple(self._by_name)

    def manifest(self, name: str) -> Manifest:
        return self._import if name == "import" else self._one(name).manifest

    def collector(
        self, name: str, account: Account | None = None, *, accounts: tuple[Account, ...] = ()
    ) -> FakeChannel:
        return self._one(name)

    def publisher(self, name: str, account: Account | None = None) -> FakeChannel:
        return self._one(name)

    def restart(self, name: str) -> None:
        self._one(name).pages.clear()

    def _one(self, name: str) -> FakeChannel:
        if name not in self._by_name:
            raise NotFound(f"There is no channel called {name!r}.", channel=name)
        return self._by_name[name]


class FakeClassifier:
    """Judges by plain words: URGENT 3, BAD 2 complaint, THANKS praise, SPAM spam, HUH unsure, else a question."""

    def __init__(self, revision: str = "fake-1") -> None:
        self.card = ModelCard("fake", revision, ("it", "en"), "Apache-2.0", 256, ())
        self.seen: list[str] = []

    def judge(self, texts: Sequence[str]) -> list[Judgement]:
        self.seen.extend(texts)
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Judgement:
        level, kind, mood, reasons = UrgencyLevel.NORMAL, Kind.QUESTION, Sentiment.NEUTRAL, ()
        if (at := text.find("URGENT")) >= 0:
            level, kind, mood = UrgencyLevel.ACT_NOW, Kind.COMPLAINT, Sentiment.NEGATIVE
            reasons = (Reason(ReasonCode.SAFETY, (at, at + 6)),)
        elif (at := text.find("BAD")) >= 0:
            level, kind, mood = UrgencyLevel.SAME_DAY, Kind.COMPLAINT, Sentiment.NEGATIVE
            reasons = (Reason(ReasonCode.MONEY, (at, at + 3)),)
        elif "THANKS" in text:
            level, kind, mood = UrgencyLevel.NO_ACTION, Kind.PRAISE, Sentiment.POSITIVE
        elif "SPAM" in text:
            level, kind = UrgencyLevel.NO_ACTION, Kind.SPAM
        return Judgement(
            language="en",
            sentiment=mood,
            sentiment_scores={s: float(s == mood) for s in Sentiment},
            kind=kind,
            kind_scores={k: float(k == kind) for k in Kind},
            urgency=float(level),
            urgency_level=level,
            reasons=reasons,
            unsure="HUH" in text,
            model=self.card.revision,
        )


def a_post(
    text: str,
    *,
    author: str = "mara",
    native_id: str | None = None,
    at: datetime | None = None,
    channel: str = "fake",
    followers: int | None = 100,
    **fields: object,
) -> Mention:
    """A post as a network would hand it over; ``conversation_id`` defaults to the post itself."""
    native = native_id or f"{author}-{abs(hash((text, author, at))) % 10**9}"
    return Mention(
        channel=channel,
        origin=f"{channel}.invalid",
        native_id=native,
        author=Author(f"id-{author}", author, author.title(), followers=followers),
        text=text,
        published_at=at or datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        conversation_id=str(fields.pop("conversation_id", native)),
        **fields,  # type: ignore[arg-type]
    )
