"""What we listen for and with which voice: brand, watch, account."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brand:
    """Whom the desk listens for. ``timezone`` (IANA) rules days and wall-clock times on the screen."""

    id: int
    name: str
    slug: str
    timezone: str = "Europe/Rome"
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """A saved query for one brand.

    A post matches when it contains any of ``terms`` and none of ``exclusions`` (whole words, case
    folded); a term of several words is a phrase. Empty ``terms`` match everything the channel hands over;
    empty ``languages`` mean all, empty ``channels`` every network the brand has an account on.
    ``version`` is raised by every change.
    """

    id: int
    brand_id: int
    name: str
    terms: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    is_competitor: bool = False
    active: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class Account:
    """Our own voice on a channel. ``publishing`` is its own switch, off until a person turns it on.

    ``secret_ref`` names an environment variable or a file; it is never the secret itself.
    """

    id: int
    brand_id: int
    channel: str
    handle: str
    base_url: str | None = None
    secret_ref: str | None = None
    publishing: bool = False
    active: bool = True
