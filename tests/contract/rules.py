"""Which rules does the contract have, and which channel has to keep which?"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from collectors.registry import CHANNELS, manifest
from tests.contract.harness import Harness
from tests.contract.harness_bluesky import BlueskyHarness
from tests.contract.harness_feeds import FeedsHarness
from tests.contract.harness_http_connector import HttpConnectorHarness
from tests.contract.harness_mastodon import MastodonHarness
from tests.contract.harness_memory import MemoryHarness
from tests.contract.harness_reddit import RedditHarness
from tests.contract.harness_sample import SampleHarness
from tests.contract.harness_x import XHarness
from tests.fakes import MovableClock

ROOT = Path(__file__).parents[2]
#: A harness per channel of the registry, and one for the network in memory that other tests rely on.
HARNESSES: dict[str, Callable[[Path, MovableClock], Harness]] = {
    "fake": MemoryHarness,
    "sample": SampleHarness,
    "feeds": FeedsHarness,
    "bluesky": BlueskyHarness,
    "http_connector": HttpConnectorHarness,
    "mastodon": MastodonHarness,
    "reddit": RedditHarness,
    "x": XHarness,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """``binding``: no channel of that direction may be exempt. ``of``: listening, answering or both."""

    of: str
    binding: bool = False


RULES = {
    "aware_utc_times": Rule("listening", binding=True),
    "stable_ids": Rule("listening", binding=True),
    "same_content_same_rows": Rule("listening", binding=True),
    "bursts_larger_than_a_page": Rule("listening", binding=True),
    "restartable": Rule("listening", binding=True),
    "repeated_page_token": Rule("listening", binding=True),
    "coverage_told": Rule("listening", binding=True),
    "malformed_items_set_aside": Rule("listening", binding=True),
    "own_posts_and_reposts_marked": Rule("listening"),
    "deletions_as_tombstones": Rule("listening"),
    "edits": Rule("listening"),
    "length_counted_as_the_network_counts": Rule("answering", binding=True),
    "same_key_one_post": Rule("answering", binding=True),
    "unclear_outcomes_said": Rule("answering", binding=True),
    "definite_no_said": Rule("answering", binding=True),
    "lookup": Rule("answering", binding=True),
    "receipts": Rule("answering", binding=True),
    "hostile_text": Rule("both", binding=True),
    "unreachable_network": Rule("both", binding=True),
    "secrets_hidden": Rule("both", binding=True),
    "rate_limits": Rule("both"),
    "sign_in_errors": Rule("both"),
}


@cache
def quality(channel: str) -> dict[str, dict[str, str]]:
    """The rules in the channel's ``quality.toml`` with their status."""
    text = (ROOT / "collectors" / channel / "quality.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["rules"])


def applies(rule: str, channel: str, *, of: str = "both") -> bool:
    """Whether this rule, or the part of it that is ``of`` one direction, is about something the channel does."""
    does = {"listening": manifest(channel).listens, "answering": manifest(channel).answers, "both": True}
    return does[RULES[rule].of] and does[of]


def must_keep(rule: str, channel: str, *, of: str = "both") -> bool:
    """Whether the contract is run for this rule on this channel: unless its quality.toml gives a reason not to."""
    if channel not in CHANNELS:
        return True
    return applies(rule, channel, of=of) and quality(channel).get(rule, {}).get("status", "done") == "done"


def keeps(rule: str, *, of: str = "both") -> pytest.MarkDecorator:
    """Run a test on every channel that has to keep ``rule``; ``of`` where a rule binds both directions."""
    names = [name for name in HARNESSES if must_keep(rule, name, of=of)]
    return pytest.mark.parametrize("harness", names, indirect=True)
