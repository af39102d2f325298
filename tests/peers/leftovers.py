"""Where does a server of the tests keep its files, and who removes them when the test process was killed?

A folder's name holds the process it belongs to. Who makes one first removes those whose process is gone.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path


def own_folder(kind: str) -> Path:
    """A new folder of this process; folders of that kind that dead processes left are removed first."""
    for left in of_dead_processes(kind):
        shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"sportello-{kind}-{os.getpid()}-"))


def of_dead_processes(kind: str) -> list[Path]:
    """Folders of that kind that nobody uses any more."""
    named = re.compile(rf"sportello-{re.escape(kind)}-(\d+)-\w+")
    found = [(path, named.fullmatch(path.name)) for path in Path(tempfile.gettempdir()).iterdir()]
    return [path for path, name in found if name is not None and not _lives(int(name[1]))]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True
