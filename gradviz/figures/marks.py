"""Critical points as marks above all else in a picture, told apart by shape as well as by colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib import rcParams

if TYPE_CHECKING:
    from gradviz.calculus import CriticalPoint

# For each kind the word in the legend, the marker, its colour (those of Okabe and Ito can be told apart by
# colour-blind readers) and its size in heights of letters.
_LOOKS: Mapping[str, tuple[str, str, str, float]] = {
    "minimum": ("minima", "v", "#0072b2", 0.95),
    "maximum": ("maxima", "^", "#d55e00", 0.95),
    "saddle": ("saddles", "X", "#222222", 0.9),
    "degenerate": ("degenerate", "s", "#cc79a7", 0.75),
}
_ABOVE = 1_000  # the order of drawing


def mark(axes: Any, points: Sequence[CriticalPoint]) -> None:
    """Mark points of two coordinates on axes of two or three dimensions."""
    letter = rcParams["font.size"]
    for kind, (words, marker, color, size) in _LOOKS.items():
        places = [(*point.at, point.value) for point in points if point.kind == kind]
        if not places:
            continue
        columns = list(zip(*places, strict=True))
        (drawn,) = axes.plot(
            *columns[: 3 if axes.name == "3d" else 2],
            linestyle="none",
            marker=marker,
            color=color,
            markersize=size * letter,
            markeredgecolor="white",
            markeredgewidth=0.1 * letter,
            label=words,
            zorder=_ABOVE,
            clip_on=False,
        )
        drawn.set_in_layout(False)
