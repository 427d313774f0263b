"""Composition of any kind of figure: a scene, the panels of a sweep, or the frames of an animation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import islice

from gradviz.figures.labels import Caption, name_of, title_of
from gradviz.figures.layout import Place
from gradviz.language.reading import FunctionOfFile
from gradviz.registry import Registry
from gradviz.sampling.samples import Samples, Swept
from gradviz.scene.scene import Frames, Legend, Panel, Run, Scene, Size, Source
from gradviz.scene.style import SMALLEST_FONT_SHARE, Style
from gradviz.scene.text import Text
from gradviz.specs import KINDS, Spec
from gradviz.specs.plane import near_square

_SMALLEST_FONT = 5.5  # points, in panels of a default size
_HEADING_RATIO = 1.2  # font size of the title of all panels to that of the style
_MANY_BOXES = 4  # in a row: they have no room for numbers, which stand below all

Compose = Callable[[Spec, Samples, Style, Place], Scene]

_COMPOSE: Registry[Compose] = Registry(
    "gradviz.figures", {kind: f"{kind}.compose" for kind in KINDS}, make=lambda compose: compose
)


def compose(spec: Spec, samples: Samples | Swept, style: Style) -> Scene | Frames:
    """Return the scene of a spec and its samples, in a style with resolved colour maps."""
    if isinstance(samples, Samples):
        scene = _COMPOSE[spec.kind](spec, samples, style, Place())
        return replace(
            scene,
            kind=spec.kind,
            rate=spec.frame_rate,
            name=name_of(spec),
            source=_source_of(spec, samples),
            warnings=samples.warnings,
        )
    if spec.frame_rate is None:
        return _panels(spec, samples, style)
    scenes = (
        _COMPOSE[spec.kind](still.spec, one, style, Place(caption=Caption(samples.name, still.label)))
        for still, one in zip(spec.stills(), samples.members, strict=True)
    )
    return Frames(tuple(scenes), spec.frame_rate, name=name_of(spec), warnings=samples.warnings)


def _source_of(spec: Spec, samples: Samples) -> Source | None:
    """Return the function of a figure, its samples and the runs of optimizers."""
    reading = spec.reading
    if isinstance(reading, FunctionOfFile):
        return None
    runs = (
        Run(
            path.name,
            asdict(path.optimizer),
            tuple(path.points[0].tolist()),
            path.steps,
            diverged=path.diverged is not None,
        )
        for path in samples.paths
    )
    intervals = tuple(map(spec.interval, reading.variables))
    return Source(reading, intervals, spec.sample_counts(), spec.method, spec.step, tuple(runs))


def _panels(spec: Spec, samples: Swept, style: Style) -> Scene:
    """Return the figures of a sweep beside each other, with one title, colour bar and legend."""
    rows, columns = near_square(len(samples.members))
    width, height = spec.size or (
        style.size[0] * math.sqrt(columns),
        style.size[1] * rows / math.sqrt(columns),
    )
    share = min(width / columns / style.size[0], height / rows / style.size[1])
    default = style.font_size
    font = max(
        default * min(1.0, math.sqrt(share)), min(_SMALLEST_FONT, default * share / SMALLEST_FONT_SHARE)
    )
    style = replace(style, font_size=font)
    scenes = []
    for still, one in zip(spec.stills(), samples.members, strict=True):
        place = Place((width, height), rows, columns, Caption(samples.name, still.label), is_panel=True)
        scenes.append(_COMPOSE[spec.kind](still.spec, one, style, place))
    panels = [
        _as_panel(scene.panels[0], index, columns, len(scenes), Caption(samples.name, label))
        for index, (scene, label) in enumerate(zip(scenes, samples.labels, strict=True))
    ]
    entries = {
        entry.text: entry for scene in scenes for entry in (scene.legend.entries if scene.legend else ())
    }
    bars = (
        replace(bar, panel=index) for index, scene in enumerate(scenes) for bar in scene.colour_bars
    )  # a constant function has none
    is_bare = panels[0].z is not None and columns >= _MANY_BOXES
    return Scene(
        tuple(panels),
        title_of(spec, Caption(samples.name, "")),
        Size(width, height, is_asked=spec.size is not None),
        spec.dpi,
        style,
        colour_bars=tuple(islice(bars, 1)),
        legend=Legend(tuple(entries.values())) if entries else None,
        heading=True,
        heading_size=_HEADING_RATIO * default,
        arrangement="grid",
        note=scenes[0].note if is_bare else None,
        kind=spec.kind,
        name=name_of(spec),
        warnings=samples.warnings,
    )


def _as_panel(panel: Panel, index: int, columns: int, count: int, caption: Caption) -> Panel:
    """Return a panel in its cell, with labels and numbers at the outer edges alone."""
    title = Text(f"${caption.mathtext}$", size="medium")
    panel = replace(panel, cell=divmod(index, columns), title=title)
    if panel.z is not None:
        return panel
    x, y = panel.x, panel.y
    if index + columns < count:
        x = replace(x, label=None, numbers=False)
    if index % columns:
        y = replace(y, label=None, numbers=False)
    return replace(panel, x=x, y=y)
