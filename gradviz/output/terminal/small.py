"""A picture in few pixels: drawn without texts, which would be illegible, and with its texts beside it."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, components
from gradviz.errors import visible
from gradviz.output.mpl.colours import VISIBLE, channels, contrast
from gradviz.output.mpl.picture import picture_of
from gradviz.sampling.limits import distinct
from gradviz.scene import marks
from gradviz.scene.marks import ArrowShape, Mark
from gradviz.scene.scales import ColourScale, Rgb
from gradviz.scene.scene import Axis as SceneAxis
from gradviz.scene.scene import Panel, Scene, Size
from gradviz.scene.style import BARE_MARGIN
from gradviz.scene.text import Text

Pixels = NDArray[np.uint8]

_DPI = 45  # pixels an inch of lines and dots, whose sizes are in points
_DOT_RATIO = 0.55  # size of dots to that in a large picture, where they cover less
_ARROW_RATIO = 1.5  # width of arrows to that in a large picture: their heads have to be visible
_SHAFT_SHARE = 0.07  # width of arrows of true lengths, of the distance between arrows
_HEAD_LENGTH = 2.5  # widths of the shaft: a short head, which shows where the end is
_BOX_ZOOM = 1.3  # size of a box, which has no texts around it
_TICK_COLUMNS, _TICK_LINES = 10, 6  # minimum distance of ticks, in characters
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)  # distances of ticks, times a power of ten
_NUMBERS = 5  # of a colour scale, at most
_RUN = 4  # columns of colours between two of them
_WARNING_CHARACTERS = 400  # maximum length of the text below a picture
_DIGITS = 5  # significant digits of the number at a tick
_SIGNS = {
    r"\cdot": "\N{MIDDLE DOT}",
    r"\nabla ": "\N{NABLA}",
    r"\pi": "\N{GREEK SMALL LETTER PI}",
    r"\;": " ",
}
_MATHTEXT = re.compile(r"\\math\w+|[\\${}]|_(?=\{)")  # what has no letters in mathtext

Bytes = tuple[int, int, int]
"""Red, green and blue from 0 to 255."""


class Axis(NamedTuple):
    """The name of an axis, and its ticks: the position of each in the picture, 0 to 1, and its number."""

    name: str
    ticks: list[tuple[float, str]]


class Scale(NamedTuple):
    """A colour scale: numbers, one more than there are runs of colours between them."""

    name: str
    numbers: list[str]
    colours: list[list[Bytes]]


class Small(NamedTuple):
    """A small picture, and the texts beside it."""

    pixels: Pixels
    """(height, width, 3): red, green and blue."""
    title: str
    axes: tuple[Axis, Axis] | None
    """Those along x and y; None for several panels, or a box."""
    ranges: list[str]
    """Ranges of the variables and of the function, and the titles of panels."""
    legend: list[tuple[str, Bytes]]
    """The texts of colours."""
    warning: list[str]
    """The lines below the picture."""
    scale: Scale | None = None


def small(scene: Scene, columns: int, lines: int, cell: tuple[int, int] = (1, 2)) -> Small:
    """Draw a scene in at most so many characters, each of which is a cell of so many pixels.

    The texts are no longer than so many columns.
    """
    first = scene.panels[0]
    is_single = len(scene.panels) == 1 and first.z is None
    width, height = _fitted(scene, first if is_single else None, columns * cell[0], lines * cell[1])
    width, height = width - width % cell[0], height - height % cell[1]
    picture = picture_of(_bare(scene, (width / _DPI, height / _DPI)))
    pixels = picture.pixels()[:, :, :3].copy()
    axes = None
    if is_single:
        across = _axis(first.x, width, max(width // cell[0] // _TICK_COLUMNS, 1))
        axes = (across, _axis(first.y, height, max(height // cell[1] // _TICK_LINES, 1)))
    named = [panel.title.text for panel in scene.panels if panel.title and "$" not in panel.title.text]
    ranges = [visible(line, columns) for line in (_ranges(scene), " | ".join(map(visible, named)))]
    below = "" if scene.warning is None else visible(scene.warning.text, _WARNING_CHARACTERS)
    legend = list(_legend(scene))
    warning = textwrap.wrap(below, columns)
    return Small(pixels, visible(_title(scene), columns), axes, ranges, legend, warning, _scale(scene))


# Texts ----------------------------------------------------------------------------------------------------


def words(text: Text) -> str:
    """Return the letters of a text in one line."""
    plain = text.text.replace("\n", " ")
    if text.math:
        for command, character in _SIGNS.items():
            plain = plain.replace(command, character)
        plain = _MATHTEXT.sub("", plain)
    return visible(plain)


def _title(scene: Scene) -> str:
    """Return the user's title, or the function with the numbers of its parameters."""
    if scene.source is None or (scene.title is not None and scene.title.own is not None):
        return scene.name
    parameters = scene.source.expression.parameters
    return scene.name + "".join(f", {name} = {value:g}" for name, value in parameters.items())


