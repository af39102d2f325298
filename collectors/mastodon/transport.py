"""What does the library of Mastodon see of an answer? That it came, and none of its words.

It drops what it cannot cast, quotes answers in its errors, and calls an answer a rate limit when a header about limits
cannot be read, even where a post was just published. So whoever asks looks at the answer itself.
"""

from __future__ import annotations

import copy

import requests

from collectors import bounded


class BoundedSession(bounded.BoundedSession):
    """Keeps the whole answer for whoever asked."""

    def shown(self, response: requests.Response) -> requests.Response:
        """The answer without its words, which the library would cast piece by piece and quote in its errors."""
        shown = copy.copy(response)
        shown._content = b"{}"
        return shown
