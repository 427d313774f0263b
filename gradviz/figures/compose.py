"""Composition of any kind of figure: a scene, the panels of a sweep, or the frames of an animation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np

from gradviz.figures.labels import Caption, name_of
from gradviz.figures.layout import Place, scene_of, size_of
from gradviz.language.reading import FunctionOfFile
from gradviz.registry import Registry
from gradviz.sampling.samples import Samples, Swept
from gradviz.scene.scene import ColourBar, Frames, LegendEntry, Panel, Run, Scene, Source
from gradviz.scene.style import SMALLEST_FONT_SHARE, Style
from gradviz.scene.text import Text
from gradviz.specs import KINDS, Spec
from gradviz.specs.panels import panel_grid
from gradviz.specs.sweeps import swept_symbol

_SMALLEST_FONT = 5.5  # points, in panels of a default size
_HEADING_RATIO = 1.2  # font size of the title of all panels to that of the style
_NAMED_VALUES = 4  # values of a parameter in the line below a picture
_MANY_BOXES = 4  # in a row: they have no room for numbers, which stand below all

Compose = Callable[[Spec, Samples, Style, Place], Scene]

_COMPOSE: Registry[Compose] = Registry(
    "gradviz.figures", {kind: f"{kind}.compose" for kind in KINDS}, make=lambda compose: compose
)


@np.errstate(all="ignore")
def compose(spec: Spec, samples: Samples | Swept, style: Style) -> Scene | Frames:
    """Return the scene of a spec and its samples, in a style with resolved colour maps."""
    if isinstance(samples, Samples):
        scene, source = _COMPOSE[spec.kind](spec, samples, style, Place()), _source_of(spec, samples)
        named = replace(scene, note=None, kind=spec.kind, name=name_of(spec), source=source)
        return replace(named, rate=spec.frame_rate, warnings=samples.warnings, warning=_warning(samples))
    if spec.frame_rate is None:
        return _panels(spec, samples, style)
    warning, stills, scenes = _warning(samples), spec.stills(), []
    for still, one in zip(stills, samples.members, strict=True):
        place = Place(caption=_caption(spec, still.label))
        scene = _COMPOSE[spec.kind](still.spec, one, style, place)
        scenes.append(replace(scene, warning=warning, source=_source_of(still.spec, one)))
    return Frames(
        tuple(scenes), spec.frame_rate, name=name_of(spec), warnings=samples.warnings,
        symbol=swept_symbol(spec), labels=tuple(still.label for still in stills),
    )  # fmt: skip


def _source_of(spec: Spec, samples: Samples) -> Source | None:
    """Return the function of a figure, its samples and the runs of optimizers."""
    reading = spec.reading
    if isinstance(reading, FunctionOfFile):
        return None
    runs = []
    for path in samples.paths:
        start, has_diverged = tuple(path.points[0].tolist()), path.diverged is not None
        runs.append(Run(path.name, asdict(path.optimizer), start, path.steps, diverged=has_diverged))
    intervals = tuple(map(spec.interval, reading.variables))
    counts = samples.mesh_counts or spec.sample_counts()
    is_alone = not samples.constraints and len(reading.equations) < 2
    return Source(reading, intervals, counts, spec.method, spec.step, tuple(runs), is_alone)


def _panels(spec: Spec, samples: Swept, style: Style) -> Scene:
    """Return the figures of a sweep beside each other, with one title, colour bar and legend."""
    rows, columns = panel_grid(spec)
    root = math.sqrt(columns)
    size = size_of(spec, (style.size[0] * root, style.size[1] * rows / root))
    share = min(size.width / columns / style.size[0], size.height / rows / style.size[1])
    default = style.font_size
    smallest = min(_SMALLEST_FONT, default * share / SMALLEST_FONT_SHARE)
    if spec.font_size is None:
        style = replace(style, font_size=max(default * min(1.0, math.sqrt(share)), smallest))
    panels: list[Panel] = []
    bars: list[ColourBar] = []
    entries: dict[Text, LegendEntry] = {}
    note = None
    for index, (still, one) in enumerate(zip(spec.stills(), samples.members, strict=True)):
        caption = _caption(spec, still.label)
        place = Place((size.width, size.height), rows, columns, caption, is_panel=True)
        scene = _COMPOSE[spec.kind](still.spec, one, style, place)
        panels.append(_as_panel(scene.panels[0], index, columns, len(samples.members), caption))
        bars += [replace(bar, panel=index) for bar in scene.colour_bars]  # a constant function has none
        entries |= {entry.text: entry for entry in (scene.legend.entries if scene.legend else ())}
        note = note or scene.note
    whole = Place(caption=_caption(spec, ""))
    return replace(
        scene_of(
            spec,
            style,
            whole,
            panels,
            size,
            bars=[replace(bar, beside_all=True) for bar in bars[:1]],
            entries=list(entries.values()),
        ),
        heading=True,
        heading_size=_HEADING_RATIO * default,
        note=note if panels[0].z is not None and columns >= _MANY_BOXES else None,
        kind=spec.kind,
        name=name_of(spec),
        warnings=samples.warnings,
        warning=_warning(samples),
    )


def _caption(spec: Spec, label: str) -> Caption:
    """Return the caption of a panel or a frame of a sweep."""
    return Caption(
        swept_symbol(spec), label, str(spec.swept) if spec.swept in spec.traits.swept_fields else ""
    )


def _warning(samples: Samples | Swept) -> Text | None:
    """Return the line below a picture that has too few points; of a sweep, with the values where it has."""
    if isinstance(samples, Samples):
        lines = [part.text for part in samples.undersampled]
    else:
        labels: dict[str, list[str]] = {}
        for label, one in zip(samples.labels, samples.members, strict=True):
            for part in one.undersampled:
                labels.setdefault(part.text, []).append(label)
        lines = [
            text if len(where) == len(samples.members) else f"{samples.name} = {_listed(where)} {text}"
            for text, where in labels.items()
        ]
    return Text("\n".join(lines), math=False, size="small") if lines else None


def _listed(labels: list[str]) -> str:
    """Return the first few values of a parameter."""
    more = [f"{len(labels) - _NAMED_VALUES} more"] if len(labels) > _NAMED_VALUES else []
    return ", ".join([*labels[:_NAMED_VALUES], *more])


def _as_panel(panel: Panel, index: int, columns: int, count: int, caption: Caption) -> Panel:
    """Return a panel in its cell, with labels and numbers at the outer edges alone."""
    title = panel.title or Text(f"${caption.mathtext}$", size="medium")
    panel = replace(panel, cell=divmod(index, columns), title=title)
    if panel.z is not None:
        return panel
    x, y = panel.x, panel.y
    if index + columns < count:
        x = replace(x, label=None, numbers=False)
    if index % columns:
        y = replace(y, label=None, numbers=False)
    return replace(panel, x=x, y=y)
