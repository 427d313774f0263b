"""Paths of optimizers as lines with dots, on level lines, on a surface or alone, and what goes with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib import rcParams

from gradviz.output.mpl import growing
from gradviz.specs.space import hidden

if TYPE_CHECKING:
    from gradviz.arrays import Floats
    from gradviz.fields.scalar import ScalarField
    from gradviz.optimizers.paths import Path
    from gradviz.sampling.scales import LossEnds
    from gradviz.scene.style import Style

_ABOVE = 100  # the order of drawing: above the function, below critical points
_FAR = 50.0  # times the view: what lies farther is drawn on the way there
_DENSE = 45  # steps; the dots of a longer path are smaller
_ALONG = 24  # places on a surface between two steps
_FAINT = 0.55  # of a line that is hidden
_ARROW = 0.13  # of the view: the usual length of the longest part of an update
_LONGEST = 2.0  # times the usual length

DASHES: Sequence[Any] = ("-", "--", ":", "-.")

PARTS: Mapping[str, str] = {
    "gradient": "#7570b3",
    "momentum": "#1b9e77",
    "scaling": "#e7298a",
    "decay": "#a6761d",
}
"""The parts of an update and the colours of their arrows."""


class Look(NamedTuple):
    """How a path is drawn."""

    color: str
    dashes: str
    label: str

    @property
    def line(self) -> dict[str, Any]:
        """The settings of the line."""
        return {
            "color": self.color,
            "linestyle": self.dashes,
            "linewidth": line_width(),
        }


def line_width() -> float:
    """Return the width of paths in points, under the settings of a style."""
    return 0.75 * float(rcParams["lines.linewidth"])


def looks(labels: Iterable[str], style: Style) -> list[Look]:
    """Return how the paths of each optimizer look: a colour of its own, and dashes where these run out."""
    count = len(style.paths)
    return [
        Look(style.paths[place % count], DASHES[place // count % len(DASHES)], label)
        for place, label in enumerate(labels)
    ]


def starts_of(paths: Iterable[Path]) -> list[tuple[float, ...]]:
    """Return the starts that dashes tell apart: none, if there is one alone or there are more than dashes."""
    starts = list(dict.fromkeys(tuple(path.points[0].tolist()) for path in paths))
    return starts if 1 < len(starts) <= len(DASHES) else []


def look_of(path: Path, found: Mapping[str, Look], starts: Sequence[tuple[float, ...]]) -> Look:
    """Return the look of a path: that of its optimizer, with dashes if its start is one of those."""
    look, start = found[path.optimizer.label], tuple(path.points[0].tolist())
    return look._replace(dashes=DASHES[starts.index(start)]) if start in starts else look


def start_entries(starts: Sequence[tuple[float, ...]]) -> list[Any]:
    """Return what stands for starts in a legend."""
    from matplotlib.lines import Line2D

    look: dict[str, Any] = {"color": rcParams["text.color"], "linewidth": line_width()}
    names = [f"from ({', '.join(f'{x:.4g}' for x in start)})" for start in starts]
    return [
        Line2D([], [], label=name.replace("-", "\N{MINUS SIGN}"), linestyle=dashes, **look)
        for dashes, name in zip(DASHES, names, strict=False)
    ]


def entry(look: Look, *, line: bool) -> Any:
    """Return what stands for a path in a legend."""
    from matplotlib.lines import Line2D

    settings = look.line if line else {**look.line, "linestyle": "none"}
    return Line2D([], [], marker="o", markersize=4, label=look.label, **settings)


def draw_flat(axes: Any, path: Path, look: Look, *, line: bool) -> None:
    """Draw a path (N, 2) as dots, joined by a line or not, with its start and its end marked."""
    points = _drawable(path.points, np.array([axes.get_xlim(), axes.get_ylim()]).T)
    x, y = points.T
    size = _dot(path)
    if line:
        (drawn,) = axes.plot(x, y, marker="o", markersize=size, zorder=_ABOVE, label=look.label, **look.line)
        _mark_ends(axes, points, path, look)
    else:
        (drawn,) = axes.plot(
            x, y, "o", color=look.color, markersize=1.3 * size, zorder=_ABOVE, label=look.label
        )
    growing.lengthen(drawn, points)


def draw_on_surface(axes: Any, field: ScalarField, path: Path, look: Look, ends: Floats) -> None:
    """Draw a path (N, 2) at its heights: solid where it can be seen, dashed and faint behind the surface.

    Between two steps the line follows the surface. `ends` (2, 2) are the low and high ends of the plane.
    """
    fractions = np.arange(_ALONG)[:, None] / _ALONG
    between = path.points[:-1, None, :] + fractions * np.diff(path.points, axis=0)[:, None, :]
    places = np.concatenate((between.reshape(-1, 2), path.points[-1:]))
    axes.set_autoscale_on(False)  # the view stays that of the surface
    low, high = axes.get_zlim()
    heights = field(places)
    outside = ((places < ends[0]) | (places > ends[1])).any(axis=-1) | ~((heights >= low) & (heights <= high))
    line = np.where(outside[:, None], np.nan, np.column_stack((places, heights)))
    behind = np.zeros(len(line), dtype=bool)
    behind[~outside] = hidden(field, line[~outside], axes, ends)
    near = behind.copy()  # without its ends, which belong to what can be seen, too: so the line is whole
    near[:-1] &= behind[1:]
    near[1:] &= behind[:-1]
    size = _dot(path)
    steps = slice(None, None, _ALONG)
    for part, dashes, alpha, label in (
        (~near, look.dashes, 1.0, look.label),
        (behind, (0, (3, 2)), _FAINT, "_behind"),
    ):
        shown = np.where(part[:, None], line, np.nan)
        settings = {**look.line, "linestyle": dashes, "alpha": alpha}
        (drawn,) = axes.plot(*shown.T, zorder=_ABOVE, label=label, **settings)
        growing.lengthen(drawn, shown, _ALONG)
    dots = np.where(~behind[:, None], line, np.nan)[steps]  # behind, they would fill the gaps of the dashes
    (drawn,) = axes.plot(*dots.T, "o", color=look.color, markersize=size, zorder=_ABOVE, label="_dots")
    growing.lengthen(drawn, dots)
    _mark_ends(axes, line[steps], path, look, alphas=np.where(behind[steps], _FAINT, 1.0))


def draw_values(axes: Any, paths: Sequence[Path], found: Sequence[Look], name: str, ends: LossEnds) -> None:
    """Draw the function's values against the step, on a logarithmic axis where that shows more."""
    for path, look in zip(paths, found, strict=True):
        points = np.column_stack((np.arange(path.steps + 1.0), path.values))
        (drawn,) = axes.plot(*points.T, label=look.label, **look.line)
        growing.lengthen(drawn, points)
    axes.set_xlabel("step")
    axes.set_title(f"{name} at each step", fontsize="medium")  # beside the axis it would lie on a neighbour
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_yscale("log" if ends.logarithmic else "linear")
    axes.set_ylim(ends.low, ends.high)
    axes.grid(visible=True)
    axes.set_axisbelow(True)


