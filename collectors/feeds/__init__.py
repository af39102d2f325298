"""Which channel is this? Feeds: RSS, Atom and JSON Feed, from as many addresses as a brand has; it only listens."""

from __future__ import annotations

from base64 import b64encode

from collectors.feeds.client import FeedClient
from collectors.feeds.collector import FeedsCollector, Secrets
from collectors.http import Web
from collectors.protocol import ChannelSetup, Manifest, Publisher
from collectors.registry import manifest
from domain.errors import NotPossible


class FeedsChannel:
    """Each account of the brand is one feed: its handle the title, its ``base_url`` the address."""

    @property
    def manifest(self) -> Manifest:
        """What the manifest file says."""
        return manifest("feeds")

    def collector(self, setup: ChannelSetup) -> FeedsCollector:
        """Reads every feed of the brand, one after the other."""
        web = Web(setup.clock, private=setup.private_addresses)
        accounts = setup.accounts or ((setup.account,) if setup.account else ())
        known = dict(setup.secrets)
        if setup.account is not None and setup.secret:
            known.setdefault(setup.account.id, setup.secret)
        secrets = Secrets({account_id: _authorization(secret) for account_id, secret in known.items()})
        return FeedsCollector(FeedClient(web), accounts, setup.clock, secrets=secrets)

    def publisher(self, setup: ChannelSetup) -> Publisher:
        """Never asked for: the manifest says that nothing can be answered here."""
        raise NotPossible("Nothing can be published into a feed.", reason="cannot_answer")


def _authorization(secret: str) -> str:
    """``name:password`` (RFC 7617), or else a token (RFC 6750)."""
    if ":" in secret:
        return f"Basic {b64encode(secret.encode()).decode('ascii')}"
    return f"Bearer {secret}"


channel = FeedsChannel()