def _legend(scene: Scene) -> Iterator[tuple[str, Bytes]]:
    """Yield the texts of legend entries, each with its colour."""
    for entry in scene.legend.entries if scene.legend else ():
        drawn = entry.line or entry.marker
        if drawn is None:
            continue
        shown = entry.is_on_page or contrast(drawn.colour, scene.style.page) >= VISIBLE
        yield words(entry.text), channels(drawn.colour if shown else scene.style.text)


def _scale(scene: Scene) -> Scale | None:
    """Return the scale of the first colour bar, None if there is none."""
    if not scene.colour_bars:
        return None
    bar = scene.colour_bars[0]
    mark = scene.panels[bar.panel].marks[bar.mark]
    colour_at: Callable[[float], str | Rgb]
    match mark:
        case marks.Contours(levels=levels) if len(levels) > 1:
            values = _some(levels)
            places = np.searchsorted(levels, values).astype(float)
            colour_at = partial(_level_colour, mark)
        case (
            marks.Arrows(scale=ColourScale() as scale)
            | marks.Streamlines(scale=ColourScale() as scale)
            | marks.Image(scale=scale)
            | marks.Surface(scale=ColourScale() as scale)
            | marks.Scatter(scale=ColourScale() as scale)
        ):
            even = np.linspace(scale.vmin, scale.vmax, _NUMBERS).tolist()
            values = _some([value for value, _ in scale.ticks or ()] or scale.boundaries or even)
            places, colour_at = scale.shares(np.array(values)), scale.colours.at
        case _:
            return None
    runs = [np.linspace(*pair, _RUN, endpoint=False).tolist() for pair in pairwise(places)]
    colours = [[channels(colour_at(place)) for place in run] for run in runs]
    name, _, _ = words(bar.label or Text("f")).partition("   ")  # without a remark on directions
    return Scale(name, distinct(values, 3), colours)


def _level_colour(mark: marks.Contours, place: float) -> str | Rgb:
    """Return the colour of a contour or a band at a position among the levels, which are at 0, 1 ..."""
    bands, levels = mark.bands, mark.levels
    if bands.map is None or bands.colours:
        first = 1 if mark.filled and bands.extend in ("min", "both") else 0
        return bands.colours[min(int(place) + first, len(bands.colours) - 1)]
    value = float(np.interp(place, range(len(levels)), levels))
    return bands.map.at((value - levels[0]) / (levels[-1] - levels[0]))


def _some(values: Sequence[float]) -> list[float]:
    """Return a few of many values, evenly chosen, the first and the last among them."""
    last, count = len(values) - 1, min(len(values), _NUMBERS)
    return [values[round(i * last / max(count - 1, 1))] for i in range(count)]


def _ranges(scene: Scene) -> str:
    """Return the ranges of the variables and of the function, for a picture without numbers at its sides."""
    found: list[tuple[str, Sequence[float]]] = []
    if scene.source is not None:
        found += zip(scene.source.expression.variables, scene.source.intervals, strict=True)
    values = _values(scene.panels[0], is_curve=len(found) == 1)
    if values is not None:
        found.append(("f", (float(np.nanmin(values)), float(np.nanmax(values)))))
    return "   ".join(f"{name}: {' to '.join(distinct(limits[:2], 3))}" for name, limits in found)


def _values(panel: Panel, *, is_curve: bool) -> Floats | None:
    """Return the values of the function in a panel, None if it has no curve or mesh of them."""
    if panel.hover is not None and panel.hover.values is not None:
        return panel.hover.values
    for mark in panel.marks if is_curve or panel.z is not None else ():
        match mark:
            case marks.Surface() | marks.Wireframe() | marks.Contours():
                return mark.values
            case marks.Scatter() | marks.Lines():
                return mark.points[:, -1]
    return None


# Ticks ----------------------------------------------------------------------------------------------------


