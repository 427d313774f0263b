"""gradviz: from an expression to a picture of its gradient.

>>> import gradviz
>>> spec = gradviz.Quiver(expression="x0*x1", range=(-2, 2))
>>> figure = gradviz.render(spec)

Names are imported when they are first used, so that `gradviz --help` waits for neither SymPy nor Matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "field": "expression.field",
    "Field": "expression.field",
    "gradient": "calculus",
    "Gradient": "calculus",
    "numerical_gradient": "calculus",
    "render": "rendering",
    "save": "output.picture",
    "load": "output.picture",
    "Tangent": "figures",
    "Surface": "figures",
    "Contour": "figures",
    "Quiver": "figures",
    "Stream": "figures",
    "Descent": "figures",
    "Steps": "figures",
    "Pairs": "figures",
    "Spec": "figures",
    "GradvizError": "errors",
}

if TYPE_CHECKING:
    from gradviz.calculus import Gradient, gradient, numerical_gradient
    from gradviz.errors import GradvizError
    from gradviz.expression.field import Field, field
    from gradviz.figures import Contour, Descent, Pairs, Quiver, Spec, Steps, Stream, Surface, Tangent
    from gradviz.output.picture import load, save
    from gradviz.rendering import render

__all__ = [
    "Contour", "Descent", "Field", "Gradient", "GradvizError", "Pairs", "Quiver", "Spec", "Steps", "Stream",
    "Surface", "Tangent", "__version__", "field", "gradient", "load", "numerical_gradient", "render", "save",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'gradviz' has no attribute '{name}'")
    found = getattr(import_module(f"gradviz.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
