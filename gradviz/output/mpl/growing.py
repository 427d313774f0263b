"""What of a picture changes from step to step, so that it can be drawn as it was at any of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from gradviz.arrays import Floats


_ROUNDING = 1e-9  # of a cosine: from there on it is 0


class Growing(NamedTuple):
    """An artist that changes from step to step, up to what it is in the still picture."""

    artist: Any
    steps: int
    """The step from which on it is as in the still picture."""
    show: Callable[[int], None]
    """Makes it what it is at a step, the start being 0."""
    loops: bool = False
    """Whether after the last step comes the first."""


def lengthen(line: Any, points: Floats, each: int = 1) -> None:
    """Let a line through points (N, 2 or 3), of which each step adds `each`, grow from the first one."""
    _register(line, (len(points) - 1) // each, partial(_lengthened, line, points, each))


def move(mark: Any, points: Floats, alphas: Floats) -> None:
    """Let a mark be at that of points (N, 2 or 3) where a path is, as opaque as `alphas` (N,) say.

    At the start, which has a mark of its own, it is not seen.
    """
    _register(mark, len(points) - 1, partial(_moved, mark, points, alphas))


def appear(artist: Any, first: int) -> None:
    """Let an artist be seen from a step on."""
    _register(artist, first, partial(_appeared, artist, first))


def turn(axes: Any, frames: int) -> None:
    """Let axes in three dimensions be seen from all sides, once around in some frames."""
    show = partial(_turned, axes, axes.elev, axes.azim, frames)
    axes.figure.growing.append(Growing(axes, frames - 1, show, loops=True))


def _register(artist: Any, steps: int, show: Callable[[int], None]) -> None:
    artist.axes.figure.growing.append(Growing(artist, steps, show))


def _turned(axes: Any, elev: float, azim: float, frames: int, step: int) -> None:
    angle = azim + 360 * step / frames
    axes.view_init(elev=elev, azim=angle)
    side = "upper" if math.cos(math.radians(angle)) > -_ROUNDING else "lower"  # on the right
    axes.zaxis.set_ticks_position(side)  # by default numbers would jump from right to left, and back
    axes.zaxis.set_label_position(side)


def _lengthened(line: Any, points: Floats, each: int, step: int) -> None:
    _place(line, points[: step * each + 1])


def _moved(mark: Any, points: Floats, alphas: Floats, step: int) -> None:
    at = min(step, len(points) - 1)
    _place(mark, points[at : at + 1])
    mark.set_alpha(alphas[at])
    mark.set_visible(step > 0)


def _appeared(artist: Any, first: int, step: int) -> None:
    artist.set_visible(step >= first)


def _place(line: Any, points: Floats) -> None:
    place = line.set_data if points.shape[-1] == 2 else line.set_data_3d
    place(*points.T)
