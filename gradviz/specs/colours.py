"""Colours and colour maps by their names."""

from __future__ import annotations

from gradviz.errors import RequestError, did_you_mean, visible
from gradviz.process import import_matplotlib

COLOUR_MAPS = (
    "magma", "inferno", "plasma", "viridis", "cividis", "twilight", "twilight_shifted", "turbo", "berlin",
    "managua", "vanimo", "Blues", "BrBG", "BuGn", "BuPu", "CMRmap", "GnBu", "Greens", "Greys", "OrRd",
    "Oranges", "PRGn", "PiYG", "PuBu", "PuBuGn", "PuOr", "PuRd", "Purples", "RdBu", "RdGy", "RdPu",
    "RdYlBu", "RdYlGn", "Reds", "Spectral", "Wistia", "YlGn", "YlGnBu", "YlOrBr", "YlOrRd", "afmhot",
    "autumn", "binary", "bone", "brg", "bwr", "cool", "coolwarm", "copper", "cubehelix", "flag",
    "gist_earth", "gist_gray", "gist_heat", "gist_ncar", "gist_rainbow", "gist_stern", "gist_yarg",
    "gnuplot", "gnuplot2", "gray", "hot", "hsv", "jet", "nipy_spectral", "ocean", "pink", "prism",
    "rainbow", "seismic", "spring", "summer", "terrain", "winter", "Accent", "okabe_ito", "Dark2", "Paired",
    "Pastel1", "Pastel2", "Set1", "Set2", "Set3", "tab10", "tab20", "tab20b", "tab20c", "grey", "gist_grey",
    "gist_yerg", "Grays",
)  # fmt: skip
"""The colour maps of Matplotlib, listed without it; each also has a reversed one, whose name ends in `_r`."""


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
    if isinstance(value, str) and value.removesuffix("_r") not in COLOUR_MAPS:
        import_matplotlib()
        from matplotlib import colormaps  # a caller may have registered others

        if value not in colormaps:
            hint = did_you_mean(value, colormaps) or "such as viridis, cividis, magma, RdBu_r or bwr"
            raise RequestError(f"there is no colour map '{visible(value)}'; {hint}")
    return value
