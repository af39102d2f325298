"""Why did a network refuse a reply? What is stored as a code, in a sentence for the person who wrote it."""

from __future__ import annotations

from desk.i18n import N_, _
from desk.sentences import knows_reason, not_possible_words

_BY_CODE = {
    "unauthorized": N_(
        "The network no longer accepts our sign-in. An administrator renews it; then send the reply again."
    ),
    "misconfigured": N_("A setting of the channel is missing or wrong. An administrator finds it under Channels."),
    "too_long": N_("The text is longer than the network accepts. Shorten it and send it again."),
    "rate_limited": N_("We sent too much in too short a time. Wait some minutes and send it again."),
    "unavailable": N_("The network could not be reached. Send it again in a while."),
    "publishing_off": N_("Publishing was switched off before the reply went out."),
}
_UNNAMED = N_("The network does not take this reply as it is. Say it in other words, or answer there by hand.")


def network_no(stored: str) -> str:
    """The sentence for a refusal as ``services.settling.words`` stored it: "code: what the network said"."""
    code = stored.partition(":")[0].strip()
    return not_possible_words(code) if knows_reason(code) else _(_BY_CODE.get(code, _UNNAMED))


def network_said(stored: str) -> str:
    """What the network or the channel said, word for word and in its own language; the code where it said nothing."""
    code, _colon, said = stored.partition(":")
    return said.strip() or code.replace("_", " ").strip()
