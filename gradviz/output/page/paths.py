"""Paths of optimizers and critical points on a page: what is the same in the plane and in space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gradviz.output.mpl import paths as still
from gradviz.output.mpl.critical_marks import LOOKS
from gradviz.output.page import traces
from gradviz.output.page.traces import Trace
from gradviz.scene.style import STYLES

if TYPE_CHECKING:
    from gradviz.arrays import Floats
    from gradviz.calculus import CriticalPoint
    from gradviz.optimizers.paths import Path
    from gradviz.output.mpl.paths import Look
    from gradviz.specs import Spec

_DASHES: Mapping[Any, str] = {"-": "solid", "--": "dash", ":": "dot", "-.": "dashdot"}


def paths(spec: Spec, found: Sequence[Path], most: int) -> Iterator[tuple[Path, Look, NDArray[np.intp]]]:
    """Yield each path, how it looks, and which of its points are shown: of all paths about `most`."""
    each = max(2, most // max(len(found), 1))
    own = _looks(spec, found)
    for path in found:
        yield path, own[path.optimizer.label], traces.thinned(len(path.points), each)


def _looks(spec: Spec, found: Sequence[Path]) -> dict[str, Look]:
    names = list(dict.fromkeys(path.optimizer.label for path in found))
    return dict(zip(names, still.looks(names, STYLES[spec.style]), strict=True))


def line_of(look: Look) -> dict[str, Any]:
    """Return the settings of a path's line."""
    settings = look.line
    dash, width = _DASHES[settings["linestyle"]], traces.width_of(settings["linewidth"])
    return {"color": traces.css(look.color), "dash": dash, "width": width}


def about(spec: Spec, path: Path, look: Look, chosen: NDArray[np.intp]) -> Trace:
    """Return what is told of some points of a path where the mouse is, and to which path they belong."""
    numbers = np.column_stack((np.arange(len(path.points)), path.values))[chosen]
    name = traces.words(look.label)
    first = f"{name}, step %{{customdata[0]}}"
    return {
        "name": name,
        "legendgroup": name,
        "showlegend": False,
        "customdata": traces.numbers(numbers),
        "hovertemplate": traces.hover(spec, height="customdata[1]", first=first),
    }


def entries(spec: Spec, found: Sequence[Path], *, line: bool) -> Iterator[Trace]:
    """Yield what stands for the paths of each optimizer in the legend."""
    for look in _looks(spec, found).values():
        name = traces.words(look.label)
        yield {
            "name": name,
            "legendgroup": name,
            "showlegend": True,
            "mode": "lines+markers" if line else "markers",
            "line": line_of(look),
            "marker": {"color": traces.css(look.color), "size": 6},
        }


def critical(
    spec: Spec, points: Sequence[CriticalPoint], symbols: Mapping[str, str]
) -> Iterator[tuple[Floats, Trace]]:
    """Yield the places (N, 3) of the critical points of each kind and their marks, larger among paths."""
    is_open = spec.kind == "descent"
    for kind, (name, _, color, size) in LOOKS.items():
        places = np.array([(*point.at, point.value) for point in points if point.kind == kind])
        if not len(places):
            continue
        x, y, height = places.T
        edge = {"color": traces.css(color), "width": 2} if is_open else {"color": "white", "width": 1}
        yield (
            places,
            {
                "name": name,
                "showlegend": True,
                "mode": "markers",
                "x": traces.numbers(x),
                "y": traces.numbers(y),
                "customdata": traces.numbers(height),
                "hovertemplate": traces.hover(spec, height="customdata", first=kind),
                "marker": {
                    "symbol": symbols[kind],
                    "color": traces.css(color),
                    "size": round(traces.LETTER * size * (1.6 if is_open else 1.0), 1),
                    "line": edge,
                },
            },
        )
