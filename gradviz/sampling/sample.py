"""Sampling of any kind of figure, at one value or at all values of a sweep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from gradviz.errors import RequestError
from gradviz.process import renew_symbolic_time
from gradviz.registry import Registry
from gradviz.sampling.samples import Sampler, Samples, Swept
from gradviz.specs import Spec
from gradviz.specs.sweeps import Still

_SAMPLERS: Registry[Sampler] = Registry(
    "gradviz.sampling",
    {
        "contour": "contour.SAMPLER", "surface": "surface.SAMPLER", "descent": "descent.SAMPLER",
        "quiver": "flow.QUIVER", "stream": "flow.STREAM", "tangent": "curve.SAMPLER",
        "pairs": "slices.SAMPLER", "steps": "steps.SAMPLER",
    },
    make=lambda sampler: sampler,
)  # fmt: skip


@np.errstate(all="ignore")
def sample(spec: Spec) -> Samples | Swept:
    """Evaluate all that a figure shows, at each value of a sweep if it has one.

    Parameters
    ----------
    spec : Spec
        The figure.

    Returns
    -------
    Samples or Swept
        The numbers of the figure. `Samples` has `points` (..., D), `values` (...), `gradient` (..., D) or
        None, `columns()` and `warnings`; `Swept` has `members`, one for each value of the sweep.

    Raises
    ------
    RequestError
        If nothing can be drawn, for example if the function is undefined everywhere in the range.

    Examples
    --------
    >>> import gradviz
    >>> samples = gradviz.sample(gradviz.Quiver(expression="x0*x1", samples=3))
    >>> samples.points.shape, samples.values[0].tolist()
    ((3, 3, 2), [4.0, -0.0, -4.0])
    """
    sampler = _SAMPLERS[spec.kind]
    if not spec.sweep:
        samples = sampler.sample(spec)
        return sampler.finish(spec, replace(samples, shared=sampler.share(spec, (samples,))))
    stills, members = spec.stills(), []
    for still in stills:
        with _at(spec, still):
            members.append(sampler.sample(still.spec))
    shared = sampler.share(stills[0].spec, members)
    quiet = replace(shared, warnings=())
    for index, still in enumerate(stills):
        with _at(spec, still):
            members[index] = sampler.finish(still.spec, replace(members[index], shared=quiet))
    known = set(members[0].warnings)
    own = [warning for warning in spec.unused_warnings() if warning not in known]
    labels = tuple(still.label for still in stills)
    return Swept(str(spec.swept), spec.numbers, labels, tuple(members), (*own, *shared.warnings))


@contextmanager
def _at(spec: Spec, still: Still) -> Iterator[None]:
    """Name the value of the swept parameter in errors; each value has the whole processor time for SymPy."""
    renew_symbolic_time()
    try:
        yield
    except RequestError as error:
        raise RequestError(f"at {spec.swept} = {still.label}: ", error.message) from None
