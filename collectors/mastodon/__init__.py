"""Which channel is this? Mastodon, and every server that speaks as it does: heard and answered through one account."""

from __future__ import annotations

from collectors.mastodon.client import MastodonNetwork
from collectors.mastodon.collector import MastodonCollector
from collectors.mastodon.publisher import MastodonPublisher
from collectors.mastodon.sign_in import MastodonSignIn
from collectors.protocol import ChannelSetup, Manifest
from collectors.registry import manifest
from domain.clock import Clock

#: Pages of posts a collector keeps, at some 200 KB each: those of the usual round, not those of a first reading.
KEPT_ANSWERS = 100


class MastodonChannel:
    """Builds each direction for one account; nothing is asked before the first call."""

    @property
    def manifest(self) -> Manifest:
        """What the manifest file says."""
        return manifest("mastodon")

    def collector(self, setup: ChannelSetup) -> MastodonCollector:
        """Listens with the account of ``setup``; whatever several watches ask alike is asked once."""
        return MastodonCollector(_network(setup, kept_answers=KEPT_ANSWERS))

    def publisher(self, setup: ChannelSetup) -> MastodonPublisher:
        """Answers with the account of ``setup``."""
        return MastodonPublisher(_network(setup))

    def sign_in(self, clock: Clock, *, private: bool = False) -> MastodonSignIn:
        """How an account of ours gets in and out again; asks nobody before it is told to."""
        return MastodonSignIn(clock, private=private)


def _network(setup: ChannelSetup, *, kept_answers: int = 0) -> MastodonNetwork:
    return MastodonNetwork(
        setup.account,
        setup.data_dir,
        setup.clock,
        secret=setup.secret,
        kept_answers=kept_answers,
        private=setup.private_addresses,
    )


channel = MastodonChannel()
