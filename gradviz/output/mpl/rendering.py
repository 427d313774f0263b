"""Spec to Matplotlib figure: sampled, composed and drawn."""

from __future__ import annotations

from dataclasses import replace

from gradviz.figures.compose import compose
from gradviz.output.mpl.colours import with_maps
from gradviz.output.mpl.fonts import has_serifs, with_fonts
from gradviz.output.mpl.picture import Picture, picture_of
from gradviz.sampling.sample import sample
from gradviz.sampling.samples import Samples, Swept
from gradviz.scene.scene import Frames, Scene
from gradviz.scene.style import STYLES
from gradviz.specs import Spec


def scene_of(spec: Spec, samples: Samples | Swept | None = None) -> Scene | Frames:
    """Return the scene of a spec; `samples` saves sampling it again.

    Raises RequestError if there is nothing to draw, or for a static figure that can only be an animation.
    """
    if not spec.frame_rate:
        spec.refuse_panels()
    style = with_maps(STYLES[spec.style], spec.cmap)
    style = replace(style, transparent=spec.transparent and not spec.moves)
    if spec.font is not None:
        style = replace(style, font_family=spec.font, has_serifs=has_serifs(spec.font))
    style = replace(style, font_size=spec.font_size or style.font_size)
    return with_fonts(compose(spec, sample(spec) if samples is None else samples, style))


def scene_in_pixels(spec: Spec, size: tuple[int, int], samples: Samples | Swept | None = None) -> Scene:
    """Return the scene of a spec with as many marks as are distinct in a width and a height in pixels.

    Of an animation, it is the last frame.
    """
    fewer = spec.traits.thinned(spec, *size)
    scene = scene_of(fewer, samples if fewer is spec else None)
    return scene.scenes[-1] if isinstance(scene, Frames) else scene


def render(spec: Spec, samples: Samples | Swept | None = None) -> Picture:
    """Return the picture of a spec as a Matplotlib figure, unknown to pyplot and never shown.

    Nothing is taken from the user's own Matplotlib settings, here or when the figure is saved. A sweep has a
    panel for each value or, as an animation, is the last of its frames.

    Parameters
    ----------
    spec : Spec
        The figure.
    samples : optional
        What `gradviz.sample(spec)` returned, if that was called already.

    Returns
    -------
    Picture
        A `matplotlib.figure.Figure`.

    Raises
    ------
    RequestError
        If nothing can be drawn.

    Examples
    --------
    >>> import gradviz
    >>> figure = gradviz.render(gradviz.Quiver(expression="x0*x1"))
    >>> len(figure.axes)
    2
    """
    return picture_of(scene_of(spec, samples))
