"""A picture in few pixels: drawn anew without letters, which would be mud, and with its words beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba_array
from matplotlib.lines import Line2D
from matplotlib.quiver import Quiver
from matplotlib.spines import Spine
from matplotlib.text import Text
from numpy.typing import NDArray

from gradviz.errors import visible
from gradviz.output.mpl.lettering import plain
from gradviz.output.mpl.rendering import Picture, render
from gradviz.sampling.samples import Samples
from gradviz.sampling.scales import limits_of
from gradviz.specs import Spec

Pixels = NDArray[np.uint8]

_DPI = 45  # of lines and dots, whose sizes are in points
_DOT = 0.55  # of their diameter: so many pixels would hide what they mark
_STOUT = 1.5  # of the width of arrows, for their heads to be seen
_SHAFT = 0.07  # of the distance between arrows of true lengths
_HEAD = 2.5  # widths: the length of a head, at the very end, where it tells what is the end
_THIN = 0.6  # points: the frame of axes, less than a pixel
_MARGIN = 0.02  # inches, a pixel: around axes
_ZOOM = 1.3  # of a box, which has no letters around it
_MATH = re.compile(r"\\math\w+|[\\${}]|_(?=\{)")  # what is not seen of mathtext


class Axis(NamedTuple):
    """The name of an axis, and its ticks: the place of each in the picture, 0 to 1, and its number."""

    name: str
    ticks: list[tuple[float, str]]


class Bare(NamedTuple):
    """A small picture, and in words what it leaves out."""

    pixels: Pixels
    """(height, width, 3): red, green and blue."""
    title: str
    axes: tuple[Axis, Axis] | None
    """What stands along x and y; None where there are several pairs of axes, or three of them."""
    said: list[str]
    """What the axes show, in words, and the titles of panels."""
    legend: list[tuple[str, tuple[int, int, int]]]
    """What colours stand for."""


def bare(spec: Spec, samples: Samples, columns: int, lines: int, cell: tuple[int, int] = (1, 2)) -> Bare:
    """Draw a spec anew in at most so many characters, each of which is a cell of so many pixels.

    It has fewer marks if they would run together, and the words are no longer than so many columns.
    """
    width, height = columns * cell[0], lines * cell[1]
    fewer = spec.in_pixels(width, height)
    picture = render(fewer, samples if fewer is spec else fewer.sample())
    legend = list(_legend(picture))
    names = _names(spec, picture.axes[0])
    panels = [_words(axes.title) for axes in picture.axes if axes.get_title() and "$" not in axes.get_title()]
    _undress(picture)
    _resize_marks(picture)
    first = picture.axes[0]
    is_single = len(picture.axes) == 1 and first.name != "3d"
    width, height = _fitted(picture, first if is_single else None, width, height)
    width, height = width - width % cell[0], height - height % cell[1]
    picture.set_dpi(_DPI)
    picture.set_size_inches(width / _DPI, height / _DPI)
    canvas: Any = picture.canvas
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3].copy()
    numbers = "".join(f", {name} = {value:g}" for name, value in spec.parameters.items())
    title = plain(spec.reading, columns) + numbers if spec.title is None else spec.title.replace("\n", " ")
    axes = (_axis(first, "x", names[0]), _axis(first, "y", names[1])) if is_single else None
    said = [
        visible(line, columns)
        for line in (_ends(spec, samples), " | ".join(panels if len(picture.axes) > 1 else ()))
    ]
    return Bare(pixels, visible(title, columns), axes, said, legend)


def _legend(picture: Picture) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """Yield the words of legends, each with the colour of what it explains."""
    for legend in [*picture.legends, *(axes.get_legend() for axes in picture.axes)]:
        handles: list[Any] = legend.legend_handles if legend else []
        for handle, text in zip(handles, legend.get_texts() if legend else (), strict=True):
            drawn = handle.get_color() if isinstance(handle, Line2D) else handle.get_edgecolor()
            colour = to_rgba_array(drawn)[0]
            red, green, blue = np.rint(255 * colour[:3]).astype(int).tolist()
            yield _words(text), (red, green, blue)


def _words(text: Text) -> str:
    """Return the letters of a text, typeset or not."""
    words = text.get_text().replace("\n", " ")
    if text.get_parse_math():
        words = _MATH.sub("", words.replace(r"\cdot", "\N{MIDDLE DOT}").replace(r"\;", " "))
    return visible(words)


def _undress(picture: Picture) -> None:
    """Take away letters, ticks, legends and scales of colours, and the room for them."""
    for bar in [axes for axes in picture.axes if axes.get_label() == "<colorbar>"]:
        bar.remove()
    for legend in [*picture.legends, *(axes.get_legend() for axes in picture.axes)]:
        if legend is not None:
            legend.remove()
    shown: list[Any] = picture.axes
    for axes in shown:
        axes.grid(visible=False)
        axes.tick_params(which="both", length=0)
        if axes.name == "3d":
            axes.set(xticks=[], yticks=[], zticks=[])
            axes.set_box_aspect(None, zoom=_ZOOM)
    for text in picture.findobj(Text):
        text.set(visible=False, in_layout=False)
    engine: Any = picture.get_layout_engine()
    engine.set(w_pad=_MARGIN, h_pad=_MARGIN, wspace=_MARGIN, hspace=_MARGIN)


def _resize_marks(picture: Picture) -> None:
    """Make marks smaller, frames thinner, and the heads of arrows such that they can be seen."""
    for mark in picture.findobj():
        if isinstance(mark, Spine):
            mark.set_linewidth(_THIN)
        elif isinstance(mark, Line2D):
            mark.set_markersize(_DOT * mark.get_markersize())
        elif isinstance(mark, PathCollection):
            mark.set_sizes(_DOT**2 * mark.get_sizes())
        elif isinstance(mark, Quiver):
            _make_stout(mark)


def _make_stout(arrows: Any) -> None:
    """Make arrows such that they can be seen; true lengths are otherwise the smaller the fewer they are."""
    if arrows.scale_units != "xy":
        rows = arrows.N**0.5
        drawn = ~np.broadcast_to(arrows.Umask, arrows.U.shape)
        longest = np.hypot(arrows.U, arrows.V)[drawn].max(initial=0)
        arrows.scale_units, arrows.scale = "width", float(longest * rows) or 1.0
        arrows.width = _SHAFT / rows
    arrows.width *= _STOUT
    arrows.headlength = arrows.headaxislength = arrows.minlength = _HEAD


def _fitted(picture: Picture, axes: Any, width: int, height: int) -> tuple[int, int]:
    """Return the width and height of the picture, which keeps its shape, or its axes' if they are given."""
    ratio = picture.get_figheight() / picture.get_figwidth()
    if axes is not None:
        ratio = axes.get_box_aspect() or height / width
        if axes.get_aspect() != "auto":
            (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
            ratio = axes.get_aspect() * (high - low) / (right - left)
    rows = min(height, round(width * ratio))
    return min(width, round(rows / ratio)), rows


def _names(spec: Spec, axes: Any) -> tuple[str, str]:
    """Return what stands along x and y: the user's words or else the letters of ours."""
    across, up = _words(axes.xaxis.label), _words(axes.yaxis.label)
    own = spec.xlabel, spec.ylabel
    return (
        across if own[0] is None else visible(own[0]),
        up if own[1] is None else visible(own[1]),
    )


def _axis(axes: Any, letter: str, name: str) -> Axis:
    """Return an axis with those ticks that lie in its view."""
    axis, box = getattr(axes, f"{letter}axis"), getattr(axes.get_position(), f"interval{letter}")
    ticks = np.asarray(axis.get_majorticklocs(), dtype=float)
    with np.errstate(all="ignore"):
        low, high = axis.get_transform().transform(np.asarray(axis.get_view_interval()))
        shares = (axis.get_transform().transform(ticks) - low) / (high - low)
    numbers = (f"{tick:.5g}" for tick in ticks.tolist())
    places = box[0] + shares * (box[1] - box[0])
    found = zip(places.tolist(), numbers, (shares >= 0) & (shares <= 1), strict=True)
    return Axis(name, [(place, number) for place, number, is_shown in found if is_shown])


def _ends(spec: Spec, samples: Samples) -> str:
    """Say what was sampled, for a picture that has no room for numbers at its sides."""
    ends = {name: spec.interval(name)[:2] for name in spec.reading.variables}
    if samples.heights.size > 1:  # else the panels have samples of their own
        ends["f"] = limits_of(samples.heights)
    return "   ".join(f"{name}: {low:.3g} to {high:.3g}" for name, (low, high) in ends.items())
