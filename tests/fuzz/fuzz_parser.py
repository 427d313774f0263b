"""Any text is an expression, or one of our own errors with a printable message of one to five lines."""

import sys

import atheris

with atheris.instrument_imports(include=["gradviz"]):
    from gradviz.errors import GradvizError
    from gradviz.language.reading import read
    from gradviz.printing.typesetting import MATHTEXT


def one_input(data: bytes) -> None:
    """Read a text; typeset what is an expression."""
    text = atheris.FuzzedDataProvider(data).ConsumeUnicode(sys.maxsize)
    try:
        MATHTEXT.text(read(text).tree)
    except GradvizError as error:
        lines = str(error).split("\n")
        assert 1 <= len(lines) <= 5, lines
        assert all(line.isprintable() for line in lines), lines


atheris.Setup(sys.argv, one_input)
atheris.Fuzz()
