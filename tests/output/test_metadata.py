"""Specs inside of pictures, and what is read of foreign files."""

from __future__ import annotations

import contextlib
import io
import json
import os
import struct
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import pytest
from PIL import Image

import gradviz
from gradviz.cli.figures import changed
from gradviz.errors import GradvizError, OutputError, RequestError
from gradviz.output.formats import STILLS
from gradviz.output.metadata import described_scene, encode, format_of, is_ours, is_up_to_date

SPEC = gradviz.Contour(expression="x0**2 + 3*x1", samples=5, dpi=30)
RELEASE = Path(__file__).parents[1] / "data" / "first_release"
FIRST_RELEASE = json.loads((RELEASE / "specs.json").read_text())
HARD = gradviz.Contour(
    expression="x0**2 + 3*x1 + 0*(π)",
    samples=5,
    dpi=30,
    title=r"a (b) \c\ )( \n <d> &amp; 'e' %s ä∇ --> ]]> /Keywords (x) \)",
)
every_form = pytest.mark.parametrize("form", STILLS)


def file_of(spec, form):
    """Return the content of the file of a picture."""
    return encode(described_scene(spec), spec, form).content


@pytest.fixture(scope="module")
def drawn():
    """Return the bytes of a picture in each format."""
    return {form: file_of(SPEC, form) for form in STILLS}


