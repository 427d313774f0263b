"""The looks: each style is Matplotlib settings, complete, and a few choices that settings cannot express."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

SEEN = 1.5
"""The contrast of a line that can just be seen."""
_ALL = (0.0, 1.0)
_SHARES = 64  # of ink, from none to nothing else
_READABLE = 3.0  # the contrast that ink needs to be read without an outline
_SAMPLES = 33  # of a colour map
_BLACK, _WHITE = "#111111", "#ffffff"


@dataclass(frozen=True)
class Style:
    """Settings of Matplotlib on top of its own defaults, and what the kinds of figures ask for."""

    settings: Mapping[str, Any]
    ink: str = "#1f4e79"
    """The colour of a curve or of a wireframe."""
    accents: tuple[str, ...] = ("#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
    """The colours of lines that should stand out from it, in turn; colour-blind readers tell them apart."""
    faint: str = "#888888"
    paths: tuple[str, ...] = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222")
    """The colours of paths, in turn: those of Okabe and Ito can be told apart by colour-blind readers."""
    cmap: str = "viridis"
    darkest: float = 0.0
    """Where on the colour map its use begins, 0 to 1: on a dark ground its dark end could not be seen."""
    ground: tuple[float, float] = (0.35, 1.0)
    """The part of it on which arrows and lines of one ink can be read: dark ink on a light page."""
    lightest: float = 0.92
    """Where it ends for arrows and lines: on white their lightest yellow could hardly be seen."""
    arrows: Literal["equal", "true"] = "equal"
    arrow_color: str | None = None
    """The colour of all arrows; None colours them by magnitude."""
    colorbars: bool = True
    size: tuple[float, float] = (6.4, 4.8)
    """Width and height in inches where nothing else decides; the width holds always."""

    @property
    def page(self) -> str:
        """The colour behind arrows and lines."""
        return str(self.settings.get("axes.facecolor", _WHITE))

    def colours(self, asked: str | None) -> Any:
        """Return the colour map that was asked for, or else the style's own."""
        return _part(asked or self.cmap, *((self.darkest, 1.0) if asked is None else _ALL))

    def line_colours(self, asked: str | None) -> Any:
        """Return the colour map of arrows and lines on the page.

        Inside of one that was asked for, what could hardly be seen becomes darker, on a dark page lighter:
        the middle of a map that diverges cannot be cut off.
        """
        return _readable(asked, self.page) if asked else _part(self.cmap, *self.line_part(None))

    def line_part(self, asked: str | None) -> tuple[float, float]:
        """Return where on a colour map its use for arrows and lines begins and ends, 0 to 1."""
        return (self.darkest, self.lightest) if asked is None else _seen_part(asked, self.page)

    def ground_colours(self, asked: str | None) -> Any:
        """Return the colour map of a field on which arrows and lines are drawn."""
        return _part(asked or self.cmap, *(self.ground if asked is None else _ALL))


def _part(name: str, low: float, high: float) -> Any:
    """Return a colour map, or a part of it."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    whole = colormaps[name]
    if (low, high) == _ALL:
        return whole
    places = (low + (high - low) * place / (whole.N - 1) for place in range(whole.N))
    return ListedColormap([whole(place) for place in places], f"{name} cut")


@cache
def _seen_part(name: str, page: str) -> tuple[float, float]:
    """Return the ends of a colour map without what can hardly be seen on a page; all, if that is all."""
    from matplotlib import colormaps

    whole = colormaps[name]
    seen = [place for place in range(whole.N) if contrast(whole(place), page) >= SEEN]
    return (seen[0] / (whole.N - 1), seen[-1] / (whole.N - 1)) if seen else _ALL


@cache
def _readable(name: str, page: str) -> Any:
    """Return the part of a colour map that can be seen on a page, with ink inside where it is needed."""
    from matplotlib.colors import ListedColormap, to_rgb

    colours = _part(name, *_seen_part(name, page))
    ink = to_rgb(max(_BLACK, _WHITE, key=lambda one: contrast(one, page)))
    found, pale = [], False
    for place in range(colours.N):
        colour, share = colours(place)[:3], 0
        while contrast(mixed := _mixed(colour, ink, share / _SHARES), page) < SEEN:
            share, pale = share + 1, True
        found.append(mixed)
    return ListedColormap(found, f"{colours.name} inked") if pale else colours


def _mixed(colour: Any, ink: Any, share: float) -> tuple[float, ...]:
    return tuple((1 - share) * one + share * other for one, other in zip(colour, ink, strict=True))


def ink_on(colours: Any) -> tuple[str, str | None]:
    """Return black or white, which is read better on all of a colour map, and an outline if it needs one."""
    parts = [colours(place / (_SAMPLES - 1)) for place in range(_SAMPLES)]
    least = {ink: min(contrast(ink, part) for part in parts) for ink in (_BLACK, _WHITE)}
    ink, other = sorted(least, key=least.__getitem__, reverse=True)
    return ink, None if least[ink] >= _READABLE else other


def contrast(one: Any, other: Any) -> float:
    """Return the contrast of two colours as WCAG 2 measures it, from 1 to 21."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Any) -> float:
    from matplotlib.colors import to_rgb

    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour))
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


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
    accents=("C1", "#117733", "#cc79a7", "#882255", "#56b4e9"),
    paths=("red", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "black"),
    arrows="true",
    arrow_color="#666666",
    lightest=1.0,
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
    ground=(0.45, 1.0),
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
    accents=("#ff7f3f", "#7ee787", "#e7a3c8", "#f0e442", "#9a6cff"),
    faint="#8b949e",
    darkest=0.35,
    ground=(0.0, 0.55),
    lightest=1.0,
    paths=("#ff7f3f", "#56b4e9", "#2ad1a0", "#e7a3c8", "#f0e442", "#9a8cff", "#f5f5f5"),
)

STYLES: Mapping[str, Style] = {"default": _DEFAULT, "book": _BOOK, "paper": _PAPER, "dark": _DARK}
