"""Colours and colour maps by their names."""

from __future__ import annotations

from gradviz.errors import RequestError, did_you_mean, shown, visible
from gradviz.process import import_matplotlib
from gradviz.specs.values import parts

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


def colours(value: object) -> str | tuple[str, ...]:
    """Return a colour, or several, from one, from a list, or from a text such as `red,#0072b2`.

    A word is kept; Matplotlib's other notations, such as `r`, `C1`, `0.5` and `tab:red`, become #rrggbb.
    Raises RequestError for a text that Matplotlib takes for none.
    """
    items = value if isinstance(value, (list, tuple)) else [value]
    texts = [part for item in items for part in (parts(item) if isinstance(item, str) else [item])]
    if not texts:
        raise RequestError(f"must be a colour, got {shown(value)}; use a name such as red, or #rrggbb")
    found = tuple(map(_colour, texts))
    return found[0] if len(found) == 1 else found


def _colour(value: object) -> str:
    import_matplotlib()
    from matplotlib import colors  # the names of all colours are Matplotlib's

    text = value.strip() if isinstance(value, str) else ""
    if not colors.is_color_like(text) or text.lower() == "none":
        names = (*colors.CSS4_COLORS, *colors.TABLEAU_COLORS) if text.lower() != "none" else ()
        hint = did_you_mean(text, names) or "use a name such as red, or #rrggbb"
        raise RequestError(f"must be a colour, got {shown(value)}; {hint}")
    return text if text.lower() in colors.CSS4_COLORS or text.startswith("#") else colors.to_hex(text)


def check_colour_map(value: object) -> object:
    """Return the name of a colour map. Raises RequestError for a text that is not one of Matplotlib's."""
    if isinstance(value, str) and value.removesuffix("_r") not in COLOUR_MAPS:
        import_matplotlib()
        from matplotlib import colormaps  # a caller may have registered others

        if value not in colormaps:
            hint = did_you_mean(value, colormaps) or "such as viridis, cividis, magma, RdBu_r or bwr"
            raise RequestError(f"there is no colour map '{visible(value)}'; {hint}")
    return value