def chunks(content):
    """Yield type and data of each chunk of a PNG, whose checksums must be right."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    place = 8
    while place < len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        kind, data = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        (check,) = struct.unpack(">I", content[place + 8 + length : place + 12 + length])
        assert check == zlib.crc32(kind + data)
        yield kind, data
        place += length + 12
    assert place == len(content)


def png(*texts, size=(1, 1)):
    """Return a PNG that another program could have made, with text chunks, and of the size that it says."""
    content = io.BytesIO()
    Image.new("RGB", (1, 1)).save(content, "png")
    (kind, data), *rest = chunks(content.getvalue())
    first = (kind, struct.pack(">II", *size) + data[8:])
    made = b"\x89PNG\r\n\x1a\n"
    for kind, data in (first, *((b"tEXt", text) for text in texts), *rest):
        made += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return made


def gif(*comments, size=(1, 1), behind=b""):
    """Return a GIF that another program could have made, with comments before its frame and behind it."""

    def extension(text):
        blocks = (text[k : k + 255] for k in range(0, len(text), 255))
        return b"!\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"

    head = b"GIF89a" + struct.pack("<HHBBB", *size, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    return head + b"".join(map(extension, comments)) + frame + extension(behind) + b";"


# What is written ------------------------------------------------------------------------------------------


@every_form
def test_a_picture_remembers_its_spec(form, here):
    """What save writes load gives back, whatever the words of the title are."""
    assert gradviz.save(HARD, f"a.{form}") == Path(f"a.{form}")
    assert gradviz.load(f"a.{form}") == HARD
    assert gradviz.load(here / f"a.{form}") == HARD


@pytest.mark.parametrize("name", FIRST_RELEASE)
def test_a_picture_of_the_first_release_has_its_spec(name, here):
    """Specs inside of pictures that gradviz 0.1.0 wrote (commit c1a38f8) are read as that release read them.

    One picture of each kind and format; `specs.json` is what `gradviz.load` of that release returned.
    """
    before = FIRST_RELEASE[name]
    spec = gradviz.load(RELEASE / name)
    stored = json.loads(json.dumps(spec.to_dict()))
    assert {field: stored[field] for field in before} == before


def test_a_png_is_well_formed(drawn):
    """The file is a PNG from its first to its last byte, and says which program made it."""
    kinds = [kind for kind, _ in chunks(drawn["png"])]
    assert (kinds[0], kinds[-1]) == (b"IHDR", b"IEND")
    with Image.open(io.BytesIO(drawn["png"])) as image:
        image.load()
        assert image.info["Software"] == f"gradviz {gradviz.__version__}"
        assert json.loads(image.info["gradviz"])["spec"]["expression"] == SPEC.expression


def test_an_svg_is_well_formed():
    """The file is XML, with the spec as its source, also where the title is full of XML's own signs."""
    root = ET.fromstring(file_of(HARD, "svg"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    source = root.find(".//{http://purl.org/dc/elements/1.1/}source")
    assert json.loads(source.text)["spec"]["title"] == HARD.title


def test_a_pdf_begins_and_ends_as_one(drawn):
    """The file is a PDF with its cross-reference table where it says."""
    content = drawn["pdf"]
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    start = int(content.rsplit(b"startxref", 1)[1].split()[0])
    assert content[start : start + 4] == b"xref"


@every_form
def test_no_date_is_written(form, drawn):
    """Nothing in a picture depends on when it was made."""
    assert b"CreationDate" not in drawn[form]
    assert b"<dc:date>" not in drawn[form]
    assert all(
        not data.startswith(b"Creation Time") for _, data in (chunks(drawn["png"]) if form == "png" else ())
    )


def test_plain_data_is_bounded_by_the_spec():
    """What a picture remembers is its version and its spec, and nothing of the person or the machine."""
    (memory,) = (data for kind, data in chunks(file_of(SPEC, "png")) if b"gradviz\0" in data[:8])
    assert set(json.loads(memory.split(b"\0", 1)[1])) == {"gradviz", "spec"}


# What is read ---------------------------------------------------------------------------------------------


@every_form
def test_a_picture_of_ours_is_known(form, drawn, here):
    """A picture is ours by what is in it, and not by its name."""
    (here / "a").write_bytes(drawn[form])
    assert is_ours(here / "a")
    assert is_up_to_date(here / "a", SPEC)
    assert not is_up_to_date(here / "a", HARD)


def test_a_link_is_never_up_to_date(drawn, here):
    """A batch leaves no link in the place of a picture."""
    (here / "a.png").write_bytes(drawn["png"])
    (here / "b.png").symlink_to("a.png")
    assert is_ours(here / "b.png")
    assert not is_up_to_date(here / "b.png", SPEC)


@pytest.mark.parametrize(
    ("fields", "files"),
    [
        ({"expression": "x0**2 + 3*x1", "title": "own.py:f"}, ()),
        ({"expression": "in/own.py:f"}, ("in/own.py",)),
        ({"expression": "own.py:f", "at": "w.npy", "plane": "random:7"}, ("own.py", "w.npy")),
        (
            {"expression": "own.py:f", "at": "w.npy", "plane": "random.npy,v.npy"},
            ("own.py", "random.npy", "v.npy", "w.npy"),
        ),
    ],
)
def test_what_is_drawn_from_files_is_never_up_to_date(fields, files, drawn, here, monkeypatch):
    """Nothing in a picture tells whether the files that went into it have changed since."""
    spec = gradviz.Contour(**fields)
    assert spec.files == files
    (here / "a.png").write_bytes(drawn["png"])
    for name in ("_memory", "_remembered"):
        monkeypatch.setattr(f"gradviz.output.metadata.{name}", lambda _: "the same")
    assert is_up_to_date(here / "a.png", spec) == (not files)


def test_another_version_is_not_up_to_date(drawn, here, monkeypatch):
    """A picture that another version drew is drawn again."""
    (here / "a.png").write_bytes(drawn["png"])
    monkeypatch.setattr("gradviz.output.metadata.__version__", "999")
    assert is_ours(here / "a.png")
    assert not is_up_to_date(here / "a.png", SPEC)


@pytest.mark.parametrize("form", [*STILLS, "gif"])
def test_a_picture_cut_off_is_no_reason_to_fail(form, drawn, here):
    """Any beginning of a picture is read as far as it goes, or refused in words."""
    memory = json.dumps({"gradviz": "0", "spec": SPEC.to_dict()}).encode()
    content = gif(memory) if form == "gif" else drawn[form]
    for part in range(0, len(content), max(1, len(content) // 40)):
        (here / "a").write_bytes(content[:part])
        with contextlib.suppress(GradvizError):
            assert gradviz.load(here / "a") == SPEC


STRANGERS = {
    "nothing": b"",
    "text": b"hello",
    "png": png(),
    "png of another": png(b"Software\0Paint"),
    "broken png": b"\x89PNG\r\n\x1a\nnonsense",
    "svg": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
    "svg with a source": b"<?xml version='1.0'?><svg><dc:source>me</dc:source></svg>",
    "pdf": b"%PDF-1.4\n<< /Keywords (a, b) >>\n%%EOF",
    "gif": b"GIF89a" + bytes(30),
    "gif of another": gif(b"made with Paint", b"by me"),
    "gif cut in its head": b"GIF87a\0",
    "gif cut in its palette": gif()[:15],
    "gif cut in a comment": gif(b'{"gradviz": "0", "spec": {}}')[:24],
    "gif with a spec behind its frame": gif(behind=b'{"gradviz": "0", "spec": {"kind": "quiver"}}'),
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_picture_of_another_program_is_refused(stranger, here):
    """A file without a spec is not ours, and cannot be loaded: that is said with the file's name."""
    (here / "a.png").write_bytes(STRANGERS[stranger])
    assert not is_ours(here / "a.png")
    with pytest.raises(OutputError, match=r"a\.png"):
        gradviz.load(here / "a.png")


FORGED = {
    "no json": b"{",
    "no object": b"[]",
    "a number": b"7",
    "null": b"null",
    "no spec": b'{"gradviz": "0.1.0"}',
    "spec is text": b'{"spec": "x"}',
    "spec is null": b'{"spec": null}',
    "spec is a list": b'{"spec": [1]}',
    "empty spec": b'{"spec": {}}',
    "unknown kind": b'{"spec": {"kind": "os.system", "expression": "x"}}',
    "unknown field": b'{"spec": {"kind": "quiver", "expression": "x", "path": "/etc/passwd"}}',
    "field named self": b'{"spec": {"kind": "quiver", "expression": "x", "self": 1}}',
    "code": b'{"spec": {"kind": "quiver", "expression": "__import__(\'os\').getcwd()"}}',
    "not finite": b'{"spec": {"kind": "quiver", "expression": "x", "range": [NaN, Infinity]}}',
    "too much": b'{"spec": {"kind": "surface", "expression": "x", "samples": [4000, 4000]}}',
    "deep": b'{"spec": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "long": b'{"spec": {"kind": "quiver", "expression": "' + b"x" * 2_000_000 + b'"}}',
    "latin": b'{"spec": {"kind": "quiver", "expression": "\xff"}}',
}


@pytest.mark.parametrize("form", ["png", "gif"])
@pytest.mark.parametrize("forgery", FORGED)
def test_what_a_picture_says_is_checked_like_any_other_text(forgery, form, here):
    """A spec inside a picture is as foreign as what is typed: a wrong one raises one of the family."""
    text = FORGED[forgery]
    ours = text.replace(b'{"spec"', b'{"gradviz": "0", "spec"', 1)
    (here / "a.png").write_bytes(png(b"gradviz\0" + text) if form == "png" else gif(ours))
    with pytest.raises(GradvizError) as caught:
        gradviz.load(here / "a.png")
    assert str(caught.value).count("\n") < 5


def test_a_picture_that_is_too_large_is_refused(here, monkeypatch):
    """A file is read up to a limit and no further."""
    monkeypatch.setattr("gradviz.output.metadata.DATA_BYTES", 100)
    (here / "a.png").write_bytes(bytes(101))
    with pytest.raises(OutputError, match="larger than 100 bytes"):
        gradviz.load(here / "a.png")


def test_a_picture_of_many_pixels_is_read_without_unpacking_it(here):
    """To read the text of a picture its pixels are not needed: a bomb of 3,600 megapixels does not go off."""
    (here / "a.png").write_bytes(
        png(b"gradviz\0" + json.dumps({"spec": SPEC.to_dict()}).encode(), size=(60_000, 60_000))
    )
    assert gradviz.load(here / "a.png") == SPEC


def test_the_frames_of_a_gif_are_not_unpacked(here, monkeypatch):
    """A GIF of 4,000 megapixels tells its spec, which is looked for in what stands before its frames only."""
    monkeypatch.setattr(Image, "open", None)
    memory = json.dumps({"gradviz": "0", "spec": SPEC.to_dict()}).encode()
    (here / "a.gif").write_bytes(gif(b"hello", memory, b"world", size=(65_535, 65_535)))
    assert gradviz.load(here / "a.gif") == SPEC
    assert is_ours(here / "a.gif")


def test_a_comment_without_end_is_refused_at_once(here, within):
    """A GIF that is one comment of many megabytes is read to its end and refused in words."""
    (here / "a.gif").write_bytes(gif(b'{"gradviz": "' + b"x" * 20_000_000))
    with within(3), pytest.raises(RequestError, match=r"a\.gif"):
        gradviz.load(here / "a.gif")


# Formats --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "form"), [("a.png", "png"), ("a.PNG", "png"), ("a.b.svg", "svg"), ("x/y.Pdf", "pdf")]
)
def test_the_suffix_is_the_format(name, form):
    """The last suffix in any case is the format."""
    assert format_of(Path(name)) == form


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("a.pgn", "'png'"),
        ("a.jpg", "png"),
        ("a", "png"),
        (".png", "png"),
        ("a.png.", "png"),
        ("a.png/b", "png"),
    ],
)
def test_another_suffix_is_refused(name, word, here):
    """Where the suffix is no format, the message says so and what would do, and nothing is drawn."""
    with pytest.raises(RequestError) as caught:
        format_of(Path(name))
    assert word in str(caught.value)
    with pytest.raises(RequestError):
        gradviz.save(SPEC, name)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("name", ["a.PNG", "a.b.svg"])
def test_the_file_has_the_format_of_its_suffix(name, here):
    """An upper-case suffix is the same format."""
    gradviz.save(SPEC, name)
    assert (here / name).read_bytes()[:5] in (b"\x89PNG\r", b"<?xml")
    assert gradviz.load(name) == SPEC


# The commands that read pictures --------------------------------------------------------------------------


@every_form
@pytest.mark.parametrize("date", ["abc", "0", "1e9"])
def test_a_picture_does_not_depend_on_the_date_of_a_build(form, date, drawn, monkeypatch):
    """SOURCE_DATE_EPOCH is the business of other programs, and is theirs again afterwards."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", date)
    assert file_of(SPEC, form) == drawn[form]
    assert os.environ["SOURCE_DATE_EPOCH"] == date


@pytest.fixture
def picture(drawn, here):
    """Return the path of a picture that gradviz made."""
    (here / "a.png").write_bytes(drawn["png"])
    return "a.png"


def test_inspect_shows_the_spec_as_json(run, picture):
    """With --json the spec is one object, which makes the same spec again."""
    answer = run("inspect", picture, "--json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.json == json.loads(SPEC.to_json())


def test_inspect_shows_the_spec_as_text(run, picture):
    """One line a field, the name first; each value is there; what follows stands apart."""
    answer = run("inspect", picture)
    assert (answer.code, answer.err) == (0, "")
    lines = answer.lines
    fields = dict(line.split(maxsplit=1) for line in (lines[: lines.index("")] if "" in lines else lines))
    assert set(fields) == set(SPEC.to_dict())
    assert (fields["kind"], fields["expression"], fields["dpi"]) == ("contour", SPEC.expression, "30")


def test_inspect_shows_nothing_that_could_act_on_a_terminal(run, here):
    """What a stranger's picture says is shown without escape sequences."""
    fields = {"kind": "contour", "expression": "x\n+y", "title": "a\u202eb\nfake: ok"}
    (here / "a.png").write_bytes(png(b"gradviz\0" + json.dumps({"spec": fields}).encode()))
    answer = run("inspect", "a.png")
    assert (answer.code, answer.err) == (0, "")
    assert all(line.isprintable() for line in answer.out.decode().split("\n"))
    assert answer.lines[-1] == r"gradviz contour $'x\n+y' --title $'a\u202eb\nfake: ok'"


EVIL = "\x1b]0;pwned\x07\x1b[2J\n\n\nfake: ok"


@pytest.mark.parametrize("command", ["inspect", "redraw"])
@pytest.mark.parametrize(
    "fields", [{EVIL: 1}, {EVIL * 9: 1, "dpi": 1}, {"title": EVIL}, {"expression": EVIL}, {"kind": EVIL}]
)
def test_a_fault_of_a_strangers_picture_is_shown_and_not_obeyed(command, fields, run, here):
    """A key of the spec inside is as foreign as a value: a few printable lines are all that comes of it."""
    spec = {"kind": "contour", "expression": "x", **fields}
    (here / "a.png").write_bytes(png(b"gradviz\0" + json.dumps({"spec": spec}).encode()))
    answer = run(command, "a.png")
    assert (answer.code, answer.out) == (2, b"")
    assert len(answer.err.splitlines()) <= 5
    assert all(line.isprintable() for line in answer.err.split("\n"))


@pytest.mark.parametrize("change", [f"{EVIL}=1", f"title={EVIL}", f"cmap={EVIL}", f"range={EVIL}=0:1", EVIL])
def test_a_change_is_shown_and_not_obeyed(change, run, picture):
    """What stands behind --with is foreign, too."""
    answer = run("redraw", picture, "--with", change)
    assert (answer.code, answer.out) == (2, b"")
    assert len(answer.err.splitlines()) <= 5
    assert all(line.isprintable() for line in answer.err.split("\n"))


def test_redraw_makes_the_same_picture(run, picture, here):
    """Drawn again without changes, a picture has the same bytes, in its own place."""
    before = (here / picture).read_bytes()
    answer = run("redraw", picture)
    assert (answer.code, answer.lines, answer.err) == (0, [picture], "")
    assert (here / picture).read_bytes() == before


def test_redraw_takes_changes(run, picture, here):
    """--with changes a field, spelled as its long option, and may be given more than once."""
    answer = run(
        "redraw", picture, "--with", "cmap=magma", "--with", "range=x0=0:1", "--with", "title=a=b", "--with",
        "filled=true", "-o", "b.svg",
    )  # fmt: skip
    assert (answer.code, answer.lines) == (0, ["b.svg"])
    changed = {**SPEC.to_dict(), "cmap": "magma", "range": {"x0": (0, 1)}, "title": "a=b", "filled": True}
    assert gradviz.load("b.svg") == gradviz.Contour(**changed)
    assert gradviz.load(picture) == SPEC


def test_redraw_can_make_another_kind(run, picture):
    """The kind is a field as well."""
    assert run("redraw", picture, "--with", "kind=surface", "-o", "b.png").code in (0, 2)


def test_redraw_writes_data_and_json(run, picture, here):
    """The options that every figure has are redraw's, too."""
    answer = run("redraw", picture, "-o", "b.png", "--data", "b.csv", "--json", "-q")
    assert answer.code == 0
    assert (answer.json["kind"], answer.json["path"], answer.json["data"]) == ("contour", "b.png", "b.csv")
    assert (here / "b.csv").read_text().startswith("x0,x1,f\n")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("cmap", ["FIELD=VALUE", "cmap"]),
        ("cmap=magm", ["cmap", "magma"]),
        ("cmpa=magma", ["cmpa", "cmap"]),
        ("dpi=5", ["dpi", "20"]),
        ("filled=maybe", ["filled", "maybe"]),
        ("expression=x0+", ["x0+", "^"]),
        ("kind=contuor", ["contour"]),
        ("output=b.png", ["output"]),
        ("", ["FIELD=VALUE"]),
    ],
)
def test_a_wrong_change_is_refused(change, words, run, picture, here):
    """What is wrong is named, with the nearest right word, and the picture stays as it was."""
    before = (here / picture).read_bytes()
    answer = run("redraw", picture, "--with", change)
    assert (answer.code, answer.out) == (2, b"")
    assert all(word in answer.err for word in words), answer.err
    assert (here / picture).read_bytes() == before
    assert [path.name for path in here.iterdir()] == [picture]


