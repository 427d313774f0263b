"""Samples of a function: the data that they give, what they warn of, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gradviz
from gradviz.arrays import mesh
from gradviz.cli.wording import flags
from gradviz.errors import RequestError
from gradviz.sampling.samples import Samples
from gradviz.sampling.values import evaluate, refuse_empty, slopes_at

F = "x0**2 + 3*x1"


def sampled(expression=F):
    """Return a function and its gradient over three values of x0 and two of x1."""
    field = gradviz.field(expression, variables=["x0", "x1"])
    points = mesh([1.0, 2.0, 3.0], [10.0, 20.0])
    slopes = slopes_at(gradviz.gradient(field, method="exact"), points)
    evaluated = evaluate(field, points, slopes.estimate.values)
    refuse_empty(evaluated, has_gradient=True)
    return Samples(evaluated=evaluated, slopes=slopes)


def test_columns_are_one_row_a_point():
    """The data has the variables, f and the partial derivatives in columns, each row about one point."""
    columns = sampled().columns()
    assert list(columns) == ["x0", "x1", "f", "df/dx0", "df/dx1"]
    rows = {tuple(row) for row in zip(*columns.values(), strict=True)}
    # f = x0^2 + 3 x1, its gradient (2 x0, 3), worked out by hand
    assert rows == {
        (1.0, 10.0, 31.0, 2.0, 3.0),
        (2.0, 10.0, 34.0, 4.0, 3.0),
        (3.0, 10.0, 39.0, 6.0, 3.0),
        (1.0, 20.0, 61.0, 2.0, 3.0),
        (2.0, 20.0, 64.0, 4.0, 3.0),
        (3.0, 20.0, 69.0, 6.0, 3.0),
    }


def test_without_a_gradient_there_are_no_columns_for_it():
    """A figure that has no gradient has no columns of one."""
    assert list(Samples(evaluated=sampled().evaluated).columns()) == ["x0", "x1", "f"]
    contour = gradviz.sample(gradviz.Contour(expression=F, samples=3))
    assert list(contour.columns()) == ["x0", "x1", "f"]
    assert contour.error_columns() == {}
    assert contour.gradient is None


def test_points_in_rows_of_one_variable():
    """A curve's points (N, 1) make one column of the variable."""
    spec = gradviz.Tangent(expression="t**2", range=(0, 2), samples=3)
    columns = gradviz.sample(spec).columns()
    assert list(columns.values()) == [
        [0, 1, 2],
        [0, 1, 4],
        pytest.approx([0, 2, 4]),
    ]
    assert list(columns) == ["t", "f", "df/dt"]


def test_what_is_unreliable_is_counted_in_words_with_its_reasons():
    """One warning says at how many points the gradient is unreliable and why; not where f is undefined."""
    *_, warning = sampled("abs(x0 - 2) + floor(x1/20)").warnings
    assert warning == "the gradient is unreliable at 4 of 6 points (3 jump, 1 kink)"
    (warning,) = sampled("log(x0 - 1.5) + x1").warnings
    assert "undefined" in warning


def test_errors_are_columns_beside_the_others():
    """The errors and the reasons are columns with a row for each point; without a gradient there are none."""
    samples = sampled("abs(x0 - 2) + x1")
    errors, slopes = samples.error_columns(), samples.slopes
    assert list(errors) == ["error of df/dx0", "error of df/dx1", "unreliable"]
    assert {len(column) for column in errors.values()} == {6}
    assert errors["unreliable"] == ["", "kink", ""] * 2
    assert slopes.unreliable.tolist() == [[False, True, False]] * 2
    assert np.isnan(slopes.trusted[:, 1]).all()
    arrows = gradviz.sample(gradviz.Quiver(expression="abs(x0 - 2) + x1", range=(1, 3), samples=3))
    assert arrows.error_columns()["unreliable"] == ["", "kink", ""] * 3


def test_what_is_undefined_is_counted_in_words():
    """The number of points without a value is said, with commas, behind the warnings of the spec."""
    usual = {"range": {"x0": (1, 3), "x1": (10, 20)}, "samples": (3, 2), "xlim": (5, 6)}
    assert list(gradviz.sample(gradviz.Contour(expression=F, **usual)).warnings) == [
        "xlim shows nothing of the figure: x0 is drawn from 1 to 3, which range changes"
    ]
    first, second = gradviz.sample(gradviz.Contour(expression="log(x0 - 1.5) + x1", **usual)).warnings
    assert first.startswith("xlim")
    assert "2 of 6 points" in second  # x0 = 1, twice
    field = gradviz.field("sqrt(x0 - 5) + 0*x1")
    evaluated = evaluate(field, mesh(np.arange(1, 61), np.arange(1, 301)))
    (warning,) = Samples(evaluated=evaluated).warnings
    assert "1,200 of 18,000 points" in warning  # x0 = 1, 2, 3, 4, each 300 times


def test_a_function_that_is_nowhere_defined_is_an_error():
    """If there is nothing to draw, that is said, with a way out."""
    with pytest.raises(RequestError) as caught:
        sampled("sqrt(-1 - x0**2) + x1")
    assert "try another --range" in caught.value.message.worded(flags)


