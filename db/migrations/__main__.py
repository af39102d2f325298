"""How is the next revision begun? `python -m db.migrations "what changes"`, then read and correct what it wrote."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from db.engine import Store
from db.schema import SCRIPTS, head, migrate


def begin(words: str) -> None:
    """Write a revision after the head with the difference between its schema and the tables of the code.

    Indexes with a direction or a condition are not seen by the comparison: add those by hand.
    """
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'head.db'}"
        migrate(url)
        store = Store(url)
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        with store.write() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message=words, autogenerate=True, rev_id=f"{int(head()) + 1:04d}")
        store.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('usage: python -m db.migrations "what changes"')
    begin(sys.argv[1])
