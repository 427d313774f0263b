"""Marks: what is drawn in a panel, as arrays with resolved colours and sizes.

Coordinates are in the units of the data, sizes and widths in points. An array of points is (N, 2) in a plane
and (N, 3) in a box; a mesh of points is (n1, n0, 2). A higher `zorder` is drawn later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gradviz.arrays import Floats
from gradviz.scene.scales import Bands, ColourScale
from gradviz.scene.text import Text

Dash = Literal["-", "--", ":", "-.", "hidden"]
"""A line style; "hidden" are the short dashes of a line behind a surface."""


@dataclass(frozen=True, eq=False)
class Tooltips:
    """The texts of an interactive output at the points of a mark, beside their coordinates."""

    name: str
    """A text in the first line; empty for none."""
    values: Floats
    """The values (N,) of the function."""
    steps: range | None = None
    """The step of an optimizer at each point."""


@dataclass(frozen=True, eq=False)
class Lines:
    """A line through points (N, 2 or 3), with a gap at each NaN."""

    points: Floats
    colour: str
    width: float
    dash: Dash = "-"
    opacity: float = 1.0
    zorder: float = 2.0
    markers: float = 0.0
    """Diameter of a dot at each point; 0 for none."""
    steps: int | None = None
    """Number of points that each step of an animation adds; None for a static line."""
    name: str = ""
    """What the line shows, such as "tangent"."""
    group: str = ""
    """The text of its legend entry."""
    whole: Floats | None = None
    """All points, if `points` lacks those behind a surface or too far away to be drawn."""
    tooltips: Tooltips | None = None
    """Those at all points."""


@dataclass(frozen=True, eq=False)
class Rule:
    """A line across the whole panel at one coordinate."""

    axis: Literal["x", "y"]
    at: float
    colour: str
    width: float
    dash: Dash = "-"
    zorder: float = 2.0


@dataclass(frozen=True, eq=False)
class Markers:
    """Equal symbols at points (N, 2 or 3)."""

    points: Floats
    shape: str
    """A symbol in Matplotlib's notation, such as "o", "s", "v" or "*"."""
    colour: str
    size: float
    edge: str | None = None
    """Colour of the outline; None for that of the symbol."""
    edge_width: float = 1.0
    filled: bool = True
    halo: tuple[str, float] | None = None
    """Colour and width of a stroke around the outline."""
    opacity: float = 1.0
    zorder: float = 2.0
    clipped: bool = True
    """Whether symbols end at the border of the panel."""
    in_layout: bool = False
    """Whether symbols that are not clipped take part in the layout."""
    steps: int | None = None
    """Number of points that each step of an animation adds; None for static symbols."""
    name: str = ""
    """What the symbols show, such as "minima"."""
    group: str = ""
    """The text of their legend entry."""
    whole: Floats | None = None
    """All points, if `points` lacks those behind a surface or too far away to be drawn."""
    tooltips: Tooltips | None = None
    """Those at all points."""


@dataclass(frozen=True, eq=False)
class Follower:
    """One symbol that an animation moves through points (N, 2 or 3); a still picture has it at the last."""

    points: Floats
    opacities: Floats
    """Opacity (N,) at each point."""
    marker: Markers


@dataclass(frozen=True, eq=False)
class Scatter:
    """Many dots at points (N, 2 or 3), in one colour or coloured by values (N,)."""

    points: Floats
    size: float
    """Diameter, in points."""
    colour: str | None = None
    values: Floats | None = None
    scale: ColourScale | None = None
    filled: bool = True
    edge_width: float = 1.0
    zorder: float = 2.0
    name: str = ""
    """What the dots show, such as "unreliable"."""


@dataclass(frozen=True)
class ArrowShape:
    """The width of a shaft, and the head in multiples of it."""

    width: float
    units: Literal["data", "panel"]
    """The unit of the width: that of the data, or the width of the panel."""
    head_width: float = 3.0
    head_length: float = 5.0
    head_axis_length: float = 4.5


@dataclass(frozen=True)
class ArrowLengths:
    """The rule from the magnitude of a gradient to the length of its arrow."""

    kind: Literal["equal", "true", "log"]
    """Equal, proportional to the magnitude, or linear in its logarithm."""
    longest: float
    """The length of the longest arrow, in multiples of `units`."""
    units: tuple[float, float] = (1.0, 1.0)
    """Distances along x and y that look equally long."""
    magnitudes: tuple[float, float] = (0.0, 1.0)
    """The magnitudes of the shortest and of the longest arrow."""
    shortest: float = 0.0
    """The length of the shortest arrow of a logarithmic rule, as a share of the longest."""


