"""Entry point of the program, also as `python -m gradviz`."""

import sys


def main() -> int:
    """Run the command line and return its exit code; Ctrl-C during imports gives no traceback."""
    try:
        from gradviz.cli import main as command_line
    except KeyboardInterrupt:
        return 130
    return command_line()


if __name__ == "__main__":
    sys.exit(main())
