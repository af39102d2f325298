"""Which channel is this? Bluesky: heard through one account of ours, by polling and by stream, and answered with it."""

from __future__ import annotations

from collectors.bluesky.client import BlueskyNetwork
from collectors.bluesky.collector import BlueskyCollector
from collectors.bluesky.listener import BlueskyListener
from collectors.bluesky.places import stream_of
from collectors.bluesky.publisher import BlueskyPublisher
from collectors.bluesky.sign_in import BlueskySignIn
from collectors.protocol import ChannelSetup, Manifest
from collectors.registry import manifest
from domain.clock import Clock

#: Pages of posts a collector keeps, at some 200 KB each: those of the usual round, not those of a first reading.
KEPT_ANSWERS = 100


class BlueskyChannel:
    """Builds each direction for one account; nothing is asked before the first call."""

    @property
    def manifest(self) -> Manifest:
        """What the manifest file says."""
        return manifest("bluesky")

    def collector(self, setup: ChannelSetup) -> BlueskyCollector:
        """Listens with the account of ``setup``; whatever several watches ask alike is asked once."""
        return BlueskyCollector(_network(setup, kept_answers=KEPT_ANSWERS))

    def publisher(self, setup: ChannelSetup) -> BlueskyPublisher:
        """Answers with the account of ``setup``."""
        return BlueskyPublisher(_network(setup))

    def listener(self, setup: ChannelSetup) -> BlueskyListener:
        """Hears the network's stream; all accounts of ``setup`` are ours."""
        accounts = setup.accounts or ((setup.account,) if setup.account else ())
        stream, private = stream_of(setup.account), setup.private_addresses
        return BlueskyListener(_network(setup), accounts, stream=stream, private=private)

    def sign_in(self, clock: Clock, *, private: bool = False) -> BlueskySignIn:
        """How an account of ours gets in and out again; asks nobody before it is told to."""
        return BlueskySignIn(clock, private=private)


def _network(setup: ChannelSetup, *, kept_answers: int = 0) -> BlueskyNetwork:
    return BlueskyNetwork(
        setup.account,
        setup.data_dir,
        setup.clock,
        secret=setup.secret,
        kept_answers=kept_answers,
        private=setup.private_addresses,
    )


channel = BlueskyChannel()
