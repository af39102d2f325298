"""On what may two accounts be taken for one person? Only a colleague decides it, and says why."""

from __future__ import annotations

from enum import StrEnum


class Basis(StrEnum):
    """Why a colleague takes two accounts for one person.

    X lets an account be tied to a person outside X only on what that person says or gives (developer policy,
    "Off-X matching"), so guesses by likeness are no basis.
    """

    SAID_PUBLICLY = "said_publicly"  # they wrote so themselves where anybody could read it
    TOLD_US = "told_us"  # they told us, in a message, on the telephone, at the counter
    LINKED_PROFILES = "linked_profiles"  # one profile names the other one


#: What a public post has to show; the others may rest on a note instead.
NEEDS_POST = frozenset({Basis.SAID_PUBLICLY})
