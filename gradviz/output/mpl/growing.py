"""Artists of an animation that change between its steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from gradviz.arrays import Floats
from gradviz.output.mpl.types import Artist, Axes

_COSINE_ROUNDING = 1e-9  # a cosine closer to 0 is 0


class Growing(NamedTuple):
    """An artist that changes from step to step, up to what it is in the still picture."""

    artist: Artist
    steps: int
    """The step from which on it is as in the still picture."""
    show: Callable[[int], None]
    """Changes it to what it is at a step, the first being 0."""
    loops: bool = False
    """Whether the first step follows the last."""


def lengthen(line: Artist, points: Floats, each: int = 1) -> None:
    """Let a line through points (N, 2 or 3) grow from the first one, by `each` points a step."""
    _register(line, (len(points) - 1) // each, partial(_lengthened, line, points, each))


def move(marker: Artist, points: Floats, opacities: Floats) -> None:
    """Let a marker be at one of points (N, 2 or 3) after another, with an opacity (N,) at each.

    It is invisible at the start, which has a marker of its own.
    """
    _register(marker, len(points) - 1, partial(_moved, marker, points, opacities))


def appear(artist: Artist, first: int) -> None:
    """Let an artist be visible from a step on."""
    _register(artist, first, partial(_appeared, artist, first))


def turn(axes: Axes, frames: int) -> None:
    """Let axes in three dimensions turn once around in some frames."""
    show = partial(_turned, axes, axes.elev, axes.azim, frames)
    axes.figure.growing.append(Growing(axes, frames - 1, show, loops=True))


def _register(artist: Artist, steps: int, show: Callable[[int], None]) -> None:
    artist.axes.figure.growing.append(Growing(artist, steps, show))


def _turned(axes: Axes, elev: float, azim: float, frames: int, step: int) -> None:
    angle = azim + 360 * step / frames
    axes.view_init(elev=elev, azim=angle)
    side = "upper" if math.cos(math.radians(angle)) > -_COSINE_ROUNDING else "lower"  # on the right
    axes.zaxis.set_ticks_position(side)  # by default numbers jump from right to left, and back
    axes.zaxis.set_label_position(side)


def _lengthened(line: Artist, points: Floats, each: int, step: int) -> None:
    _place(line, points[: step * each + 1])


def _moved(marker: Artist, points: Floats, opacities: Floats, step: int) -> None:
    at = min(step, len(points) - 1)
    _place(marker, points[at : at + 1])
    marker.set_alpha(opacities[at])
    marker.set_visible(step > 0)


def _appeared(artist: Artist, first: int, step: int) -> None:
    artist.set_visible(step >= first)


def _place(line: Artist, points: Floats) -> None:
    place = line.set_data if points.shape[-1] == 2 else line.set_data_3d
    place(*points.T)
