"""``python -m desk.cli``: what the ``sportello`` script becomes."""

import sys

from desk.cli.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
