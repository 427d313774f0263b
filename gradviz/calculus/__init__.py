"""Calculus of scalar functions of points: gradients and their errors, critical points, discontinuities."""

from __future__ import annotations

from gradviz.calculus.critical import critical_points
from gradviz.calculus.gradients import Gradient, gradient, numerical_gradient
from gradviz.calculus.points import CriticalPoint, CriticalPoints
from gradviz.calculus.reliability import Estimate, Reason

__all__ = [
    "CriticalPoint",
    "CriticalPoints",
    "Estimate",
    "Gradient",
    "Reason",
    "critical_points",
    "gradient",
    "numerical_gradient",
]
