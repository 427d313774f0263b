"""Pictures: Matplotlib figures of scenes, which keep their own settings when they are drawn and saved."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, cast

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.errors import Message
from gradviz.output.mpl.axes import turn
from gradviz.output.mpl.draw import COLOUR_BAR, Drawn, draw_around, draw_panels, write_labels
from gradviz.output.mpl.layout import Positions, lay_out
from gradviz.output.mpl.legends import add_inside
from gradviz.output.mpl.png import png
from gradviz.output.mpl.settings import applied, settings_of
from gradviz.output.mpl.text import Canvas
from gradviz.output.mpl.ticks import computed_once, set_apart, typeset_powers
from gradviz.output.mpl.types import Artist
from gradviz.scene.marks import Arrows, Follower, Label, Lines, Mark, Markers
from gradviz.scene.scene import Camera, Frames, Scene, last_change


class Picture(Figure):
    """A Matplotlib figure of a scene that keeps its own settings when it is drawn and saved, too."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(figsize=(scene.size.width, scene.size.height), dpi=scene.dpi)
        self.scene = scene
        self.growing: list[Growing] = []  # what changes from step to step
        self.frames: PictureFrames | None = None
        """The pictures that it shows one after the other, where it does."""
        self.warnings: tuple[Message, ...] = ()  # what has no room in the picture
        Canvas(self)

    def own_settings(self) -> AbstractContextManager[None]:
        """Return a context in which the figure's own settings hold."""
        return applied(settings_of(self.scene.style))

    def draw(self, renderer: Artist) -> None:
        """Draw under the figure's own settings."""
        with self.own_settings(), computed_once(self.axes):
            super().draw(renderer)

    def savefig(self, *args: Artist, **kwargs: Artist) -> None:
        """Save under the figure's own settings."""
        with self.own_settings():
            super().savefig(*args, **kwargs)

    def pixels(self) -> NDArray[np.uint8]:
        """Return the drawn picture (height, width, 4), a view of its canvas: red, green, blue and opacity."""
        canvas: Artist = self.canvas
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())

    def png(self, texts: Mapping[str, str]) -> bytes:
        """Return the picture as the content of a PNG file, with texts by their keywords."""
        return png(self.pixels(), texts, self.scene.dpi)


def picture_of(scene: Scene | Frames) -> Picture:
    """Return the picture of a scene, or the last picture of an animation, which knows the others."""
    return PictureFrames(scene).last if isinstance(scene, Frames) else _drawn(scene)[0]


def _drawn(scene: Scene, kept: Positions | None = None) -> tuple[Picture, list[Drawn]]:
    """Return the picture of a scene, in a layout of its own or in that of another frame, and its panels."""
    with applied(settings_of(scene.style)):
        picture = Picture(scene)
        drawn = draw_panels(picture, scene)
        around = draw_around(picture, scene, drawn, bars=kept is None)
        set_apart(picture)
        typeset_powers(picture)
        if kept is None:
            lay_out(picture, scene, drawn, around)
        else:
            kept.apply(picture, drawn)
        legend = scene.legend
        if legend is not None and legend.place == "best":
            fits = add_inside(picture, drawn[legend.panel].axes, legend)
            if not fits:
                lay_out(picture, scene, drawn, around)
        picture.growing = [growing for one in drawn for growing in _growing(one)]
        picture.warnings = write_labels(drawn)
        return picture, drawn


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
            case Label(frames=frames):
                self.artist.set_text(frames[min(step, len(frames) - 1)])
            case Camera(elevation=elevation, azimuth=azimuth, turns=int(turns)):
                turn(self.artist, elevation, azimuth + 360 * step / turns)


def _growing(drawn: Drawn) -> list[Growing]:
    """Return the parts of a panel that an animation changes."""
    parts = [(drawn.axes, drawn.panel.camera), *zip(drawn.artists, drawn.panel.marks, strict=True)]
    return [Growing(artist, part) for artist, part in parts if part and last_change(part) is not None]


def _set_points(line: Artist, points: Floats) -> None:
    place = line.set_data if points.shape[-1] == 2 else line.set_data_3d
    place(*points.T)


class PictureFrames(Sequence[Picture]):
    """The pictures of an animation, each drawn when it is asked for, in the layout of the last one.

    What is the same in all of them, a colour bar, is in `last` alone.
    """

    def __init__(self, frames: Frames) -> None:
        self.scenes = frames
        self.last, drawn = _drawn(frames.scenes[-1])
        self._layout = Positions.of(self.last, drawn)
        self.last.frames = self

    def __len__(self) -> int:
        return len(self.scenes.scenes)

    def __getitem__(self, index: Artist) -> Artist:
        """Return the picture at an index."""
        return _drawn(self.scenes.scenes[index], self._layout)[0]

    def static_boxes(self) -> list[tuple[slice, slice]]:
        """Return the rows and columns of pixels of what is in the last picture alone."""
        height = self.last.bbox.height
        boxes = []
        for axes in cast("list[Artist]", self.last.axes):
            if axes.get_label() == COLOUR_BAR:
                (left, low), (right, high) = axes.get_tightbbox().padded(1).get_points()
                rows = slice(max(0, math.floor(height - high)), math.ceil(height - low))
                boxes.append((rows, slice(max(0, math.floor(left)), math.ceil(right))))
        return boxes
