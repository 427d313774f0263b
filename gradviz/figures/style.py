"""The looks: each style is Matplotlib settings, complete, and a few choices that settings cannot express."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Style:
    """Settings of Matplotlib on top of its own defaults, and what the kinds of figures ask for."""

    settings: Mapping[str, Any]
    ink: str = "#1f4e79"
    """The colour of a curve or of a wireframe."""
    accents: tuple[str, ...] = ("#c8553d", "#2e8b57", "#8e5ea2", "#d68910", "#2a7f9e")
    """The colours of lines that should stand out from it, in turn."""
    faint: str = "#888888"
    paths: tuple[str, ...] = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222")
    """The colours of paths, in turn: those of Okabe and Ito can be told apart by colour-blind readers."""
    cmap: str = "viridis"
    darkest: float = 0.0
    """Where on the colour map its use begins, 0 to 1: on a dark ground its dark end could not be seen."""
    arrows: Literal["equal", "true"] = "equal"
    arrow_color: str | None = None
    """The colour of all arrows; None colours them by magnitude."""
    colorbars: bool = True
    size: tuple[float, float] = (6.4, 4.8)
    """Width and height in inches where nothing else decides; the width holds always."""

    def colours(self, asked: str | None) -> Any:
        """Return the colour map that was asked for, or else the style's own."""
        from matplotlib import colormaps
        from matplotlib.colors import ListedColormap

        if asked is not None or not self.darkest:
            return colormaps[asked or self.cmap]
        count = colormaps[self.cmap].N
        places = (self.darkest + (1 - self.darkest) * place / (count - 1) for place in range(count))
        return ListedColormap([colormaps[self.cmap](place) for place in places], f"{self.cmap} cut")


_COMMON: Mapping[str, Any] = {
    "axes.axisbelow": True,
    "axes.linewidth": 0.8,
    "axes.titlesize": "large",
    "axes.titlepad": 8.0,
    "axes.formatter.limits": (-4, 5),
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    "font.size": 11.0,
    "grid.linewidth": 0.6,
    "legend.frameon": True,
    "legend.framealpha": 0.9,
    "legend.fontsize": "medium",
    "lines.linewidth": 1.8,
    "mathtext.fontset": "stix",
    "axes.labelsize": "large",
    "svg.hashsalt": "gradviz",
    "pdf.fonttype": 42,
    "path.simplify": True,
}

_DEFAULT = Style({**_COMMON, "grid.color": "#dddddd", "axes.edgecolor": "#444444"})
_BOOK = Style(
    {"svg.hashsalt": "gradviz", "pdf.fonttype": 42},
    ink="C0",
    accents=("C1", "C2", "C3", "C4", "C5"),
    paths=("red", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "black"),
    arrows="true",
    arrow_color="#666666",
    colorbars=False,
)
_PAPER = Style(
    {
        **_COMMON,
        "font.family": "serif",
        "font.size": 8.0,
        "axes.titlesize": "medium",
        "axes.labelsize": "medium",
        "axes.linewidth": 0.6,
        "lines.linewidth": 1.2,
        "legend.fontsize": "small",
        "grid.color": "#dddddd",
        "xtick.direction": "in",
        "ytick.direction": "in",
    },
    ink="black",
    cmap="cividis",
    size=(3.4, 2.7),
)
_DARK = Style(
    {
        **_COMMON,
        "figure.facecolor": "#15181c",
        "axes.facecolor": "#15181c",
        "savefig.facecolor": "#15181c",
        "text.color": "#e6e6e6",
        "axes.labelcolor": "#e6e6e6",
        "axes.titlecolor": "#e6e6e6",
        "axes.edgecolor": "#9aa0a6",
        "xtick.color": "#c4c7cb",
        "ytick.color": "#c4c7cb",
        "grid.color": "#33383e",
        "legend.facecolor": "#1d2126",
        "legend.edgecolor": "#33383e",
        "axes3d.xaxis.panecolor": (0.11, 0.13, 0.15, 1.0),
        "axes3d.yaxis.panecolor": (0.12, 0.14, 0.16, 1.0),
        "axes3d.zaxis.panecolor": (0.13, 0.15, 0.17, 1.0),
    },
    ink="#6cb6ff",
    accents=("#ff9e64", "#7ee787", "#d2a8ff", "#f2cc60", "#79e2e2"),
    faint="#8b949e",
    darkest=0.35,
    paths=("#ff7f3f", "#56b4e9", "#2ad1a0", "#e7a3c8", "#f0e442", "#9a8cff", "#f5f5f5"),
)

STYLES: Mapping[str, Style] = {"default": _DEFAULT, "book": _BOOK, "paper": _PAPER, "dark": _DARK}
