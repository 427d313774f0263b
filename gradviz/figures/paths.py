"""Paths of optimizers as marks: on a plane, on a surface, or as values against steps, and their legend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradviz.arrays import Floats
from gradviz.figures.labels import point_text
from gradviz.figures.layout import NO_POINTS
from gradviz.optimizers.paths import Path
from gradviz.sampling.descent import ComponentScale, component_sizes
from gradviz.sampling.surface import POINTS_PER_STEP, SurfaceView, hidden, on_surface
from gradviz.sampling.values import drawable
from gradviz.scene.marks import Arrows, ArrowShape, Dash, Follower, Lines, Mark, Markers, Tooltips
from gradviz.scene.scene import LegendEntry
from gradviz.scene.style import Style
from gradviz.scene.text import Text

_ZORDER = 100.0  # above the function, below critical points
_FARTHEST = 50.0  # widths of the view: a point farther away is drawn on the way there
_MANY_STEPS = 45  # in a path, above which its dots are smaller
_SMALL_DOT = 0.65  # size of dots of such a path to that of others
_DOT_SIZE = 0.4  # units of markers
_LONE_DOT = 1.3  # size of dots without a line to that of dots on a line
_END_SIZE = 0.55  # units of markers: the square at a start
_STAR_RATIO = 2.2  # size of the star at an end to that of the square
_WIDTH_SHARE = 0.75  # width of a path to that of lines of the style
_HIDDEN_LINE_OPACITY = 0.55  # opacity of lines behind a surface
_LEGEND_DOT = 4.0  # points
_START_DIGITS = 4  # significant digits of a start in a legend

_DASHES: Sequence[Dash] = ("-", "--", ":", "-.")
_ARROW_SHAPE = ArrowShape(0.006, "panel", 3.5, 4.0, 3.6)

COMPONENT_COLOURS: Mapping[str, str] = {
    "gradient": "#7570b3",
    "momentum": "#1b9e77",
    "scaling": "#e7298a",
    "decay": "#a6761d",
}
"""The colours of arrows for components of updates, by cause."""

Start = tuple[float, ...]


@dataclass(frozen=True)
class PathLook:
    """The colour and the dashes of paths, and their label in a legend."""

    label: str
    colour: str
    dash: Dash
    width: float  # points


def path_looks(
    labels: Sequence[str], style: Style, widths: Sequence[float], *, is_alone: bool
) -> dict[str, PathLook]:
    """Return the look of each optimizer's paths: dashes tell apart equal colours; one colour if alone."""
    looks, count = {}, len(style.paths)
    for number, (label, width) in enumerate(zip(labels, widths, strict=True)):
        i = 0 if is_alone else number
        looks[label] = PathLook(label, style.paths[i % count], _DASHES[i // count % len(_DASHES)], width)
    return looks


def dashed_starts(paths: Sequence[Path]) -> list[Start]:
    """Return the starts that have dashes of their own: none for one start, or for more than dashes."""
    starts = list(dict.fromkeys(tuple(path.points[0].tolist()) for path in paths))
    return starts if 1 < len(starts) <= len(_DASHES) else []


def look_of(path: Path, looks: Mapping[str, PathLook], starts: Sequence[Start]) -> PathLook:
    """Return the look of a path: that of its optimizer, with the dashes of its start if that has some."""
    look, start = looks[path.optimizer.label], tuple(path.points[0].tolist())
    return replace(look, dash=_DASHES[starts.index(start)]) if start in starts else look


def on_curve(path: Path) -> Path:
    """Return the path of a function of one variable on its curve, with points (N, 2)."""
    return replace(path, points=np.column_stack((path.points, drawable(path.values))))


def flat_marks(path: Path, look: PathLook, style: Style, view: Floats, *, line: bool) -> Iterator[Mark]:
    """Yield a path in a view (2, 2), low and high, as dots, or with a `line`, a start and an end."""
    points = _drawable(path.points, view)
    size = _dot_size(path, style)
    if line:
        yield Lines(
            points, look.colour, look.width, look.dash, zorder=_ZORDER, markers=size, steps=1,
            name="path", group=look.label, whole=path.points, tooltips=_tooltips(path),
        )  # fmt: skip
        yield from _ends(points, np.ones(len(points)), path, look, style)
    else:
        size = _LONE_DOT * size
        yield Markers(
            points, "o", look.colour, size, zorder=_ZORDER, steps=1, name="path", group=look.label,
            whole=path.points, tooltips=_tooltips(path),
        )  # fmt: skip


def component_arrows(path: Path, scale: ComponentScale) -> Iterator[Mark]:
    """Yield the components of a path's updates as arrows from its points."""
    sizes = component_sizes(path)
    for component in path.components:
        vector = component.vector * min(scale.factor, scale.longest / sizes[component.update])
        yield Arrows(
            component.at[None], vector[None], _ARROW_SHAPE, colour=COMPONENT_COLOURS[component.cause],
            zorder=_ZORDER + 2, appears=component.update - 1, name=component.cause,
        )  # fmt: skip


def _drawable(points: Floats, view: Floats) -> Floats:
    """Return points (N, 2) whose last one, if it is too far to be drawn, is moved to the one before."""
    middle, size = view.mean(axis=0), np.ptp(view, axis=0)
    away = float(np.max(np.abs(points[-1] - middle) / size))
    if len(points) < 2 or away <= _FARTHEST:
        return points
    last = points[-2] + (points[-1] - points[-2]) * (_FARTHEST / away)
    return np.concatenate((points[:-1], last[None]))


def surface_marks(path: Path, look: PathLook, style: Style, view: SurfaceView) -> Iterator[Mark]:
    """Yield a path on a surface: solid where it is visible, dashed and faint behind the surface."""
    line = on_surface(view.field, path)
    inside = ((line >= view.box[0]) & (line <= view.box[1])).all(axis=-1)
    line = np.where(inside[:, None], line, np.nan)
    behind = np.zeros(len(line), dtype=np.bool_)
    behind[inside] = hidden(view, line[inside])
    inner = behind.copy()  # without the ends of hidden parts, so that the line has no gaps
    inner[:-1] &= behind[1:]
    inner[1:] &= behind[:-1]
    width, steps = look.width, slice(None, None, POINTS_PER_STEP)
    yield Lines(
        np.where(inner[:, None], np.nan, line), look.colour, width, look.dash, zorder=_ZORDER,
        steps=POINTS_PER_STEP, name="path", group=look.label, whole=line,
    )  # fmt: skip
    yield Lines(
        np.where(behind[:, None], line, np.nan), look.colour, width, "hidden", zorder=_ZORDER,
        opacity=_HIDDEN_LINE_OPACITY, steps=POINTS_PER_STEP, name="behind", group=look.label,
    )  # fmt: skip
    dots = np.where(behind[:, None], np.nan, line)[steps]  # hidden ones would fill the gaps between dashes
    yield Markers(
        dots, "o", look.colour, _dot_size(path, style), zorder=_ZORDER, steps=1, name="dots",
        group=look.label, whole=line[steps], tooltips=_tooltips(path),
    )  # fmt: skip
    opacities = np.where(behind[steps], _HIDDEN_LINE_OPACITY, 1.0)
    yield from _ends(line[steps], opacities, path, look, style)


def line_width(style: Style) -> float:
    """Return the width of paths in points."""
    return _WIDTH_SHARE * style.line_width


def _dot_size(path: Path, style: Style) -> float:
    size = _DOT_SIZE * style.mark_unit
    return size if path.steps <= _MANY_STEPS else _SMALL_DOT * size


def _tooltips(path: Path, part: slice = slice(None)) -> Tooltips:
    """Return the steps and the values at a part of the points of a path."""
    return Tooltips(path.optimizer.label, path.values[part], range(len(path.points))[part])


def _ends(points: Floats, opacities: Floats, path: Path, look: PathLook, style: Style) -> Iterator[Mark]:
    """Yield an open square at the start, and a star at the end of a path that has not diverged.

    An animation moves the star along points (N, 2 or 3), with opacities (N,).
    """
    size = _END_SIZE * style.mark_unit
    yield Markers(
        points[:1], "s", style.page, size, edge=look.colour, edge_width=1.4 * style.mark_scale,
        zorder=_ZORDER + 1, name="start", group=look.label, tooltips=_tooltips(path, slice(1)),
    )  # fmt: skip
    if path.diverged is None:
        star = Markers(
            points[-1:], "*", look.colour, _STAR_RATIO * size, edge=style.page, edge_width=0.6,
            zorder=_ZORDER + 1, name="end", group=look.label, tooltips=_tooltips(path, slice(-1, None)),
        )  # fmt: skip
        yield Follower(points, opacities, star)


def value_line(path: Path, look: PathLook) -> Lines:
    """Return the values along a path against the step."""
    points = np.column_stack((np.arange(path.steps + 1.0), drawable(path.values)))
    return Lines(points, look.colour, look.width, look.dash, steps=1, name="values")


def path_entry(look: PathLook, *, line: bool) -> LegendEntry:
    """Return the legend entry of an optimizer."""
    if line:
        drawn = Lines(NO_POINTS, look.colour, look.width, look.dash, markers=_LEGEND_DOT)
        return LegendEntry(Text(look.label), drawn)
    return LegendEntry(Text(look.label), marker=Markers(NO_POINTS, "o", look.colour, _LEGEND_DOT))


def start_entries(starts: Sequence[Start], style: Style) -> list[LegendEntry]:
    """Return the legend entries of starts that have dashes of their own."""
    lines = [Lines(NO_POINTS, style.text, line_width(style), dash) for dash in _DASHES]
    points = [point_text(start, _START_DIGITS) for start in starts]
    texts = [Text(f"from {point.strip('()') if ',' not in point else point}") for point in points]
    return [LegendEntry(text, line) for text, line in zip(texts, lines, strict=False)]


def component_entries(scale: ComponentScale) -> list[LegendEntry]:
    """Return the legend entries of components of updates, with the scale of their arrows."""
    if not scale.causes:
        return []
    some_cut = ", some cut" if scale.some_shortened else ""
    entries = [LegendEntry(Text(f"parts of updates, {scale.factor:g} times as long{some_cut}"))]
    for cause, colour in COMPONENT_COLOURS.items():
        if cause in scale.causes:
            line, arrow = Lines(NO_POINTS, colour, 1.6), Markers(NO_POINTS, ">", colour, 5.0)
            entries.append(LegendEntry(Text(f"part: {cause}"), line, arrow))
    return entries
