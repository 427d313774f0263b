"""Texts of a panel as annotations: labels, and values written on contours."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.output.label_places import LabelPlace, label_places, level_line
from gradviz.output.page.contours import generated, lines_of
from gradviz.output.page.traces import LETTER_SIZE, PIXELS_PER_POINT, Trace, css, markup
from gradviz.scene.marks import Contours, Label
from gradviz.scene.scene import Panel
from gradviz.scene.style import Style
from gradviz.scene.text import Text

_PANEL_WIDTH = 620  # pixels: a typical width of axes, by which labels on contours are placed
_LABEL_SIZE = LETTER_SIZE - 1  # pixels
_GAP = 6  # pixels from a label to its line
_ANCHORS = {"top": "top", "center": "middle", "bottom": "bottom", "baseline": "bottom"}


def texts(panel: Panel, style: Style) -> Iterator[Trace]:
    """Yield the texts of a panel."""
    for mark in panel.marks:
        if isinstance(mark, Label):
            yield _label(mark, panel, style)
        elif isinstance(mark, Contours) and mark.labels is not None:
            yield from _on_contours(contour_labels(mark, panel), mark.labels.colour)


def _label(mark: Label, panel: Panel, style: Style) -> Trace:
    horizontal, vertical = mark.anchor
    refs, at = ["paper", "paper"], list(mark.at)
    for i, (axis, unit) in enumerate(zip((panel.x, panel.y), mark.units, strict=True)):
        if unit == "data" and panel.z is None:
            refs[i], at[i] = "xy"[i], math.log10(at[i]) if axis.scale == "log" else at[i]
    return {
        "text": markup(mark.text),
        "showarrow": False,
        "font": {"color": css(mark.colour or style.text), "size": LETTER_SIZE},
        "xref": refs[0],
        "yref": refs[1],
        "x": float(at[0]),
        "y": float(at[1]),
        "xanchor": horizontal,
        "yanchor": _ANCHORS[vertical],
        "xshift": round(PIXELS_PER_POINT * mark.offset[0], 1),
        "yshift": round(PIXELS_PER_POINT * mark.offset[1], 1),
        "textangle": 0.0 - mark.rotation,
    }


def _on_contours(labels: ContourLabels, colour: str) -> Iterator[Trace]:
    """Yield the values of contours."""
    for place in labels.places:
        x, y = (place.middle / labels.scale + labels.low).tolist()
        yield {
            "text": markup(Text(place.text)),
            "showarrow": False,
            "font": {"color": css(colour), "size": _LABEL_SIZE},
            "xref": "x",
            "yref": "y",
            "x": x,
            "y": y,
            "textangle": round(0.0 - place.rotation, 1),
        }


@dataclass(frozen=True, eq=False)
class ContourLabels:
    """The labels of contours in a panel of a typical size."""

    places: list[LabelPlace]
    """In pixels from the lower limits of the panel."""
    low: Floats
    """The lower limits (2,) of the panel."""
    scale: Floats
    """Pixels (2,) in a unit of x and y."""

    def cut(self, points: Floats) -> Floats:
        """Return points (N, 2) of contours with NaN for those below a label."""
        found = points.copy()
        for place in self.places:
            distances = magnitudes((points - self.low) * self.scale - place.middle)
            found[distances < place.width / 2 + _GAP] = np.nan
        return found


def contour_labels(mark: Contours, panel: Panel) -> ContourLabels:
    """Return the labels of contours where there is room on their lines."""
    assert panel.x.limits is not None  # noqa: S101 - a panel with contours has limits
    assert panel.y.limits is not None  # noqa: S101 - the same
    low, high = np.array([panel.x.limits, panel.y.limits], dtype=np.float64).T
    ratio = panel.box_aspect or float((high - low)[1] / (high - low)[0])
    size = np.array([_PANEL_WIDTH, ratio * _PANEL_WIDTH])
    scale = size / (high - low)
    lines = [
        level_line(level, (line - low) * scale)
        for level, part in zip(mark.levels, generated(mark), strict=True)
        for line in lines_of(*part)
    ]
    places = label_places(lines, mark.levels, _LABEL_SIZE, np.array([(0.0, 0.0), size]))
    return ContourLabels(places, low, scale)
