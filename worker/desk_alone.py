"""How does the desk start without a worker beside it, as one of several processes of a team?"""

from __future__ import annotations

import os
import sys

import bootstrap
import settings as configuration
from domain.errors import DeskError
from settings import ROOT
from worker.start import first_password, require_free
from worker.supervisor import say


def main() -> int:
    """Become the desk. 1, with one sentence: it cannot start."""
    try:
        settings = configuration.load()
        require_free(settings.host, settings.port)
        bootstrap.migrate(settings)
        password = first_password(settings)
    except DeskError as err:
        say(str(err), to=sys.stderr)
        return 1
    say(f"Sportello: http://{settings.host}:{settings.port}")
    if password is not None:
        say(f"First sign-in: admin / {password}")
    os.execv(sys.executable, [sys.executable, str(ROOT / "app.py")])


if __name__ == "__main__":
    sys.exit(main())
