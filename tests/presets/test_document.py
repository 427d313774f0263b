"""YAML text is read by the rules of YAML 1.2 into plain data with places, or refused with a place."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.errors import PresetError
from gradviz.limits import NUMBER_CHARACTERS, PRESET_BYTES, PRESET_DEPTH, PRESET_NODES
from gradviz.presets.document import Document, read_document

BOOK = b"""\
# a comment
bowl:
  kind: quiver
  size: &size [4, 5]
  options: {a: 1, "b":   two}
other:
  size: *size
  empty:
"""

FAULT = re.compile(r"book\.yaml:\d+:\d+: \S.+")


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def _either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with the C parser and once more as if it had not been built."""
    if request.param == "SafeLoader":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    elif not hasattr(yaml, "CSafeLoader"):
        pytest.skip("this PyYAML was built without libyaml")


def read(source: str | bytes) -> Document:
    return read_document(source.encode() if isinstance(source, str) else source, "book.yaml")


def faults(source: str | bytes) -> tuple[str, ...]:
    """Return what is wrong with a source; every fault is one printable line with a place."""
    with pytest.raises(PresetError) as caught:
        read(source)
    for fault in caught.value.faults:
        assert fault.isprintable()
        assert FAULT.fullmatch(fault)
    return caught.value.faults


def outcome(source: bytes) -> tuple[Document | None, tuple[str, ...]]:
    """Return what came of a source: a document, or what is wrong with it."""
    try:
        return read(source), ()
    except PresetError as error:
        return None, (*str(error).split("\n"), *error.faults)


def fault(source: str | bytes) -> str:
    """Return the only fault of a source, without the name of the file."""
    (only,) = faults(source)
    return only.removeprefix("book.yaml:")


def value(plain: str) -> object:
    data = read(f"key: {plain}\n").data
    assert isinstance(data, dict)
    return data["key"]


@pytest.mark.usefixtures("_either_parser")
def test_data_is_plain() -> None:
    """A document is plain dicts, lists and scalars, in the order of the file."""
    document = read(BOOK)
    assert document.name == "book.yaml"
    assert document.data == {
        "bowl": {"kind": "quiver", "size": [4, 5], "options": {"a": 1, "b": "two"}},
        "other": {"size": [4, 5], "empty": None},
    }
    assert isinstance(document.data, dict)
    assert list(document.data) == ["bowl", "other"]


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize(
    ("path", "of_value", "of_key"),
    [
        ((), "2:1", "2:1"),
        (("bowl",), "3:3", "2:1"),
        (("bowl", "kind"), "3:9", "3:3"),
        (("bowl", "size"), "4:9", "4:3"),
        (("bowl", "size", 1), "4:19", "4:19"),
        (("bowl", "options", "b"), "5:26", "5:19"),
        (("other", "size"), "7:9", "7:3"),  # the alias
        (("other", "size", 0), "4:16", "4:16"),  # what it stands for
        (("other", "empty"), "8:9", "8:3"),
        (("bowl", "absent"), "3:3", "3:3"),
        (("bowl", "size", 7, "deep"), "4:9", "4:9"),
        (("bowl", "kind", "quiver", "expression"), "3:9", "3:9"),
        (("absent",), "2:1", "2:1"),
    ],
)
def test_places(path: tuple[str | int, ...], of_value: str, of_key: str) -> None:
    """Every value and key has its own line and column; what is not in the file has its nearest parent's."""
    document = read(BOOK)
    assert document.where(path) == f"book.yaml:{of_value}"
    assert document.where_key(path) == f"book.yaml:{of_key}"


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_places_do_not_depend_on_line_ends_and_marks(end: str) -> None:
    """Columns count characters, and neither the kind of line end nor a byte-order mark moves a place."""
    document = read("\ufeff" + end.join(["é:", "  \U0001f600: 'x'", "  b: 1"]))
    assert document.data == {"é": {"\U0001f600": "x", "b": 1}}
    assert document.where(("é", "\U0001f600")) == "book.yaml:2:6"
    assert document.where(("é", "b")) == "book.yaml:3:6"