@pytest.mark.parametrize("command", ["redraw", "inspect"])
@pytest.mark.parametrize("stranger", ["missing", "folder", *STRANGERS])
def test_what_is_no_picture_of_ours_cannot_be_drawn_again(command, stranger, run, here):
    """Something could not be done: exit 1, one line that names the file, nothing on standard output."""
    if stranger == "folder":
        (here / "a.png").mkdir()
    elif stranger != "missing":
        (here / "a.png").write_bytes(STRANGERS[stranger])
    answer = run(command, "a.png")
    assert (answer.code, answer.out) == (1, b"")
    assert "a.png" in answer.err
    assert answer.err.count("\n") == 1


# What redraw changes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "changes", "expected"),
    [
        ({"range": {"x": (0, 1), "y": (2, 3)}}, ["range=x=5:6"], {"range": {"x": (5, 6), "y": (2, 3)}}),
        (
            {"range": (0, 1)},
            ["range=x=5:6", "range=y=7:8"],
            {"range": {"*": (0, 1), "x": (5, 6), "y": (7, 8)}},
        ),
        ({"range": {"x": (0, 1), "y": (2, 3)}}, ["range=0:9"], {"range": (0, 9)}),
        ({"expression": "a*x*y + b", "set": {"a": 2, "b": 3}}, ["set=a=5"], {"set": {"a": 5, "b": 3}}),
        ({"expression": "x*y*z", "fix": {"z": 2}}, ["fix=z=1/2"], {"fix": {"z": 0.5}}),
        ({"levels": [1, 2]}, ["levels=5", "cmap=magma"], {"levels": 5, "cmap": "magma"}),
    ],
)
def test_a_change_of_one_name_keeps_the_others(fields, changes, expected):
    """Ranges, parameters and held variables are changed one by one; all else is replaced."""
    spec = gradviz.Contour(**{"expression": "x*y", **fields})
    assert changed(spec, changes) == gradviz.Contour(**{"expression": "x*y", **fields, **expected})


