"""Pictures in the terminal, each read back by a decoder of the test's own, and what terminals are asked."""

from __future__ import annotations

import base64
import contextlib
import io
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import termios
import threading
import time

import numpy as np
import pytest
from PIL import Image

from gradviz import Contour, Descent, Quiver, Stream, Surface, Tangent
from gradviz.output.mpl.rendering import scene_in_pixels
from gradviz.output.terminal import protocols as terminal
from gradviz.output.terminal.protocols import (
    Screen,
    answers_sixel,
    captioned,
    dots,
    half_blocks,
    iterm2,
    kitty,
    letters,
    sixel,
    told,
    way_to,
)
from gradviz.output.terminal.small import small, words
from gradviz.scene.text import Text

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


# Decoders ---------------------------------------------------------------------------------------------------


def pixels_of(lines):
    """Return the pixels (2n, width, 3) that lines of half blocks stand for, as a terminal draws them."""
    rows = []
    for line in lines:
        upper, lower, colours = [], [], {}
        for codes, shown in re.findall(r"\x1b\[([0-9;]*)m|(.)", line):
            if shown:
                assert shown == "▀"
                upper.append(colours["38"])
                lower.append(colours["48"])
            elif codes == "0":
                colours = {}
            else:
                for ground, direct, index in re.findall(r"([34]8);(?:2;(\d+;\d+;\d+)|5;(\d+))", codes):
                    colours[ground] = tuple(map(int, direct.split(";"))) if direct else of_256(int(index))
        assert colours == {}, "the line leaves colours behind"
        rows += [upper, lower]
    return np.array(rows)


def of_256(index):
    """Return the colour of an index as xterm defines it."""
    if index >= 232:
        return (8 + 10 * (index - 232),) * 3
    red, green, blue = (index - 16) // 36, (index - 16) // 6 % 6, (index - 16) % 6
    return tuple(0 if part == 0 else 55 + 40 * part for part in (red, green, blue))


def picture_of(text):
    """Return the pixels (height, width, 3) of sixels, after the description in the VT340's manual."""
    body = re.fullmatch(r"\x1bP[0-9;]*q(.*)\x1b\\\n", text, re.DOTALL)[1]
    width, height = map(int, re.match(r'"1;1;(\d+);(\d+)', body).groups())
    found = np.full((height + 6, width, 3), -1.0)
    palette, colour, x, y = {}, None, 0, 0
    for define, pick, count, char in re.findall(
        r"#(\d+;2;\d+;\d+;\d+)|#(\d+)|!(\d+)?(?=[?-~])|(.)", body[body.index("#") :]
    ):
        if define:
            index, _, *parts = map(int, define.split(";"))
            palette[index] = np.array(parts) * 2.55
        elif pick:
            colour = palette[int(pick)]
        elif count:
            repeat = int(count)
            continue
        elif char == "$":
            x = 0
        elif char == "-":
            x, y = 0, y + 6
        else:
            bits = ord(char) - 63
            for row in range(6):
                if bits >> row & 1:
                    found[y + row, x : x + repeat] = colour
            x += repeat
            assert x <= width
        repeat = 1
    assert (found[height:] == -1).all()
    return found[:height]


def colourful(height, width, seed=3):
    """Return pixels of few colours in blocks, which no symmetry maps to themselves."""
    rng = np.random.default_rng(seed)
    few = rng.integers(0, 256, (9, 3), dtype=np.uint8)
    return few[rng.integers(0, 9, (height, width))]


# Encoders ---------------------------------------------------------------------------------------------------


def test_half_blocks_have_each_pixel():
    """In full colour the terminal draws exactly the pixels, two to a character."""
    pixels = colourful(8, 5)
    lines = half_blocks(pixels, full=True)
    assert len(lines) == 4
    assert (pixels_of(lines) == pixels).all()


def test_half_blocks_in_256_colours_are_the_nearest():
    """No colour of the palette is nearer to a pixel than the one that is taken."""
    pixels = colourful(6, 7)
    table = np.array([of_256(index) for index in range(16, 256)])
    best = ((pixels[..., None, :].astype(int) - table) ** 2).sum(axis=-1).min(axis=-1)
    found = pixels_of(half_blocks(pixels, full=False))
    assert (((found - pixels.astype(int)) ** 2).sum(axis=-1) == best).all()


