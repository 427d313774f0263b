"""Spec to Matplotlib figure, in our own style whatever the reader's settings say, and without pyplot."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gradviz.figures.samples import Samples
from gradviz.figures.spec import Spec
from gradviz.figures.style import STYLES


class Picture(Figure):
    """A Matplotlib figure that keeps its own settings when it is drawn and saved, too."""

    settings: Any

    def draw(self, renderer: Any) -> None:
        """Draw under the figure's own settings."""
        with _settings(self.settings):
            super().draw(renderer)

    def savefig(self, *args: Any, **kwargs: Any) -> None:
        """Save under the figure's own settings."""
        with _settings(self.settings):
            super().savefig(*args, **kwargs)


def render(spec: Spec, samples: Samples | None = None) -> Figure:
    """Return the picture of a spec as a Matplotlib figure, unknown to pyplot and never shown.

    `samples` saves evaluating the field again where that has been done. Nothing is taken from the user's own
    Matplotlib settings, here or when the figure is saved. Raises RequestError if there is nothing to draw.
    """
    style = STYLES[spec.style]
    samples = spec.sample() if samples is None else samples
    with _settings(style.settings):
        picture = Picture(figsize=spec.size or style.size, dpi=spec.dpi, layout="compressed")
        picture.settings = style.settings
        FigureCanvasAgg(picture)
        spec.draw(picture, samples, style)
    return picture


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
