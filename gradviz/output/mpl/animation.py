"""Moving pictures as GIF: where the frames come from, and how they are written.

What stands still is drawn once, all frames share one palette, and of each the file has what changes. A frame
is an array (height, width, 4) of bytes: red, green, blue and an opacity, which is full.
"""

from __future__ import annotations

import gc
import io
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image

from gradviz.limits import FRAMES
from gradviz.output.formats import refuse_pixels
from gradviz.output.mpl.picture import Picture, PictureFrames, picture_of
from gradviz.output.mpl.types import Artist, Figure
from gradviz.scene.scene import Camera, Frames, Scene, last_step

Frame = NDArray[np.uint8]
_Codes = NDArray[np.uint32]

_LAST = 150  # hundredths of a second: so long at least stands the last frame
_PALETTE_FRAMES = 5  # frames, for the colours of all
_COLOURS = 255  # of a palette; one more index stands for what does not change
_LARGE = 8 << 20  # bytes of a frame: above, Matplotlib's reference cycles, which hold it, are collected
_FASTEST = 1  # compression level of zlib
_AT_ONCE = 4096  # colours that are looked for in the palette
_BLOCK_PIXELS = 1 << 20  # pixels that are counted or compared at a time, which bounds the memory

_HEAD = struct.Struct("<6sHHBBB")  # signature, width, height, flags, background and shape of a pixel
_PALETTE_OF_256 = 0xF7  # the flags
_CONTROL = struct.Struct("<3sBHBx")  # what stands before a frame: flags, delay, the index of no change
_KEPT = 0x05  # the flags: what was there stays, and there is such an index
_FOR_EVER = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
_COMMENT = b"!\xfe"
_BLOCK = 255  # bytes


# Where the frames come from ------------------------------------------------------------------------------


