"""``python -m desk.cli``: what the ``sportello`` script becomes."""

import sys

if __name__ == "__main__":
    try:
        from desk.cli.main import main
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(main(sys.argv[1:]))
