"""gradviz: from an expression to a picture of its gradient.

>>> import gradviz
>>> spec = gradviz.Quiver(expression="x0*x1", range=(-2, 2))
>>> figure = gradviz.render(spec)

Names are imported when they are first used, so that help in a shell waits for neither SymPy nor Matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradviz._version import __version__

_HOMES = {
    **dict.fromkeys(("field", "Field"), "fields.field"),
    **dict.fromkeys(("critical_points", "gradient", "Gradient", "numerical_gradient"), "calculus"),
    "render": "output.mpl.rendering",
    "sample": "sampling.sample",
    **dict.fromkeys(("save", "load"), "output.metadata"),
    "Spec": "specs",
    **{
        name: f"specs.{name.lower()}"
        for name in ("Tangent", "Surface", "Contour", "Quiver", "Stream", "Descent", "Steps", "Pairs")
    },
    "GradvizError": "errors",
}

if TYPE_CHECKING:
    from gradviz.calculus import Gradient, critical_points, gradient, numerical_gradient
    from gradviz.errors import GradvizError
    from gradviz.fields.field import Field, field
    from gradviz.output.metadata import load, save
    from gradviz.output.mpl.rendering import render
    from gradviz.sampling.sample import sample
    from gradviz.specs import Spec
    from gradviz.specs.contour import Contour
    from gradviz.specs.descent import Descent
    from gradviz.specs.pairs import Pairs
    from gradviz.specs.quiver import Quiver
    from gradviz.specs.steps import Steps
    from gradviz.specs.stream import Stream
    from gradviz.specs.surface import Surface
    from gradviz.specs.tangent import Tangent

__all__ = [
    "Contour", "Descent", "Field", "Gradient", "GradvizError", "Pairs", "Quiver", "Spec", "Steps", "Stream",
    "Surface", "Tangent", "__version__", "critical_points", "field", "gradient", "load", "numerical_gradient",
    "render", "sample", "save",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gradviz' has no attribute '{name}'")
    found = getattr(import_module(f"gradviz.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