def frame_steps(scene: Scene | Frames) -> list[int]:
    """Return the step that each frame shows: every one, or every k-th where there are many, and the last."""
    last = last_step(scene)
    return [*range(0, last, max(1, -(-last // (FRAMES - 1)))), last]


def frame_times(picture: Picture, count: int, rate: int) -> list[int]:
    """Return the time of each frame in hundredths of a second: the last one stands longer, but in a turn."""
    delay = round(100 / rate)
    return [delay] * (count - 1) + [delay if turns(picture) else max(delay, _LAST)]


def turns(picture: Picture) -> bool:
    """Return whether a box turns, whose last frame is next to the first one."""
    return any(isinstance(growing.part, Camera) for growing in picture.growing)


def frames(picture: Picture, steps: Iterable[int]) -> Iterator[Frame]:
    """Yield the picture as it is at each step; it keeps the layout that it has at the end.

    Scenes are drawn one by one. Else what grows is drawn for each frame, and once what lies below it and what
    lies above it in the same axes, such as a legend. So a frame is, but for rounding, what drawing the whole
    picture at that step would give.
    """
    if picture.frames is not None:
        staying = _boxes(picture.frames)
        for step in steps:
            frame = picture.frames[step].pixels()
            for box, pixels in staying:
                frame[box] = pixels
            yield frame
            if frame.nbytes > _LARGE:
                del frame
                gc.collect()
        return
    canvas: Figure = picture.canvas
    picture.draw_without_rendering()  # which orders the parts of a box
    between, above = _layers(picture)
    for artist in (*between, *above):
        artist.set_animated(True)  # drawing the picture leaves it out
    canvas.draw()
    below = canvas.copy_from_bbox(picture.bbox)
    canvas.get_renderer().clear()
    top = _drawn(picture, above)
    shown = _bounds(top[..., 3] > 0)
    for step in steps:
        canvas.restore_region(below)
        for growing in picture.growing:
            growing.show(step)
        frame = _drawn(picture, between)
        for rows in _blocks(frame[shown]):
            pair = (Image.fromarray(np.ascontiguousarray(part[shown][rows])) for part in (frame, top))
            frame[shown][rows] = np.asarray(Image.alpha_composite(*pair))
        yield frame


def _boxes(pictures: PictureFrames) -> list[tuple[tuple[slice, slice], Frame]]:
    """Return the boxes of what is in the last picture alone, and their pixels."""
    boxes, last = pictures.static_boxes(), pictures.last.pixels()
    return [(box, last[box].copy()) for box in boxes]


def _layers(picture: Picture) -> tuple[list[Artist], list[Artist]]:
    """Return the artists from the lowest to the highest that grows, and those above, in drawing order."""
    between: list[Artist] = []
    above: list[Artist] = []
    changing = [growing.artist for growing in picture.growing]
    for axes in picture.axes:
        if axes in changing:
            between.append(axes)
            continue
        orders = [artist.zorder for artist in changing if artist.axes is axes]
        for artist in sorted(axes.get_children() if orders else [], key=lambda artist: artist.zorder):
            if artist.zorder > max(orders):
                above.append(artist)
            elif artist.zorder >= min(orders):
                between.append(artist)
    return between, above


def _drawn(picture: Picture, artists: Iterable[Artist]) -> Frame:
    """Return a copy of the canvas after drawing artists onto it."""
    canvas: Figure = picture.canvas
    with picture.own_settings():
        for artist in artists:
            artist.draw(canvas.get_renderer())
    return np.array(canvas.buffer_rgba())


# How they are written ------------------------------------------------------------------------------------


def animation_of(scene: Scene | Frames, texts: Iterable[str], advance: Callable[[], object]) -> bytes:
    """Return an animation of a scene as `animation` does, at the rate of the scene."""
    return animation(picture_of(scene), texts, scene.rate or 1, advance)


def animation(picture: Picture, texts: Iterable[str], rate: int, advance: Callable[[], object]) -> bytes:
    """Return an animation as a GIF with texts in it; `advance` is called after each frame.

    Raises RequestError if the frames have too many pixels in all.
    """
    steps = frame_steps(picture.frames.scenes if picture.frames is not None else picture.scene)
    width, height = picture.canvas.get_width_height()
    refuse_pixels(len(steps), width, height)
    grows = picture.frames is None and not turns(picture)  # and has all colours at last
    some = steps[-1:] if grows else steps[:: -(-len(steps) // _PALETTE_FRAMES)]
    coming = frames(picture, [*some, *(step for step in steps if step not in some)])
    known: dict[int, bytes] = {}  # compressed frames, by step: a few MB each where the pixels take 100 MB

    def first() -> Iterator[Frame]:
        for step in some:
            frame = next(coming)
            known[step] = zlib.compress(frame.data, _FASTEST)
            yield frame

    palette = Palette(first())

    def shown() -> Iterator[Frame]:
        for step in steps:
            if step in known:
                pixels = np.frombuffer(zlib.decompress(known.pop(step)), dtype=np.uint8)
                yield pixels.reshape(height, width, 4)
            else:
                yield next(coming)
            advance()

    return gif(shown(), palette, texts, frame_times(picture, len(steps), rate))


class Palette:
    """The colours (N, 3) that all frames share, all of them those of some frames.

    Chosen one after the other, the first is the most frequent one, and each next one that for which distance
    from the ones before, squared, times the root of how often it is there is greatest. So white is white, the
    shades of a surface are even, and letters have no fringes, which none of Pillow's own palettes can do.
    """

    def __init__(self, frames: Iterable[Frame]) -> None:
        codes, counts = _counted(frames)
        colours, weights = _colours(codes), np.sqrt(counts)
        exact = colours.astype(np.float64)
        norms = (exact**2).sum(axis=-1)
        away = np.full(len(codes), 4.0 * 255**2)  # farther than any
        chosen: list[int] = []
        while len(chosen) < min(_COLOURS, len(codes)):
            chosen.append(int((weights * away).argmax()))
            last = chosen[-1]
            np.minimum(away, norms - 2 * (exact @ exact[last]) + norms[last], out=away)
        self.colours = colours[chosen]
        self._nearest = np.full(1 << 24, -1, dtype=np.int16)  # by code; -1 where it has not been asked for

    def indexes(self, pixels: Frame) -> NDArray[np.uint8]:
        """Return the index (...) of the nearest colour of the palette for each of some pixels (..., 4)."""
        codes = _codes(pixels)
        indexes = np.empty(codes.shape, dtype=np.uint8)
        for some in _blocks(codes):
            found = self._nearest[codes[some]]
            if (found < 0).any():
                self._look_up(np.unique(codes[some][found < 0]))
                found = self._nearest[codes[some]]
            indexes[some] = found
        return indexes

    def _look_up(self, unknown: _Codes) -> None:
        """Find the nearest colour of the palette for codes (N,)."""
        for place in range(0, len(unknown), _AT_ONCE):
            some = unknown[place : place + _AT_ONCE]
            away = _colours(some)[:, None].astype(np.int32) - self.colours
            self._nearest[some] = (away**2).sum(axis=-1).argmin(axis=-1)


def _counted(frames: Iterable[Frame]) -> tuple[_Codes, NDArray[np.int64]]:
    """Return the codes of the colours of all frames, ascending, and the number of pixels of each."""
    codes, counts = np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.int64)
    for frame in frames:
        for rows in _blocks(frame):
            found = _codes(frame[rows])
            others = found[found != found[0, 0]]  # without the page, which need not be sorted
            more, numbers = np.unique(others, return_counts=True)
            codes, places = np.unique(np.concatenate((codes, found[0, :1], more)), return_inverse=True)
            counts = np.concatenate((counts, [found.size - others.size], numbers))
            counts = np.bincount(places, counts).astype(np.int64)
    return codes, counts


def _blocks(pixels: NDArray[np.generic]) -> Iterator[slice]:
    """Yield the rows of pixels in blocks, whose work arrays are small where a frame takes 100 MB."""
    count = max(1, _BLOCK_PIXELS * len(pixels) // max(pixels.size, 1))
    yield from (slice(start, start + count) for start in range(0, len(pixels), count))


def _codes(frame: Frame) -> _Codes:
    """Return the colours of pixels (..., 4) as one number each, (...)."""
    codes: _Codes = frame.view("<u4")[..., 0] & np.uint32(0xFFFFFF)
    return codes


def _colours(codes: _Codes) -> Frame:
    """Return the colours (N, 3) of codes (N,)."""
    return np.stack([codes >> shift & 0xFF for shift in (0, 8, 16)], axis=-1).astype(np.uint8)


def gif(shown: Iterable[Frame], palette: Palette, texts: Iterable[str], times: Sequence[int]) -> bytes:
    """Return frames as a GIF that runs for ever, with texts in it.

    Each stands for a time in hundredths of a second. One that is like the frame before prolongs that, and at
    the end is left out. No frame is kept but the last two.
    """
    parts: list[tuple[int, bytes]] = []  # a delay and what changes
    before = np.empty((0, 0, 4), dtype=np.uint8)
    for frame, time in zip(shown, times, strict=True):
        changed = _changed(frame, before) if parts else np.ones(frame.shape[:2], dtype=bool)
        before = frame
        if changed.any():
            parts.append((time, _image(frame, changed, palette)))
        else:
            parts[-1] = parts[-1][0] + time, parts[-1][1]
    parts[-1] = times[-1], parts[-1][1]
    height, width = before.shape[:2]
    head = _HEAD.pack(b"GIF89a", width, height, _PALETTE_OF_256, 0, 0)
    colours = palette.colours.tobytes().ljust(3 * 256, b"\0")
    images = (_CONTROL.pack(b"!\xf9\x04", _KEPT, time, _COLOURS) + image for time, image in parts)
    return b"".join([head, colours, _FOR_EVER, *map(_comment, texts), *images, b";"])


def frame_count(content: bytes) -> int:
    """Return the number of frames of a GIF or a WebP."""
    with Image.open(io.BytesIO(content), formats=("GIF", "WEBP")) as image:
        return getattr(image, "n_frames", 1)


def _changed(frame: Frame, before: Frame) -> NDArray[np.bool_]:
    """Return whether each pixel (height, width) of a frame has another colour than before."""
    changed: NDArray[np.bool_] = frame.view(np.uint32)[..., 0] != before.view(np.uint32)[..., 0]
    return changed


def _bounds(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the rows and the columns of the smallest box around the pixels (height, width) of a mask."""
    places = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    rows, columns = (slice(int(one[0]), int(one[-1]) + 1) if one.size else slice(0) for one in places)
    return rows, columns


def _image(frame: Frame, changed: NDArray[np.bool_], palette: Palette) -> bytes:
    """Return the part of a GIF that holds what changed (height, width) in a frame."""
    box = _bounds(changed)
    indexes = np.full(changed[box].shape, _COLOURS, dtype=np.uint8)
    indexes[changed[box]] = palette.indexes(frame[box][changed[box]])
    return b"".join(GifImagePlugin.getdata(Image.fromarray(indexes), (box[1].start, box[0].start)))


def _comment(text: str) -> bytes:
    """Return a text as an extension of a GIF: in blocks, each with its length before it."""
    content = text.encode("ascii", "backslashreplace")
    blocks = (content[place : place + _BLOCK] for place in range(0, len(content), _BLOCK))
    return b"".join([_COMMENT, *(bytes([len(block)]) + block for block in blocks), b"\0"])
