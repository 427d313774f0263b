"""Spec to Matplotlib figure, in our own style whatever the reader's settings say, and without pyplot."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import Any, cast

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import LayoutEngine
from matplotlib.ticker import ScalarFormatter

from gradviz.output.mpl import legends, lettering
from gradviz.output.mpl.growing import Growing
from gradviz.output.mpl.panels import Caption, Common, Panel, lay_out, near_square, tidy
from gradviz.output.mpl.ticks import set_apart
from gradviz.output.words import describe
from gradviz.sampling.samples import Samples, Swept
from gradviz.scene.style import STYLES, Style
from gradviz.specs.spec import Spec
from gradviz.specs.sweep import SweptSpec

_SMALL = 0.7  # of the usual size: below, the letters shrink with the picture
_LEAST_SCALE = 0.45
_LEAST_LETTERS = 5.5  # points, of panels


class Picture(Figure):
    """A Matplotlib figure that keeps its own settings when it is drawn and saved, too."""

    settings: Any
    spec: Spec
    samples: Samples
    """What it shows, of a sweep at the last of its values."""
    swept: Swept | None
    """What it shows at all values, if it is of a sweep."""
    growing: list[Growing]
    """What changes from step to step."""
    at_last: list[Callable[[], object]]
    """What is written when all has its place, since it lies along lines as they are in the end."""
    caption: Caption | None
    """The value of the parameter that the picture shows, where it is one of several."""
    common: Common | None
    """What its panels have in common, where it has such."""
    is_later: bool
    """Whether it is a frame after the first, without the scale of colours, which all of them have."""
    scenes: Scenes | None
    """The pictures that it shows one after the other, where it does."""

    @cached_property
    def description(self) -> str:
        """What the picture shows, in words."""
        return describe(self.spec, self.swept or self.samples)

    def own_settings(self) -> AbstractContextManager[None]:
        """Return a context in which the figure's own settings hold."""
        return _settings(self.settings)

    def draw(self, renderer: Any) -> None:
        """Draw under the figure's own settings."""
        with self.own_settings():
            super().draw(renderer)

    def savefig(self, *args: Any, **kwargs: Any) -> None:
        """Save under the figure's own settings."""
        with self.own_settings():
            super().savefig(*args, **kwargs)


def render(spec: Spec, samples: Samples | Swept | None = None) -> Picture:
    """Return the picture of a spec as a Matplotlib figure, unknown to pyplot and never shown.

    `samples` saves evaluating the field again where that has been done. Nothing is taken from the user's own
    Matplotlib settings, here or when the figure is saved. Raises RequestError if there is nothing to draw.
    A sweep has a panel for each value or, if it moves, is the last of its frames.
    """
    if not spec.frame_rate:
        spec.refuse_still()
    samples = spec.evaluate() if samples is None else samples
    if isinstance(samples, Samples):
        return _drawn(spec, samples)
    assert isinstance(spec, SweptSpec)  # noqa: S101 - no other has such samples
    return Scenes(spec, samples).last if spec.frame_rate else _in_panels(spec, samples)


def _drawn(
    spec: Spec, samples: Samples, caption: Caption | None = None, layout: Any = "compressed"
) -> Picture:
    """Return the picture of samples, as one of several if it has a caption."""
    style = STYLES[spec.style]
    settings = {**style.settings, **_scaled(spec, style)}
    with _settings(settings):
        size = spec.size or spec.usual_size(style)
        picture = _empty(size, spec, settings, samples, layout)
        picture.caption = caption
        spec.draw(picture, samples, style)
        if isinstance(layout, _Kept):
            picture.set_size_inches(*layout.size)
        _finish(picture)
    return picture


def _empty(size: tuple[float, float], spec: Spec, settings: Any, samples: Samples, layout: Any) -> Picture:
    picture = Picture(figsize=size, dpi=spec.dpi, layout=layout)
    picture.settings, picture.growing, picture.at_last = settings, [], []
    picture.spec, picture.samples = spec, samples
    picture.caption = picture.common = picture.scenes = picture.swept = None
    picture.is_later = isinstance(layout, _Kept)
    FigureCanvasAgg(picture)
    return picture


def _finish(picture: Picture) -> None:
    """Do what is left to do when all has been drawn."""
    set_apart(picture)
    _typeset_powers(picture)
    engine: Any = picture.get_layout_engine()
    if picture.legends or picture.get_suptitle():
        engine.execute(picture)  # around what stands beside all axes, the layout is right the second time
    if picture.at_last:
        engine.execute(picture)
    _write_last(picture)


def _write_last(picture: Picture) -> None:
    for write in picture.at_last:
        write()
    picture.at_last = []


# Sweeps ---------------------------------------------------------------------------------------------------


class Scenes(Sequence[Picture]):
    """The pictures of a sweep, each drawn when it is asked for, in the layout of the last one.

    What stays as it is in all of them, a scale of colours, is in `last` alone.
    """

    def __init__(self, spec: SweptSpec, samples: Swept) -> None:
        self._stills, self._samples = spec.stills(), samples
        self.last = self._drawn(len(self) - 1)
        with self.last.own_settings():
            self.last.draw_without_rendering()  # which lays it out
        self._layout = _Kept(self.last)
        self.last.set_layout_engine(self._layout)  # its own would move it a little each time that it is drawn
        self.last.scenes, self.last.spec, self.last.swept = self, spec, samples

    def __len__(self) -> int:
        return len(self._stills)

    def __getitem__(self, place: Any) -> Any:
        """Return the picture of a value."""
        return self._drawn(place, self._layout)

    def staying(self) -> list[tuple[slice, slice]]:
        """Return the rows and columns of pixels of what is in the last picture alone."""
        height = self.last.bbox.height
        found = []
        for axes in cast("list[Any]", self.last.axes):
            if hasattr(axes, "_colorbar"):
                (left, low), (right, high) = axes.get_tightbbox().padded(1).get_points()
                rows = slice(max(0, math.floor(height - high)), math.ceil(height - low))
                found.append((rows, slice(max(0, math.floor(left)), math.ceil(right))))
        return found

    def _drawn(self, place: int, layout: Any = "compressed") -> Picture:
        still = self._stills[place]
        caption = Caption(self._samples.name, still.label)
        return _drawn(still.spec, self._samples.members[place], caption, layout)