def test_the_name_is_made_visible() -> None:
    """A file's name may hold anything, and messages stay printable."""
    assert read_document(b"a: 1", "\x1b[31m.yaml").where(()) == "\N{REPLACEMENT CHARACTER}[31m.yaml:1:1"


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        *((text, None) for text in ("", "~", "null", "Null", "NULL")),
        *((text, True) for text in ("true", "True", "TRUE")),
        *((text, False) for text in ("false", "False", "FALSE")),
        *((text, text) for text in ("NO", "no", "yes", "on", "Off", "y", "tRUE", "nUll")),
        *(
            (text, text)
            for text in ("2001-99-99", "2001-01-01", "1:30", "1_000", "0b1", "-0x1F", "1e", "e5", "+")
        ),
        *((text, text) for text in ("x0**2 + x1", "-x", ".", "-.", "1.2.3", "inf", "nan", "٣", "x*y")),
        ("010", 10),
        ("0", 0),
        ("+7", 7),
        ("-12", -12),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e-3", 0.001),
        ("1E5", 1e5),
        ("-1.5e+3", -1500.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("1e-999", 0.0),
        ("'7'", "7"),
        ('"1e-3"', "1e-3"),
        ("'null'", "null"),
        ("'.inf'", ".inf"),
        ("''", ""),
        ("|\n  7\n", "7\n"),
        (">\n  true\n", "true\n"),
        ("x\n  + y", "x + y"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(plain: str, expected: object) -> None:
    """A plain scalar is what the core schema of YAML 1.2 says; a quoted or block scalar is always text."""
    found = value(plain)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("plain", [".inf", "-.INF", "+.Inf", ".nan", ".NaN", "1e999", "-1e999"])
def test_numbers_are_finite(plain: str) -> None:
    """A number that is not finite is refused at its place."""
    assert fault(f"a: 1\nb: {plain}") == f"2:4: numbers must be finite, got '{plain}'"


@pytest.mark.parametrize("digit", ["1", "1.", "0x", "1e-"])
def test_numbers_are_short(digit: str) -> None:
    """A number may have as many characters as the limit, and not one more, and never a traceback."""
    longest = digit + "1" * (NUMBER_CHARACTERS - len(digit))
    assert isinstance(value(longest), int | float)
    assert fault(f"a: {longest}1").startswith(
        f"1:4: a number must have at most {NUMBER_CHARACTERS} characters, got {NUMBER_CHARACTERS + 1};"
    )
    assert fault(f"a: {longest}{'1' * 5_000}").startswith(
        f"1:4: a number must have at most {NUMBER_CHARACTERS} characters, got 5,0"
    )


def test_keys_are_text() -> None:
    """A key is the text that is written, whatever it would mean as a value."""
    source = "1: a\n01: b\n1e3: c\nnull: d\ntrue: e\n~: f\n'': g\n'<<': h\n" + "7" * 50 + ": i"
    data = read(source).data
    assert isinstance(data, dict)
    assert list(data) == ["1", "01", "1e3", "null", "true", "~", "", "<<", "7" * 50]


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("a: 1\n? {b: c}\n: 3", "2:3"),
        ("a: 1\n? [b]\n: 3", "2:3"),
        ("a: 1\n[b]: 3", "2:1"),
        ("a: {{b}: 1}", "1:5"),
        ("a: &x 1\n*x : 2", "2:1"),
        ("a: 1\n&x b: 2", "2:1"),
    ],
)
def test_odd_keys_are_refused(source: str, place: str) -> None:
    """A key that is a mapping, a sequence or an alias, or that bears an anchor, is refused at its place."""
    assert fault(source).startswith(f"{place}: a key must be plain text; write 'key: value'")


def test_keys_are_not_left_out() -> None:
    """An entry without a key is refused, and an empty one must be meant: in quotes."""
    assert fault("?\n: 1").startswith("1:2: no key before the ':'")


