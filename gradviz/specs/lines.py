"""The number of colours and widths of lines that a figure takes, and what Taylor polynomials need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradviz.language.reading import FunctionOfFile
from gradviz.specs.problem import fault

if TYPE_CHECKING:
    from gradviz.specs.spec import AnySpec, Spec


def check_lines(spec: Spec) -> None:
    """Raise SpecError if more colours or widths are given than the figure has lines of their own."""
    counted, what = spec.traits.lines
    most = counted(spec)
    for name, given in (("color", spec.color), ("linewidth", spec.linewidth)):
        if isinstance(given, tuple) and len(given) > most:
            problem = f"must be at most {most} for this {spec.kind} figure{what}, got {len(given)}"
            raise fault(name, f"{problem}; leave out the others")


def check_taylor(spec: AnySpec) -> None:
    """Raise SpecError for a Taylor polynomial of a function without a formula."""
    if spec.taylor is not None and isinstance(spec.reading, FunctionOfFile):
        raise fault("taylor", "needs a formula, got a function of a file; leave it out")
