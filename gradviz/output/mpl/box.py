"""The numbers and labels around a box: far enough from it and from each other, whatever their sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from matplotlib import rcParams
from matplotlib.transforms import Bbox

from gradviz.arrays import Floats
from gradviz.output.mpl.text import measuring_renderer
from gradviz.output.mpl.types import Artist, Axes

_NUMBER_OFFSET, _LABEL_OFFSET = 8.0, 21.0  # points to which Matplotlib adds the pads of numbers and labels
_BOX_GAP = 0.65  # font sizes from an edge of a box to the numbers beside it; its ticks reach into the gap
_BESIDE_GAP = 0.35  # font sizes from numbers to the label beside them
_LONG_LABEL = 0.6  # font sizes: with it, a label along an axis does not touch the numbers beside it
_SHORTEST_EDGE = 1.0  # pixels: an axis that points at the viewer has no side for its numbers
_LEAST_MOVE = 0.1  # pixels a point: texts of an axis that points at the viewer move along it, not across


class Pads(NamedTuple):
    """The distances in points of numbers and of the label from an axis, which Matplotlib adds to its own."""

    numbers: float
    label: float


def text_pads(axes: Axes) -> list[Pads]:
    """Return the pads of the axes of a box, as its viewer sees it, with room for their texts."""
    axes.apply_aspect()
    axes.M = axes.get_proj()
    axes.invM = np.linalg.inv(axes.M)
    return [_pads(axes, axis) for axis in _axes_of(axes)]


def set_pads(axes: Axes, pads: Sequence[Pads]) -> None:
    """Set the pads of the axes of a box."""
    for axis, pad in zip(_axes_of(axes), pads, strict=True):
        axis.set_tick_params(pad=pad.numbers)
        axis.labelpad = pad.label


def are_apart(axes: Axes) -> bool:
    """Return whether no two numbers around a box touch each other."""
    boxes = []
    for axis in _axes_of(axes):
        axis.get_tightbbox(measuring_renderer(axes.figure.dpi))  # which places its texts
        boxes += [label.get_window_extent().padded(1) for label in _numbers(axis)]
    return not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def _axes_of(axes: Axes) -> list[Artist]:
    return [*axes._axis_map.values()]  # noqa: SLF001 - x, y and z


def _numbers(axis: Artist) -> Iterator[Artist]:
    """Yield the numbers of an axis that are drawn."""
    low, high = sorted(axis.get_view_interval())
    for tick in axis.get_major_ticks():
        if low <= tick.get_loc() <= high and tick.label1.get_text():
            yield tick.label1


def _pads(axes: Axes, axis: Artist) -> Pads:
    """Return the pads of an axis: both are distances in pixels across it, divided by that of a point."""
    renderer = measuring_renderer(axes.figure.dpi)
    axis.get_tightbbox(renderer)  # which places its texts
    size = rcParams["font.size"] * axes.figure.dpi / 72
    tick = axis.get_major_ticks(1)[0]
    pads = Pads(float(tick._base_pad), float(axis.labelpad))  # noqa: SLF001 - without the length of a tick
    start, end = axes.transData.transform(np.column_stack(axis.line.get_data()))
    length = math.dist(start, end)
    if length < _SHORTEST_EDGE:
        return pads
    across = np.array([end[1] - start[1], start[0] - end[0]]) / length
    center = axes.transData.transform(_center(axes))
    across *= math.copysign(1.0, (start - center) @ across)

    def distance(box: Bbox) -> float:
        return float((np.mean([box.p0, box.p1], axis=0) - start) @ across)

    def half(box: Bbox) -> float:
        return float(np.abs(across) @ box.size / 2)

    boxes = [label.get_window_extent(renderer) for label in _numbers(axis)]
    reach, per_point = 0.0, 0.0
    if boxes:
        per_point = float(np.mean([distance(box) for box in boxes])) / (tick.get_pad() + _NUMBER_OFFSET)
    if per_point > _LEAST_MOVE:
        middle = _BOX_GAP * size + max(map(half, boxes))
        pads = pads._replace(numbers=pads.numbers + middle / per_point - tick.get_pad() - _NUMBER_OFFSET)
        reach = middle + max(map(half, boxes))
    if axis.label.get_text():
        box = axis.label.get_window_extent(renderer)
        per_point = distance(box) / (axis.labelpad + _LABEL_OFFSET)
        if per_point < _LEAST_MOVE:
            return pads
        axis.label.set_rotation(0)
        straight = axis.label.get_window_extent(renderer).height / 2 + _LONG_LABEL * size
        middle = reach + _BESIDE_GAP * size + min(half(box), straight)
        pads = pads._replace(label=middle / per_point - _LABEL_OFFSET)
    return pads


def _center(axes: Axes) -> Floats:
    """Return the middle (2,) of a box as its viewer sees it, in the units of its drawing."""
    limits = np.array([axes.get_xlim3d(), axes.get_ylim3d(), axes.get_zlim3d()])
    x, y, _, depth = axes.M @ [*limits.mean(axis=1), 1.0]
    center: Floats = np.array([x, y]) / depth
    return center