def test_what_can_be_repeated_can_be_so_in_a_change():
    """Optimizers and starts are given one by one, by the name of the option or of the field."""
    spec = gradviz.Descent(expression="x*y", optimizers="lion", start=(1, 2))
    changes = ["optimizer=sgd,learning_rate=0.1", "optimizers=adam", "start=-7,2", "start=1,1"]
    assert changed(spec, changes) == gradviz.Descent(
        expression="x*y", optimizers=["sgd,learning_rate=0.1", "adam"], start=[(-7, 2), (1, 1)]
    )
    with pytest.raises(RequestError, match="--with steps: must have one value, got 2"):
        changed(spec, ["steps=4", "steps=5"])


def test_the_kind_can_be_changed():
    """What was left at its default is no obstacle to another kind."""
    spec = gradviz.Quiver(expression="x*y", range=(0, 1))
    assert changed(spec, ["kind=contour"]) == gradviz.Contour(expression="x*y", range=(0, 1))


@pytest.mark.parametrize("form", ["png", "svg", "pdf", "html", "py"])
@pytest.mark.parametrize("title", ["a\n# sum: b", "x\n# spec: y"])
def test_a_picture_is_ours_whatever_its_title_says(form, title, here):
    """What one format says of itself is asked of no other: the picture is drawn again without --force."""
    spec = gradviz.Contour(expression="x0*x1", samples=5, dpi=30, title=title)
    for _ in range(2):
        gradviz.save(spec, f"a.{form}")
    assert gradviz.load(f"a.{form}") == spec
