"""Colour maps, and the scales from values to colours that marks and colour bars share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from gradviz.arrays import Floats

Rgb = tuple[float, float, float]
Tick = tuple[float, str]
"""The value of a tick, and its text."""
Extend = Literal["neither", "min", "max", "both"]


def hexadecimal(colour: Rgb) -> str:
    """Return a colour as #rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*(round(255 * part) for part in colour))


@dataclass(frozen=True)
class ColourMap:
    """Colours from low to high values, by name and as red, green and blue from 0 to 1."""

    name: str  # the name of Matplotlib's colour map
    part: tuple[float, float]  # the part of the named map that is used, 0 to 1
    colours: tuple[Rgb, ...]
    is_changed: bool = False  # whether colours were darkened or lightened, and the part does not give them
    is_diverging: bool = False  # whether the colour in the middle is that of 0

    def at(self, share: float) -> Rgb:
        """Return the colour at a share of the map, from 0 to 1; beyond, that of the nearer end."""
        count = len(self.colours)
        return self.colours[min(max(int(share * count), 0), count - 1)]

    def single(self) -> ColourMap:
        """Return a map of the middle colour alone, for values that are all equal."""
        middle = (self.part[0] + self.part[1]) / 2
        return replace(self, part=(middle, middle), colours=(self.at(0.5),) * len(self.colours))

    def centred(self, zero: float) -> ColourMap:
        """Return a diverging map whose middle is at a share of it, the position of 0; other maps as they are.

        Values at equal distances from 0 have equally light colours: one end is cut off.
        """
        if not self.is_diverging:
            return self
        half = max(zero, 1 - zero)
        low, high = (0.5 + (end - zero) / (2 * half) for end in (0.0, 1.0))
        count, (first, last) = len(self.colours), self.part
        colours = tuple(self.at(low + (high - low) * (i + 0.5) / count) for i in range(count))
        part = first + low * (last - first), first + high * (last - first)
        return replace(self, part=part, colours=colours)


@dataclass(frozen=True)
class ColourScale:
    """The colours of values from `vmin` to `vmax`: linear, logarithmic, or linear between `boundaries`.

    A logarithmic scale has ticks, and its lowest colour for values below `vmin`, 0 included. `ticks` are
    those of a colour bar, with a text each; None for ticks that the output chooses. `extend` says at which
    ends there are values beyond.
    """

    colours: ColourMap
    vmin: float
    vmax: float
    boundaries: tuple[float, ...] = ()
    extend: Extend = "neither"
    ticks: tuple[Tick, ...] | None = None
    norm: Literal["linear", "log"] = "linear"

    def shares(self, values: Floats) -> Floats:
        """Return the positions (...) of values (...) on the scale, 0 at `vmin` and 1 at `vmax`."""
        if self.norm == "log":
            shares: Floats = np.log(np.maximum(values, self.vmin) / self.vmin)
            shares /= np.log(self.vmax / self.vmin)
        elif not self.boundaries:
            shares = (values - self.vmin) / (self.vmax - self.vmin or 1.0)
        else:
            numbers = np.arange(len(self.boundaries), dtype=np.float64)
            low, high = np.interp((self.vmin, self.vmax), self.boundaries, numbers)
            shares = (np.interp(values, self.boundaries, numbers) - low) / (high - low)
        return shares


@dataclass(frozen=True)
class Bands:
    """The colours of contours: of a colour map by value, or one colour for each contour or band.

    `colours` is empty where `map` colours contours by their value; one colour stands for all.
    """

    map: ColourMap | None
    colours: tuple[Rgb | str, ...] = ()
    extend: Extend = "neither"
    ticks: tuple[Tick, ...] | None = None
