"""A scene as a figure of plotly, with a heading."""

from __future__ import annotations

from dataclasses import dataclass

from gradviz.errors import RequestError
from gradviz.output.formats import MOVING
from gradviz.output.page.box import box_figure
from gradviz.output.page.heading import heading
from gradviz.output.page.marks import Around, refuse
from gradviz.output.page.plane import plane_figure
from gradviz.output.page.traces import Trace, page_layout
from gradviz.scene.scene import Frames, Scene


@dataclass(frozen=True, eq=False)
class Figure:
    """The data and the layout of a plotly figure, and the heading above it."""

    heading: str
    """HTML."""
    traces: list[Trace]
    layout: Trace
    ratio: float | None
    """Width to height of a plane, None for a box."""


def figure_of(scene: Scene | Frames) -> Figure:
    """Return a scene as a figure of plotly. Raises RequestError for what no page shows."""
    if isinstance(scene, Frames):
        raise RequestError(f"a page cannot show an animation; write .{MOVING}")
    if len(scene.panels) > 1:
        refuse(f"{len(scene.panels)} panels")
    (panel,) = scene.panels
    if panel.camera is not None and panel.camera.turns is not None:
        refuse("a turning camera")
    traces, layout = (plane_figure if panel.z is None else box_figure)(Around(scene, panel))
    page = page_layout(scene.style, legend=scene.legend is not None)
    if panel.z is not None:
        page["legend"]["y"] = 0
    ratio = scene.size.width / scene.size.height if panel.z is None else None
    return Figure(heading(scene), traces, {**page, **layout}, ratio)