@pytest.mark.usefixtures("_either_parser")
def test_equal_keys_are_refused() -> None:
    """A key that is given twice is refused at the second, with the line of the first; each one is told."""
    found = faults("a: 1\nb:\n  c: 1\n  'c': 2\na: 3\na: 4\n1: 5\n'1': 6")
    assert [text.split("; ")[0] for text in found] == [
        "book.yaml:4:3: duplicate key 'c', first in line 3",
        "book.yaml:5:1: duplicate key 'a', first in line 1",
        "book.yaml:6:1: duplicate key 'a', first in line 1",
        "book.yaml:8:1: duplicate key '1', first in line 7",
    ]


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize(
    ("source", "place", "shown"),
    [
        ("a: !foo x", "1:4", "'!foo'"),
        ('a: !!int "abc"', "1:4", "'!!int'"),
        ("a: !!float abc", "1:4", "'!!float'"),
        ("a: !!python/object/apply:os.system ['id']", "1:4", "'!!python/object/apply:os.system'"),
        ("a: ! 7", "1:4", "'!'"),
        ("a: &x !t [1]", "1:4", "'!t'"),
        ("a:\n  - !<t> {b: 1}", "2:5", "'t'"),
        ("a: 1\n!k b: 2", "2:1", "'!k'"),
        ("a: !x*y", "1:4", "'!x*y'"),
    ],
)
def test_tags_are_refused(source: str, place: str, shown: str) -> None:
    """A tag is refused wherever it stands, and the way out is to remove it or to quote the text."""
    found = fault(source)
    assert found.startswith(f"{place}: tags are not allowed, got {shown}; remove it")
    assert "'!' must be in quotes" in found


def test_several_faults_are_told_in_the_order_of_the_file() -> None:
    """Tags, keys and numbers are all told in one run, by place."""
    found = faults("a: .nan\nb: !t 1\na: 2\n<<: {c: 1}")
    assert [text.split(":")[1] for text in found] == ["1", "2", "3", "4"]


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize("source", ["<<: {a: 1}", "b: &b {a: 1}\nc:\n  <<: *b", "<<: [{a: 1}, {b: 2}]"])
def test_merge_keys_are_refused(source: str) -> None:
    """A merge key is refused: it is not in YAML 1.2, and nested ones take exponential time."""
    assert "merge keys ('<<') are not allowed; write the entries out" in fault(source)


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize("source", ["%YAML 1.1\n---\na: 1", "%TAG ! tag:x,2000:\n---\na: 1"])
def test_directives_are_refused(source: str) -> None:
    """A directive could change what the text means, so it is refused."""
    assert fault(source).startswith("1:1: directives ('%YAML', '%TAG') are not allowed; remove the line")


@pytest.mark.usefixtures("_either_parser")
def test_one_document_a_file() -> None:
    """A file may mark the start and the end of its document; a second document is refused."""
    assert read("---\na: 1\n...\n").data == {"a": 1}
    assert fault("a: 1\n---\nb: 2").startswith("2:1: only one document per file is allowed; ")
    assert fault("a: 1\n" + "---\na: 1\n" * 20_000).startswith("2:1: only one document per file is allowed; ")


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize(
    "source", ["", " \n\n", "# only a comment\n", "---\n", "---\n...\n", "null", "~", "\ufeff"]
)
def test_an_empty_document_is_refused(source: str) -> None:
    """A file that says nothing is refused, with what it should say."""
    assert fault(source).startswith("1:1: no figures; write a name")


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize(
    ("source", "sign"),
    [
        ("a: 1\nexpression: *x*y", "*"),
        ("a: 1\nexpression: *x + 1", "*"),
        ("a: 1\nexpression: *x", "*"),
        ("a:\n- - *x", "*"),
        ("a:\n  {b: 1, c: *d}", "*"),
        ("a: 1\nexpression: &x*y", "&"),
        ("a: 1\nexpression: & x", "&"),
        ("a: 1\nexpression: !a!b x", "!"),
        ("a: 1\nexpression: @x", "@"),
        ("a: 1\nexpression: `x`", "`"),
        ("a: 1\nexpression: |x|", "|"),
        ("a: 1\nexpression: > 3", ">"),
        ("a: 1\nexpression: %x", "%"),
        ("a:\n  [1, %x]", "%"),
    ],
)
def test_an_expression_that_looks_like_yaml_must_be_quoted(source: str, sign: str) -> None:
    """An expression that starts with one of YAML's signs is refused in its line; the way out is quotes."""
    found = fault(source)
    assert found.startswith("2:")
    assert f"an expression that starts with '{sign}' must be in quotes" in found


