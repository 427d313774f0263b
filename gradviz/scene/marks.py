"""Marks: what is drawn in a panel, as arrays with resolved colours and sizes.

Coordinates are in the units of the data, sizes (diameters) and widths in points. An array of points is (N, 2)
in a plane and (N, 3) in a box; a mesh of points is (n1, n0, 2). Fields that several marks have: a higher
`zorder` is drawn later; `name` says what is shown, such as "tangent" or "minima"; `group` is the text of the
legend entry; `colour` is that of all, unless a `scale` has a colour for each of the `values`; `halo` is the
colour and the width of a stroke behind; `uphill` says whether vectors point along a gradient or against it,
None for vectors of another kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.scene.scales import Bands, ColourScale
from gradviz.scene.text import Text

GAPS = "removable gaps"
"""The name of the open circles on a curve."""
VERTICAL = "vertical tangent"
"""The name of a tangent that is vertical."""
GRADIENT_AT = "gradient at a point"
"""The name of an arrow at a single point, and of what belongs to it."""

KINK = "kink"
"""The name of the two half tangents at a kink."""

TAYLOR = "Taylor polynomial"
"""The name of the line of a Taylor polynomial."""
TRIANGLE = "slope triangle"
"""The name of the legs of a slope triangle."""

Dash = Literal["-", "--", ":", "-.", "hidden"]
"""A line style; "hidden" are the short dashes of a line behind a surface."""


@dataclass(frozen=True, eq=False)
class Tooltips:
    """The texts of an interactive output at the points of a mark, beside their coordinates."""

    name: str  # a text in the first line; empty for none
    values: Floats  # the values (N,) of the function
    steps: range | None = None  # the step of an optimizer at each point


@dataclass(frozen=True, eq=False, kw_only=True)
class Series:
    """The fields that lines and symbols through points share."""

    opacity: float = 1.0
    zorder: float = 2.0
    steps: int | None = None  # number of points that each step of an animation adds; None for a static mark
    name: str = ""
    group: str = ""
    whole: Floats | None = None  # all points, where `points` lacks those behind a surface or far away
    tooltips: Tooltips | None = None  # those at all points


@dataclass(frozen=True, eq=False)
class Vertices:
    """Points of a curve between which it is refined: a script computes them, and refines it again."""

    samples: Floats  # points (n, 2): samples and both sides of discontinuities, NaN where nothing is drawn
    ends: Floats  # points (K, 2) at edges of the domain, beside poles and in removable gaps
    is_refined: bool  # whether there are others between them


@dataclass(frozen=True, eq=False)
class Lines(Series):
    """A line through points (N, 2 or 3), with a gap at each NaN."""

    points: Floats
    colour: str
    width: float
    dash: Dash = "-"
    markers: float = 0.0  # diameter of a dot at each point; 0 for none
    vertices: Vertices | None = None  # those of a curve of a function
    powers: tuple[float, tuple[float, ...]] | None = None  # centre and ascending coefficients of a polynomial


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
class Markers(Series):
    """Equal symbols at points (N, 2 or 3)."""

    points: Floats
    shape: str  # a symbol in Matplotlib's notation, such as "o", "s", "v" or "*"
    colour: str
    size: float
    edge: str | None = None  # colour of the outline; None for that of the symbol
    edge_width: float = 1.0
    filled: bool = True
    halo: tuple[str, float] | None = None
    clipped: bool = True  # whether symbols end at the border of the panel
    in_layout: bool = False  # whether symbols that are not clipped take part in the layout


@dataclass(frozen=True, eq=False)
class Follower:
    """One symbol that an animation moves through points (N, 2 or 3); a still picture has it at the last."""

    points: Floats
    opacities: Floats  # opacity (N,) at each point
    marker: Markers


@dataclass(frozen=True, eq=False)
class Scatter:
    """Many dots at points (N, 2 or 3), in one colour or coloured by values (N,)."""

    points: Floats
    size: float
    colour: str | None = None
    values: Floats | None = None
    scale: ColourScale | None = None
    filled: bool = True
    edge_width: float = 1.0
    zorder: float = 2.0
    name: str = ""


@dataclass(frozen=True)
class ArrowShape:
    """The width of a shaft, and the head in multiples of it."""

    width: float
    units: Literal["data", "panel", "points"]  # the unit of the width: "panel" is the width of the panel
    head_width: float = 3.0
    head_length: float = 5.0
    head_axis_length: float = 4.5


@dataclass(frozen=True)
class ArrowLengths:
    """The rule from the magnitude of a gradient to the length of its arrow."""

    kind: Literal["equal", "true", "log"]  # equal, proportional to the magnitude, or linear in its logarithm
    longest: float  # length of the longest arrow, in multiples of `units`
    units: tuple[float, float] = (1.0, 1.0)  # distances along x and y that look equally long
    magnitudes: tuple[float, float] = (0.0, 1.0)  # the magnitudes of the shortest and of the longest arrow
    shortest: float = 0.0  # length of the shortest arrow of a logarithmic rule, as a share of the longest


@dataclass(frozen=True, eq=False)
class Arrows:
    """Arrows from points (..., 2) along vectors (..., 2), none where a vector is NaN."""

    points: Floats
    vectors: Floats
    shape: ArrowShape | None = None  # None for a width by the number of arrows
    length_unit: float | None = None  # length of a vector as wide as the panel; None for data units
    centred: bool = False  # whether the middle of an arrow, and not its tail, is at its point
    colour: str | None = None
    values: Floats | None = None
    scale: ColourScale | None = None
    outline: str | None = None
    zorder: float = 2.5
    appears: int | None = None  # the step of an animation from which on the arrows are there
    lengths: ArrowLengths | None = None  # the rule of their lengths, if they are not those of a gradient
    uphill: bool | None = None
    name: str = ""


@dataclass(frozen=True, eq=False)
class Streamlines:
    """Lines along a vector field, with arrowheads.

    The `lines` are K arrays (N, 2), coloured by `sizes`, K arrays (N,), if there is a scale. The tails and
    tips of arrowheads are `heads` (M, 2, 2), the sizes there `head_sizes` (M,). A script integrates on
    its own mesh: its `vectors` (n1, n0, 2) are NaN where lines end, and only their direction matters;
    `values` (n1, n0) are their colours.
    """

    mesh: Floats
    vectors: Floats
    density: float
    width: float
    head: float | None  # size of an arrowhead, relative to Matplotlib's; None for none
    lines: tuple[Floats, ...] = ()
    sizes: tuple[Floats, ...] = ()
    heads: Floats | None = None
    head_sizes: Floats | None = None
    colour: str | None = None
    values: Floats | None = None
    scale: ColourScale | None = None
    shortest: float = 0.1  # minimum length in a script, in shares of the panel
    longest: float = 4.0
    through: tuple[tuple[float, ...], ...] = ()  # starts of lines in a script, both ways; none for all over
    halo: tuple[str, float] | None = None
    if_none: str = ""  # a text in the middle of the panel if there is no line
    zorder: float = 2.0
    uphill: bool | None = None


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
    bands: Bands  # colours of the levels, and which values beyond them are filled
    filled: bool = False
    width: float | None = None
    opacity: float | None = None
    zorder: float | None = None
    labels: LevelLabels | None = None
    height: float | None = None  # where all contours lie in a box; None for each at its level


@dataclass(frozen=True, eq=False)
class Image:
    """Values (n1, n0) as colours over a rectangle, with bilinear interpolation."""

    mesh: Floats  # the points (n1, n0, 2) in the middle of the pixels
    values: Floats
    scale: ColourScale
    zorder: float = 0.0


@dataclass(frozen=True, eq=False)
class Facets:
    """The polygons of a surface that is lit, inside the limits of its box."""

    vertices: Floats  # points (V, 3)
    corners: NDArray[np.intp]  # vertices (N, 6) of each polygon, the last repeated where there are fewer
    shades: Floats  # brightness (N,) of the colour of each, at most 1
    lined: NDArray[np.bool_]  # whether (N, 6) the side from a corner to the next is a line to show


@dataclass(frozen=True, eq=False)
class Surface:
    """A surface over a mesh: coloured by its values (n1, n0), or in one colour with an opacity (n1, n0)."""

    mesh: Floats
    values: Floats
    counts: tuple[int, int]  # number of rows and of columns that are drawn
    scale: ColourScale | None = None
    colour: str | None = None
    opacities: Floats | None = None
    zorder: float = 1.0
    group: str = ""
    hessian: Floats | None = None  # the second derivatives (2, 2) of a paraboloid that touches a surface
    facets: Facets | None = None  # what a still picture draws of a surface coloured by its values


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
    """A text at a point of the data, or at shares of the width and height of its panel or of the figure."""

    text: Text
    at: tuple[float, ...]  # three coordinates for a point in a box
    units: tuple[Literal["data", "panel", "figure"], Literal["data", "panel", "figure"]] = ("panel", "panel")
    offset: tuple[float, float] = (0.0, 0.0)  # from the point to the anchor, in points
    colour: str | None = None
    anchor: tuple[Literal["left", "center", "right"], Literal["top", "center", "bottom", "baseline"]] = (
        "center",
        "center",
    )
    rotation: float = 0.0
    in_layout: bool = True
    outline: str | None = None  # colour around the letters, where they lie on marks
    frames: tuple[str, ...] = ()  # the text at each step of an animation; () if it does not change


Mark = (
    Lines | Rule | Markers | Follower | Scatter | Arrows | Streamlines | Contours | Image | Surface
    | Wireframe | Area | Label
)  # fmt: skip