def test_a_dot_is_what_is_not_ground():
    """Braille characters have a dot for each pixel that is drawn, at its place, and no colour."""
    pixels = np.full((8, 6, 3), 255, np.uint8)
    drawn = [(0, 0), (3, 1), (5, 4), (7, 5), (2, 5)]
    for place in drawn:
        pixels[place] = 0
    lines = dots(pixels)
    places = {0: (0, 0), 1: (1, 0), 2: (2, 0), 3: (0, 1), 4: (1, 1), 5: (2, 1), 6: (3, 0), 7: (3, 1)}
    found = [
        (4 * row + places[bit][0], 2 * column + places[bit][1])
        for row, line in enumerate(lines)
        for column, character in enumerate(line)
        for bit in range(8)
        if ord(character) - 0x2800 >> bit & 1
    ]
    assert sorted(found) == sorted(drawn)


def test_dots_are_the_same_on_a_dark_ground():
    """What is ground is told by how often it is there, and not by how light it is."""
    pixels = np.full((8, 6, 3), 255, np.uint8)
    pixels[5, 4] = 0
    assert dots(pixels) == dots(255 - pixels)


def test_letters_are_dense_where_something_is():
    """In ASCII the ground is blank, and what is drawn is the denser the more of it there is."""
    pixels = np.full((8, 6, 3), 255, np.uint8)
    pixels[:4, 2:4] = 0
    pixels[4:7, 4:6] = 0
    assert letters(pixels) == [" @ ", "  #"]


@pytest.mark.parametrize("size", [1, 3071, 3072, 3073, 10_000])
def test_kitty_has_the_whole_file_in_chunks(size):
    """The chunks, put together, are the bytes of the PNG; all but the last are full and say so."""
    content = np.random.default_rng(1).bytes(size)
    text = kitty(content, 30)
    chunks = re.findall(r"\x1b_G([^;]*);([A-Za-z0-9+/=]*)\x1b\\", text)
    assert "".join(f"\x1b_G{keys};{data}\x1b\\" for keys, data in chunks) + "\n" == text
    assert base64.b64decode("".join(data for _, data in chunks)) == content
    assert {len(data) for _, data in chunks[:-1]} <= {4096}
    assert 0 < len(chunks[-1][1]) <= 4096
    assert [keys[-3:].removeprefix(",") for keys, _ in chunks] == ["m=1"] * (len(chunks) - 1) + ["m=0"]
    assert chunks[0][0].startswith("a=T,f=100,q=2,c=30,")


def test_iterm2_has_the_whole_file():
    """The sequence holds the bytes of the PNG, their number, and the size in characters."""
    content = np.random.default_rng(1).bytes(5000)
    keys, data = re.fullmatch(
        r"\x1b\]1337;File=([^:]*):([A-Za-z0-9+/=]*)\x07\n", iterm2(content, 30)
    ).groups()
    assert base64.b64decode(data) == content
    assert keys.split(";") == ["inline=1", "size=5000", "width=30", "height=auto", "preserveAspectRatio=1"]