def test_quotes_are_not_advised_where_they_would_not_help() -> None:
    """The sign that is blamed is the one that starts the value at the fault, not any in the line."""
    assert "must be in quotes" not in fault("{a: '*x', b: 'y' z}")


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize(
    ("source", "place", "advice"),
    [
        ("a: 1\nb: 'x\nc: 2\n", "2:4", "close the quote"),
        ("a: [1, 2\nb: 3\n", "2:2", "close the bracket"),
        ("a: {b: 1\n", "2:1", "close the bracket"),
        ("a: b\nfoo\nc: d\n", "2:1", "write 'key: value'"),
        ("a: b: c\n", "1:5", "quotes around a text that contains ': '"),
        ("a: 'x' + 1\n", "1:8", "quotes and brackets that are not closed"),
        ("a:\n\tb: 1\n", "2:1", "indent with spaces, not with tabs"),
        ('a: "\\d"\n', "1:", "use single quotes"),
        ("a: 1\n b: 2\n", "2:3", "align the keys"),
    ],
)
def test_broken_syntax_has_a_place_and_a_way_out(source: str, place: str, advice: str) -> None:
    """What the parser refuses is told in one line, where it begins, with what would do."""
    found = fault(source)
    assert found.startswith(f"{place}")
    assert advice in found


@pytest.mark.usefixtures("_either_parser")
def test_an_alias_copies() -> None:
    """An alias is a copy of the last value with its anchor: what is done to one is not done to the other."""
    data = read("a: &x [1]\nb: &y [*x]\nc: &x [2]\nd: *x\ne: *y").data
    assert data == {"a": [1], "b": [[1]], "c": [2], "d": [2], "e": [[1]]}
    assert isinstance(data, dict)
    data["d"].append(3)
    assert data["c"] == [2]


@pytest.mark.usefixtures("_either_parser")
def test_an_alias_stands_for_what_is_above() -> None:
    """An alias before its anchor, or to none, is refused at its place."""
    assert fault("a: *x\nb: &x 1").startswith("1:4: the alias '*x' has no anchor above; ")


@pytest.mark.parametrize("source", ["&a [*a]", "a: &a {b: *a}", "a: &a [x, *a, *a]", "&a {b: [*a, *a]}"])
def test_an_alias_inside_its_own_value_is_refused(source: str) -> None:
    """A value that would hold itself is too deep."""
    assert "levels of nesting, with aliases expanded" in fault(source)


def test_the_size_limit() -> None:
    """A file may have as many bytes as the limit, and not one more; it is counted before it is looked at."""
    assert read(b"a: 1 #".ljust(PRESET_BYTES, b"x")).data == {"a": 1}
    assert fault(b"\xff" * (PRESET_BYTES + 1)).startswith(
        "1:1: must have at most 1,048,576 bytes, got 1,048,577"
    )


@pytest.mark.parametrize("pair", ["[]", "{}"])
def test_the_depth_limit(pair: str) -> None:
    """Mappings and sequences may nest as deep as the limit, and not one level more."""
    opening, closing = ("{a: ", "}") if pair == "{}" else ("[", "]")
    assert read(opening * PRESET_DEPTH + "x" + closing * PRESET_DEPTH).data
    assert f"more than {PRESET_DEPTH} levels" in fault(
        opening * (PRESET_DEPTH + 1) + "x" + closing * (PRESET_DEPTH + 1)
    )


def test_the_depth_limit_holds_through_aliases() -> None:
    """A value that an alias puts too deep is refused, however shallow the text is."""
    half = PRESET_DEPTH // 2
    anchored = f"- &a {'[' * half}x{']' * half}\n"
    assert read(f"{anchored}- {'[' * (half - 1)}*a{']' * (half - 1)}").data
    assert "levels of nesting" in fault(f"{anchored}- {'[' * half}*a{']' * half}")


def test_the_node_limit() -> None:
    """The list, its items and their keys may be as many as the limit, and not one more."""
    assert read("[" + "x," * (PRESET_NODES - 1) + "]").data
    assert f"more than {PRESET_NODES:,} keys and values" in fault("[" + "x," * PRESET_NODES + "]")
    assert f"more than {PRESET_NODES:,} keys and values" in fault("[" + "k: v," * (PRESET_NODES // 2) + "]")


def test_the_node_limit_holds_through_aliases() -> None:
    """An alias counts as what it stands for, so a bomb is refused at once."""
    names = "abcdefghij"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join(10 * [f'*{old}'])}]" for old, new in pairwise(names)]
    assert f"more than {PRESET_NODES:,} keys and values" in fault("\n".join(lines))
    assert read("\n".join(lines[:4])).data


