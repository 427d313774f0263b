"""Calculus of functions of points: gradients with an estimate of their error, and critical points."""

from __future__ import annotations

from gradviz.calculus.critical import CriticalPoint, CriticalPoints, critical_points
from gradviz.calculus.gradients import Gradient, gradient, numerical_gradient
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
