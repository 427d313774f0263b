from __future__ import annotations

import re

import numpy as np
import pytest

import gradviz
from gradviz.arrays import mesh
from gradviz.errors import RequestError
from gradviz.sampling.samples import Samples

F = "x0**2 + 3*x1"


def sampled(expression=F, *, gradient=True, notes=()):
    """Return samples over three values of x0 and two of x1."""
    field = gradviz.field(expression, variables=["x0", "x1"])
    points = mesh([1.0, 2.0, 3.0], [10.0, 20.0])
    estimate = gradviz.gradient(field, method="exact").estimate(points) if gradient else None
    return Samples(field, points, field(points), estimate, notes)


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
    assert list(sampled(gradient=False).columns()) == ["x0", "x1", "f"]


def test_points_in_rows_of_one_variable():
    """A curve's points (N, 1) make one column of the variable."""
    spec = gradviz.Tangent(expression="t**2", range=(0, 2), samples=3)
    columns = spec.sample().columns()
    assert list(columns.values()) == [
        [0, 1, 2],
        [0, 1, 4],
        pytest.approx([0, 2, 4]),
    ]
    assert list(columns) == ["t", "f", "df/dt"]


def test_what_is_unreliable_is_counted_in_words_with_its_reasons():
    """One remark says at how many points the gradient is unreliable and why; not where f is undefined."""
    *_, remark = sampled("abs(x0 - 2) + floor(x1/20)").remarks
    assert remark == "the gradient is unreliable at 4 of 6 points (3 jump, 1 kink)"
    (remark,) = sampled("log(x0 - 1.5) + x1").remarks
    assert "undefined" in remark


def test_doubts_are_columns_beside_the_others():
    """The errors and the reasons are columns with a row for each point; without a gradient there are none."""
    samples = sampled("abs(x0 - 2) + x1")
    doubts = samples.doubts()
    assert list(doubts) == ["error of df/dx0", "error of df/dx1", "unreliable"]
    assert {len(column) for column in doubts.values()} == {6}
    assert doubts["unreliable"] == ["", "kink", ""] * 2
    assert samples.doubtful.tolist() == [[False, True, False]] * 2
    assert np.isnan(samples.trusted[:, 1]).all()
    assert sampled(gradient=False).doubts() == {}


def test_what_is_undefined_is_counted_in_words():
    """The number of points without a value is said, with commas, beside the notes of the spec."""
    assert sampled(notes=("a note",)).remarks == ("a note",)
    first, second = sampled("log(x0 - 1.5) + x1", notes=("a note",)).remarks
    assert first == "a note"
    assert "2 of 6 points" in second  # x0 = 1, twice
    field = gradviz.field("sqrt(x0 - 5) + 0*x1")
    points = mesh(np.arange(1, 61), np.arange(1, 301))
    (remark,) = Samples(field, points, field(points)).remarks
    assert "1,200 of 18,000 points" in remark  # x0 = 1, 2, 3, 4, each 300 times


def test_a_function_that_is_nowhere_defined_is_an_error():
    """If there is nothing to draw, that is said, with a way out."""
    with pytest.raises(RequestError, match="--range"):
        sampled("sqrt(-1 - x0**2) + x1")


def test_one_defined_point_is_enough():
    """An error is only for a function without any value."""
    assert np.isfinite(sampled("sqrt(x0 - 3) + log(x1 - 15)").values).sum() == 1


def test_points_outside_of_the_region_are_counted_apart():
    """What --where leaves out is not called undefined; what is undefined inside is."""
    spec = gradviz.Contour(
        expression="sqrt(x0) + 0*x1", where="x1 > 0.5", range={"x0": (-2, 2), "x1": (0, 1)}, samples=(5, 3)
    )
    outside, undefined = spec.sample().remarks
    assert outside.startswith("10 of 15 points")  # x1 = 0 and 0.5
    assert "--where" in outside
    assert "2 of 15 points" in undefined  # x0 = -2 and -1


@pytest.mark.parametrize(("where", "word"), [("x1 > 9", "no point"), ("x0 < -1", "undefined")])
def test_an_empty_region_is_an_error_that_names_it(where, word):
    """If nothing is left to draw because of --where, that is said."""
    with pytest.raises(RequestError, match=f"{word}.*--where"):
        gradviz.Contour(expression="sqrt(x0) + x1", where=where, samples=9).sample()


@pytest.mark.parametrize("kind", ["contour", "surface", "quiver", "stream", "descent", "pairs", "tangent"])
def test_values_too_small_for_matplotlib_are_refused(kind):
    """Below 1e-280 scales would read what is not there; above, and for 0 itself, they read what is."""
    make = gradviz.specs.KINDS[kind]
    text = "x**2 + 3*x" if kind == "tangent" else "x**2 + 3*y"
    with pytest.raises(RequestError, match="too small for a picture; multiply it"):
        make(expression=f"1e-300*({text})").evaluate()
    make(expression=f"0*({text})").evaluate()
    tiny, usual = (make(expression=f"{factor}*({text})").evaluate() for factor in ("1e-270", "1"))
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
    contour = gradviz.Contour(expression=text, samples=21).evaluate()
    count = np.count_nonzero(np.abs(contour.values) >= 1e200)
    assert 0 < count < 441
    assert (
        f"too large for a picture, above 1e200, at {count} of 441 points, left blank" in contour.remarks[-1]
    )
    for kind in (gradviz.Quiver, gradviz.Stream):
        samples = kind(expression=text, samples=21, contour=True).evaluate()
        assert np.isfinite(samples.trusted).all()
        (note,) = samples.remarks
        large = np.count_nonzero(np.abs(samples.fine.values) >= 1e200)
        assert note.startswith(f"no level lines where the function is too large for them: at {large:,} of ")
        assert kind(expression=text, samples=21).evaluate().remarks == ()
    beyond = gradviz.Contour(expression="exp(300*x0) + 0*x1", samples=21).evaluate()
    assert "undefined or too large at" in beyond.remarks[-1]


@pytest.mark.parametrize("kind", [gradviz.Contour, gradviz.Surface])
def test_a_function_of_which_hardly_a_value_can_be_drawn_is_refused(kind):
    """If all that is left is one value, the function is not told to be constant."""
    with pytest.raises(RequestError, match=r"above 1e\+200, at 440 of 441 points"):
        kind(expression="1e300*(x0**2 + x1**2)", range=(-2, 2), samples=21).evaluate()


def test_a_range_shorter_than_one_over_the_greatest_is_refused():
    """Ticks of an axis that is shorter than 1e-150 would read what is not there."""
    gradviz.Contour(expression="x0*x1", range=(0, 1e-149))
    with pytest.raises(RequestError, match=r"HI - LO must be at least 1e-150"):
        gradviz.Contour(expression="x0*x1", range=(0, 1e-151))