def test_characters_are_limited_through_aliases() -> None:
    """A long text may not be copied until its characters are more than a file may hold."""
    text = "x" * (PRESET_BYTES // 4)
    assert read(f"[&a {text}, *a, *a, *a]").data == [text] * 4
    assert f"or {PRESET_BYTES:,} characters" in fault(f"[&a {text}, *a, *a, *a, *a]")


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (b"a: 1\nb: \xff", "2:4"),
        (b"a: 1\r\nb: \xc3\xa9\xe9", "2:5"),
        (b"\xff\xfea\x00", "1:1"),
        (b"\xef\xbb\xbfa: \xed\xa0\x80", "1:4"),
        (b"a: \xc3", "1:4"),
    ],
)
def test_only_utf_8_is_read(source: bytes, place: str) -> None:
    """Bytes that are not UTF-8 are refused at their line and column, counted in characters."""
    assert re.fullmatch(rf"{place}: must be UTF-8, got the byte 0x..; save the file as UTF-8", fault(source))


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u2029", "\ufeff", "\ufffe"],
)
def test_control_characters_are_refused(character: str) -> None:
    """A character that cannot be seen, or that ends a line for some readers only, is refused at its place."""
    code = f"U+{ord(character):04X}"
    assert fault(f"a: 1\n# é{character}").startswith(f"2:4: control characters are not allowed, got {code};")
    assert fault(f'a: "\r\n\r{character}"').startswith(
        f"3:1: control characters are not allowed, got {code};"
    )


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize(
    "source", [r'a: "\e[31m"', r'"\0": 1', r'a: "$\alpha$"', r'a: ["x\r"]', r'a: "\u2028"']
)
def test_escapes_make_no_control_characters(source: str) -> None:
    """What may not stand in a file may not be made by an escape either: most often it is a lost backslash."""
    found = fault(source)
    assert "got the escape of U+" in found
    assert "use single quotes" in found


@pytest.mark.usefixtures("_either_parser")
@pytest.mark.parametrize(
    "source", [r'a: "\ud800"', r'a: "\UFFFFFFFF"', "%YAML " + "9" * 5_000 + ".1\n---\na: 1"]
)
def test_no_error_of_the_parser_escapes(source: str) -> None:
    """Where a parser raises an error of Python's own, the file is refused all the same."""
    assert faults(source)


REPEATED = [
    *("[", "{", '"', "'", "#", "%", "|", "\\", "9", "9e", "a,", "é", "[a,", '["a",', "\t", "\x00"),
    *(f"{sign} " for sign in ("-", "?", "a:", "&a", "*a", "!a", "{a:", "[a:", "[?", "{?", "- -", "[x")),
    *(
        f"{line}\n"
        for line in ("", "a", "-", "a: b", "a: [", "---", "- !x", "- .inf", "{}: 1", "k: &a x", "\r")
    ),
    f"- {10**50}\n",
]


@pytest.mark.parametrize("piece", REPEATED)
def test_a_mebibyte_of_anything_is_done_at_once(piece, within) -> None:
    """No repetition makes the reader slow, deep or dead: 0.4 s was the most, and 5 s leaves room."""
    encoded = piece.encode()
    with within(5):
        outcome(encoded * (PRESET_BYTES // len(encoded)))


PIECES = [
    *("a", "[", "]", "{", "}", ",", "!!", "'", '"', "|", ">", "%", "@", "`", "#", "\\", "\\x00"),
    *("<<", "---", "...", "1e999", ".nan", "é"),
    *("b: ", "- ", ": ", "? ", "&a ", "*a ", "!t ", "\n", "\n  ", "\t", "\x1b", "9" * 50),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=60) | TEXTS.map(str.encode))
def test_any_bytes_give_a_document_or_a_printable_refusal(source: bytes) -> None:
    """Any bytes give a Document or a PresetError whose message is printable."""
    document, messages = outcome(source)
    if document:
        assert document.data is not None
        assert re.fullmatch(r"book\.yaml:\d+:\d+", document.where(("a", 0)))
    else:
        assert messages
        assert all(FAULT.fullmatch(text) or re.fullmatch(r"\.\.\. and \d+ more", text) for text in messages)
        assert all(text.isprintable() for text in messages)