def _axis(axis: SceneAxis, pixels: int, most: int) -> Axis:
    """Return an axis as long as some pixels, with ticks in at most `most` intervals."""
    name = words(axis.label or Text(""))
    if axis.limits is None:
        return Axis(name, [])
    is_log = axis.scale == "log"
    scaled = math.log10 if is_log else float
    (low, high), ticks = map(scaled, axis.limits), axis.ticks
    if ticks is None:
        ticks = _round_ticks(low, high, most, whole=is_log)
        ticks = tuple(10.0**power for power in ticks) if is_log else ticks
    margin = BARE_MARGIN * _DPI / pixels
    places = [(scaled(tick) - low) / (high - low) for tick in ticks]
    own = axis.tick_texts
    texts = distinct(ticks, _DIGITS) if own is None else [words(Text(text)) for text in own]
    return Axis(
        name,
        [
            (margin + place * (1 - 2 * margin), text)
            for place, text in zip(places, texts, strict=True)
            if 0 <= place <= 1
        ],
    )


def _round_ticks(low: float, high: float, most: int, *, whole: bool = False) -> tuple[float, ...]:
    """Return round numbers from `low` to `high`, or whole ones, in at most `most` intervals."""
    low, high = sorted((low, high))
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    steps = (step * power for step in _STEPS)
    step = next(step for step in steps if step * most >= (high - low) * (1 - 1e-9))
    step = max(step, 1.0) if whole else step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(float(f"{number * step:.12g}") for number in range(first, last + 1))


# Pixels ---------------------------------------------------------------------------------------------------


def _fitted(scene: Scene, panel: Panel | None, width: int, height: int) -> tuple[int, int]:
    """Return the width and height of the picture, which keeps its shape, or that of its only panel."""
    ratio = scene.size.height / scene.size.width
    if panel is not None:
        ratio = panel.box_aspect or height / width
        if (
            panel.aspect == "equal"
            and panel.z is None
            and panel.x.limits is not None
            and panel.y.limits is not None
        ):
            (left, right), (low, high) = panel.x.limits, panel.y.limits
            ratio = (high - low) / (right - left)
    rows = min(height, round(width * ratio))
    return min(width, round(rows / ratio)), rows


def _bare(scene: Scene, size: tuple[float, float]) -> Scene:
    """Return a scene of some size in inches without texts, legend and colour bars."""
    return replace(
        scene,
        panels=tuple(map(_bare_panel, scene.panels)),
        title=None,
        legend=None,
        colour_bars=(),
        note=None,
        warning=None,
        size=Size(*size, is_asked=True),
        dpi=_DPI,
        style=replace(scene.style, bare=True, transparent=False),
    )


def _bare_panel(panel: Panel) -> Panel:
    x, y = (SceneAxis(None, axis.limits, (), axis.scale, numbers=False) for axis in (panel.x, panel.y))
    drawn = tuple(_bold(mark) for mark in panel.marks if not isinstance(mark, marks.Label))
    z = panel.z and replace(panel.z, label=None, ticks=())
    camera = panel.camera and replace(panel.camera, zoom=_BOX_ZOOM)
    return replace(panel, x=x, y=y, z=z, camera=camera, marks=drawn, grid=False, title=None)


def _bold(mark: Mark) -> Mark:
    """Return a mark that is visible in few pixels: smaller dots, wider arrows, no texts."""
    match mark:
        case marks.Lines():
            mark = replace(mark, markers=_DOT_RATIO * mark.markers)
        case marks.Markers() | marks.Scatter():
            mark = replace(mark, size=_DOT_RATIO * mark.size)
        case marks.Follower():
            mark = replace(mark, marker=replace(mark.marker, size=_DOT_RATIO * mark.marker.size))
        case marks.Arrows():
            mark = _wide(mark)
        case marks.Streamlines():
            mark = replace(mark, if_none="")
        case marks.Contours():
            mark = replace(mark, labels=None)
    return mark


def _wide(mark: marks.Arrows) -> marks.Arrows:
    """Return arrows wide enough to be visible; those of true lengths are as long as there is room."""
    shape, length_unit = mark.shape, mark.length_unit
    if length_unit is not None:
        lengths = np.hypot(*components(mark.vectors))
        rows = math.sqrt(lengths.size)
        length_unit = float(np.nanmax(lengths, initial=0.0) * rows) or 1.0
        shape = ArrowShape(_SHAFT_SHARE / rows, "panel")
    if shape is None:
        return mark
    wide = replace(
        shape, width=_ARROW_RATIO * shape.width, head_length=_HEAD_LENGTH, head_axis_length=_HEAD_LENGTH
    )
    return replace(mark, shape=wide, length_unit=length_unit)
