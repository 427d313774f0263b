"""Readers of untrusted files: linear time, bounded memory, errors of ours; and files of others are kept."""

from __future__ import annotations

import ast
import gc
import html.parser
import io
import json
import os
import struct
import time
import tracemalloc
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

import gradviz
from gradviz.cli.evaluation import rows_of_csv
from gradviz.errors import GradvizError, OutputError, RequestError
from gradviz.files import read_bounded
from gradviz.output.formats import FORMATS
from gradviz.output.metadata import is_ours, is_up_to_date
from gradviz.output.page.html import _BEGINNING
from gradviz.presets import load_presets
from gradviz.userfunc import read_array

MIB = 1 << 20
RELEASE = Path(__file__).parents[1] / "data" / "first_release"
SPEC = gradviz.Contour(expression="x0**2 + 3*x1", samples=5, dpi=30)
MOVING = gradviz.Descent(expression="x0**2 + 3*x1", samples=5, dpi=30, steps=2)
JSON = b'{"gradviz": "0", "spec": '
every_form = pytest.mark.parametrize("form", FORMATS)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*parts):
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def npy(shape, body=b"", descr="'<f8'", version=(1, 0)):
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    size = struct.pack("<H" if version == (1, 0) else "<I", len(header))
    return b"\x93NUMPY" + bytes(version) + size + header + body


def packed(name, content):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return stream.getvalue()


GIF, PDF, PAGE = b"GIF89a" + bytes(7), b"%PDF-1.4\n/Keywords (", _BEGINNING.encode()

