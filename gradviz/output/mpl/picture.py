"""Pictures: Matplotlib figures of scenes, which keep their own settings when they are drawn and saved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, cast

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine, LayoutEngine, PlaceHolderLayoutEngine

from gradviz.arrays import Floats
from gradviz.errors import Message
from gradviz.output.mpl.draw import Drawn, cut_height, draw_around, draw_panels, labelled, write_labels
from gradviz.output.mpl.panels import lay_out
from gradviz.output.mpl.settings import applied, settings_of
from gradviz.output.mpl.ticks import set_apart, typeset_powers
from gradviz.output.mpl.types import Artist, Axes
from gradviz.scene.marks import Arrows, Follower, Lines, Mark, Markers
from gradviz.scene.scene import Camera, Frames, Scene, last_change

_COLOUR_BAR = "<colorbar>"  # the label that Matplotlib gives to the axes of a colour bar
_BOX_SPACING = 0.06  # of the width of boxes, between them
_COSINE_ROUNDING = 1e-9  # a cosine closer to 0 is 0


class Picture(Figure):
    """A Matplotlib figure of a scene that keeps its own settings when it is drawn and saved, too."""

    def __init__(self, scene: Scene, layout: Artist) -> None:
        super().__init__(figsize=(scene.size.width, scene.size.height), dpi=scene.dpi, layout=layout)
        self.scene = scene
        self.growing: list[Growing] = []  # what changes from step to step
        self.frames: PictureFrames | None = None
        """The pictures that it shows one after the other, where it does."""
        self.warnings: tuple[Message, ...] = ()  # what has no room in the picture
        FigureCanvasAgg(self)

    def own_settings(self) -> AbstractContextManager[None]:
        """Return a context in which the figure's own settings hold."""
        return applied(settings_of(self.scene.style))

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
    return PictureFrames(scene).last if isinstance(scene, Frames) else _drawn(scene)


def _drawn(scene: Scene, kept: _Kept | None = None) -> Picture:
    """Return the picture of a scene: in a layout kept from another frame, or in one of its own."""
    in_grid = scene.arrangement == "grid"
    with applied(settings_of(scene.style)):
        picture = Picture(scene, "none" if in_grid else kept or _compressed(scene))
        drawn = draw_panels(picture, scene)
        draw_around(picture, scene, drawn, bars=not in_grid and kept is None)
        if kept is not None:
            picture.set_size_inches(*kept.size)
        elif scene.size.is_cut:
            cut_height(picture)
        set_apart(picture)
        typeset_powers(picture)
        if in_grid:
            lay_out(picture, scene, drawn)
        else:
            picture.growing = [growing for one in drawn for growing in _growing(one)]
            # Around what stands beside all axes, the layout is right the second time.
            beside = bool(picture.legends or picture.get_suptitle())
            for _ in range(beside + any(labelled(drawn))):
                cast("Artist", picture.get_layout_engine()).execute(picture)
        picture.warnings = write_labels(drawn)
        return picture


class Growing(NamedTuple):
    """An artist that changes from step to step, up to what it is in the still picture."""

    artist: Artist
    part: Mark | Camera  # what it was drawn from

    def show(self, step: int) -> None:
        """Change the artist to what it is at a step, the first being 0."""
        match self.part:
            case Lines(points=points, steps=int(each)) | Markers(points=points, steps=int(each)):
                _set_points(self.artist, points[: step * each + 1])
            case Follower(points=points, opacities=opacities):
                at = min(step, len(points) - 1)
                _set_points(self.artist, points[at : at + 1])
                self.artist.set(alpha=opacities[at], visible=step > 0)  # the start has a marker of its own
            case Arrows(appears=int(first)):
                self.artist.set_visible(step >= first)
            case Camera(elevation=elevation, azimuth=azimuth, turns=int(turns)):
                _turn(self.artist, elevation, azimuth + 360 * step / turns)


def _growing(drawn: Drawn) -> list[Growing]:
    """Return the parts of a panel that an animation changes."""
    parts = [(drawn.axes, drawn.panel.camera), *zip(drawn.artists, drawn.panel.marks, strict=True)]
    return [Growing(artist, part) for artist, part in parts if part and last_change(part) is not None]


def _set_points(line: Artist, points: Floats) -> None:
    place = line.set_data if points.shape[-1] == 2 else line.set_data_3d
    place(*points.T)


def _turn(axes: Axes, elevation: float, azimuth: float) -> None:
    """Turn a box, and keep its z axis on the right: by default numbers jump to the left, and back."""
    axes.view_init(elev=elevation, azim=azimuth)
    side = "upper" if math.cos(math.radians(azimuth)) > -_COSINE_ROUNDING else "lower"
    axes.zaxis.set_ticks_position(side)
    axes.zaxis.set_label_position(side)


class PictureFrames(Sequence[Picture]):
    """The pictures of an animation, each drawn when it is asked for, in the layout of the last one.

    What is the same in all of them, a colour bar, is in `last` alone.
    """

    def __init__(self, frames: Frames) -> None:
        self.scenes = frames
        self.last = _drawn(frames.scenes[-1])
        with self.last.own_settings():
            self.last.draw_without_rendering()  # which lays it out
        self._layout = _Kept(self.last)
        self.last.set_layout_engine(self._layout)  # its own would move it a little each time that it is drawn
        self.last.frames = self

    def __len__(self) -> int:
        return len(self.scenes.scenes)

    def __getitem__(self, index: Artist) -> Artist:
        """Return the picture at an index."""
        return _drawn(self.scenes.scenes[index], self._layout)

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


def _compressed(scene: Scene) -> LayoutEngine:
    """Return a layout by the size of all texts, in which the labels of a box lie on no neighbour."""
    has_box = any(panel.z is not None for panel in scene.panels)
    return ConstrainedLayoutEngine(compress=True, wspace=_BOX_SPACING if has_box else None)


class _Kept(PlaceHolderLayoutEngine):
    """The layout of a picture, for others that have the same parts."""

    def __init__(self, model: Picture) -> None:
        super().__init__(adjust_compatible=False, colorbar_gridspec=False)
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
