"""A picture in few pixels: drawn anew without letters, which would be mud, and with its words beside it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.text import Text
from numpy.typing import NDArray

from gradviz.errors import visible
from gradviz.figures import Spec
from gradviz.figures.lettering import plain
from gradviz.figures.samples import Samples
from gradviz.rendering import Picture, render

Pixels = NDArray[np.uint8]

_DPI = 45  # of lines and dots, whose sizes are in points
_THIN = 0.6  # points: the frame of axes, less than a pixel
_MARGIN = 0.02  # inches, a pixel: around axes


class Bare(NamedTuple):
    """A small picture, and in words what it leaves out."""

    pixels: Pixels
    """(height, width, 3): red, green and blue."""
    title: str
    across: Axis | None
    """What stands along x; None where there are several pairs of axes, or three of them."""
    up: Axis | None


class Axis(NamedTuple):
    """The name of an axis, and its ticks: the place of each, 0 to 1, and its number."""

    name: str
    ticks: list[tuple[float, str]]


def bare(spec: Spec, samples: Samples, width: int, height: int, letters: int) -> Bare:
    """Draw a spec anew in at most so many pixels, with fewer marks if they would run together.

    The title has at most so many letters. The height is a multiple of four, the width of two.
    """
    fewer = spec.in_pixels(width, height)
    picture = render(fewer, samples if fewer is spec else fewer.sample())
    _undress(picture)
    one = picture.axes[0] if len(picture.axes) == 1 and picture.axes[0].name != "3d" else None
    width, height = _fitted(picture, one, width, height)
    picture.set_dpi(_DPI)
    picture.set_size_inches(width / _DPI, height / _DPI)
    canvas: Any = picture.canvas
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3].copy()
    title = plain(spec.reading, letters) if spec.title is None else spec.title.replace("\n", " ")
    along = (
        []
        if one is None
        else [_axis(one, letter, name) for letter, name in zip("xy", _names(spec), strict=True)]
    )
    return Bare(pixels, visible(title, letters), *(along or (None, None)))


def _undress(picture: Picture) -> None:
    """Take away letters, ticks, legends and scales of colours, and the room for them."""
    for bar in [axes for axes in picture.axes if axes.get_label() == "<colorbar>"]:
        bar.remove()
    for legend in [*picture.legends, *(axes.get_legend() for axes in picture.axes)]:
        if legend is not None:
            legend.remove()
    for axes in picture.axes:
        axes.grid(visible=False)
        axes.tick_params(which="both", length=0)
        for spine in axes.spines.values():
            spine.set_linewidth(_THIN)
    for text in picture.findobj(Text):
        text.set(visible=False, in_layout=False)
    engine: Any = picture.get_layout_engine()
    engine.set(w_pad=_MARGIN, h_pad=_MARGIN, wspace=_MARGIN, hspace=_MARGIN)


def _fitted(picture: Picture, axes: Any, width: int, height: int) -> tuple[int, int]:
    """Return the width and height of the picture, which keeps its shape, or its axes' if they are given."""
    ratio = picture.get_figheight() / picture.get_figwidth()
    if axes is not None:
        ratio = axes.get_box_aspect() or height / width
        if axes.get_aspect() != "auto":
            (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
            ratio = axes.get_aspect() * (high - low) / (right - left)
    rows = min(height, round(width * ratio))
    columns = min(width, round(rows / ratio))
    return columns - columns % 2, rows - rows % 4


def _names(spec: Spec) -> tuple[str, str]:
    """Return what stands along the two axes."""
    first, *others = spec.reading.variables
    usual = first, others[0] if others else "f"
    return visible(spec.xlabel or usual[0]), visible(spec.ylabel or usual[1])


def _axis(axes: Any, letter: str, name: str) -> Axis:
    """Return an axis with those ticks that lie in its view."""
    axis = getattr(axes, f"{letter}axis")
    ticks = np.asarray(axis.get_majorticklocs(), dtype=float)
    with np.errstate(all="ignore"):
        places, ends = (
            axis.get_transform().transform(np.asarray(part)) for part in (ticks, axis.get_view_interval())
        )
    shares = (places - ends[0]) / (ends[1] - ends[0])
    return Axis(
        name,
        [
            (share, f"{tick:.5g}")
            for share, tick in zip(shares.tolist(), ticks.tolist(), strict=True)
            if 0 <= share <= 1
        ],
    )
