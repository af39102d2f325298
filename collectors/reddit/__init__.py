"""Which channel is this? Reddit: heard and answered through one account of ours, where Reddit has approved access."""

from __future__ import annotations

from collectors.protocol import ChannelSetup, Manifest
from collectors.reddit.client import RedditNetwork
from collectors.reddit.collector import RedditCollector
from collectors.reddit.publisher import RedditPublisher
from collectors.reddit.sign_in import RedditSignIn
from collectors.registry import manifest
from domain.clock import Clock

#: Pages a collector keeps, at some 300 KB each, so that several watches ask once.
KEPT_ANSWERS = 100


class RedditChannel:
    """Builds each direction for one account; nothing is asked before the first call."""

    @property
    def manifest(self) -> Manifest:
        """What the manifest file says."""
        return manifest("reddit")

    def collector(self, setup: ChannelSetup) -> RedditCollector:
        """Listens with the account of ``setup``; whatever several watches ask alike is asked once."""
        return RedditCollector(_network(setup, kept_answers=KEPT_ANSWERS))

    def publisher(self, setup: ChannelSetup) -> RedditPublisher:
        """Answers with the account of ``setup``."""
        return RedditPublisher(_network(setup))

    def sign_in(self, clock: Clock, *, private: bool = False) -> RedditSignIn:
        """How an account of ours gets in and out again; asks nobody before it is told to."""
        return RedditSignIn(clock, private=private)


def _network(setup: ChannelSetup, *, kept_answers: int = 0) -> RedditNetwork:
    private = setup.private_addresses
    return RedditNetwork(setup.account, setup.clock, secret=setup.secret, kept_answers=kept_answers, private=private)


channel = RedditChannel()
