"""Pictures in a terminal: by a graphics protocol, or as characters that are blocks or dots.

A terminal is queried only if its environment does not identify it. Text from the user passes through
`visible`, so that no control character reaches the terminal.
"""

from __future__ import annotations

import base64
import contextlib
import io
import os
import re
import select
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from itertools import groupby
from typing import Literal, NamedTuple, TextIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gradviz.arrays import grid
from gradviz.output.mpl.animation import Palette
from gradviz.output.terminal.small import Pixels, Small, small
from gradviz.scene.scene import Scene

Way = Literal["kitty", "iterm2", "sixel", "truecolor", "256", "dots", "letters"]

_CHUNK = 4096  # characters of base64: the maximum that kitty accepts in one sequence
_WAIT = 0.3  # seconds to wait for a reply
_LONGEST = 1000  # bytes of a reply, at most
_CELL = (10.0, 20.0)  # width and height of a character in pixels, where the terminal does not report it
_BELOW = 6  # lines around a picture: path, title, numbers of x, colour scale, legend, and the next prompt
_MIN_COLUMNS, _MIN_LINES = 20, 6  # of a picture
_MOST_CHARACTERS = 500  # along a side of a screen, whatever COLUMNS says
_RAMP = " .:-=+*#%@"
_BESIDE = 10  # columns for the numbers of the y axis

_WITHIN = ("TMUX", "STY", "ZELLIJ")
# Variables of other terminals. One that was started from kitty has kitty's environment, too.
_OTHERS = {"XTERM_VERSION", "VTE_VERSION", "KONSOLE_VERSION", "ALACRITTY_WINDOW_ID", "WT_SESSION"}

# Protocols of terminals -----------------------------------------------------------------------------------


def told(environ: Mapping[str, str]) -> Way | None:
    """Return the protocol that the environment of a terminal identifies, None if it identifies none.

    Inside tmux or screen there are no graphics, as these draw the terminal themselves.
    """
    term, program = environ.get("TERM", ""), environ.get("TERM_PROGRAM", "")
    if term == "dumb":
        return "dots"
    if any(environ.get(name) for name in _WITHIN) or term.startswith(("tmux", "screen")):
        return _colours(environ)
    if program in ("iTerm.app", "WezTerm", "mintty") or environ.get("LC_TERMINAL") == "iTerm2":
        return "iterm2"
    from_kitty = "KITTY_WINDOW_ID" in environ and not program and not _OTHERS & set(environ)
    if term in ("xterm-kitty", "xterm-ghostty") or program == "ghostty" or from_kitty:
        return "kitty"
    return "sixel" if re.match(r"(foot|mlterm|contour|yaft)\b|.*sixel", term) else None


def _colours(environ: Mapping[str, str]) -> Way:
    """Return the characters for a terminal without graphics: dots if the user wants no colours."""
    if environ.get("NO_COLOR"):
        return "dots"
    full = environ.get("COLORTERM") in ("truecolor", "24bit") or environ.get("TERM", "").endswith("-direct")
    return "truecolor" if full or "WT_SESSION" in environ else "256"


def way_to(stream: TextIO, environ: Mapping[str, str], ask: Callable[[], bool]) -> Way:
    """Return the protocol for a stream; `ask` returns whether its terminal supports sixel.

    A stream that is no terminal, such as a log, gets no control codes, unless FORCE_COLOR is set; a terminal
    without a name in TERM gets none, either.
    """
    if stream.isatty():
        unknown = os.name == "posix" and not environ.get("TERM") and not environ.get("COLORTERM")
        way = told(environ) or ("dots" if unknown else "sixel" if ask() else _colours(environ))
    else:
        way = _colours(environ) if environ.get("FORCE_COLOR") else "dots"
    try:
        "▀⣿".encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return "letters" if way in _CHARACTERS else way
    return way


