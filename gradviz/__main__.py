"""Entry point of the program, also as `python -m gradviz`."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and end the process; Ctrl-C during imports gives no traceback."""
    try:
        from gradviz.cli import main as command_line
        from gradviz.process import end_process
    except KeyboardInterrupt:
        sys.exit(130)
    end_process(command_line())


if __name__ == "__main__":
    main()
