"""Pictures of a picture where it is seen: in a terminal that shows coloured half blocks, and in a browser."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

SIZE = (46, 88)  # lines and columns of the terminal
CELL = (8, 16)  # pixels of one character, of which the upper and the lower half have a colour each
PAPER, INK = (24, 24, 27), (228, 228, 231)
WINDOW = (800, 560)  # pixels
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

_CODE = re.compile(r"\x1b\[([\d;]*)m")


def terminal(line: str, folder: Path, path: Path) -> None:
    """Run a command of gradviz in a terminal that has colours, and draw what is seen there."""
    from PIL import Image

    rows = [f"$ {line}", *_printed(shlex.split(line)[1:], folder)]
    width, height = CELL
    image = Image.new("RGB", (SIZE[1] * width, len(rows) * height), PAPER)
    for row, text in enumerate(rows):
        _write(image, text, row)
    image.quantize(128).save(path, optimize=True)


def _printed(arguments: list[str], folder: Path) -> list[str]:
    """Return the lines that a command writes to a terminal, with the codes of colours in them."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    # tmux shows no graphics, so that blocks are chosen, and nothing is asked of the terminal
    looks = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TMUX": "docs"}
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    running = subprocess.Popen(  # noqa: S603 - a command of our own pages
        [sys.executable, "-P", "-m", "gradviz", *arguments],
        cwd=folder, env={**kept, **looks}, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    written = b""
    while part := _read(ours):
        written += part
    os.close(ours)
    if running.wait():
        raise RuntimeError(written.decode())
    return written.decode().replace("\r", "").rstrip("\n").split("\n")


def _read(source: int) -> bytes:
    """Return what comes next, nothing once the other side has ended, which Linux tells by an error."""
    try:
        return os.read(source, 1 << 16)
    except OSError:
        return b""


def _write(image: object, line: str, row: int) -> None:
    """Draw a line of characters and codes of colours."""
    from matplotlib import font_manager
    from PIL import ImageDraw, ImageFont

    pen = ImageDraw.Draw(image)
    font = ImageFont.truetype(font_manager.findfont("DejaVu Sans Mono"), 13)
    width, height = CELL
    front, back, column = INK, PAPER, 0
    for place, part in enumerate(_CODE.split(line)):
        if place % 2:
            front, back = _colours(part, front, back)
            continue
        for character in part:
            x, y = column * width, row * height
            if character == "▀":
                pen.rectangle((x, y, x + width - 1, y + height // 2 - 1), fill=front)
                pen.rectangle((x, y + height // 2, x + width - 1, y + height - 1), fill=back)
            else:
                pen.text((x, y), character, fill=front, font=font)
            column += 1


def _colours(code: str, front: tuple[int, ...], back: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Return the two colours that hold after a code: `38;2;r;g;b` or `48;2;r;g;b` or both, else the usual."""
    numbers = [int(part or 0) for part in code.split(";")]
    if numbers[0] not in {38, 48}:
        return INK, PAPER
    found = {numbers[at]: tuple(numbers[at + 2 : at + 5]) for at in range(0, len(numbers), 5)}
    return found.get(38, front), found.get(48, back)


def browser(page: Path, path: Path) -> bool:
    """Draw into `path` what a browser shows of a page; tell whether there is a browser."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        return False
    width, height = WINDOW
    with tempfile.TemporaryDirectory() as folder:
        frame = Path(folder) / "frame.html"  # a window changes its size while it opens, a frame does not
        look = f"width: {width}px; height: {height}px; border: 0"
        frame.write_text(
            f'<body style="margin: 0"><iframe src="{page.resolve().as_uri()}" style="{look}"></iframe>',
            encoding="utf-8",
        )
        subprocess.run(  # noqa: S603 - a browser, with a page of our own
            [
                program, "--headless", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader",
                "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist", "--disable-background-networking",
                "--no-first-run", "--hide-scrollbars", f"--window-size={width},{height}",
                f"--user-data-dir={folder}/profile",
                "--virtual-time-budget=20000", f"--screenshot={path}", frame.as_uri(),
            ],
            check=True, capture_output=True, timeout=300,
        )  # fmt: skip
    return True
