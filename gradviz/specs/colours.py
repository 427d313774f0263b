"""Checks of colours and colour maps by their names."""

from __future__ import annotations

from gradviz.errors import RequestError, did_you_mean, visible
from gradviz.process import import_matplotlib
from gradviz.specs.colour_maps import COLOUR_MAPS

_REVERSED = "_r"


def check_colour(value: object) -> object:
    """Return the name of a colour. Raises RequestError for a text that Matplotlib takes for none."""
    if isinstance(value, str):
        import_matplotlib()
        from matplotlib.colors import is_color_like  # the names of all colours are Matplotlib's

        if not is_color_like(value):
            raise RequestError(f"'{visible(value)}' is not a colour; write a name or #rrggbb")
    return value


def check_colour_map(value: object) -> object:
    """Return the name of a colour map. Raises RequestError for a text that is not one of Matplotlib's."""
    if isinstance(value, str) and value.removesuffix(_REVERSED) not in COLOUR_MAPS:
        import_matplotlib()
        from matplotlib import colormaps  # a caller may have registered others

        if value not in colormaps:
            hint = did_you_mean(value, colormaps) or "such as viridis, cividis, magma, RdBu_r or bwr"
            raise RequestError(f"there is no colour map '{visible(value)}'; {hint}")
    return value
