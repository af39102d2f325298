"""What does a person see when the desk itself has a fault? Our sentence and a time to pass on; the log has the rest."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from desk.i18n import _
from desk.numbers import clock_second
from desk.session import timezone
from desk.widgets.states import StateBox, StateTone, state_box

_LOG = logging.getLogger(__name__)


def say_mishap(error: Exception) -> bool:
    """Log the trace and draw the box in place of Streamlit's own; True tells Streamlit that it is said."""
    when = datetime.now(UTC)
    _LOG.error("fault on a page at %s", when.isoformat(timespec="seconds"), exc_info=error)
    box = StateBox(
        StateTone.ERROR,
        _("Something broke on this page"),
        text=_("It is our fault, not yours. Drafts are saved; nothing went out by halves."),
        foot=_("Reload the page. If it happens again, tell an administrator the time: **{time}**.").format(
            time=clock_second(when, timezone())
        ),
    )
    state_box(box, key=f"mishap_{int(when.timestamp())}")
    return True
