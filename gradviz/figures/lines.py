"""Legends and slope triangles of tangents and secants, and Taylor polynomials."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gradviz.arrays import Floats
from gradviz.figures.labels import number, power, sum_in_rows, sum_of
from gradviz.figures.layout import Place
from gradviz.printing.typesetting import MATHTEXT
from gradviz.sampling.curve import CurveSamples, StraightLine
from gradviz.sampling.limits import Limits
from gradviz.sampling.samples import completed
from gradviz.sampling.values import drawable
from gradviz.scene.marks import TAYLOR, TRIANGLE, Label, Lines, Mark
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.plane import view_of
from gradviz.specs.tangent import Tangent

if TYPE_CHECKING:
    from gradviz.calculus.taylor import Polynomial

_WIDTH = 1.0  # points
_RUN_SHARE, _RISE_SHARE = 0.25, 0.35  # maximum legs of a slope triangle, as shares of the view
_ONE_SHARE = 0.25  # shortest leg of length 1, as a share of the longest leg that fits
_SAME_LEG = 1 - 1e-9  # of the legs of two secants, above which they are equal
_LEG_DIGITS = 4  # significant digits of the length of a leg
_FRAME_DIGITS = 3  # significant digits of a slope in frames
_TERM_DIGITS = 4  # significant digits of a coefficient
_LABEL_GAP = 3.0  # points from a leg to its label


def line_label(spec: Tangent, line: StraightLine, place: Place) -> str:
    """Return the legend of a line; panels of a sweep share one, without the numbers that differ."""
    variable, caption = spec.reading.variables[0], place.caption
    start = f"${MATHTEXT.name(variable)} = {MATHTEXT.number(line.at[0])}$"
    label = f"tangent at {start}"
    if line.left is not None:
        label = f"{'cusp' if math.isinf(line.left) and math.isinf(line.slope) else 'kink'} at {start}"
    if line.is_secant:
        label = f"secant from {start} to ${MATHTEXT.number(line.at[1])}$"
    if caption is not None and not caption.field:
        return f"{label}, vertical" if line.is_vertical else label
    if caption is not None and (caption.field == "at" or line.is_secant):
        label = "secant" if line.is_secant else "tangent"
        if place.is_panel:
            return label
        line = replace(line, digits=min(line.digits, _FRAME_DIGITS))  # few, since they change in each frame
    return f"{label}{line_numbers(spec, line)}"


def taylor_line(polynomial: Polynomial, x: Floats, tangent: Lines) -> Lines:
    """Return a Taylor polynomial at coordinates (N,) in the colour of the tangent at its centre."""
    points = np.column_stack((x, drawable(polynomial(x))))
    powers = polynomial.centre, polynomial.coefficients
    return Lines(points, tangent.colour, tangent.width, "-.", name=TAYLOR, powers=powers)


def taylor_label(spec: Tangent, polynomial: Polynomial, place: Place) -> str:
    """Return the legend of a Taylor polynomial: its terms, several lines of them if there are many."""
    variable, caption = spec.reading.variables[0], place.caption
    left = f"T_{{{polynomial.degree}}}({MATHTEXT.name(variable)})"
    if caption is not None and (place.is_panel or not caption.field):
        return (
            f"${left}$"
            if caption.field == "at"
            else f"${left}$ at ${MATHTEXT.name(variable)} = {MATHTEXT.number(polynomial.centre)}$"
        )
    terms = [
        (float(f"{coefficient:.{_TERM_DIGITS}g}"), power(variable, exponent, polynomial.centre))
        for exponent, coefficient in enumerate(polynomial.coefficients)
    ]
    return sum_in_rows(left, sum_of(terms))


def panel_title(spec: Tangent, samples: CurveSamples, place: Place) -> Text | None:
    """Return the title of a panel of a sweep of a field, with the slope of the only line that it changes."""
    caption = place.caption
    if not place.is_panel or caption is None or not caption.field:
        return None
    lines = [line for one in samples.functions for line in one.lines]
    changed = [line for line in lines if line.is_secant == (caption.field == "secant")]
    numbers = line_numbers(spec, changed[0]) if len(changed) == 1 else ""
    return Text(f"${caption.mathtext}${numbers}", size="medium")


def line_numbers(spec: Tangent, line: StraightLine) -> str:
    """Return the slope of a line, or its equation, as the end of a label."""
    if line.is_vertical:
        return ", vertical"
    slopes = [slope for slope in (line.left, line.slope) if slope is not None]
    if spec.equations:
        return f": {' and '.join(_equation(spec, line, slope) for slope in slopes)}"
    texts = [_slope(line, slope) for slope in slopes]
    return f", slope{'s' * (len(texts) > 1)} {' and '.join(texts)}"


def _slope(line: StraightLine, slope: float) -> str:
    return (
        r"$\infty$"
        if slope == math.inf
        else r"$-\infty$"
        if math.isinf(slope)
        else f"${number(slope, line.digits)}$"
    )


def _equation(spec: Tangent, line: StraightLine, slope: float) -> str:
    """Return the equation of a line with a slope, in as many digits as the slope has."""
    variable = spec.reading.variables[0]
    if math.isinf(slope):
        return f"${MATHTEXT.name(variable)} = {MATHTEXT.number(line.at[0])}$"
    step = (
        10.0 ** (math.floor(math.log10(scale)) + 1 - line.digits)
        if (scale := max(abs(line.value), abs(slope * line.at[0])))
        else 1.0
    )
    intercept = round((line.value - slope * line.at[0]) / step) * step
    terms = (float(f"{slope:.{line.digits}g}"), power(variable, 1)), (intercept, "")
    return f"${'z' if variable == 'y' else 'y'} = {' '.join(sum_of(terms))}$"


def triangles(spec: Tangent, samples: CurveSamples, colours: Sequence[str], style: Style) -> Iterator[Mark]:
    """Yield slope triangles of lines in colours: of tangents over round lengths, of secants their own."""
    (low, high), view = view_of(spec)[0], spec.ylim or completed(samples.shared).limits
    for line, colour in zip(samples.lines, colours, strict=True):
        if line.is_vertical or line.left is not None:
            continue
        start, free = line.at[0], 0.0
        if line.is_secant:
            run = line.at[1] - start
            shorter = [d for d in spec.distances if d * run > 0 and abs(d) < abs(run) * _SAME_LEG]
            free = max(shorter, key=abs, default=0.0)  # where the label of another secant stands
        else:
            run = _run(line.slope, high - low, view)
            is_left = start + run > high or (any(distance > 0 for distance in spec.distances))
            run = -run if is_left and start - run >= low else run
        triangle = _Triangle(start, line.value, run, line.slope * run, start + (free + run) / 2)
        yield from triangle.marks(min(line.digits, _LEG_DIGITS), colour, style)


class _Triangle(NamedTuple):
    """A slope triangle at a point (x, y), with the coordinate `label_x` of the label of its run."""

    x: float
    y: float
    run: float
    rise: float
    label_x: float

    def marks(self, digits: int, colour: str, style: Style) -> Iterator[Mark]:
        """Yield the legs, along x first, and their labels outside of the triangle."""
        x, y, run, rise, label_x = self
        points = np.array([[x, y], [x + run, y], [x + run, y + rise]])
        yield Lines(points, colour, style.mark_scale * _WIDTH, zorder=2.5, name=TRIANGLE)
        below, right = rise >= 0, run > 0
        yield Label(
            Text(rf"$\Delta x = {number(run, digits)}$", size="small"), (label_x, y), ("data", "data"),
            (0.0, -_LABEL_GAP if below else _LABEL_GAP), colour, ("center", "top" if below else "bottom"),
            in_layout=False, outline=style.page,
        )  # fmt: skip
        yield Label(
            Text(rf"$\Delta y = {number(rise, digits)}$", size="small"), (x + run, y + rise / 2),
            ("data", "data"), (_LABEL_GAP if right else -_LABEL_GAP, 0.0), colour,
            ("left" if right else "right", "center"), in_layout=False, outline=style.page,
        )  # fmt: skip


def _run(slope: float, width: float, view: Limits) -> float:
    """Return a round length along x for a slope triangle in a view: 1 if that is neither long nor short."""
    most = _RUN_SHARE * width
    if slope:
        most = min(most, _RISE_SHARE * (view[1] - view[0]) / abs(slope))
    if _ONE_SHARE * most <= 1 <= most:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most))
    return max(digit * power for digit in (1, 2, 5) if digit * power <= most)
