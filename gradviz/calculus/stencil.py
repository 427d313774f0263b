"""The sixth-order central difference with one step for each point, and bounds on its errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.calculus.differences import Function, shifted

_GOOD_ENOUGH = 1e-10  # relative truncation error from which on no smaller step is tried
_SEEN = 500  # rounding error of a sixth difference, in units of eps |f|
_NOISE_OF_ORDERS = (
    16  # error of the sixth-order result in differences to the fourth-order one, if both are noise
)
_ARGUMENT = 0.4  # rounding error of an argument inside the function, in units of eps |x|
_NEXT = 2.0**-30  # distance of the nodes next to a point, relative to min(1, |x|)
_MIN_NEXT = 256  # smallest distance of these nodes, in units of eps |x|


class Trial(NamedTuple):
    """The result of one step at N points; all arrays are (N,)."""

    slope: Floats
    error: Floats
    noise: Floats
    """The even terms of f that a smooth function would not have, as an error of the slope times the step."""
    roughness: Floats
    """The change of slope that a smooth function would not have; 0 where it may be rounding."""
    size: Floats
    """The maximum |f| of the nodes."""
    change: Floats
    """The maximum |f(node) - f(point)|."""
    rate: Floats
    """The maximum |f(node) - f(point)| per distance."""
    bend: Floats
    """The second difference f(x + h) - 2 f(x) + f(x - h)."""
    enough: NDArray[np.bool_]
    """Whether a smaller step cannot improve the result."""


class Pair(NamedTuple):
    """The two nodes x +- h of N points; all arrays are (N,)."""

    slope: Floats
    """The difference f(x + h) - f(x - h), divided by the difference of the rounded nodes."""
    bend: Floats
    """The second difference f(x + h) - 2 f(x) + f(x - h)."""
    shift: Floats
    """Twice the distance from x to the midpoint of the rounded nodes."""
    size: Floats
    """The maximum |f| of both nodes."""
    change: Floats
    """The maximum |f(node) - f(x)| of both nodes."""


@dataclass(frozen=True)
class Line:
    """A function along one variable, through points (N, D) with values (N,)."""

    function: Function
    points: Floats
    values: Floats
    axis: int
    eps: float
    median: float
    """The median |f| of the points: the scale of rounding errors where f is small by cancellation."""

    @property
    def coordinates(self) -> Floats:
        """The coordinates (N,) along the line."""
        return self.points[:, self.axis]

    def pair(self, active: NDArray[np.intp], step: Floats) -> Pair:
        """Return the values at x +- `step` (K,) for the `active` (K,) points."""
        points, values = self.points[active], self.values[active]
        above, right = shifted(self.function, points, self.axis, step)
        below, left = shifted(self.function, points, self.axis, -step)
        centre = points[:, self.axis]
        rise, fall = above - values, below - values
        size, change = np.maximum(np.abs(above), np.abs(below)), np.fmax(np.abs(rise), np.abs(fall))
        shift = (right - centre) - (centre - left)
        return Pair((above - below) / (right - left), rise + fall, shift, size, change)

    def trial(self, active: NDArray[np.intp], steps: Floats) -> Trial:
        """Return the sixth-order derivative and its error at the `active` (K,) points for `steps` (K,)."""
        centre = np.abs(self.coordinates[active])
        steps = _representable(steps, centre)
        nodes = [self.pair(active, k * steps) for k in (1, 2, 3)]
        # d_k = 2k (f(x + kh) - f(x - kh)) / (difference of the nodes), which is 2k f'(x) + O(h^2)
        d1, d2, d3 = (2 * k * node.slope for k, node in enumerate(nodes, 1))
        second, fourth = d1 / 2, 2 / 3 * d1 - d2 / 12
        sixth = 3 / 4 * d1 - 3 / 20 * d2 + d3 / 60
        gap = np.abs(sixth - fourth)
        ratio = np.nan_to_num(4 * gap / np.abs(fourth - second), nan=1.0)
        # The sixth difference is s_3 - 6 s_2 + 15 s_1 with s_k = f(x + kh) - 2 f(x) + f(x - kh). It has 30
        # times the noise of f, and the slope has 1.1 times it, divided by h.
        s1, s2, s3 = (node.bend - sixth * node.shift for node in nodes)
        noise = np.abs(s3 - 6 * s2 + 15 * s1) / 6
        size = np.max([node.size for node in nodes], axis=0)
        change = np.fmax.reduce([node.change for node in nodes])
        rate = np.fmax.reduce([node.change / k for k, node in enumerate(nodes, 1)]) / steps
        seen = _SEEN * self.eps * np.maximum(size, self.median) / 6
        even = np.where(noise > seen, noise, 0.0) / steps
        # the rounding of values, of the slope, and of arguments inside the function
        rounding = self.eps * (size / (2 * steps) + np.abs(sixth) + _ARGUMENT * centre * rate / steps)
        truncation = np.maximum(gap * np.clip(ratio, 1e-3, 1.0), even)
        doubted = gap * np.clip(ratio * np.maximum(1.0, _NOISE_OF_ORDERS * ratio), 1e-3, _NOISE_OF_ORDERS)
        error = np.maximum(doubted, noise / (2 * steps)) + rounding
        error = np.where(np.isnan(error), np.inf, error)
        roughness = np.nan_to_num(np.maximum(gap, even), nan=0.0)
        roughness[roughness <= seen / steps] = 0.0
        enough = truncation <= np.maximum(rounding, _GOOD_ENOUGH * np.abs(sixth))
        return Trial(
            sixth, error, np.nan_to_num(noise, nan=0.0) / 2, roughness, size, change, rate, s1, enough
        )

    def local(self, active: NDArray[np.intp]) -> Local:
        """Return the nodes next to the `active` (K,) points, at distances far below any length of f."""
        centre = np.abs(self.coordinates[active])
        distance = _NEXT * np.where(centre > 0, np.minimum(centre, 1.0), 1.0)
        distance = np.maximum(distance, _MIN_NEXT * self.eps * centre)
        return Local(distance, self.pair(active, distance), self.eps)


class Local(NamedTuple):
    """The nodes next to N points, which show what a longer step passes over."""

    distance: Floats
    """The distances (N,) of the nodes."""
    pair: Pair
    eps: float

    def contradicts(self, rows: NDArray[np.intp], steps: Floats, trial: Trial) -> NDArray[np.bool_]:
        """Return whether the values next to the points `rows` (K,) do not fit a trial with `steps` (K,)."""
        distance, size = self.distance[rows], self.pair.size[rows]
        noise = 4 * self.eps * np.maximum(size, np.abs(trial.slope) * distance)
        allowed = 4 * trial.error + noise / distance
        shift = trial.slope * self.pair.shift[rows]
        even = np.abs(self.pair.bend[rows] - shift) / distance - 2 * np.abs(trial.bend) * distance / steps**2
        odd = np.abs(self.pair.slope[rows] - trial.slope)
        return (np.fmax(even, odd) > allowed) & (distance < steps / 4)


def _representable(steps: Floats, centre: Floats) -> Floats:
    """Return `steps` (N,) rounded so that x +- 3h are doubles, where |x| = `centre` (N,) is greater than h.

    Then all nodes are symmetric about x, unless |x| is next to a power of 2.
    """
    unit = np.spacing(centre + 3 * steps)
    return np.where(centre > steps, np.maximum(np.round(steps / unit), 1.0) * unit, steps)