def answers_sixel(source: int, target: int) -> bool:
    """Return whether a terminal reports attribute 4, sixel graphics; it is queried by two descriptors.

    Without a reply within 0.3 s the result is False. No query is sent if there is input from the user, which
    would be lost, or from a background process, which would be stopped.
    """
    try:
        import termios
        import tty
    except ImportError:  # Windows
        return False
    try:
        before = termios.tcgetattr(source)
        if os.tcgetpgrp(source) != os.getpgrp():
            return False
        try:
            tty.setcbreak(source, termios.TCSADRAIN)
            reply = b"" if select.select([source], [], [], 0)[0] else _reply(source, target)
        finally:
            termios.tcsetattr(source, termios.TCSADRAIN, before)
    except (OSError, termios.error):
        return False
    found = re.search(rb"\x1b\[\?[0-9]+((?:;[0-9]+)*)c", reply)
    return found is not None and b"4" in found[1].split(b";")


def _reply(source: int, target: int) -> bytes:
    """Return the reply of a terminal within 0.3 s to the query of its attributes (DA1)."""
    os.write(target, b"\x1b[c")
    reply, until = b"", time.monotonic() + _WAIT
    while not reply.endswith(b"c") and len(reply) < _LONGEST:
        if not select.select([source], [], [], max(until - time.monotonic(), 0))[0]:
            break
        reply += os.read(source, _LONGEST) or b"c"
    return reply


# Pictures and texts ----------------------------------------------------------------------------------------


