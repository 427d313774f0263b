"""Critical points as marks above all else in a picture, told apart by shape as well as by colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib import rcParams
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

if TYPE_CHECKING:
    from gradviz.calculus import CriticalPoint

LOOKS: Mapping[str, tuple[str, str, str, float]] = {
    "minimum": ("minima", "v", "#0072b2", 0.95),
    "maximum": ("maxima", "^", "#d55e00", 0.95),
    "saddle": ("saddles", "X", "#222222", 0.9),
    "degenerate": ("degenerate", "s", "#cc79a7", 0.75),
}
"""For each kind the word in the legend, the marker, its colour (those of Okabe and Ito can be told apart by
colour-blind readers) and its size in heights of letters."""
WORDS = frozenset(words for words, *_ in LOOKS.values())
_OPEN = 1.7  # times the size of a filled mark: what ends there can be seen inside
_ABOVE = 1_000  # the order of drawing


def mark(axes: Any, points: Sequence[CriticalPoint], *, is_open: bool = False) -> None:
    """Mark points of two coordinates on axes of two or three dimensions, by outlines alone if `is_open`."""
    letter = rcParams["font.size"]
    edge = 0.1 * letter
    for kind, (words, marker, color, size) in LOOKS.items():
        places = [(*point.at, point.value) for point in points if point.kind == kind]
        if not places:
            continue
        look: dict[str, Any] = {
            "markersize": size * letter,
            "markeredgecolor": "white",
            "markeredgewidth": edge,
        }
        if is_open:
            halo = withStroke(linewidth=3 * edge, foreground="white")
            look |= {
                "markersize": _OPEN * size * letter,
                "markeredgecolor": color,
                "markeredgewidth": 1.4 * edge,
            }
            look |= {"markerfacecolor": "none", "path_effects": [halo]}
        columns = list(zip(*places, strict=True))
        (drawn,) = axes.plot(
            *columns[: 3 if axes.name == "3d" else 2],
            linestyle="none",
            marker=marker,
            color=color,
            label=words,
            zorder=_ABOVE,
            clip_on=False,
            **look,
        )
        drawn.set_in_layout(False)


def entries(axes: Any) -> list[Any]:
    """Return what stands for open marks in a legend: marks of the usual size, for each kind on the axes."""
    found = []
    for line in axes.lines:
        if line.get_label() in WORDS:
            entry = Line2D([], [], label=line.get_label())
            entry.update_from(line)
            entry.set_markersize(line.get_markersize() / _OPEN)
            found.append(entry)
    return found
