"""The ways to take a gradient, by name: apart from `calculus`, so that options need no NumPy."""

from __future__ import annotations

from typing import Literal

Method = Literal["adaptive", "central", "complex", "exact"]
