"""Numbers of samples of a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradviz.errors import Ref
from gradviz.specs.problem import fault

if TYPE_CHECKING:
    from gradviz.specs.spec import Spec

_RESOLUTION = 1e-15  # relative distance of neighbouring points below which doubles are equal


def check_samples(spec: Spec) -> None:
    """Raise SpecError for more samples than a figure can show, or than differ."""
    most = spec.traits.max_samples
    for name, count in zip(spec.reading.variables, spec.sample_counts(), strict=True):
        low, high, *step = spec.interval(name)
        if count > most:
            problem = f"a {spec.kind} figure shows at most {most} points along {name}, not {count:,}; lower "
            raise fault("range" if step else "samples", problem, Ref("samples"), " or widen the step")
        if (high - low) / count < _RESOLUTION * max(abs(low), abs(high)):
            raise fault("range", f"{count:,} points of {name} so close together would not differ")
    if spec.point_count() > spec.traits.max_points:
        raise fault("samples", f"more than {spec.traits.max_points:,} points; lower ", Ref("samples"))
