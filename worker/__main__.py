"""`python -m worker` runs everything behind the desk until told to stop."""

import sys

from worker.work import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
