"""Is a case shown although its channel cannot be answered through?"""

from __future__ import annotations

from dataclasses import replace

from domain.errors import Misconfigured
from services import cases
from tests.fakes import FakeChannels


class WithoutSecret(FakeChannels):
    """Every publisher lacks its secret."""

    def publisher(self, name, account=None):
        raise Misconfigured("The environment variable TOKEN is not set.")


def test_a_missing_secret_leaves_the_case_on_the_screen_and_the_answer_to_a_hand(ctx, say, network, account):
    case_id = say("BAD parcel")
    route = cases.view(replace(ctx, channels=WithoutSecret(network)), case_id).route
    assert (route.kind, route.reason) == ("by_hand", "not_connected")
