"""The panel of a figure over a plane: labels, limits, ticks and shape."""

from __future__ import annotations

from collections.abc import Sequence

from gradviz.arrays import Floats
from gradviz.figures.labels import axis_label, hover_of, variable_label
from gradviz.scene.marks import Mark
from gradviz.scene.scene import Axis, Panel
from gradviz.scene.style import ColourMaps, Style
from gradviz.specs.plane import BOX_ASPECT, has_equal_units
from gradviz.specs.spec import Spec


def maps_of(style: Style) -> ColourMaps:
    """Return the resolved colour maps of a style."""
    assert style.maps is not None  # noqa: S101 - resolved before a figure is composed
    return style.maps


def plane_panel(
    spec: Spec,
    points: Floats,
    marks: Sequence[Mark],
    *,
    grid: bool,
    margin: float = 0.0,
    values: Floats | None = None,
) -> Panel:
    """Return a panel over the points (n1, n0, 2) of a mesh, or over the view that a user asked for.

    It reaches `margin` distances between points beyond these. `values` (n1, n0) are shown at the pointer.
    """
    limits = []
    for i, own in enumerate((spec.xlim, spec.ylim)):
        along = points[0, :, 0] if i == 0 else points[:, 0, 1]
        room = margin * float(along[1] - along[0])
        limits.append(own or (float(along[0]) - room, float(along[-1]) + room))
    x, y = map(variable_label, spec.reading.variables)
    equal = has_equal_units(spec)
    return Panel(
        Axis(axis_label(spec.xlabel, x), limits[0], spec.xticks),
        Axis(axis_label(spec.ylabel, y), limits[1], spec.yticks),
        marks=tuple(marks),
        aspect="equal" if equal else None,
        box_aspect=None if equal else BOX_ASPECT,
        grid=grid,
        hover=hover_of(spec.reading, points, values),
    )
