"""The settings of Matplotlib that a style stands for, whatever the reader's own settings are."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.font_manager import FontProperties

from gradviz.scene.style import Style

Settings = dict[Any, Any]  # Any: the keys are literals of Matplotlib's stubs, the values of many types

_DEFAULTS: Settings = {
    key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith(("backend", "date."))
}
_FIXED: Settings = {"svg.hashsalt": "gradviz", "pdf.fonttype": 42}
_FONT_SETS = {
    "DejaVu Sans": "dejavusans",
    "DejaVu Serif": "dejavuserif",
    "STIXGeneral": "stix",
    "cmr10": "cm",
}
"""The fonts of formulas in Matplotlib that match a family."""
_FACES: dict[str, Settings] = {
    "rm": {},
    "it": {"style": "italic"},
    "bf": {"weight": "bold"},
    "bfit": {"style": "italic", "weight": "bold"},
}
"""The faces of a family in formulas, by Matplotlib's names."""
_COMPACT: Settings = {
    "axes.titlesize": "medium",
    "axes.labelsize": "medium",
    "axes.linewidth": 0.6,
    "legend.fontsize": "small",
    "xtick.direction": "in",
    "ytick.direction": "in",
}
_TRANSPARENT: Settings = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}
_BARE: Settings = {
    "axes.grid": False,
    "axes.linewidth": 0.6,  # points, less than a pixel
    **{f"{letter}tick.{kind}.size": 0 for letter in "xy" for kind in ("major", "minor")},
    "xtick.labelbottom": False,
    "ytick.labelleft": False,
}


def settings_of(style: Style) -> Settings:
    """Return the settings of a style that differ from Matplotlib's defaults."""
    styled = {"font.size": style.font_size} if style.uses_defaults else _styled(style)
    if style.transparent:
        legend = {"legend.facecolor": style.page, **styled}["legend.facecolor"]
        styled = {**styled, **_TRANSPARENT, "legend.facecolor": legend}
    return {**_FIXED, **styled, **_fonts(style), **(_BARE if style.bare else {})}


def _fonts(style: Style) -> Settings:
    """Return the family of words and numbers, and the fonts of formulas that match it."""
    family = style.font_family
    families = ["sans-serif" if family == "DejaVu Sans" else family, *style.fallbacks]  # as is the default
    words = families if style.fallbacks else families[0]
    found: Settings = {"font.family": words, "mathtext.fontset": _FONT_SETS.get(family, "custom")}
    if family in _FONT_SETS:
        return found
    for name, face in _FACES.items():
        found[f"mathtext.{name}"] = FontProperties(family=[family], **face).get_fontconfig_pattern()
    return {**found, "mathtext.fallback": "stix" if style.has_serifs else "stixsans"}


def _styled(style: Style) -> Settings:
    dark: Settings = {
        "figure.facecolor": style.page,
        "axes.facecolor": style.page,
        "savefig.facecolor": style.page,
        "text.color": style.text,
        "axes.labelcolor": style.text,
        "axes.titlecolor": style.text,
        "xtick.color": style.tick,
        "ytick.color": style.tick,
        "legend.facecolor": "#1d2126",
        "legend.edgecolor": style.grid,
        **{f"axes3d.{axis}axis.panecolor": pane for axis, pane in zip("xyz", style.panes, strict=True)},
    }
    return {
        "axes.axisbelow": True,
        "axes.linewidth": 0.8,
        "axes.titlesize": "large",
        "axes.titlepad": 8.0,
        "axes.formatter.limits": (-4, 5),
        "axes.edgecolor": style.edge,
        "axes.labelsize": "large",
        "figure.constrained_layout.h_pad": 0.06,
        "figure.constrained_layout.w_pad": 0.06,
        "font.size": style.font_size,
        "grid.color": style.grid,
        "grid.linewidth": 0.6,
        "legend.frameon": True,
        "legend.framealpha": 0.9,
        "legend.fontsize": "medium",
        "lines.linewidth": style.line_width,
        "path.simplify": True,
        **(_COMPACT if style.compact else {}),
        **({} if style.page == "white" else dark),
    }


def changed_settings(style: Style) -> Settings:
    """Return the settings of a style that differ from Matplotlib's defaults in their values."""
    return {
        key: value
        for key, value in settings_of(style).items()
        if mpl.rcParamsDefault[key] not in (value, [value])
    }


@contextmanager
def applied(settings: Settings) -> Iterator[None]:
    """Apply settings on top of Matplotlib's own defaults, and ignore warnings about fonts inside."""
    # `rc_context` and `rcParams.update` would validate each of the 300 settings, four times a figure.
    before = dict(dict.items(mpl.rcParams))  # as they are: reading a deprecated one would warn
    del before["backend"]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            for message in (r"Glyph \d+ .* missing from font", "cmr10 font should"):
                warnings.filterwarnings("ignore", message=message)
            own = _validated(tuple((key, _frozen(value)) for key, value in settings.items()))
            dict.update(mpl.rcParams, own)
            yield
    finally:
        dict.update(mpl.rcParams, before)


@lru_cache(maxsize=16)
def _validated(settings: tuple[tuple[object, object], ...]) -> Settings:
    """Return Matplotlib's defaults with some settings, as it validates them."""
    return dict(mpl.RcParams({**_DEFAULTS, **dict(settings)}))


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
