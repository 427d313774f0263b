"""Drawn figures in a terminal, and what was evaluated for them in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from gradviz.output.metadata import encode
from gradviz.output.mpl.rendering import scene_in_pixels, scene_of
from gradviz.output.terminal.protocols import show
from gradviz.sampling.samples import Samples, Swept
from gradviz.specs import Spec

if TYPE_CHECKING:
    from gradviz.cli.figures import Made


def show_picture(made: Made, stream: TextIO) -> None:
    """Show a drawn figure on a stream; of an animation, the last frame."""
    spec, samples, content = made.spec, made.samples, made.content
    if isinstance(samples, Swept):  # of several pictures a terminal shows the last
        spec, samples = spec.stills()[-1].spec, samples.members[-1]
    show(
        lambda width, height: scene_in_pixels(spec, (width, height), samples),
        lambda: content if made.form == "png" else encode(scene_of(spec, samples), spec, "png").content,
        stream,
    )


def stage_of(spec: Spec, samples: Samples | Swept) -> str:
    """Return the text of the stage that evaluates a figure."""
    members = samples.members if isinstance(samples, Swept) else (samples,)
    parts = [f"{samples.size:,} points"]
    if members[0].slopes is not None:
        parts.append(f"their gradients by the method {spec.method}")
    if paths := [path for one in members for path in one.paths]:
        parts.append(f"{sum(len(path.points) for path in paths):,} points of paths")
    return f"evaluated {' and '.join(parts)}"