@dataclass(frozen=True, eq=False)
class Arrows:
    """Arrows from points (..., 2) along vectors (..., 2), none where a vector is NaN."""

    points: Floats
    vectors: Floats
    shape: ArrowShape | None = None
    """None for a width by the number of arrows."""
    length_unit: float | None = None
    """Length of a vector as wide as the panel; None for vectors in the units of the data."""
    centred: bool = False
    """Whether the middle of an arrow, and not its tail, is at its point."""
    colour: str | None = None
    values: Floats | None = None
    scale: ColourScale | None = None
    outline: str | None = None
    zorder: float = 2.5
    appears: int | None = None
    """The step of an animation from which on the arrows are there."""
    lengths: ArrowLengths | None = None
    """The rule of their lengths, if vectors of a gradient were given other lengths."""
    uphill: bool | None = None
    """Whether vectors point along the gradient, or against it; None for vectors of another kind."""
    name: str = ""
    """What the arrows show, such as "gradient"."""


@dataclass(frozen=True, eq=False)
class Streamlines:
    """Lines along a vector field on a mesh; the output integrates them.

    `vectors` (n1, n0, 2) are NaN where lines end; only their direction matters.
    """

    mesh: Floats
    vectors: Floats
    density: float
    width: float
    head: float | None
    """Size of an arrowhead, relative to Matplotlib's; None for none."""
    colour: str | None = None
    values: Floats | None = None
    scale: ColourScale | None = None
    shortest: float = 0.1
    """Minimum length, in shares of the panel."""
    longest: float = 4.0
    through: tuple[tuple[float, ...], ...] = ()
    """The points that lines start from, both ways; none for lines all over the mesh."""
    halo: tuple[str, float] | None = None
    """Colour and width of a wider line below each line."""
    if_none: str = ""
    """A text in the middle of the panel if no line is long enough."""
    zorder: float = 2.0
    uphill: bool | None = None
    """Whether vectors point along the gradient, or against it; None for vectors of another kind."""


@dataclass(frozen=True)
class LevelLabels:
    """Values written on contours, where there is room for them."""

    colour: str
    outline: str | None


@dataclass(frozen=True, eq=False)
class Contours:
    """Contours, or filled contours, of values (n1, n0) on a mesh at some levels."""

    mesh: Floats
    values: Floats
    levels: tuple[float, ...]
    bands: Bands
    """The colours of the levels, and which values beyond them are filled."""
    filled: bool = False
    width: float | None = None
    opacity: float | None = None
    zorder: float | None = None
    labels: LevelLabels | None = None


@dataclass(frozen=True, eq=False)
class Image:
    """Values (n1, n0) as colours over a rectangle, with bilinear interpolation."""

    mesh: Floats
    """The points (n1, n0, 2) in the middle of the pixels."""
    values: Floats
    scale: ColourScale
    zorder: float = 0.0


@dataclass(frozen=True, eq=False)
class Surface:
    """A surface over a mesh: coloured by its values (n1, n0), or in one colour with an opacity (n1, n0)."""

    mesh: Floats
    values: Floats
    counts: tuple[int, int]
    """Number of rows and of columns that are drawn."""
    scale: ColourScale | None = None
    colour: str | None = None
    opacities: Floats | None = None
    zorder: float = 1.0
    group: str = ""
    """The text of its legend entry."""


@dataclass(frozen=True, eq=False)
class Wireframe:
    """Lines along the rows and columns of a surface over a mesh."""

    mesh: Floats
    values: Floats
    counts: tuple[int, int]
    colour: str
    width: float


@dataclass(frozen=True, eq=False)
class Area:
    """The area between two curves (N,) over x (N,)."""

    x: Floats
    low: Floats
    high: Floats
    colour: str
    opacity: float


@dataclass(frozen=True, eq=False)
class Label:
    """A text in a panel, at a point of the data or at shares of the panel's width and height."""

    text: Text
    at: tuple[float, float]
    units: tuple[Literal["data", "panel"], Literal["data", "panel"]] = ("panel", "panel")
    offset: tuple[float, float] = (0.0, 0.0)
    """From the point to the anchor, in points."""
    colour: str | None = None
    anchor: tuple[Literal["left", "center", "right"], Literal["top", "center", "bottom", "baseline"]] = (
        "center",
        "center",
    )
    rotation: float = 0.0
    in_layout: bool = True


Mark = (
    Lines | Rule | Markers | Follower | Scatter | Arrows | Streamlines | Contours | Image | Surface
    | Wireframe | Area | Label
)  # fmt: skip
