"""Moving pictures as GIF, with the spec inside: where frames come from, and how they are written and read.

What stands still is drawn once, and all frames share one palette. Pillow writes the file.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gradviz.errors import RequestError
from gradviz.limits import FRAME_PIXELS, FRAMES

if TYPE_CHECKING:
    from PIL.Image import Image

    from gradviz.rendering import Picture

_COLOURS = 256
_LAST = 150  # hundredths of a second: so long at least stands the last frame
_HEAD = 13  # bytes before the palette
_PALETTE, _SIZE = 0x80, 0x07  # bits of the flags in the head: is there one, and how large
_EXTENSION, _COMMENT = 0x21, 0xFE


# Where frames come from ----------------------------------------------------------------------------------


def moments(picture: Picture) -> list[int]:
    """Return the step that each frame shows: every one, or every k-th where there are many, and the last.

    Raises RequestError if the frames have too many pixels in all.
    """
    last = max((growing.steps for growing in picture.growing), default=0)
    apart = max(1, -(-last // (FRAMES - 1)))
    steps = [*range(0, last, apart), last]
    width, height = picture.canvas.get_width_height()
    if len(steps) * width * height > FRAME_PIXELS:
        size = f"{len(steps)} frames of {width:,} x {height:,} pixels"
        raise RequestError(f"{size} are more than {FRAME_PIXELS:,} pixels; lower dpi, size or steps")
    return steps


def frames(picture: Picture, steps: Iterable[int]) -> Iterator[Image]:
    """Yield the picture as it is at each step; it keeps the layout that it has at the end.

    What grows is drawn anew for each frame, with all that lies above it in its axes, and the rest once. So a
    frame is what drawing the whole picture at that step would give.
    """
    canvas: Any = picture.canvas
    picture.draw_without_rendering()  # which lays it out
    picture.set_layout_engine("none")
    anew = list(_drawn_anew(picture))
    for artist in anew:
        artist.set_animated(True)  # drawing the picture leaves it out
    canvas.draw()
    rest = canvas.copy_from_bbox(picture.bbox)
    for step in steps:
        canvas.restore_region(rest)
        with picture.own_settings():
            for growing in picture.growing:
                growing.show(step)
            for artist in anew:
                artist.draw(canvas.get_renderer())
        yield _image(canvas)


def _drawn_anew(picture: Picture) -> Iterator[Any]:
    """Yield what grows and what lies above it in the same axes, the lowest first."""
    for axes in picture.axes:
        orders = [growing.artist.zorder for growing in picture.growing if growing.artist.axes is axes]
        above = [artist for artist in axes.get_children() if orders and artist.zorder >= min(orders)]
        yield from sorted(above, key=lambda artist: artist.zorder)


def _image(canvas: Any) -> Image:
    from PIL import Image

    size = canvas.get_width_height()
    return Image.frombuffer("RGBA", size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")


# How they are written ------------------------------------------------------------------------------------


def grown(picture: Picture, memory: str, rate: int, advance: Callable[[], object]) -> bytes:
    """Return a picture that grows from its first step to its last as a GIF; `advance` is called each frame.

    Raises RequestError as `moments` does.
    """
    steps = moments(picture)
    shown = frames(picture, [steps[-1], *steps])  # the last frame first: it has all colours
    palette = palette_of(next(shown))
    delay = round(100 / rate)
    delays = [delay] * (len(steps) - 1) + [max(delay, _LAST)]
    return gif(_counted(shown, advance), palette, delays, memory)


def palette_of(frame: Image) -> Image:
    """Return an image with the palette of the colours that a frame needs most."""
    from PIL.Image import Dither, Quantize

    return frame.quantize(_COLOURS, Quantize.MAXCOVERAGE, dither=Dither.NONE)


def gif(shown: Iterable[Image], palette: Image, delays: Sequence[int], memory: str) -> bytes:
    """Return frames, each shown for a delay in hundredths of a second, as a GIF that runs for ever.

    All have the colours of one palette, and a text is kept beside them. A frame is turned into indexes of the
    palette as soon as it is there, of which the file has those that change.
    """
    from PIL.Image import Dither

    indexed = (frame.quantize(palette=palette, dither=Dither.NONE) for frame in shown)
    buffer = io.BytesIO()
    next(indexed).save(
        buffer,
        "gif",
        save_all=True,
        append_images=indexed,
        palette=bytes(palette.getpalette() or ()),  # given once more, or each frame has its own
        duration=[10 * delay for delay in delays],
        loop=0,
        disposal=1,
        comment=memory,
    )
    return buffer.getvalue()


def _counted(shown: Iterable[Image], advance: Callable[[], object]) -> Iterator[Image]:
    for frame in shown:
        yield frame
        advance()


# How they are read ---------------------------------------------------------------------------------------


def comment_of(content: bytes) -> str | None:
    """Return the text that stands before the frames of a GIF, which are not looked at, or None."""
    flags = content[10] if len(content) >= _HEAD else 0
    place = _HEAD + (3 << ((flags & _SIZE) + 1) if flags & _PALETTE else 0)
    while content[place : place + 1] == bytes([_EXTENSION]):
        label = content[place + 1 : place + 2]
        parts = []
        place += 2
        while size := int.from_bytes(content[place : place + 1]):
            parts.append(content[place + 1 : place + 1 + size])
            place += 1 + size
        place += 1
        if label == bytes([_COMMENT]):
            return b"".join(parts).decode("ascii", "replace")
    return None
