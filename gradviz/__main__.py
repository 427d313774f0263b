"""`python -m gradviz` is the same as `gradviz`, which starts here."""

import sys


def main() -> int:
    """Run the command line; an interrupt while it is being imported ends it without a traceback, too."""
    try:
        from gradviz.cli import main as command_line
    except KeyboardInterrupt:
        return 130
    return command_line()


if __name__ == "__main__":
    sys.exit(main())