def test_one_defined_point_is_enough():
    """An error is only for a function without any value."""
    assert np.isfinite(sampled("sqrt(x0 - 3) + log(x1 - 15)").values).sum() == 1


def test_points_outside_of_the_region_are_counted_apart():
    """What --where leaves out is not called undefined; what is undefined inside is."""
    spec = gradviz.Contour(
        expression="sqrt(x0) + 0*x1", where="x1 > 0.5", range={"x0": (-2, 2), "x1": (0, 1)}, samples=(5, 3)
    )
    outside, undefined = gradviz.sample(spec).warnings
    assert outside.startswith("10 of 15 points")  # x1 = 0 and 0.5
    assert "--where" in outside.worded(flags)
    assert "2 of 15 points" in undefined  # x0 = -2 and -1


@pytest.mark.parametrize(("where", "word"), [("x1 > 9", "no point"), ("x0 < -1", "undefined")])
def test_an_empty_region_is_an_error_that_names_it(where, word):
    """If nothing is left to draw because of --where, that is said."""
    with pytest.raises(RequestError, match=f"{word}.*where") as caught:
        gradviz.sample(gradviz.Contour(expression="sqrt(x0) + x1", where=where, samples=9))
    assert "--where" in caught.value.message.worded(flags)


@pytest.mark.parametrize("kind", ["contour", "surface", "quiver", "stream", "descent", "pairs", "tangent"])
def test_values_too_small_for_matplotlib_are_refused(kind):
    """Below 1e-280 scales would read what is not there; above, and for 0 itself, they read what is."""
    make = gradviz.specs.KINDS[kind]
    text = "x**2 + 3*x" if kind == "tangent" else "x**2 + 3*y"
    with pytest.raises(RequestError, match="too small for a picture; multiply it"):
        gradviz.sample(make(expression=f"1e-300*({text})"))
    gradviz.sample(make(expression=f"0*({text})"))
    tiny, usual = (gradviz.sample(make(expression=f"{factor}*({text})")) for factor in ("1e-270", "1"))
    np.testing.assert_allclose(tiny.values * 1e270, usual.values, atol=1e-9)


def test_bars_of_the_smallest_values_read_what_they_are():
    """At 1e-278 the marks of the bar, times the bar's own factor, are where they stand."""
    figure = gradviz.render(gradviz.Surface(expression="1e-278*(x0**2 + x1**2)", dpi=40))
    bar = figure.axes[1].yaxis
    figure.draw_without_rendering()
    assert "10^{\N{MINUS SIGN}277}" in bar.get_offset_text().get_text()
    told = [float(re.sub(r"[^0-9.]", "", label.get_text())) for label in bar.get_majorticklabels()]
    np.testing.assert_allclose(told, bar.get_majorticklocs() * 1e277, atol=1e-9)
    assert 1.4 < max(told) < 2.1


def test_values_too_large_for_matplotlib_are_told_where_they_would_be_shown():
    """Above 1e200 a contour has gaps, and says so; arrows and streamlines are there all the same."""
    text = "1e201*(x0**2 + 3*x1)"
    contour = gradviz.sample(gradviz.Contour(expression=text, samples=21))
    count = np.count_nonzero(np.abs(contour.values) >= 1e200)
    assert 0 < count < 441
    assert (
        f"too large for a picture, above 1e200, at {count} of 441 points, left blank" in contour.warnings[-1]
    )
    for kind in (gradviz.Quiver, gradviz.Stream):
        samples = gradviz.sample(kind(expression=text, samples=21, contour=True))
        assert np.isfinite(samples.slopes.trusted).all()
        (warning,) = samples.warnings
        large = np.count_nonzero(np.abs(samples.fine.values) >= 1e200)
        start = "no level lines where the function is too large for them"
        assert warning.startswith(f"{start}: at {large:,} of ")
        assert gradviz.sample(kind(expression=text, samples=21)).warnings == ()
    beyond = gradviz.sample(gradviz.Contour(expression="exp(300*x0) + 0*x1", samples=21))
    assert "undefined or too large at" in beyond.warnings[-1]


@pytest.mark.parametrize("kind", [gradviz.Contour, gradviz.Surface])
def test_a_function_of_which_hardly_a_value_can_be_drawn_is_refused(kind):
    """If all that is left is one value, the function is not told to be constant."""
    with pytest.raises(RequestError, match=r"above 1e\+200, at 440 of 441 points"):
        gradviz.sample(kind(expression="1e300*(x0**2 + x1**2)", range=(-2, 2), samples=21))


def test_a_range_shorter_than_one_over_the_greatest_is_refused():
    """Ticks of an axis that is shorter than 1e-150 would read what is not there."""
    gradviz.Contour(expression="x0*x1", range=(0, 1e-149))
    with pytest.raises(RequestError, match="must be at least 1e-150"):
        gradviz.Contour(expression="x0*x1", range=(0, 1e-151))
