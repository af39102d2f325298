"""Does the desk live within the limits of the real data server, and is it told for how long when they are reached?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.bluesky.client import BlueskyNetwork
from domain.brand import Account
from domain.clock import utc_now
from domain.errors import RateLimited, Unauthorized
from tests.not_run import not_run
from tests.peers import bluesky, bluesky_install
from tests.peers.bluesky import Bluesky

pytestmark = pytest.mark.timeout(400)
#: Sign-ins of one account in five minutes (docs.bsky.app, rate limits).
SIGN_INS = 30


@pytest.fixture
def strict() -> Iterator[Bluesky]:
    """A data server with its own limits in force."""
    try:
        bluesky_install.install()
        server = bluesky.start_alone()
    except (bluesky_install.NotInstalled, LookupError) as why:
        not_run(str(why), bluesky_install.WAY_OUT)
    yield server
    server.stop()


def test_kept_sign_in_is_used_again_and_too_many_new_ones_are_told_with_their_seconds(
    strict: Bluesky, tmp_path: Path
) -> None:
    account = Account(1, 1, "bluesky", strict.account("aurora"), base_url=strict.pds)

    def desk(folder: str, secret: str = bluesky.PASSWORD) -> BlueskyNetwork:
        return BlueskyNetwork(account, str(tmp_path / folder), utc_now, secret=secret)

    for _ in range(SIGN_INS + 2):
        reply = desk("one").ask("com.atproto.server.getSession")
    assert reply.body["handle"] == "aurora.test"
    with pytest.raises(Unauthorized):
        desk("two", "another password").ask("com.atproto.server.getSession")
    with pytest.raises(RateLimited) as limited:
        for number in range(SIGN_INS + 1):
            desk(f"new{number}").ask("com.atproto.server.getSession")
    assert 0 < limited.value.retry_after_s <= 300
    assert desk("one").ask("com.atproto.server.getSession").quota is not None