class _Fixed(LayoutEngine):
    """A layout that leaves all where it is."""

    _adjust_compatible = _colorbar_gridspec = False

    def set(self, **settings: Any) -> None:
        """Take no notice."""

    def execute(self, fig: Any) -> None:
        """Move nothing."""


class _Kept(_Fixed):
    """The layout of a picture, for others that have the same parts."""

    def __init__(self, model: Picture) -> None:
        super().__init__()
        self.size: tuple[float, float] = tuple(model.get_size_inches().tolist())
        self._boxes = [
            (axes.get_position(original=True), axes.get_position(), axes.title.get_position())
            for axes in _inner(model)
        ]
        heading = cast("Any", model)._suptitle  # noqa: SLF001 - Matplotlib gives its text alone
        self._heading = heading and {"position": heading.get_position(), "va": heading.get_va()}

    def execute(self, fig: Any) -> None:
        """Place the axes and the title where those of the model are."""
        for axes, (whole, inner, title) in zip(_inner(fig), self._boxes, strict=False):
            axes._set_position(whole, which="original")  # noqa: SLF001 - as Matplotlib's own layouts do
            axes._set_position(inner, which="active")  # noqa: SLF001
            axes._autotitlepos = False  # noqa: SLF001 - to look for its place takes as long as to draw the rest
            axes.title.set_position(title)
        if self._heading and fig._suptitle:  # noqa: SLF001
            fig._suptitle.set(**self._heading)  # noqa: SLF001


def _inner(figure: Any) -> list[Any]:
    """Return the axes of a figure that are no scales of colours."""
    return [axes for axes in figure.axes if not hasattr(axes, "_colorbar")]


def _in_panels(spec: SweptSpec, samples: Swept) -> Picture:
    """Return the pictures of a sweep beside each other, with one title, scale of colours and legend."""
    style, stills = STYLES[spec.style], spec.stills()
    rows, columns = near_square(len(stills))
    width, height = spec.size or (
        style.size[0] * math.sqrt(columns),
        style.size[1] * rows / math.sqrt(columns),
    )
    share = min(width / columns / style.size[0], height / rows / style.size[1])
    usual = style.settings.get("font.size", _DEFAULTS["font.size"])
    letters = max(usual * min(1.0, math.sqrt(share)), min(_LEAST_LETTERS, usual * share / _LEAST_SCALE))
    settings = {**style.settings, "font.size": letters}
    with _settings(settings):
        picture = _empty((width, height), spec, settings, samples.members[-1], _Fixed())
        picture.swept = samples
        picture.caption, picture.common = Caption(samples.name, ""), (common := Common())
        grid = picture.add_gridspec(rows, columns)
        panels = []
        for place, (still, one) in enumerate(zip(stills, samples.members, strict=True)):
            caption = Caption(samples.name, still.label)
            panels.append(Panel(picture, grid[divmod(place, columns)], caption))
            still.spec.draw(cast("Figure", panels[-1]), one, style)
        picture.growing, picture.common = [], None
        tidy(panels, columns)
        set_apart(picture)
        lettering.set_heading(picture, spec, usual)
        if common.entries:
            legends.below(picture, list(common.entries.values()), grow=False)
        _typeset_powers(picture)
        ends = spec.told_ends(samples.members[0])
        lay_out(picture, panels, columns, common.bars, ends, grow=spec.size is None)
        _write_last(picture)
    return picture


def _typeset_powers(picture: Figure) -> None:
    """Write powers of ten at the ends of axes as 10^5, and not as 1e5.

    Matplotlib's setting for that typesets every number on every axis, too, which takes as long as the rest.
    """
    for axes in picture.axes:
        for axis in axes._axis_map.values():  # noqa: SLF001 - the x, y and, in three dimensions, z axis
            formatter = axis.get_major_formatter()
            if isinstance(formatter, ScalarFormatter):
                formatter.set_locs(axis.get_majorticklocs().tolist())
                formatter.set_useMathText(bool(formatter.get_offset()))


def _scaled(spec: Spec, style: Style) -> dict[str, Any]:
    """Return smaller letters for a picture that is asked to be smaller than is usual."""
    if spec.size is None:
        return {}
    usual_size = spec.usual_size(style)
    scale = min(1.0, max(min(spec.size[0] / usual_size[0], spec.size[1] / usual_size[1]), _LEAST_SCALE))
    usual = style.settings.get("font.size", _DEFAULTS["font.size"])
    return {"font.size": usual * scale} if scale < _SMALL else {}


@contextmanager
def _settings(settings: Any) -> Iterator[None]:
    """Take Matplotlib's own defaults and a style's settings; a missing glyph is a box, no warning."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), mpl.rc_context():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        warnings.filterwarnings("ignore", message=r"constrained_layout not applied")  # a very small picture
        mpl.rcParams.update(_DEFAULTS)
        mpl.rcParams.update(settings)
        yield


_DEFAULTS: dict[Any, Any] = {
    key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith(("backend", "date."))
}