# Functions from a number of bytes to the content of a file of about that size.
PICTURES = {
    "svg, sources without end": lambda n: b"<?xml " + b"<dc:source>" * (n // 11),
    "svg, empty sources": lambda n: b"<?xml " + b"<dc:source></dc:source>" * (n // 23),
    "svg, one long source": lambda n: b"<?xml <dc:source>" + JSON + b"&amp;" * (n // 5) + b"</dc:source>",
    "svg, wide characters": lambda n: b"<?xml <dc:source>" + "\U0001f600&lt;".encode() * (n // 8),
    "svg, a reference of many digits": lambda n: b"<?xml <dc:source>&#" + b"9" * n + b";</dc:source>",
    "pdf, keywords without end": lambda n: PDF + b"a" * n,
    "pdf, escapes without end": lambda n: PDF + b"\\(" * (n // 2),
    "pdf, escapes": lambda n: PDF + JSON + b"\\(" * (n // 2) + b")",
    "pdf, many keywords": lambda n: PDF * (n // len(PDF)),
    "pdf, many trailers": lambda n: PDF + JSON + b"})" + b"trailer\n<<" * (n // 10),
    "gif, blocks of one byte": lambda n: GIF + b"!\xfe" + b"\x01a" * (n // 2),
    "gif, empty comments": lambda n: GIF + b"!\xfe\0" * (n // 3),
    "gif, one long comment": lambda n: GIF + b"!\xfe" + (b"\xff" + (JSON + b"a" * 255)[:255]) * (n // 256),
    "png, tiny chunks": lambda n: png(chunk(b"tEXt", b"") * (n // 12)),
    "png, many keys": lambda n: png(*(chunk(b"tEXt", b"%d\0a" % key) for key in range(n // 20))),
    "png, one long chunk": lambda n: png(chunk(b"tEXt", b"gradviz\0" + b"a" * n)),
    "png, a bomb": lambda n: png(chunk(b"zTXt", b"gradviz\0\0" + zlib.compress(bytes(30 * n)))),
    "png, a bomb of words": lambda n: png(
        chunk(b"iTXt", b"gradviz\0\1\0\0\0" + zlib.compress(bytes(30 * n)))
    ),
    "html, specs without end": lambda n: PAGE + b'<meta name="gradviz" content="' * (n // 30),
    "html, one long spec": lambda n: (
        PAGE + b'<meta name="gradviz" content="' + b"&quot;" * (n // 6) + b'">\n'
    ),
    "py, a long spec": lambda n: b"# a\n# spec: " + JSON + b"a" * n,
    "py, many sums": lambda n: b"# a\n# spec: " + JSON + b"}\n" + b"# sum: \n" * (n // 8),
    "py, nested": lambda n: b"# a\n# spec: " + JSON + b"[" * n + b"\n",
}


def spent(read, path):
    """Return the seconds of the processor and the bytes of memory that a reader takes until it refuses."""

    def refused():
        with pytest.raises(GradvizError) as caught:
            read(path)
        assert 1 <= len(str(caught.value).split("\n")) <= 5
        assert all(line.isprintable() for line in str(caught.value).split("\n"))

    gc.collect()
    gc.disable()  # what other tests left behind is not looked through at the cost of this one
    try:
        begin = time.process_time()
        refused()
        seconds = time.process_time() - begin
    finally:
        gc.enable()
    tracemalloc.start()
    try:
        refused()
        return seconds, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def check_growth(make, read, path, size):
    """Check that twice the bytes take at most four times as long, and memory 3 times the file and 64 MiB."""
    taken = []
    for count in (size, 2 * size):
        path.write_bytes(make(count))
        seconds, memory = spent(read, path)
        assert memory <= 3 * path.stat().st_size + 64 * MIB
        taken.append(seconds)
    assert taken[1] <= 4 * taken[0] + 0.5


@pytest.mark.parametrize("case", PICTURES)
def test_a_reader_of_pictures_is_linear_and_bounded(case, here):
    """Twice the bytes of a hostile picture take no more than four times as long, in bounded memory."""
    check_growth(PICTURES[case], gradviz.load, here / "a", 3 * MIB)
    assert not is_ours(here / "a")


@pytest.mark.slow
@pytest.mark.parametrize("case", PICTURES)
def test_a_reader_of_large_pictures_is_linear_and_bounded(case, here):
    """The same holds up to half the size of files that are read."""
    check_growth(PICTURES[case], gradviz.load, here / "a", 16 * MIB)


TABLES = {
    "csv, an odd row at the end": lambda n: b"x,y\n" + b"1,2\n" * (n // 4) + b"1\n",
    "csv, an open quote": lambda n: b'x,y\n"' + b"1,2\n" * (n // 4),
    "csv, one row": lambda n: b"x,y\n" + b"1," * (n // 2),
    "csv, one header": lambda n: b"x," * (n // 2),
    "csv, names": lambda n: b"".join(b"x%d," % k for k in range(n // 7)),
    "csv, blank lines": lambda n: b"x,y\n" + b"\n" * n + b"1",
    "csv, quotes": lambda n: b"x,y\n" + b'"1","2"\n' * (n // 8) + b"1",
    "csv, null": lambda n: b"x,y\n" + bytes(n),
}


@pytest.mark.parametrize("case", TABLES)
def test_a_reader_of_points_is_linear_and_bounded(case, here):
    """Points are read row by row, as no row and no header needs more than the file."""

    def read(path):
        return rows_of_csv(read_bounded(path, 64 * MIB), "a", ("x", "y"))

    check_growth(TABLES[case], read, here / "a", MIB // 8)


ARRAYS = {
    "small integers": lambda n: npy(f"({n},)", bytes(n), "'|i1'") + b"?",
    "not finite": lambda n: npy(f"({n // 8},)", b"\xff" * (n // 8 * 8)),
    "halves": lambda n: npy(f"({n // 2},)", b"\xff" * (n // 2 * 2), "'<f2'"),
    "a bomb": lambda n: packed("a.npy", bytes(30 * n)),
    "a long header": lambda n: b"\x93NUMPY\x02\0" + struct.pack("<I", n) + b" " * n,
}


@pytest.mark.parametrize("case", ARRAYS)
def test_a_reader_of_arrays_is_linear_and_bounded(case, here):
    """An array is a view of the file until its type, shape and length are checked."""
    check_growth(ARRAYS[case], lambda path: read_array(str(path)), here / "a.npy", 3 * MIB)


def test_small_integers_take_bounded_memory(here):
    """An array of as many one-byte integers as are allowed takes no more than the bound as numbers."""
    count = 8 * MIB
    (here / "a.npy").write_bytes(npy(f"({count},)", bytes(count), "'|i1'"))
    tracemalloc.start()
    assert read_array("a.npy").shape == (count,)
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert memory <= 3 * count + 64 * MIB
    (here / "a.npy").write_bytes(npy(f"({count + 1},)", bytes(count + 1), "'|i1'"))
    with pytest.raises(RequestError, match="at most 8,388,608 elements"):
        read_array("a.npy")


PRESETS = {
    "yaml, items": lambda n: b"- a\n" * (n // 4),
    "yaml, nested": lambda n: b"[" * n,
    "yaml, keys": lambda n: b"".join(b"k%d: \n" % k for k in range(n // 9)),
    "yaml, one text": lambda n: b"a: '" + b"x" * n,
}


@pytest.mark.parametrize("case", PRESETS)
def test_a_reader_of_presets_is_linear_and_bounded(case, here):
    """A preset file of up to its limit of 1 MiB is refused in linear time and bounded memory."""
    check_growth(PRESETS[case], lambda path: load_presets([str(path)]), here / "a.yaml", MIB // 16)


# Arrays and points ----------------------------------------------------------------------------------------

DAMAGED = {
    "empty": b"",
    "a magic": b"\x93NUMPY",
    "a zip file": packed("a.npy", bytes(99)),
    "a zip file cut off": packed("a.npy", bytes(99))[:40],
    "a signature of zip": b"PK\3\4",
    "a huge shape": npy("(4294967296, 4294967296)"),
    "an overflowing shape": npy(f"({10**30},)"),
    "a shape of too many digits": npy(f"({'9' * 5000},)"),
    "an expression": npy("(10**30,)"),
    "a call": npy("__import__('os')"),
    "a negative shape": npy("(-1,)", bytes(8)),
    "two negative lengths": npy("(-1, -1)", bytes(8)),
    "no element": npy("(0, 3)"),
    "too many axes": npy(f"({'1, ' * 100})", bytes(8)),
    "too short": npy("(2,)", bytes(15)),
    "too long": npy("(2,)", bytes(17)),
    "an open bracket": b"\x93NUMPY\x01\0\x10\0{'descr': (1L,\n  ",
    "deep brackets": npy("(" * 9000),
    "brackets": npy("[" * 500),
    "no dictionary": b"\x93NUMPY\x01\0\x01\x001",
    "an unhashable key": npy("{[]: 1}"),
    "objects": npy("(1,)", b"\x80\x04N.", "'|O'"),
    "fields": npy("(1,)", bytes(8), "[('a', '<f8')]"),
    "texts": npy("(1,)", bytes(8), "'<U2'"),
    "nothing": npy("(5,)", b"", "'|V0'"),
    "dates": npy("(1,)", bytes(8), "'<M8[s]'"),
    "complex numbers": npy("(1,)", bytes(16), "'<c16'"),
    "a subarray": npy("(1,)", b"", "('<f8', (1000000000, 1000000000))"),
    "an odd escape": npy("(1,)", bytes(8), r"'\d'"),
    "another version": npy("(1,)", bytes(8), version=(9, 0)),
    "not a number": npy("(1,)", b"\xff" * 8),
    "infinite": npy("(2,)", struct.pack("<dd", 1, float("inf"))),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_array_is_refused(case, here):
    """Whatever a .npy file holds that is no array of real numbers is refused in one line with its name."""
    (here / "a.npy").write_bytes(DAMAGED[case])
    with pytest.raises(RequestError, match=r"^a\.npy: [^\n]*$"):
        read_array("a.npy")


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<f2", "|b1", ">i2", "<u8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_is_read_as_numpy_reads_it(dtype, order, here):
    """Type, byte order and memory order make no difference to the numbers."""
    array = np.asarray([[0, 1, 5], [1, 3, 7]], dtype, order=order)
    np.save("a.npy", array)
    np.testing.assert_array_equal(read_array("a.npy"), np.load("a.npy").astype(float))


ROWS = [
    ("x,y\n1,5,2,5\n", "p.csv:2: must have 2 fields, as the header has, got 1,5,2,5"),
    ("x,y\n1,2\n\n3\n", "p.csv:4: must have 2 fields, as the header has, got 3"),
    ("x,y,z\n1,2\n", "p.csv:2: must have 3 fields, as the header has, got 1,2"),
    ('x,y\n"1","2,3"\n1;2\n', "p.csv:2: must be a number"),
    ('x,y\n"1"2,3\n', "p.csv:2"),
    ('x,y\n1,"2\n', "p.csv:"),
    ("x,y\n1,\0\n", "p.csv:2"),
    ("x,y\n1,0x10\n", "p.csv:2: must be a number for each variable, got 1,0x10"),
    ("x,y\n1,inf\n", "p.csv:2"),
    ("x,x\n1,2\n", "p.csv:1: the header must name x, y"),
    ("x,y,x\n1,2,3\n", "p.csv:1"),
    ("x,y,,\n1,2,,\n", "p.csv:1"),
    ("", "p.csv:1"),
    ("x,y\n" + "1" * 200_000 + ",2\n", "p.csv:"),
    ("x,y\n", "only a header from p.csv"),
]


@pytest.mark.parametrize(("text", "problem"), ROWS)
def test_a_row_that_does_not_fit_is_refused(text, problem, run, here):
    """A row has a field for each name of the header and a finite number for each variable, or is refused."""
    (here / "p.csv").write_text(text)
    answer = run("grad", "x**2 + 3*y", "--points", "p.csv")
    assert (answer.code, answer.out) == (2, b"")
    assert problem in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    "text", ["x,y\n1,2\n3,4\n", '\ufeffy,x\r\n"2","1"\r\n\r\n4,3', "y, a b ,x\n2,?,1\n4,,3.0\n"]
)
def test_points_are_read_by_the_names_of_their_columns(text):
    """A byte order mark, quotes, blank lines, the order of columns and other columns make no difference."""
    np.testing.assert_array_equal(rows_of_csv(text.encode(), "p.csv", ("x", "y")), [[1, 2], [3, 4]])


@pytest.mark.slow
def test_many_points_take_no_longer_than_a_few_times_numpy(python, here):
    """300,000 points of Rosenbrock's function take at most three times NumPy's time, and the start."""
    points = np.random.default_rng(7).uniform(-2, 2, (300_000, 2))
    np.savetxt("p.csv", points, delimiter=",", header="x,y", comments="", fmt="%.17g")
    (here / "q.csv").write_text("x,y\n1,2\n")
    ours = """
import sys, time
from gradviz.cli import main
assert main(["grad", "(1 - x)**2 + 100*(y - x**2)**2", "--points", sys.argv[1], "--json"]) == 0
print(time.process_time(), file=open("seconds", "w"))
"""
    numpy = """
import json, numpy as np, time
p = np.loadtxt("p.csv", delimiter=",", skiprows=1)
x, y = p.T
f = (1 - x)**2 + 100*(y - x**2)**2
g = np.stack([2*(x - 1) - 400*x*(y - x**2), 200*(y - x**2)], axis=-1)
print(json.dumps({"points": p.tolist(), "values": f.tolist(), "gradient": g.tolist()}))
print(time.process_time(), file=open("seconds", "w"))
"""

    def seconds(program, *arguments):
        out = json.loads(python(program, *arguments))
        return float((here / "seconds").read_text()), out

    start, _ = seconds(ours, "q.csv")
    known, expected = seconds(numpy)
    taken, found = seconds(ours, "p.csv")
    np.testing.assert_array_equal(found["points"], expected["points"])
    np.testing.assert_allclose(found["exact"], expected["gradient"], rtol=1e-9, atol=1e-9)
    assert taken <= 4 * known + start  # three times, with room


# Whose a file is ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return the bytes of a picture in each format."""
    folder = tmp_path_factory.mktemp("written")
    specs = {form: MOVING if form == "gif" else SPEC for form in FORMATS}
    return {form: gradviz.save(spec, folder / f"a.{form}").read_bytes() for form, spec in specs.items()}


@every_form
def test_a_changed_picture_is_not_ours(form, written, here):
    """With a byte more, a byte less or another byte anywhere, it is replaced with --force only."""
    content, path = written[form], here / f"a.{form}"
    spec = MOVING.animated() if form == "gif" else SPEC
    path.write_bytes(content)
    assert is_ours(path)
    assert is_up_to_date(path, spec)
    changes = [content + b"\n", content[:-1], content[:-9] + b"?" + content[-9:]]
    places = range(1, len(content), len(content) // 60)
    changes += [content[:k] + bytes([content[k] ^ 1]) + content[k + 1 :] for k in places]
    if FORMATS[form].had_digests:
        changes.append(content.replace(FORMATS[form].mark, FORMATS[form].mark.swapcase()))
    for change in changes:
        path.write_bytes(change)
        assert not is_ours(path)
        assert not is_up_to_date(path, spec)
    with pytest.raises(OutputError, match="not a file of gradviz"):
        gradviz.save(spec, path)


@every_form
def test_equal_specs_give_equal_bytes(form, written, here):
    """A picture with its digest depends on nothing but its spec."""
    path = gradviz.save(MOVING if form == "gif" else SPEC, here / f"b.{form}")
    assert path.read_bytes() == written[form]


FOREIGN = {
    "any text": png(chunk(b"tEXt", b"gradviz\0hello"), chunk(b"IEND", b"")),
    "a JSON text": png(chunk(b"tEXt", b"gradviz\0{}"), chunk(b"IEND", b"")),
    "a spec": png(
        chunk(b"tEXt", b'gradviz\0{"gradviz": "0.1.0", "spec": {"kind": "quiver", "expression": "x"}}'),
        chunk(b"IEND", b""),
    ),
    "an invalid spec": png(
        chunk(b"tEXt", b"Software\0gradviz 0.1.0"),
        chunk(b"tEXt", b'gradviz\0{"gradviz": "0.1.0", "spec": {"kind": "os"}}'),
        chunk(b"IEND", b""),
    ),
    "a page": PAGE + b'<meta name="gradviz" content="{&quot;gradviz&quot;: 1}">\n</body>\n</html>\n',
    "a script": b'# a\n# spec: {"gradviz": "0.1.0", "spec": {"kind": "quiver", "expression": "x"}}\n',
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_text_in_our_place_makes_no_file_ours(case, here):
    """A file with something under our key is another program's, unless all of it is as gradviz writes it."""
    (here / "a.png").write_bytes(FOREIGN[case])
    assert not is_ours(here / "a.png")
    with pytest.raises(OutputError, match="not a file of gradviz"):
        gradviz.save(SPEC, "a.png")
    assert (here / "a.png").read_bytes() == FOREIGN[case]


FIRST = sorted(path.name for path in RELEASE.iterdir() if path.suffix[1:] in FORMATS)


@pytest.mark.parametrize("name", FIRST)
def test_a_picture_of_the_first_release_is_ours_unless_it_is_seen_to_be_changed(name, here):
    """Pictures without a digest are replaced as before, but not with another end or another beginning."""
    content, path = (RELEASE / name).read_bytes(), here / name
    path.write_bytes(content)
    assert is_ours(path)
    for change in (content + b"<!-- mine -->\n", content[:-2]):
        path.write_bytes(change)
        assert not is_ours(path)


# Outputs and parsers of others ----------------------------------------------------------------------------

ODD = [
    "\ufffe",
    "\uffff",
    "\U0001fffe",
    "\ufdd0",
    "\u2028",
    "\ue000",
    "\u200b",
    "\U0010ffff",
    "]]>",
    "--",
    "&#0;",
]


@pytest.mark.parametrize("form", ["svg", "html", "py", "pdf", "png"])
def test_any_label_leaves_a_file_well_formed(form, here):
    """Titles and labels of characters that XML has not are drawn, and every output can be parsed."""
    word = "".join(f"a{character}b" for character in ODD)
    spec = gradviz.Contour(
        expression="x0*x1", samples=5, dpi=30, title=word, xlabel=word[::-1], ylabel=f"<{word}", colorbar=True
    )
    content = gradviz.save(spec, f"a.{form}").read_bytes()
    assert gradviz.load(f"a.{form}") == spec
    assert is_ours(here / f"a.{form}")
    if form == "svg":
        root = ET.fromstring(content)
        assert (
            json.loads(root.find(".//{http://purl.org/dc/elements/1.1/}source").text)["spec"]["title"] == word
        )
    if form == "html":
        reader = html.parser.HTMLParser()
        reader.feed(content.decode())
        reader.close()
    if form == "py":
        ast.parse(content)


def test_a_label_has_any_character_that_xml_has(here):
    """Each character that no label may hold is refused; each other one leaves an SVG that a parser reads."""
    every = map(chr, [*range(0x20, 0x250), *range(0xFFF0, 0x10000), *range(0xFDD0, 0xFDF0)])
    word = "".join(c for c in every if unicodedata.category(c) not in ("Cc", "Cs"))
    for start in range(0, len(word), 200):
        spec = gradviz.Contour(expression="x0*x1", samples=3, dpi=30, title=word[start : start + 200])
        ET.fromstring(gradviz.save(spec, "a.svg", force=True).read_bytes())


# Files that are no files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["inspect", "redraw"])
@pytest.mark.parametrize(
    "path", ["/dev/zero", "/dev/null", "/dev/tty", "/proc/kmsg", "fifo", "loop", ".", "no"]
)
def test_what_is_no_picture_is_refused_at_once(command, path, run, here):
    """A device, a pipe, a folder, a circle of links and a missing file are refused in one line."""
    if path == "fifo":
        os.mkfifo("fifo")
    if path == "loop":
        Path("loop").symlink_to("loop")
    answer = run(command, path)
    assert (answer.code, answer.out) == (1, b"")
    assert answer.err.count("\n") == 1
    assert path in answer.err


def test_a_file_without_a_size_is_read(here):
    """Files of /proc say that they are empty, and are not."""
    path = Path("/proc/self/limits")
    if not path.exists():
        pytest.skip("there is no /proc")
    assert read_bounded(path, MIB) == path.read_bytes() != b""