@pytest.mark.parametrize(("height", "width"), [(6, 4), (13, 40), (1, 1), (32, 7)])
def test_sixels_have_each_pixel(height, width):
    """Every pixel has its colour, to the percent that the protocol can say, also where no band is full."""
    pixels = colourful(height, width)
    pixels[:, width // 2 :] = pixels[0, 0]  # long runs
    assert abs(picture_of(sixel(Image.fromarray(pixels))) - pixels).max() <= 1.3


def test_sixels_are_read_by_another_program(tmp_path):
    """What another decoder makes of the sixels is the picture."""
    program = shutil.which("sixel2png")
    if program is None:
        pytest.skip("there is no other decoder")
    pixels = colourful(25, 31)
    done = subprocess.run(
        [program], input=sixel(Image.fromarray(pixels)).encode(), capture_output=True, check=True
    )
    with Image.open(io.BytesIO(done.stdout)) as image:
        found = np.asarray(image.convert("RGB")).astype(int)
    assert abs(found[:25, :31] - pixels).max() <= 3


def test_sixels_have_at_most_256_colours():
    """A picture of more colours than a terminal has registers is drawn in those that it needs most."""
    ramp = np.stack(np.meshgrid(np.arange(40) * 6, np.arange(50) * 5, [9]), axis=-1)[:, :, 0].astype(np.uint8)
    text = sixel(Image.fromarray(ramp))
    assert 128 < len(re.findall(r"#\d+;2;", text)) <= 256
    assert abs(picture_of(text) - ramp).max() < 25


@pytest.mark.parametrize(
    ("screen", "size", "columns"),
    [
        (Screen(100, 50, (10, 20)), (400, 300), 40),  # it fits
        (Screen(100, 10, (10, 20)), (400, 400), 20),  # too high
        (Screen(20, 50, (10, 20)), (400, 200), 20),  # too wide
    ],
)
def test_a_picture_is_made_smaller_and_never_larger(screen, size, columns):
    """A picture has its own width, or the greatest for which there is room, also for its height."""
    assert screen.columns_for(*size) == columns


# The small picture ------------------------------------------------------------------------------------------


def bare(spec, columns, lines):
    """Return the small picture of a spec in half blocks."""
    return small(scene_in_pixels(spec, (columns, 2 * lines)), columns, lines)


FALLING = Quiver(expression="x0**2 + 3*x1", range={"x0": (-2, 2), "x1": (0, 1)})


def coloured(pixels):
    """Tell which pixels have a colour that is no grey."""
    values = pixels.astype(int)
    return values.max(axis=-1) - values.min(axis=-1) > 30


@pytest.mark.parametrize(
    "spec",
    [
        FALLING,
        Contour(expression="x0**2 + 3*x1"),
        Surface(expression="x0**2 + 3*x1", plot="wireframe"),
        Tangent(expression="x**2", at=(1.0,)),
        Descent(expression="x**2/20 + y**2", start=((-7.0, 2.0),), range=(-10, 10), panels=True),
    ],
    ids=lambda spec: spec.kind,
)
def test_a_small_picture_fits(spec):
    """It is as large as asked at most, fills one side of that, and suits all the characters."""
    picture = bare(spec, 70, 20)
    height, width, _ = picture.pixels.shape
    assert height <= 40
    assert width <= 70
    assert height > 36 or width > 66
    assert height % 2 == 0
    assert coloured(picture.pixels).any()


def test_a_small_picture_is_drawn_where_the_function_is():
    """The parabola is low in the middle and high at both sides, and higher on the right where it says so."""
    spec = Tangent(expression="(x + 1)**2", range=(-2, 4))
    picture = bare(spec, 70, 20)
    rows, columns = np.nonzero(coloured(picture.pixels))
    lowest = columns[rows > rows.max() - 2].mean()
    assert lowest == pytest.approx(columns.min() + (columns.max() - columns.min()) / 6, abs=4)
    assert rows[columns > columns.max() - 2].max() < 6
    assert rows[columns < columns.min() + 2].min() > 30


def test_a_small_picture_has_fewer_arrows():
    """Arrows are as many as there is room for, over the same range."""
    thinned = FALLING.traits.thinned
    few = thinned(FALLING, 70, 40)
    assert few.sample_counts() == (5, 5)
    assert few.interval("x1")[:2] == (0, 1)
    assert thinned(FALLING, 700, 400) is FALLING
    stepped = thinned(Quiver(expression="x0*x1", range=(-2, 2, 0.25)), 40, 80)
    assert stepped.sample_counts() == (5, 5)


@pytest.mark.parametrize("arrows", ["equal", "true"])
def test_few_arrows_are_as_long_as_there_is_room(arrows):
    """Each arrow is seen: of equal lengths, and of true ones the longest, also where some are left out."""
    spec = Quiver(expression="(x0 + 3*x1)/1000", range=(-2, 2), where="x0 > -1.9", arrows=arrows, color="red")
    picture = bare(spec, 40, 20)
    drawn = coloured(picture.pixels)
    assert 0.05 < drawn.mean() < 0.5
    rows = np.flatnonzero(drawn.any(axis=1))
    assert len(rows) > 20  # steep arrows, one above the other


def test_the_numbers_stand_where_they_are():
    """The ticks of an axis are at their places in the picture: the middle of the range in its middle."""
    spec = Contour(expression="x0**2 + 3*x1", range={"x0": (-2, 2), "x1": (10, 14)})
    picture = bare(spec, 70, 20)
    across, up = picture.axes
    assert (across.name, up.name) == ("x0", "x1")
    assert dict(zip(*reversed(list(zip(*across.ticks, strict=True))), strict=True))["0"] == pytest.approx(
        0.5, abs=0.02
    )
    numbers = [float(number) for _, number in up.ticks]
    assert len(numbers) >= 2
    assert numbers == sorted(numbers)
    assert all(10 <= number <= 14 for number in numbers)
    slope = np.polyfit(numbers, [place for place, _ in up.ticks], 1)[0]
    assert slope == pytest.approx(1 / 4, rel=0.15)


def test_words_stand_around_the_picture():
    """The title is above, the numbers of y are left and those of x below, all within the room."""
    spec = Contour(expression="x0**2 + 3*x1", range={"x0": (-2, 2), "x1": (10, 14)})
    picture = bare(spec, 60, 20)
    width = picture.pixels.shape[1]
    lines = captioned(picture, ["#" * width] * 20, width, 0).splitlines()
    assert lines[0].split(maxsplit=1) == ["x1", "f(x0, x1) = x0**2 + 3*x1"]
    assert next(line.split()[0] for line in lines[1:-1] if not line.lstrip().startswith("#")) == "14"
    assert lines[-1].split()[0] == "-2"
    assert lines[-1].split()[-1] == "x0"
    assert max(map(len, lines)) <= 79


def test_boxes_and_panels_say_their_ranges():
    """Where numbers have no place at the sides, a line says what was drawn, and one names the panels."""
    box = Surface(expression="x0**2 + 3*x1", range={"x0": (-2, 2), "x1": (0, 1)}, samples=21)
    assert bare(box, 60, 20).ranges[0] == "x0: -2 to 2   x1: 0 to 1   f: 0 to 7"
    pair = ({"name": "sgd", "learning_rate": 0.9}, {"name": "adam"})
    panels = Descent(expression="x**2/20 + y**2", start=((-7.0, 2.0),), optimizers=pair, panels=True)
    assert re.match(r"SGD.*\| Adam", bare(panels, 100, 20).ranges[1])


def test_words_of_several_lines_stand_on_one():
    """What the picture breaks into lines is one line here, with nothing of it lost."""
    assert words(Text("$x_{0} = 1$\n$f = 2 \\cdot 10^{5}$")) == "x0 = 1 f = 2 · 10^5"
    assert words(Text("$a_{0}$\nb", math=False)) == "$a_{0}$ b"


def test_colours_are_explained():
    """The line below names each path in the colour that it has in the picture."""
    pair = ({"name": "sgd", "learning_rate": 0.9}, {"name": "momentum", "learning_rate": 0.1})
    spec = Descent(expression="x**2/20 + y**2", start=((-7.0, 2.0),), range=(-10, 10), optimizers=pair)
    picture = bare(spec, 100, 40)
    names, colours = zip(*picture.legend, strict=True)
    assert [name.split(",")[0] for name in names] == ["SGD", "Momentum"]
    for colour in colours:
        assert (abs(picture.pixels.astype(int) - colour).max(axis=-1) < 12).any()
    last = captioned(picture, ["#"], 1, 100).splitlines()[-1]
    assert ESCAPE.sub("", last).split() == ["━━", *names[0].split(), "━━", *names[1].split()]
    assert captioned(picture, ["#"], 1, 0).splitlines()[-1] != last


SCALES = [
    (Contour(expression="x0*x1", samples=21), "f(x0, x1)"),
    (Contour(expression="x0*x1", samples=21, filled=True), "f(x0, x1)"),
    (Surface(expression="x0*x1", samples=21), "f"),
    (Quiver(expression="x0*x1", samples=9), "|∇f|"),
    (Stream(expression="x0*x1"), "|∇f|"),
    (Quiver(expression="exp(x0**2 + x1**2)", samples=9), "|∇f|, logarithmic"),
]


@pytest.mark.parametrize(("spec", "name"), SCALES)
def test_the_scale_of_colours_is_explained(spec, name):
    """Numbers ascend, with colours of the picture between them; a number is left out where room is short."""
    picture = bare(spec, 100, 40)
    assert picture.scale.name == name
    numbers = [float(number) for number in picture.scale.numbers]
    assert numbers == sorted({*numbers})
    assert len(picture.scale.colours) == len(numbers) - 1
    assert len({*map(tuple, picture.scale.colours)}) > 1
    for most in (99, 55, 40):
        line = ESCAPE.sub("", captioned(picture, ["#"], 1, most).splitlines()[-1]).lstrip()
        words = line.removeprefix(f"{name}: ").split()
        assert len(line) <= most
        assert (words[0], words[-1]) == (picture.scale.numbers[0], picture.scale.numbers[-1])
        assert {*words[1::2]} <= {"███", "████"}
    assert "█" not in captioned(picture, ["#"], 1, 0)


def test_columns_and_lines_override_the_size_of_the_terminal(monkeypatch, tmp_path):
    """A number that is none or too large is no reason to fail."""
    monkeypatch.setattr("os.get_terminal_size", lambda *_: os.terminal_size((100, 50)))
    for columns, lines, expected in (
        ("60", "30", (59, 24)), ("", "", (99, 44)), ("x", "-3", (99, 44)), ("999999999", "40", (499, 34)),
    ):  # fmt: skip
        monkeypatch.setenv("COLUMNS", columns)
        monkeypatch.setenv("LINES", lines)
        with (tmp_path / "log").open("w") as stream:
            assert terminal.screen_of(stream)[:2] == expected


@pytest.mark.parametrize("way", ["kitty", "iterm2", "sixel", "truecolor", "256", "dots", "letters"])
def test_nothing_that_is_typed_acts_on_the_terminal(way, monkeypatch):
    """Whatever the title and the labels say, there are no escapes but ours."""
    hostile = "a\u009b31m\u202eb [red]x[/red] $\\alpha$"
    spec = Contour(expression="x0*x1", title=hostile.replace("\u009b", "").replace("\u202e", ""), samples=9)
    spec = spec.model_copy(update={"title": hostile, "xlabel": hostile, "ylabel": "\x1b]0;owned\x07"})
    stream = io.StringIO()
    monkeypatch.setattr(terminal, "way_to", lambda *_: way)
    buffer = io.BytesIO()
    Image.fromarray(colourful(30, 40)).save(buffer, "png")
    terminal.show(lambda *size: scene_in_pixels(spec, size), buffer.getvalue, stream)
    text = stream.getvalue()
    ours = r"\x1b\[[0-9;]*m|\x1b_G[^\x1b]*\x1b\\|\x1b\]1337;[^\x07]*\x07|\x1bP[^\x1b]*\x1b\\"
    left = re.sub(ours, "", text)
    assert left.replace("\n", "").isprintable()


# Which way --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "way"),
    [
        ({"TERM": "xterm-kitty"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1", "XTERM_VERSION": "XTerm(379)"}, None),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1", "TERM_PROGRAM": "vscode"}, None),
        ({"TERM": "xterm-ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, "iterm2"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, "iterm2"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "iterm2"),
        ({"TERM": "foot"}, "sixel"),
        ({"TERM": "foot-extra"}, "sixel"),
        ({"TERM": "mlterm-256color"}, "sixel"),
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "footing"}, None),
        ({}, None),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, "dots"),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux-0/default,1,0", "COLORTERM": "truecolor"}, "truecolor"),
        ({"TERM": "tmux-256color", "LC_TERMINAL": "iTerm2"}, "256"),
        ({"TERM": "screen.xterm-256color", "KITTY_WINDOW_ID": "1"}, "256"),
        ({"TERM": "foot", "STY": "1.pts-0"}, "256"),
        ({"TERM": "xterm-kitty", "ZELLIJ": "0"}, "256"),
        ({"TERM": "tmux-256color", "NO_COLOR": "1"}, "dots"),
    ],
    ids=str,
)
def test_the_environment_tells(environ, way):
    """Each terminal is known by what it sets, another that was started from it is not, and tmux hides all."""
    assert told(environ) == way


