"""Any bytes are a set of presets, or a PresetError with a printable message of one to five lines."""

import sys

import atheris

with atheris.instrument_imports(include=["gradviz"]):
    from gradviz.errors import PresetError
    from gradviz.presets import specs_of
    from gradviz.presets.document import read_document


def one_input(data: bytes) -> None:
    """Read a preset file and check all of its figures."""
    try:
        specs_of(read_document(data, "fuzz.yaml"))
    except PresetError as error:
        lines = str(error).split("\n")
        assert 1 <= len(lines) <= 5, lines
        assert all(line.isprintable() for line in lines), lines


atheris.Setup(sys.argv, one_input)
atheris.Fuzz()
