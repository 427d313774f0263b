"""Types of Matplotlib's objects that its stubs leave open."""

from __future__ import annotations

from typing import Any

Axes = Any
"""Axes: those in three dimensions have no stubs, and other methods than those in two."""
Artist = Any
"""An artist, or the lines of a stream plot: the setters of artists are made at run time."""
Figure = Any
"""A figure with attributes and methods that the stubs do not have, such as `_suptitle`."""
Keywords = dict[str, Any]
"""Keyword arguments of a method of Matplotlib, of as many types as there are properties of artists."""