def show(scene_in: Callable[[int, int], Scene], png: Callable[[], bytes], stream: TextIO) -> None:
    """Print a picture on a stream, in the best way that the stream can show.

    `png` returns the file of the picture, for terminals that show graphics. For all others, `scene_in`
    returns its scene with as many marks as are distinct in a width and a height in pixels.
    """

    def ask() -> bool:
        both = stream is sys.stdout and sys.stdin is not None and sys.stdin.isatty()
        return both and answers_sixel(sys.stdin.fileno(), stream.fileno())

    way, screen = way_to(stream, os.environ, ask), screen_of(stream)
    if way not in _CHARACTERS:
        text = _graphic(way, png(), screen)
    else:
        (width, height), characters = _CHARACTERS[way]
        columns = screen.columns - _BESIDE
        drawn = small(
            scene_in(columns * width, screen.lines * height), columns, screen.lines, (width, height)
        )
        room = columns if way in ("truecolor", "256") else 0
        text = captioned(drawn, characters(drawn.pixels), drawn.pixels.shape[1] // width, room)
    stream.write(text)
    stream.flush()


def _graphic(way: Way, png: bytes, screen: Screen) -> str:
    with Image.open(io.BytesIO(png)) as image:
        if way != "sixel":
            return (kitty if way == "kitty" else iterm2)(png, screen.columns_for(*image.size))
        image.thumbnail(screen.pixels, Image.Resampling.LANCZOS)
        return sixel(image)


def captioned(picture: Small, lines: list[str], columns: int, most: int) -> str:
    """Return a picture, `lines` of some `columns`, with its texts: title, names and numbers of the axes.

    `most` is the number of columns for the legend, 0 without colours.
    """
    beside, above, below, corner = [""] * len(lines), [picture.title], "", ""
    if picture.axes is not None:
        across, up = picture.axes
        for place, number in up.ticks:
            beside[min(int((1 - place) * len(lines)), len(lines) - 1)] = number
        for place, number in across.ticks:
            start = max(min(round(place * columns - len(number) / 2), columns - len(number)), 0)
            if start > len(below) or not below:
                below = below.ljust(start) + number
        below = f"{below.ljust(columns)} {across.name}"
        corner = up.name if len(up.name) < _BESIDE else ""
        above += [] if corner else [up.name]
    margin = max(map(len, [corner, *beside]))
    words = [*zip([corner, ""], above, strict=False), *zip(beside, lines, strict=True)]
    after = [*([below] if below else picture.ranges), _scale_line(picture, most), _explained(picture, most)]
    after += picture.warning
    words += [("", line) for line in after if line]
    return "".join(f"{word.rjust(margin)} {line}".rstrip() + "\n" for word, line in words)


def _scale_line(picture: Small, most: int) -> str:
    """Return the line of the colour scale, with fewer numbers where all do not fit, none without colours."""
    if picture.scale is None:
        return ""
    name, numbers, colours = picture.scale
    every = [one for run in colours for one in run]
    for stride in (1, 2, 4):
        kept, shown = [*numbers[:-1:stride], numbers[-1]], every[::stride]
        gaps = len(kept) - 1
        if len(f"{name}: {' '.join(kept)}") + len(shown) + gaps <= most:
            runs = np.array_split(np.array(shown), gaps)
            cells = ("".join(f"\x1b[38;2;{r};{g};{b}m█" for r, g, b in run.tolist()) for run in runs)
            ends = (f"{run}\x1b[0m {number}" for run, number in zip(cells, kept[1:], strict=True))
            return " ".join((f"{name}: {kept[0]}", *ends))
    return ""


def _explained(picture: Small, most: int) -> str:
    """Return the line of the legend, with as many entries as fit."""
    shown = []
    for name, (red, green, blue) in picture.legend:
        most -= len(name) + 4
        if most < 0:
            break
        shown.append(f"\x1b[38;2;{red};{green};{blue}m━━\x1b[0m {name}")
    return " ".join(shown)


# Encoders ---------------------------------------------------------------------------------------------------


class Screen(NamedTuple):
    """The space for a picture: columns, lines, and the size of a character in pixels."""

    columns: int
    lines: int
    cell: tuple[float, float] = _CELL

    @property
    def pixels(self) -> tuple[float, float]:
        """The maximum width and height of a picture."""
        return self.columns * self.cell[0], self.lines * self.cell[1]

    def columns_for(self, width: int, height: int) -> int:
        """Return the number of columns of a picture of some pixels, scaled down to fit."""
        scale = min(1.0, self.pixels[0] / width, self.pixels[1] / height)
        return max(int(scale * width / self.cell[0]), 1)


def screen_of(stream: TextIO) -> Screen:
    """Return the space for a picture: as COLUMNS and LINES say, else that of the terminal, else 80 by 24."""
    columns, lines = 0, 0
    cell = _CELL
    with contextlib.suppress(OSError, ValueError, ImportError):
        columns, lines = os.get_terminal_size(stream.fileno())
        import fcntl
        import termios

        sizes = fcntl.ioctl(stream.fileno(), termios.TIOCGWINSZ, bytes(8))
        width, height = np.frombuffer(sizes, np.uint16)[2:].tolist()
        if width and height and columns and lines:
            cell = width / columns, height / lines
    # COLUMNS and LINES override the size of the terminal.
    columns, lines = shutil.get_terminal_size((columns or 80, lines or 24))
    columns, lines = (min(number, _MOST_CHARACTERS) for number in (columns, lines))
    return Screen(max(columns - 1, _MIN_COLUMNS), max(lines - _BELOW, _MIN_LINES), cell)


def kitty(png: bytes, columns: int) -> str:
    """Return a PNG in kitty's protocol, so many columns wide; the terminal is asked not to answer."""
    text = base64.b64encode(png).decode("ascii")
    chunks = [text[place : place + _CHUNK] for place in range(0, len(text), _CHUNK)]
    first = f"a=T,f=100,q=2,c={columns},"
    keys = (f"{'' if place else first}m={int(place + 1 < len(chunks))}" for place in range(len(chunks)))
    return "".join(f"\x1b_G{key};{chunk}\x1b\\" for key, chunk in zip(keys, chunks, strict=True)) + "\n"


def iterm2(png: bytes, columns: int) -> str:
    """Return a PNG in iTerm2's protocol, of some columns."""
    keys = f"inline=1;size={len(png)};width={columns};height=auto;preserveAspectRatio=1"
    return f"\x1b]1337;File={keys}:{base64.b64encode(png).decode('ascii')}\x07\n"


def sixel(image: Image.Image) -> str:
    """Return an image as sixels, in at most 255 colours.

    Six rows of pixels are a band, with a line of characters for each of its colours. The six bits of a
    character are the pixels of a column with that colour.
    """
    frame = np.asarray(image.convert("RGBA"))
    palette = Palette([frame])
    indexes = palette.indexes(frame)
    height, width = indexes.shape
    percents = np.rint(palette.colours * (100 / 255)).astype(int)
    parts = ["\x1bP0;1;0q", f'"1;1;{width};{height}']
    parts += [f"#{place};2;{red};{green};{blue}" for place, (red, green, blue) in enumerate(percents)]
    for top in range(0, height, 6):
        band = indexes[top : top + 6]
        bits = (1 << np.arange(len(band), dtype=np.uint8))[:, None]
        lines = (
            f"#{colour}{_run_lengths(((band == colour) * bits).sum(axis=0, dtype=np.uint8) + 63)}"
            for colour in np.unique(band)
        )
        parts.append("$".join(lines) + "-")
    return "".join(parts) + "\x1b\\\n"


def _run_lengths(codes: NDArray[np.uint8]) -> str:
    """Return codes (W,) of characters as text; four or more equal ones are run-length encoded."""
    text = codes.tobytes().decode("ascii").rstrip("?")  # a code without pixels
    return re.sub(r"(.)\1{3,}", lambda run: f"!{len(run[0])}{run[1]}", text)


def half_blocks(pixels: Pixels, *, full: bool) -> list[str]:
    """Return lines of upper half blocks for pixels (2n, width, 3): a foreground above a background colour.

    Without `full` colour, a colour is the nearest of the 240 that all terminals of 256 have in common.
    """
    if full:
        codes = [[f"2;{red};{green};{blue}" for red, green, blue in row] for row in pixels.tolist()]
    else:
        codes = _of_256(pixels)
    lines = []
    for upper, lower in zip(codes[::2], codes[1::2], strict=True):
        runs = groupby(zip(upper, lower, strict=True))
        cells = (f"\x1b[38;{above};48;{below}m" + "▀" * len(list(run)) for (above, below), run in runs)
        lines.append("".join(cells) + "\x1b[0m")
    return lines


def _of_256(pixels: Pixels) -> list[list[str]]:
    cube = grid([np.array([0.0, 95.0, 135.0, 175.0, 215.0, 255.0])] * 3)
    greys = np.repeat(np.arange(8.0, 248.0, 10.0)[:, None], 3, axis=1)
    away = ((pixels[..., None, :] - np.concatenate([cube, greys])) ** 2).sum(axis=-1)
    return [[f"5;{16 + place}" for place in row] for row in away.argmin(axis=-1).tolist()]


def _ink(pixels: Pixels) -> NDArray[np.float64]:
    """Return the distance of pixels (height, width, 3) from the background colour, 0 to 1.

    The square root of the distance keeps lines visible whose colours are close to the background.
    """
    colours, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    ground = colours[counts.argmax()].astype(float)
    away = np.abs(pixels - ground).max(axis=-1)
    found: NDArray[np.float64] = np.sqrt(away / max(away.max(), 1.0))
    return found


def dots(pixels: Pixels) -> list[str]:
    """Return lines of Braille characters for pixels (4n, 2m, 3), with dots where there is no background."""
    ink = np.asarray(Image.fromarray((255 * _ink(pixels)).astype(np.uint8)).convert("1"))
    height, width = ink.shape
    cells = ink.reshape(height // 4, 4, width // 2, 2)
    bits = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
    codes = 0x2800 + (cells * bits[None, :, None, :]).sum(axis=(1, 3))
    return ["".join(map(chr, row)) for row in codes.tolist()]


def letters(pixels: Pixels) -> list[str]:
    """Return lines of ASCII characters for pixels (4n, 2m, 3), denser where there is less background."""
    ink = _ink(pixels)
    height, width = ink.shape
    means = ink.reshape(height // 4, 4, width // 2, 2).mean(axis=(1, 3))
    shades = np.rint(means / max(means.max(), 1e-9) * (len(_RAMP) - 1)).astype(int)
    return ["".join(_RAMP[shade] for shade in row) for row in shades.tolist()]


_CHARACTERS: Mapping[Way, tuple[tuple[int, int], Callable[[Pixels], list[str]]]] = {
    "truecolor": ((1, 2), partial(half_blocks, full=True)),
    "256": ((1, 2), partial(half_blocks, full=False)),
    "dots": ((2, 4), dots),
    "letters": ((2, 4), letters),
}
"""The pixels that a character stands for, and the encoder of lines of characters."""
