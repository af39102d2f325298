"""What does a request ask for? Its query, read strictly: a misspelt name is an error, not a wish for everything."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from starlette.datastructures import QueryParams

from domain.clock import localize
from domain.errors import Invalid
from domain.export import ExportFilter
from domain.judgement import Kind, Sentiment
from domain.states import CaseState

PAGE = ("cursor", "limit")
#: Filters of each list, beside ``brand``.
FILTERS = {
    "mentions": ("since", "until", "channel", "language", "kind", "sentiment", "urgency_level", "watch"),
    "cases": ("since", "until", "channel", "language", "kind", "sentiment", "urgency_level", "state"),
    "trends": ("since", "until", "channel", "language"),
    "exports": (),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": tuple(str(each) for each in Kind),
    "sentiment": tuple(str(each) for each in Sentiment),
    "state": tuple(str(each) for each in CaseState),
    "urgency_level": ("0", "1", "2", "3"),
}
DEFAULT_ROWS, MOST_ROWS = 100, 1000
LONGEST_CHARS = 400


def require_known(query: QueryParams, *known: str) -> None:
    """Invalid for a name nobody knows, one given twice, and a value that cannot be meant."""
    for name in query:
        if name not in known:
            raise Invalid(f"There is no parameter {name[:60]!r}; there are: {', '.join(known)}.", field="query")
        if len(query.getlist(name)) > 1:
            raise Invalid(f"The parameter {name!r} is given twice; separate values by commas.", field="query")
        if len(query[name]) > LONGEST_CHARS or "\x00" in query[name]:
            raise Invalid(f"The value of {name!r} cannot be used.", field="query")


def filter_of(query: QueryParams, timezone: str) -> ExportFilter:
    """The rows asked for; days are those of the brand's clock, ``until`` is exclusive."""
    watches = _several(query, "watch")
    if any(not each.isascii() or not each.isdigit() or len(each) > 9 for each in watches):
        raise Invalid("The parameter 'watch' takes numbers.", field="watch")
    since, until = _moment(query, "since", timezone), _moment(query, "until", timezone)
    if since is not None and until is not None and since >= until:
        raise Invalid("The period ends before it begins.", field="period")
    return ExportFilter(
        channels=_several(query, "channel"),
        since=since,
        until=until,
        watches=tuple(int(each) for each in watches),
        kinds=_several(query, "kind"),
        sentiments=_several(query, "sentiment"),
        levels=tuple(int(each) for each in _several(query, "urgency_level")),
        language=query.get("language") or None,
        states=_several(query, "state"),
    )


def number_of(query: QueryParams, name: str, *, default: int, least: int, most: int) -> int:
    """A whole number between two bounds; Invalid for anything else."""
    given = query.get(name)
    if given is None:
        return default
    if not given.isascii() or not given.isdigit() or len(given) > 19 or not least <= int(given) <= most:
        raise Invalid(f"The parameter {name!r} is a whole number from {least} to {most}.", field=name)
    return int(given)


def _several(query: QueryParams, name: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.strip() for part in query.get(name, "").split(",") if part.strip()))
    choices = CHOICES.get(name)
    if choices is not None and (strange := [each for each in found if each not in choices]):
        raise Invalid(f"{strange[0][:60]!r} is no {name}; there are: {', '.join(choices)}.", field=name)
    return found


def _moment(query: QueryParams, name: str, timezone: str) -> datetime | None:
    given = query.get(name)
    if given is None:
        return None
    try:
        if len(given) == len("2026-03-02"):
            return localize(datetime.combine(date.fromisoformat(given), time()), timezone)
        moment = datetime.fromisoformat(given.replace(" ", "+"))
        if moment.tzinfo is None:
            raise ValueError("no zone")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(f"{name!r} is a day (2026-03-02) or a moment with its zone (2026-03-02T09:00:00Z).") from None
