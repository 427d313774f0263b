"""Descriptions: what a picture shows, as an alternative text. Every number is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus.critical import critical_points
from gradviz.calculus.points import NAMES, CriticalPoint
from gradviz.errors import Message, joined
from gradviz.figures.labels import plain_formula
from gradviz.language.reading import FunctionOfFile
from gradviz.limits import DESCRIBED_OPERATIONS
from gradviz.registry import Registry
from gradviz.sampling.limits import distinct
from gradviz.sampling.samples import Samples, Swept
from gradviz.sampling.values import format_point
from gradviz.specs import KINDS, Spec

_EXPRESSION = 200  # characters of an expression
_LISTED = 4  # points of one kind; of more only the number
_EQUAL_SHARE = 1e-12  # of the distance to the median: values that are closer are equal


_DEPICT: Registry[Callable[[Spec, Samples], str]] = Registry(
    "gradviz.figures", {kind: f"{kind}.depict" for kind in KINDS}, make=lambda depict: depict
)


def describe(spec: Spec, samples: Samples | Swept) -> Message:
    """Describe the picture of a spec in a few sentences on one line."""
    if isinstance(samples, Swept):
        return _sweep(spec, samples)
    own, is_curve = set(spec.warnings), bool(spec.reading.equations)
    notes = joined("; ", (warning for warning in samples.warnings if warning not in own))
    kind = _DEPICT[spec.kind](spec, samples)
    said = [
        f"{kind[0].upper()}{kind[1:]}",
        "" if is_curve else _function(spec),
        *([] if is_curve else _values(samples)),
        *_sizes(samples),
        *([] if is_curve else _turns(_critical(spec, samples))),
        Message("Notes: ", notes) if notes else "",
    ]
    return joined(" ", (Message(sentence, ".") for sentence in said if sentence))


def _sweep(spec: Spec, samples: Swept) -> Message:
    """Describe the pictures of a sweep: their number, and the first and the last of them."""
    stills = spec.stills()
    parts = "Frames" if spec.frame_rate else "Panels"
    ends = [
        Message(f"At {samples.name} = {stills[i].label}: ", describe(stills[i].spec, samples.members[i]))
        for i in (0, -1)
    ]
    values = f"{len(stills)} values of {samples.name}, from {stills[0].label} to {stills[-1].label}"
    return joined(" ", [f"{parts} with one scale for {values}.", *ends])


def _function(spec: Spec) -> str:
    """Return the function, the ranges of its variables and what has a number."""
    ends = ((variable, *distinct(spec.interval(variable)[:2], 4)) for variable in spec.reading.variables)
    ranges = " and ".join(f"{variable} from {low} to {high}" for variable, low, high in ends)
    held = ", ".join(f"{variable} = {value:z.4g}" for variable, value in {**spec.set, **spec.fix}.items())
    formula = plain_formula(spec.reading, _EXPRESSION)
    return f"The function is {formula}, for {ranges}{f', with {held}' if held else ''}"


def _values(samples: Samples) -> Iterator[str]:
    """Yield the minimum and the maximum of the sampled values, with their points."""
    points, values = samples.points, samples.values
    known = np.isfinite(values)
    if not known.any():
        return
    low, high = (float(f(values, where=known, initial=x)) for f, x in ((np.min, np.inf), (np.max, -np.inf)))
    if high == low:
        yield f"It is {low:z.4g} {samples.region or 'everywhere'}"
        return
    usual = float(np.median(values[known], overwrite_input=True))  # the ends may lie decades away
    least = _places(points[(low <= values) & (values <= low + _EQUAL_SHARE * (usual - low))])
    greatest = _places(points[(high - _EQUAL_SHARE * (high - usual) <= values) & (values <= high)])
    where = f"At the points sampled{f' {samples.region}' if samples.region else ''}"
    lowest, highest = distinct((low, high), 4)
    yield f"{where} its least value is {lowest}, at {least}, and its greatest {highest}, at {greatest}"


def _sizes(samples: Samples) -> Iterator[str]:
    if samples.slopes is None:
        return
    sizes = samples.slopes.magnitudes
    if np.isfinite(sizes).any():
        low, high = f"{np.nanmin(sizes):z.4g}", f"{np.nanmax(sizes):z.4g}"
        yield f"The size of its gradient is {low if low == high else f'between {low} and {high}'}"


def _critical(spec: Spec, samples: Samples) -> Sequence[CriticalPoint]:
    """Return the critical points: those that are marked or, where it takes no time, those that there are."""
    field = samples.evaluated.field
    if samples.critical or isinstance(spec.reading, FunctionOfFile):
        return samples.critical
    if field.operations * len(field.variables) > DESCRIBED_OPERATIONS:
        return ()
    return critical_points(field, [spec.interval(variable) for variable in field.variables]).points


def _turns(points: Sequence[CriticalPoint]) -> Iterator[str]:
    """Yield the points of minima, maxima and saddles, with the value of a single one."""
    for kind, found in groupby(points, key=lambda point: point.kind):
        if kind == "degenerate":
            continue
        same = list(found)
        places = _places(np.array([point.at for point in same]))
        if len(same) == 1:
            yield f"It has a {NAMES[kind][0]} at {places}, of {same[0].value:z.4g}"
        else:
            yield f"It has {len(same)} {NAMES[kind][1]}, at {places}"


def _places(points: Floats) -> str:
    """Return points (N, D) as text, without repetitions: the first few, and the number of the others."""
    points = points[np.sort(np.unique(points, axis=0, return_index=True)[1])]
    told = [
        format_point(_rounded(point)).strip("()" if len(point) == 1 else "") for point in points[:_LISTED]
    ]
    if len(points) > _LISTED:
        return f"{', '.join(told)} and {len(points) - _LISTED:,} more points"
    return " and ".join(filter(None, (", ".join(told[:-1]), told[-1])))


def _rounded(point: Sequence[float] | Floats) -> Floats:
    """Return a point rounded to four digits; rounding errors of 0 become 0."""
    found: Floats = np.array([float(f"{x:z.4g}") for x in point])
    found[np.abs(found) < 1e-9 * np.abs(found).max(initial=0)] = 0  # far below four digits
    return found + 0.0  # no -0
