"""Spec to Matplotlib figure, in our own style whatever the reader's settings say, and without pyplot."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from gradviz.figures.describing import describe
from gradviz.figures.growing import Growing
from gradviz.figures.samples import Samples
from gradviz.figures.spec import Spec
from gradviz.figures.style import STYLES, Style

_SMALL = 0.7  # of the usual size: below, the letters shrink with the picture
_LEAST_SCALE = 0.45


class Picture(Figure):
    """A Matplotlib figure that keeps its own settings when it is drawn and saved, too."""

    settings: Any
    spec: Spec
    samples: Samples
    growing: list[Growing]
    """What changes from step to step."""

    @cached_property
    def description(self) -> str:
        """What the picture shows, in words."""
        return describe(self.spec, self.samples)

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


def render(spec: Spec, samples: Samples | None = None) -> Picture:
    """Return the picture of a spec as a Matplotlib figure, unknown to pyplot and never shown.

    `samples` saves evaluating the field again where that has been done. Nothing is taken from the user's own
    Matplotlib settings, here or when the figure is saved. Raises RequestError if there is nothing to draw.
    """
    style = STYLES[spec.style]
    samples = spec.sample() if samples is None else samples
    settings = {**style.settings, **_scaled(spec, style)}
    with _settings(settings):
        picture = Picture(figsize=spec.size or spec.usual_size(style), dpi=spec.dpi, layout="compressed")
        picture.settings, picture.growing = settings, []
        picture.spec, picture.samples = spec, samples
        FigureCanvasAgg(picture)
        spec.draw(picture, samples, style)
        _typeset_powers(picture)
        if (picture.legends or picture.get_suptitle()) and (engine := picture.get_layout_engine()):
            engine.execute(picture)  # around what stands beside all axes, the layout is right the second time
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
