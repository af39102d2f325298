"""Which scripted networks does the matrix know? One line for each channel that answers."""

from __future__ import annotations

from tests.network.peer_bluesky import BlueskyPeer
from tests.network.peer_http_connector import HttpConnectorPeer
from tests.network.peer_mastodon import MastodonPeer
from tests.network.peer_reddit import RedditPeer
from tests.network.peer_x import XPeer
from tests.network.scripted import Peer

PEERS: dict[str, type[Peer]] = {
    peer.channel: peer for peer in (XPeer, RedditPeer, MastodonPeer, BlueskyPeer, HttpConnectorPeer)
}
