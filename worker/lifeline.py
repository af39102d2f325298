"""How does a child process notice that its supervisor is gone? Both hold one pipe; its end is the sign."""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

#: Names the inherited reading end of the supervisor's pipe.
ENVIRONMENT = "SPORTELLO_LIFELINE_FD"
HARD_EXIT_AFTER_S = 8.0


def hold() -> None:
    """From now on, end this process when the supervisor ends, however it ends; nothing without a supervisor."""
    number = os.environ.pop(ENVIRONMENT, "")
    if number.isdigit():
        threading.Thread(target=_wait_for_the_end, args=(int(number),), daemon=True, name="lifeline").start()


def _wait_for_the_end(descriptor: int) -> None:
    try:
        while os.read(descriptor, 64):
            pass
    except OSError:
        pass  # A pipe that cannot be read any more has ended, too.
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(HARD_EXIT_AFTER_S)
    os._exit(1)


def main(script: str) -> None:
    """Run a Python script as if it had been started itself, holding the lifeline."""
    hold()
    sys.argv = [script]
    sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1])