class Arrows(NamedTuple):
    """How the parts of updates are drawn."""

    scale: float
    """How many times as long as they are."""
    longest: float
    """The length, in the units of the plane, at which the parts of an update are cut."""


def arrows(paths: Iterable[Path], view: float) -> Arrows:
    """Return how to draw the parts of updates in a view of some width: the usual ones take a tenth of it."""
    usual = _ARROW * view
    scale = usual / float(np.median([size for path in paths for size in _sizes(path).values()] or [usual]))
    return Arrows(float(f"{scale:.2g}"), _LONGEST * usual)


def draw_parts(axes: Any, path: Path, how: Arrows) -> None:
    """Draw the parts of a path's updates as arrows from its points."""
    sizes = _sizes(path)
    for part in path.components:
        vector = part.vector * min(how.scale, how.longest / sizes[part.update])
        arrow = axes.quiver(
            *part.at, *vector, angles="xy", scale_units="xy", scale=1, color=PARTS[part.cause], width=0.006,
            headwidth=3.5, headlength=4, headaxislength=3.6, zorder=_ABOVE + 2, label=f"_{part.cause}",
        )  # fmt: skip
        growing.appear(arrow, part.update - 1)


def part_entries(paths: Sequence[Path], how: Arrows) -> list[Any]:
    """Return what stands for the parts of updates in a legend, with the scale of their arrows."""
    from matplotlib.lines import Line2D

    causes = {part.cause for path in paths for part in path.components}
    if not causes:
        return []
    cut = any(size * how.scale > how.longest for path in paths for size in _sizes(path).values())
    said = f"parts of updates, {how.scale:g} times as long{', some cut' if cut else ''}"
    return [
        Line2D([], [], linestyle="none", label=said),
        *(
            Line2D([], [], color=color, marker=">", markersize=5, linewidth=1.6, label=f"part: {cause}")
            for cause, color in PARTS.items()
            if cause in causes
        ),
    ]


def _sizes(path: Path) -> dict[int, float]:
    """Return for each update with parts the size of its longest one."""
    found: dict[int, float] = {}
    for part in path.components:
        found[part.update] = max(found.get(part.update, 0.0), float(np.hypot(*part.vector)))
    return found


def _dot(path: Path) -> float:
    """Return the size of the dots of a path, in points."""
    size: float = 0.4 * rcParams["font.size"]
    return size if path.steps <= _DENSE else 0.65 * size


def _mark_ends(axes: Any, points: Floats, path: Path, look: Look, *, alphas: Floats | None = None) -> None:
    """Mark the start by an open square and the end, if the path has not diverged, by a star.

    `alphas` (N,) are the opacities of a star at each of the points (N, 2 or 3), 1 where none are given.
    """
    size = 0.55 * rcParams["font.size"]
    face = axes.get_facecolor()
    axes.plot(
        *points[:1].T, "s", color=face, markeredgecolor=look.color, markeredgewidth=1.4, markersize=size,
        zorder=_ABOVE + 1, label="_start",
    )  # fmt: skip
    if path.diverged is None:
        alphas = np.ones(len(points)) if alphas is None else alphas
        (star,) = axes.plot(
            *points[-1:].T, "*", color=look.color, markeredgecolor=face, markeredgewidth=0.6,
            markersize=2.2 * size, zorder=_ABOVE + 1, label="_end", alpha=alphas[-1],
        )  # fmt: skip
        growing.move(star, points, alphas)


def _drawable(points: Floats, view: Floats) -> Floats:
    """Return points (N, 2) whose last one, where a path diverged, is no farther than Matplotlib can draw."""
    middle, size = view.mean(axis=0), np.ptp(view, axis=0)
    away = float(np.max(np.abs(points[-1] - middle) / size))
    if len(points) < 2 or away <= _FAR:
        return points
    last = points[-2] + (points[-1] - points[-2]) * (_FAR / away)
    return np.concatenate((points[:-1], last[None]))
