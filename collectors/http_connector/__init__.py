"""Which channel is this? Any other source of a firm, which speaks the contract in ``openapi.json``: both directions."""

from __future__ import annotations

from collectors.http_connector.client import SourceClient
from collectors.http_connector.collector import HttpCollector
from collectors.http_connector.publisher import HttpPublisher
from collectors.http_connector.receiver import HttpReceiver
from collectors.http_connector.sign_in import HttpSignIn
from collectors.protocol import ChannelSetup, Manifest
from collectors.registry import manifest
from domain.brand import Account
from domain.clock import Clock


class HttpConnectorChannel:
    """Each account of a brand is one source: its handle the name, its ``base_url`` where it is asked, if anywhere."""

    @property
    def manifest(self) -> Manifest:
        """What the manifest file says."""
        return manifest("http_connector")

    def collector(self, setup: ChannelSetup) -> HttpCollector:
        """Listens to all sources of the brand, one after the other."""
        accounts = setup.accounts or ((setup.account,) if setup.account else ())
        return HttpCollector([_source(setup, account) for account in accounts])

    def publisher(self, setup: ChannelSetup) -> HttpPublisher:
        """Answers in the source of ``setup.account``."""
        return HttpPublisher(None if setup.account is None else _source(setup, setup.account))

    def receiver(self, setup: ChannelSetup) -> HttpReceiver:
        """Takes what the source of ``setup.account`` sends by itself."""
        return HttpReceiver(setup)

    def sign_in(self, clock: Clock, *, private: bool = False) -> HttpSignIn:
        """Asks a source what it is before its secret is kept."""
        return HttpSignIn(clock, private=private)


def _source(setup: ChannelSetup, account: Account) -> SourceClient:
    own = setup.secret if setup.account is not None and setup.account.id == account.id else None
    secret = setup.secrets.get(account.id, own)
    return SourceClient(account, setup.data_dir, setup.clock, secret=secret, private=setup.private_addresses)


channel = HttpConnectorChannel()
