"""What is said while an account is connected? Why it did not work, as the person who tried it can use it."""

from __future__ import annotations

from desk.i18n import N_, _
from desk.sentences import error_words
from domain.errors import DeskError, RateLimited, Refused, Retriable, Unauthorized

#: By the stable word in an error's values (``reason`` or ``what``).
_REASONS = {
    "sign_in_denied": N_("Nobody agreed on {channel}, so nothing was connected. Begin again whenever you like."),
    "sign_in_failed": N_("{channel} sent you back without what the desk needs. Nothing was connected: begin again."),
    "wrong_scope": N_(
        "{channel} grants less than the desk needs to read and to answer. Nothing was connected: agree to everything."
    ),
    "base_url": N_("This is no address that can be read: it looks like https://example.org/feed.xml."),
    "server": N_("Which server is it on? Write its name, such as mastodon.example, or the whole handle."),
    "secret": N_("That is not what {channel} gives for this: copy it once more, whole and without spaces."),
    "secret_ref": N_("Something is missing, or is not what {channel} gives for this: copy each word once more, whole."),
    "secret_empty": N_("Type what {channel} gave you: without it nothing can be connected."),
    "app_password": N_("That is no app password: Bluesky makes them under Settings, four groups of four letters."),
    "app_by_hand": N_("{channel} wants an app of your own: make one on its pages and type its client id."),
    "app_unknown": N_("{channel} does not know this app. Look at the client id and the callback address there."),
    "key_missing": N_("The key to the secrets is missing: an administrator has to bring the key file back."),
    "key_wrong": N_("The key does not open the secrets: an administrator has to bring the right one back."),
}


def connect_words(error: DeskError, channel: str, *, timezone: str) -> str:
    """The sentence for a person; ``channel`` is the network's name."""
    for name in ("reason", "what", "field"):
        word = error.values.get(name)
        if isinstance(word, str) and word in _REASONS:
            return _(_REASONS[word]).format(channel=channel)
    if isinstance(error, RateLimited):
        return _("{channel} asks for patience. Nothing was connected: try again in a few minutes.").format(
            channel=channel
        )
    if isinstance(error, Retriable) and not error.values.get("what"):
        return _("{channel} does not answer. Nothing was connected: try again in a moment.").format(channel=channel)
    if isinstance(error, Unauthorized):
        return _("{channel} did not accept this sign-in. Nothing was connected: check it and try again.").format(
            channel=channel
        )
    if isinstance(error, Refused) and error.key == "refused":
        return _("{channel} did not accept this sign-in. Nothing was connected: check it and try again.").format(
            channel=channel
        )
    return error_words(error, timezone=timezone)


def knows_reason(word: str) -> bool:
    """Whether there is a sentence for this word."""
    return word in _REASONS
