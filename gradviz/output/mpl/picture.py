"""Pictures: Matplotlib figures of scenes, which keep their own settings when they are drawn and saved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import cast

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import LayoutEngine

from gradviz.errors import Message
from gradviz.output.mpl import draw
from gradviz.output.mpl.growing import Growing
from gradviz.output.mpl.panels import lay_out
from gradviz.output.mpl.settings import Settings, applied, settings_of
from gradviz.output.mpl.ticks import set_apart
from gradviz.output.mpl.types import Artist
from gradviz.scene.scene import Frames, Scene

_COLOUR_BAR = "<colorbar>"  # the label that Matplotlib gives to the axes of a colour bar


class Picture(Figure):
    """A Matplotlib figure of a scene that keeps its own settings when it is drawn and saved, too."""

    def __init__(self, scene: Scene, layout: Artist) -> None:
        super().__init__(figsize=(scene.size.width, scene.size.height), dpi=scene.dpi, layout=layout)
        self.scene = scene
        self.settings: Settings = settings_of(scene.style)
        self.growing: list[Growing] = []
        """What changes from step to step."""
        self.frames: PictureFrames | None = None
        """The pictures that it shows one after the other, where it does."""
        self.warnings: tuple[Message, ...] = ()
        """What has no room in the picture."""
        FigureCanvasAgg(self)

    def own_settings(self) -> AbstractContextManager[None]:
        """Return a context in which the figure's own settings hold."""
        return applied(self.settings)

    def draw(self, renderer: Artist) -> None:
        """Draw under the figure's own settings."""
        with self.own_settings():
            super().draw(renderer)

    def savefig(self, *args: Artist, **kwargs: Artist) -> None:
        """Save under the figure's own settings."""
        with self.own_settings():
            super().savefig(*args, **kwargs)


def picture_of(scene: Scene | Frames) -> Picture:
    """Return the picture of a scene, or the last picture of an animation, which knows the others."""
    if isinstance(scene, Frames):
        return PictureFrames(scene).last
    with applied(settings_of(scene.style)):
        if scene.arrangement == "grid":
            return _in_grid(scene)
        return _measured(scene, "compressed")


def _measured(scene: Scene, layout: Artist) -> Picture:
    """Return a picture whose panels are placed by the size of all texts."""
    picture = Picture(scene, layout)
    drawn = draw.draw_panels(picture, scene)
    draw.draw_around(picture, scene, drawn, bars=not isinstance(layout, _Kept))
    if isinstance(layout, _Kept):
        picture.set_size_inches(*layout.size)
    elif scene.size.is_cut:
        draw.cut_height(picture)
    picture.warnings = draw.finish(picture, drawn)
    return picture


def _in_grid(scene: Scene) -> Picture:
    """Return a picture of equal panels with one title, colour bar and legend."""
    picture = Picture(scene, _Fixed())
    drawn = draw.draw_panels(picture, scene)
    picture.growing = []
    draw.draw_around(picture, scene, drawn, bars=False)
    set_apart(picture)
    draw.typeset_powers(picture)
    lay_out(picture, scene, drawn)
    picture.warnings = draw.write_labels(drawn)
    return picture


class PictureFrames(Sequence[Picture]):
    """The pictures of an animation, each drawn when it is asked for, in the layout of the last one.

    What is the same in all of them, a colour bar, is in `last` alone.
    """

    def __init__(self, frames: Frames) -> None:
        self.scenes = frames
        self._scenes = frames.scenes
        self.last = self._drawn(len(self) - 1, "compressed")
        with self.last.own_settings():
            self.last.draw_without_rendering()  # which lays it out
        self._layout = _Kept(self.last)
        self.last.set_layout_engine(self._layout)  # its own would move it a little each time that it is drawn
        self.last.frames = self

    def __len__(self) -> int:
        return len(self._scenes)

    def __getitem__(self, index: Artist) -> Artist:
        """Return the picture at an index."""
        return self._drawn(index, self._layout)

    def static_boxes(self) -> list[tuple[slice, slice]]:
        """Return the rows and columns of pixels of what is in the last picture alone."""
        height = self.last.bbox.height
        boxes = []
        for axes in cast("list[Artist]", self.last.axes):
            if axes.get_label() == _COLOUR_BAR:
                (left, low), (right, high) = axes.get_tightbbox().padded(1).get_points()
                rows = slice(max(0, math.floor(height - high)), math.ceil(height - low))
                boxes.append((rows, slice(max(0, math.floor(left)), math.ceil(right))))
        return boxes

    def _drawn(self, index: int, layout: Artist) -> Picture:
        scene = self._scenes[index]
        with applied(settings_of(scene.style)):
            return _measured(scene, layout)


class _Fixed(LayoutEngine):
    """A layout that leaves all where it is."""

    _adjust_compatible = _colorbar_gridspec = False

    def set(self, **settings: Artist) -> None:
        """Ignore settings."""

    def execute(self, fig: Artist) -> None:
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
        heading = cast("Artist", model)._suptitle  # noqa: SLF001 - Matplotlib gives its text alone
        self._heading = heading and {"position": heading.get_position(), "va": heading.get_va()}

    def execute(self, fig: Artist) -> None:
        """Place the axes and the title where those of the model are."""
        for axes, (whole, inner, title) in zip(_inner(fig), self._boxes, strict=False):
            axes._set_position(whole, which="original")  # noqa: SLF001 - as Matplotlib's own layouts do
            axes._set_position(inner, which="active")  # noqa: SLF001
            axes._autotitlepos = False  # noqa: SLF001 - to look for its place takes as long as to draw the rest
            axes.title.set_position(title)
        if self._heading and fig._suptitle:  # noqa: SLF001
            fig._suptitle.set(**self._heading)  # noqa: SLF001


def _inner(figure: Figure) -> list[Artist]:
    """Return the axes of a figure that are no colour bars."""
    return [axes for axes in figure.axes if axes.get_label() != _COLOUR_BAR]
