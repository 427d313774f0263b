"""Any bytes are read by a reader of files, or refused with a printable message of one to five lines.

The first argument names the reader: a format of pictures, `npy`, `csv` or `cache`. Inputs are put behind the
beginning of a file of that kind, or into a file of ours in the place of some of its bytes.
"""

import io
import json
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["gradviz"]):
    import numpy as np

    import gradviz
    from gradviz.cli.evaluation import rows_of_csv
    from gradviz.errors import GradvizError
    from gradviz.fields import cache
    from gradviz.fields.program import Program
    from gradviz.output import metadata
    from gradviz.output.formats import FORMATS
    from gradviz.userfunc import arrays

CONTENT = [b""]
PATH = Path("fuzz")
POINTS = np.array([[0.5, 2.0], [0.0, -1.0]])
for module in (metadata, arrays, cache):
    module.read_bounded = lambda *_: CONTENT[0]


def picture() -> None:
    """Load the picture, and decide whose it is."""
    metadata.is_ours(PATH)
    gradviz.load(PATH)


def program() -> None:
    """Read a compiled program, and run it for values and gradients."""
    content = cache._content(PATH)
    if not isinstance(content.get("program"), dict):
        return
    try:
        found = Program.from_plain(content["program"], 2, 3)
    except (ValueError, KeyError, TypeError):
        return
    field = gradviz.field("x0*x1")
    field._programs |= {"value": Program(2, found.instructions, found.outputs[:1]), "gradient": found}
    gradviz.gradient(field).estimate(POINTS)


def sample(kind: str) -> tuple[bytes, bytes]:
    """Return a file of a kind, and the beginning of every one."""
    if kind == "npy":
        stream = io.BytesIO()
        np.save(stream, POINTS)
        return stream.getvalue(), b"\x93NUMPY\x01\0"
    if kind == "csv":
        return b'x,y\n1,2\n"3",4\r\n', b"x,y\n"
    if kind == "cache":
        steps = [["multiply", 0, 1], ["lt", 0, 2.0], ["where", 3, 2, 0.5], ["max", 0, 1]]
        plain = {"instructions": steps, "outputs": [2, 4, 5]}
        return json.dumps({"key": "k", "program": plain}).encode(), b'{"program": {"instructions": [['
    fields = {"samples": 3, "dpi": 20, "title": "a & b"}
    spec = gradviz.Contour(expression="x0*x1", **fields)
    if kind == "gif":
        spec = gradviz.Descent(expression="x0*x1", steps=1, **fields).animated()
    content = metadata.encode(metadata.described_scene(spec), spec, kind).content
    start = max(content.find(b'{"gradviz'), content.find(b"{&quot;gradviz"))
    return content[: start + 4000] if kind == "html" else content, content[:start]


def points() -> None:
    """Read points."""
    rows_of_csv(CONTENT[0], "fuzz", ("x", "y"))


KIND = sys.argv.pop(1)
READERS = {"npy": lambda: arrays.read_array("fuzz"), "csv": points, "cache": program}
READ = READERS.get(KIND) or dict.fromkeys(FORMATS, picture)[KIND]
WHOLE, BEGINNING = sample(KIND)


def one_input(data: bytes) -> None:
    """Read a file with the data in it."""
    provider = atheris.FuzzedDataProvider(data)
    start = provider.ConsumeIntInRange(0, 2 * len(WHOLE))
    length = provider.ConsumeIntInRange(0, 40)
    rest = provider.ConsumeBytes(sys.maxsize)
    inside = WHOLE[:start] + rest + WHOLE[start + length :]
    CONTENT[0] = inside if start < len(WHOLE) else BEGINNING + rest
    try:
        READ()
    except GradvizError as error:
        lines = str(error).split("\n")
        assert 1 <= len(lines) <= 5, lines
        assert all(line.isprintable() for line in lines), lines


atheris.Setup(sys.argv, one_input)
atheris.Fuzz()