class Stream(io.StringIO):
    """A stream that says whether it is a terminal, and what it can encode."""

    def __init__(self, encoding="utf-8", *, terminal=True):
        super().__init__()
        self._encoding, self._terminal = encoding, terminal

    encoding = property(lambda self: self._encoding)

    def isatty(self):
        """Tell whether it is a terminal."""
        return self._terminal


@pytest.mark.parametrize(
    ("environ", "stream", "answer", "way"),
    [
        ({"TERM": "xterm"}, Stream(), True, "sixel"),
        ({"TERM": "xterm"}, Stream(), False, "256"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, Stream(), False, "truecolor"),
        ({"TERM": "xterm-direct"}, Stream(), False, "truecolor"),
        ({"TERM": "xterm", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Stream(), False, "dots"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, Stream("latin-1"), False, "letters"),
        ({"TERM": "xterm-kitty"}, Stream("ascii"), None, "kitty"),
        ({"TERM": "xterm-kitty"}, Stream(terminal=False), None, "dots"),
        ({"TERM": "xterm-kitty"}, Stream("ascii", terminal=False), None, "letters"),
        ({"FORCE_COLOR": "1", "COLORTERM": "truecolor"}, Stream(terminal=False), None, "truecolor"),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, Stream(terminal=False), None, "dots"),
        ({"TERM": "tmux-256color"}, Stream(), None, "256"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_the_way_suits_the_stream(environ, stream, answer, way):
    """What is told is not asked; what is no terminal gets no codes, no stream what it cannot encode."""

    def ask():
        assert answer is not None, "it is known already"
        return answer

    assert way_to(stream, environ, ask) == way


# Asking -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def fake_terminal(answer, *, typed=b""):
    """Yield the descriptor of a terminal that answers so to a question, and what it was asked."""
    ours, theirs = pty.openpty()
    asked = []

    def serve():
        while select.select([ours], [], [], 2)[0]:
            try:
                asked.append(os.read(ours, 100))
            except OSError:
                return
            if answer and b"\x1b[c" in asked[-1]:
                os.write(ours, answer)

    if typed:
        os.write(ours, typed)
        time.sleep(0.05)
    server = threading.Thread(target=serve, daemon=True)
    server.start()
    try:
        yield theirs, asked
    finally:
        os.close(theirs)
        server.join(3)
        os.close(ours)


@pytest.fixture
def in_front(monkeypatch):
    """Be the process that the terminal listens to, which a test is not."""
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp())


@pytest.mark.usefixtures("in_front")
@pytest.mark.parametrize(
    ("answer", "knows"),
    [
        (b"\x1b[?62;4;22c", True),
        (b"\x1b[?64;1;2;4c", True),
        (b"\x1b[?62;22c", False),
        (b"\x1b[?4;6c", False),  # the first number is the kind of terminal
        (b"\x1b[?62;44;14c", False),
        (b"no answer at all c", False),
    ],
)
def test_a_terminal_is_asked(answer, knows):
    """It knows sixel if 4 is among its attributes; and it is left as it was."""
    with fake_terminal(answer) as (device, asked):
        before = termios.tcgetattr(device)
        assert answers_sixel(device, device) is knows
        assert termios.tcgetattr(device) == before
        assert b"".join(asked) == b"\x1b[c"


@pytest.mark.usefixtures("in_front")
def test_a_terminal_that_does_not_answer_is_waited_for_a_moment():
    """After 0.3 s it is taken for one without graphics, and it is left as it was."""
    with fake_terminal(b"") as (device, _):
        before, start = termios.tcgetattr(device), time.monotonic()
        assert not answers_sixel(device, device)
        assert 0.25 < time.monotonic() - start < 3
        assert termios.tcgetattr(device) == before


@pytest.mark.usefixtures("in_front")
def test_a_terminal_that_does_not_stop_is_not_listened_to_for_ever():
    """However much it answers, a kilobyte is enough."""
    with fake_terminal(b"1" * 3000) as (device, _):
        start = time.monotonic()
        assert not answers_sixel(device, device)
        assert time.monotonic() - start < 3


@pytest.mark.usefixtures("in_front")
def test_the_terminal_is_restored_whatever_happens(monkeypatch):
    """Also where the user interrupts the question."""
    with fake_terminal(b"") as (device, _):
        before = termios.tcgetattr(device)

        def interrupted(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(terminal.select, "select", interrupted)
        with pytest.raises(KeyboardInterrupt):
            answers_sixel(device, device)
        monkeypatch.undo()
        assert termios.tcgetattr(device) == before


@pytest.mark.usefixtures("in_front")
def test_what_was_typed_ahead_is_not_lost():
    """Where the next command is typed already, nothing is asked, and the command is still there."""
    with fake_terminal(b"\x1b[?62;4c", typed=b"ls\n") as (device, _):
        assert not answers_sixel(device, device)
        assert os.read(device, 100) == b"ls\n"


def test_nothing_is_asked_in_the_background_or_of_no_terminal():
    """A process in the background would be stopped for it; a pipe has no attributes."""
    with fake_terminal(b"\x1b[?62;4c") as (device, asked):
        assert not answers_sixel(device, device)  # the terminal is not that of this process
        assert asked == []
    reading, writing = os.pipe()
    assert not answers_sixel(reading, writing)
    os.close(reading)
    os.close(writing)


# The command line -------------------------------------------------------------------------------------------

SMALL = ("contour", "x0**2 + 3*x1", "-n", "21", "--dpi", "40")


def in_terminal(arguments, environment, answer=b"", *, stdout=None, size=(24, 80)):
    """Run a command in a terminal of its own that answers so; return its exit code and what the terminal got.

    `stdout` may be a file instead.
    """
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, size)
    settings = termios.tcgetattr(theirs)
    command = [sys.executable, "-c", LEADER, *map(str, arguments)]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=stdout or theirs, stderr=theirs, env=environment, start_new_session=True
    )
    got = b""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if select.select([ours], [], [], 0.05)[0]:
            got += os.read(ours, 65536)
            if answer and b"\x1b[c" in got:
                os.write(ours, answer)
                answer = b""
        elif process.poll() is not None:
            break
    restored = termios.tcgetattr(theirs) == settings
    os.close(theirs)
    os.close(ours)
    assert restored
    return process.wait(5), got.decode().replace("\r\n", "\n")


# The terminal becomes that of the process, as a shell would have it.
LEADER = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from gradviz.cli import main
sys.exit(main())
"""


@pytest.fixture
def plain(environment):
    """Return an environment that tells nothing of a terminal."""
    names = ("TERM_PROGRAM", "LC_TERMINAL", "COLORTERM", "TMUX", "STY", "ZELLIJ", "KITTY_WINDOW_ID")
    return {**{k: v for k, v in environment.items() if k not in names}, "TERM": "xterm-256color"}


def test_a_terminal_that_knows_sixel_gets_them(plain, here):
    """The path is printed, the terminal asked, and the picture follows, as large as there is room."""
    code, got = in_terminal([*SMALL, "--show"], plain, b"\x1b[?62;4c")
    assert code == 0
    assert got.startswith("contour.png\n\x1b[c\x1bP")
    height, width, _ = picture_of(got[got.index("\x1bP") :]).shape
    with Image.open(here / "contour.png") as image:
        assert (width, height) == image.size


def test_a_terminal_that_knows_nothing_gets_blocks(plain, here):
    """Half blocks in 256 colours, below the path and no wider than the terminal."""
    code, got = in_terminal([*SMALL, "--show", "-q"], plain, b"\x1b[?62;22c", size=(20, 60))
    assert code == 0
    lines = got.replace("\x1b[c", "").splitlines()
    assert lines[0] == "contour.png"
    assert lines[1].endswith("f(x0, x1) = x0**2 + 3*x1")
    assert "▀" in lines[2]
    assert "48;5;" in lines[2]
    assert len(lines) <= 19
    assert max(len(ESCAPE.sub("", line)) for line in lines) < 60


def test_a_known_terminal_is_asked_nothing(plain, here):
    """In kitty the file itself is shown at once."""
    code, got = in_terminal([*SMALL, "--show"], {**plain, "TERM": "xterm-kitty"})
    assert code == 0
    assert "\x1b[c" not in got
    data = "".join(re.findall(r"\x1b_G[^;]*;([^\x1b]*)\x1b\\", got))
    assert base64.b64decode(data) == (here / "contour.png").read_bytes()


def test_what_is_piped_on_has_the_path_alone(plain, here):
    """Where standard output is a pipe the terminal gets the picture all the same, and is not asked."""
    with (here / "out").open("wb") as out:
        code, got = in_terminal([*SMALL, "--show"], plain, b"\x1b[?62;4c", stdout=out)
    assert (code, (here / "out").read_text()) == (0, "contour.png\n")
    assert "▀" in got
    assert "\x1b[c" not in got


@pytest.mark.parametrize(("form", "extra"), [("svg", ()), ("pdf", ()), ("gif", ("--steps", "3"))])
def test_what_no_terminal_shows_is_shown_as_png(form, extra, run, monkeypatch):
    """Of another format the terminal gets a PNG of the same spec; what moves is as it is at the end."""
    monkeypatch.setattr(terminal, "way_to", lambda *_: "kitty")
    descent = ("descent", "x**2/20 + y**2", "--start", "-7,2", "--dpi", "40", *extra)
    answer = run(*descent, "-o", f"a.{form}", "--show", "-q")
    assert answer.code == 0
    data = "".join(re.findall(r"\x1b_G[^;]*;([^\x1b]*)\x1b\\", answer.err))
    assert run(*descent, "-o", "still.png").code == 0
    with Image.open(io.BytesIO(base64.b64decode(data))) as shown, Image.open("still.png") as still:
        assert shown.format == "PNG"
        differ = (np.asarray(shown) != np.asarray(still)).any(axis=-1)
    assert differ.mean() < (0.01 if form == "gif" else 1e-9)  # but for the number of the step


def test_a_log_gets_no_codes(run):
    """Where no terminal is, the picture is dots on standard error, and standard output has the path."""
    answer = run(*SMALL, "--show")
    assert (answer.code, answer.lines) == (0, ["contour.png"])
    assert "\x1b" not in answer.err
    assert "f(x0, x1) = x0**2 + 3*x1" in answer.err
    assert re.search("[\u2801-\u28ff]", answer.err)


def test_json_and_pictures_on_standard_output_stay_whole(run):
    """With --json, and with -o -, the picture is shown on standard error alone."""
    assert run(*SMALL, "--show", "--json").json["path"] == "contour.png"
    answer = run(*SMALL, "--show", "-o", "-")
    with Image.open(io.BytesIO(answer.out)) as image:
        image.load()
    assert "f(x0, x1)" in answer.err


def test_redraw_shows_too(run):
    """A picture that is drawn again can be shown."""
    run(*SMALL)
    answer = run("redraw", "contour.png", "--with", "title=Again", "--show")
    assert answer.lines == ["contour.png"]
    assert "Again" in answer.err


def test_nothing_is_shown_where_nothing_listens(run, monkeypatch):
    """With standard error closed the picture is written, and that is all."""
    monkeypatch.setattr(sys, "stderr", None)
    assert run(*SMALL, "--show").lines == ["contour.png"]


def test_inside_tmux_there_are_blocks(plain, here):
    """In a real tmux the pane shows half blocks, whatever terminal it runs in."""
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux")
    tmux = ["tmux", "-S", str(here / "socket"), "-f", os.devnull]
    command = f"{sys.executable} -m gradviz contour 'x0**2 + 3*x1' -n 21 --dpi 40 --show; echo done; sleep 60"
    env = {**plain, "KITTY_WINDOW_ID": "1", "TERM": "xterm-kitty", "LC_ALL": "C.UTF-8"}
    subprocess.run([*tmux, "-u", "new-session", "-d", "-x", "80", "-y", "24", command], env=env, check=True)
    try:
        until, shown = time.monotonic() + 40, ""
        while "done" not in shown and time.monotonic() < until:
            time.sleep(0.2)
            done = subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, check=True, env=env)
            shown = done.stdout.decode()
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
    lines = shown.splitlines()
    assert lines[0] == "contour.png"
    assert lines[1].endswith("f(x0, x1) = x0**2 + 3*x1")
    assert sum("▀" * 20 in line for line in lines) >= 15
    assert lines[-1] == "done" or "done" in lines


def test_the_heading_tells_the_numbers_of_parameters():
    """Of a sweep one value is shown, and the line above says which."""
    spec = Contour(expression="x + 3*a*y", set={"a": 2}, samples=9)
    assert bare(spec, 70, 20).title == "f(x, y) = x + 3*a*y, a = 2"
