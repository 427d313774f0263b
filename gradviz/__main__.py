"""Entry point of the program, also as `python -m gradviz`."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and end the process; Ctrl-C during imports gives no traceback."""
    try:
        from gradviz.cli import run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
