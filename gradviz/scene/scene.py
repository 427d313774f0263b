"""A scene: what a reader will see, as plain values that every output reads.

It plays the role of Vega's scenegraph: panels with axes and marks, colour bars, a legend and a title, with
colours and sizes resolved. What needs the size of a text is left to the output: where a title is broken, how
many ticks have room, and where panels stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from gradviz.arrays import Floats
from gradviz.errors import Message
from gradviz.language.reading import Expression
from gradviz.scene.marks import Arrows, Follower, Label, Lines, Mark, Markers
from gradviz.scene.style import Style
from gradviz.scene.text import FontSize, Text, Title, multiples_of_pi

Interval = tuple[float, ...]
"""(low, high), or (low, high, step)."""


@dataclass(frozen=True)
class Axis:
    """An axis of a panel: its label, its limits, its ticks and its scale."""

    label: Text | None = None
    limits: tuple[float, float] | None = None  # None for the limits of the data with a margin
    ticks: tuple[float, ...] | None = None  # None for ticks that the output chooses
    scale: Literal["linear", "log"] = "linear"
    numbers: bool = True  # whether the ticks have numbers
    integer: bool = False  # whether ticks are at whole numbers only
    number_size: FontSize | None = None  # font size of numbers; None for that of the style
    room: float | None = None
    """Length in points in which the numbers have to fit, none of them at an end of the axis.

    The power of ten that they are multiples of is then part of the label. None for no such limit.
    """
    side: Literal["right"] | None = None
    """Where numbers and label of a y axis stand; None for the left. On the right they have few ticks, the
    label is upright behind the numbers, and has their power of ten, too."""

    @property
    def tick_texts(self) -> tuple[str, ...] | None:
        """The numbers of ticks at multiples of pi as mathtext; None for those that the output writes."""
        return multiples_of_pi(self.ticks or ())


@dataclass(frozen=True)
class Camera:
    """The viewer of a box: elevation and azimuth in degrees; `turns` is the number of frames of one turn."""

    elevation: float
    azimuth: float
    zoom: float  # size of the box relative to Matplotlib's
    turns: int | None = None


@dataclass(frozen=True, eq=False)
class Hover:
    """The names of the coordinates and of the value at the pointer, for an interactive output."""

    variables: tuple[Text, ...]
    function: Text
    points: Floats | None = None  # the points (n1, n0, 2) of a mesh; None where marks have the values
    values: Floats | None = None  # the values (n1, n0) of the function, NaN where it is undefined


@dataclass(frozen=True, eq=False)
class Panel:
    """Axes with marks, in drawing order among those of one z-order."""

    x: Axis
    y: Axis
    z: Axis | None = None
    marks: tuple[Mark, ...] = ()
    cell: tuple[int, int] = (0, 0)  # row and column, from the top left
    aspect: Literal["equal"] | None = None  # whether a unit is equally long on both axes
    box_aspect: float | None = None  # height of the axes to their width
    grid: bool = True
    camera: Camera | None = None
    title: Text | None = None
    hover: Hover | None = None

    @property
    def axes(self) -> dict[str, Axis]:
        """The axes by their letters: x, y and, in a box, z."""
        every = {"x": self.x, "y": self.y, "z": self.z}
        return {letter: axis for letter, axis in every.items() if axis is not None}


@dataclass(frozen=True)
class LegendEntry:
    """A text with a line, a symbol or both."""

    text: Text
    line: Lines | None = None
    marker: Markers | None = None
    is_on_page: bool = True  # whether its colour is chosen for the page; one for an image may be invisible


@dataclass(frozen=True)
class Legend:
    """Entries below all panels, inside one where they cover no line ("best"), or in an empty cell."""

    entries: tuple[LegendEntry, ...]
    place: Literal["below", "best", "upper center", "cell"] = "below"
    panel: int = 0
    cell: tuple[int, int] = (0, 0)  # row and column of a cell without a panel
    size: FontSize = "small"


@dataclass(frozen=True)
class ColourBar:
    """A colour bar for the scale of one mark of a panel."""

    panel: int
    mark: int  # the index of the mark whose colours it shows
    label: Text | None
    beside_all: bool = False  # whether it stands beside all panels, and not beside its own


@dataclass(frozen=True)
class Size:
    """Width and height in inches; one that nobody asked for may grow with what stands below the panels."""

    width: float
    height: float
    is_asked: bool


@dataclass(frozen=True)
class Run:
    """One run of an optimizer."""

    optimizer: str  # name of the optimizer, such as "adam"
    hyperparameters: Mapping[str, float]
    start: tuple[float, ...]
    steps: int  # number of steps, up to the one at which the run diverged
    diverged: bool = False


@dataclass(frozen=True)
class Source:
    """The function of a scene, where it was sampled, and the method of its gradient."""

    expression: Expression
    intervals: tuple[Interval, ...]  # the sampled interval of each variable
    counts: tuple[int, ...]  # number of samples along each variable
    method: str
    step: float | None  # the step of finite differences; None for the default
    runs: tuple[Run, ...] = ()
    is_alone: bool = True  # whether no mark shows another function, which a script would not know


@dataclass(frozen=True, eq=False)
class Scene:
    """One picture, or one frame of an animation."""

    panels: tuple[Panel, ...]
    title: Title | None
    size: Size
    dpi: int
    style: Style
    colour_bars: tuple[ColourBar, ...] = ()
    legend: Legend | None = None
    heading: bool = False  # whether the title stands above all panels, and not above the first one
    heading_size: FontSize | None = None  # font size above all panels; None for that of a panel's title
    note: Text | None = None  # a text below all panels: the limits of boxes that have no room for numbers
    warning: Text | None = None  # a small line below the picture: too few points for the function
    kind: str = ""  # the kind of figure, such as "quiver"
    rate: int | None = None  # frames a second, of an animation
    name: str = ""  # the title or the formula as plain text in one line
    description: Message = Message()  # noqa: RUF009 - a text, which does not change
    """What the picture shows, as an alternative text."""
    source: Source | None = None  # the function and its samples; None for a function without a formula
    warnings: tuple[Message, ...] = ()


@dataclass(frozen=True, eq=False)
class Frames:
    """The scenes of an animation, one for each value of a parameter."""

    scenes: tuple[Scene, ...]
    rate: int  # frames a second
    name: str = ""
    description: Message = Message()  # noqa: RUF009 - a text, which does not change
    warnings: tuple[Message, ...] = ()
    symbol: str = ""  # the symbol of the parameter
    labels: tuple[str, ...] = ()  # the value of the parameter in each scene, as text


def texts_of(scene: Scene) -> Iterator[str]:
    """Yield the texts of a scene, but for the numbers of its axes."""
    title = scene.title
    if title is not None:
        yield from (title.own or title.plain, title.caption)
    texts = [scene.note, *(bar.label for bar in scene.colour_bars)]
    texts += [entry.text for entry in (scene.legend.entries if scene.legend else ())]
    for panel in scene.panels:
        texts += [panel.title, *(axis.label for axis in panel.axes.values())]
        texts += [mark.text for mark in panel.marks if isinstance(mark, Label)]
    yield from (text.text for text in texts if text is not None)


def last_step(scene: Scene | Frames) -> int:
    """Return the number of the last step of an animation, the first being 0; 0 if nothing moves."""
    if isinstance(scene, Frames):
        return len(scene.scenes) - 1
    moving = (last_change(part) for panel in scene.panels for part in (panel.camera, *panel.marks))
    return max((step for step in moving if step is not None), default=0)


def last_change(part: Mark | Camera | None) -> int | None:
    """Return the step from which on a part of a panel is as in the still picture; None if it never moves."""
    match part:
        case Lines(steps=int(each)) | Markers(steps=int(each)):
            return (len(part.points) - 1) // each
        case Follower():
            return len(part.points) - 1
        case Arrows():
            return part.appears
        case Label(frames=(_, *others)):
            return len(others)
        case Camera(turns=int(turns)):
            return turns - 1
    return None
