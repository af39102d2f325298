"""Which channel is this? X: heard through one account of ours, and answered with it where X lets us."""

from __future__ import annotations

from collectors.protocol import ChannelSetup, Manifest
from collectors.registry import manifest
from collectors.x.client import XNetwork
from collectors.x.collector import XCollector
from collectors.x.publisher import XPublisher
from collectors.x.sign_in import XSignIn
from domain.clock import Clock

#: Pages of posts a collector keeps, so that several watches ask and pay once.
KEPT_ANSWERS = 100


class XChannel:
    """Builds each direction for one account; nothing is asked before the first call."""

    @property
    def manifest(self) -> Manifest:
        """What the manifest file says."""
        return manifest("x")

    def collector(self, setup: ChannelSetup) -> XCollector:
        """Listens with the account of ``setup``; whatever several watches ask alike is asked once."""
        return XCollector(_network(setup, kept_answers=KEPT_ANSWERS))

    def publisher(self, setup: ChannelSetup) -> XPublisher:
        """Answers with the account of ``setup``."""
        return XPublisher(_network(setup))

    def sign_in(self, clock: Clock, *, private: bool = False) -> XSignIn:
        """How an account of ours gets in and out again; asks nobody before it is told to."""
        return XSignIn(clock, private=private)


def _network(setup: ChannelSetup, *, kept_answers: int = 0) -> XNetwork:
    return XNetwork(
        setup.account,
        setup.clock,
        secret=setup.secret,
        terms=setup.terms,
        purse=setup.purse,
        kept_answers=kept_answers,
        private=setup.private_addresses,
    )


channel = XChannel()
