"""Calculus of functions of points: gradients with an estimate of their error."""

from __future__ import annotations

from gradviz.calculus.gradients import Gradient, gradient, numerical_gradient
from gradviz.calculus.reliability import Estimate, Reason

__all__ = ["Estimate", "Gradient", "Reason", "gradient", "numerical_gradient"]
