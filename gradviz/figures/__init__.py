"""Figures: one kind a file, each a function from a spec and its samples to a scene.

The classes of specs have the names `gradviz.figures.Quiver` and so on as aliases of those in `gradviz.specs`.
"""

from __future__ import annotations

from typing import Any

from gradviz import specs


def __getattr__(name: str) -> Any:
    if name not in specs.__all__:
        raise AttributeError(f"module 'gradviz.figures' has no attribute '{name}'")
    return getattr(specs, name)
