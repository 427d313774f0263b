"""The error of central differences against their step: its samples and how they are drawn."""

from __future__ import annotations

import math
from statistics import median

import numpy as np
import pytest

import gradviz
from gradviz.errors import RequestError
from gradviz.sampling.steps import checked_points


def drawn(expression="sin(x)", **fields):
    """Return the axes of a figure of errors, and its lines by their names."""
    fields = {"samples": 40, "dpi": 30, **fields}
    axes = gradviz.render(gradviz.Steps(expression=expression, **fields)).axes[0]
    return axes, {line.get_label().removeprefix("_"): line for line in axes.get_lines()}


def texts(axes):
    """Return what is written into the axes."""
    return [text.get_text() for text in axes.texts]


def test_the_median_is_that_of_a_loop_over_points():
    """For each step the line holds the median, over the points, of |(f(x+h) - f(x-h))/2h - f'(x)| / |f'(x)|.

    The points and the exact slope of exp are made here: fractions of k sqrt(2) on 0 to 1, and exp itself.
    """
    _, lines = drawn("exp(x)", range=(0, 1), samples=9)
    steps, errors = (np.asarray(lines["median"].get_data()[k]) for k in (0, 1))
    points = [math.modf(k * math.sqrt(2))[0] for k in range(1, 10)]
    for h in (1e-6, 1e-4, 1e-2, 1.0):
        (row,) = np.flatnonzero(np.isclose(steps, h, rtol=1e-12))
        each = []
        for x in points:
            right, left = x + h, x - h
            each.append(abs((math.exp(right) - math.exp(left)) / (right - left) / math.exp(x) - 1))
        assert errors[row] == pytest.approx(median(each), rel=1e-3, abs=1e-12)
        assert np.asarray(lines["greatest"].get_ydata())[row] == pytest.approx(max(each), rel=1e-2, abs=1e-12)


def test_of_two_variables_the_worse_slope_counts():
    """For x0 + exp(5 x1) only the second slope is off: by sinh(5h)/(5h) - 1 of itself at every point."""
    _, lines = drawn("x0 + exp(5*x1)", range={"x0": (0, 1), "x1": (1, 1.2)}, samples=(4, 6))
    steps, errors = lines["median"].get_data()
    for h in (1e-3, 1e-2, 1e-1):
        (row,) = np.flatnonzero(np.isclose(steps, h, rtol=1e-12))
        assert errors[row] == pytest.approx(math.sinh(5 * h) / (5 * h) - 1, rel=1e-4)


def test_the_steps_reach_from_1e_16_to_1():
    """Both axes are logarithmic, the steps go from 1e-16 to 1 and the book's 1e-4 is one of them."""
    axes, lines = drawn()
    steps = np.asarray(lines["median"].get_xdata())
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    np.testing.assert_allclose(steps[[0, -1]], [1e-16, 1])
    assert np.isclose(steps, 1e-4, rtol=1e-12).sum() == 1
    assert (np.diff(steps) > 0).all()


def test_the_best_step_lies_between_rounding_and_cutting_off():
    """For sin it is near the cube root of three times the rounding, 1e-5, and the error there the least."""
    axes, lines = drawn()
    (dot,) = [line for line in axes.get_lines() if line.get_marker() == "o"]
    (best,), (error,) = dot.get_data()
    assert 1e-6 < best < 5e-5
    assert error == np.min(lines["median"].get_ydata())
    (label,) = [text for text in texts(axes) if text.startswith("best")]
    assert rf"10^{{{math.floor(math.log10(best))}}}" in label


@pytest.mark.parametrize(
    ("step", "at", "words"),
    [(None, 1e-4, ["the book's", "10^{-4}"]), (2.5e-3, 2.5e-3, ["2.5", "10^{-3}"]), (0.25, 0.25, ["0.25"])],
)
def test_the_books_step_or_ones_own_is_marked(step, at, words):
    """A vertical line stands at 1e-4, or at --step, with its value beside it; only 1e-4 is the book's."""
    axes, lines = drawn(**({} if step is None else {"step": step}))
    upright = [line for line in axes.get_lines() if len(set(line.get_xdata())) == 1 < len(line.get_xdata())]
    assert [set(line.get_xdata()) for line in upright] == [{at}]
    (label,) = [text for text in texts(axes) if "h = " in text and not text.startswith("best")]
    assert all(word in label for word in words)
    assert ("book" in label) is (step is None)
    assert np.isclose(lines["median"].get_xdata(), at, rtol=1e-12).any()


def test_the_methods_own_error_is_a_level_line():
    """Of adaptive it is below the best of central; of central with 1e-4 it is where that line is marked."""
    axes, lines = drawn("exp(x)")
    (level,) = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
    assert len(set(level.get_ydata())) == 1
    assert level.get_ydata()[0] < np.min(lines["median"].get_ydata())
    assert "adaptive" in texts(axes)

    axes, lines = drawn("exp(x)", method="central")
    (level,) = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
    row = int(np.argmin(np.abs(np.asarray(lines["median"].get_xdata()) - 1e-4)))
    assert level.get_ydata()[0] == pytest.approx(lines["median"].get_ydata()[row], rel=1e-2)
    assert "central" in texts(axes)

    axes, _ = drawn("exp(x)", method="exact")
    assert [line for line in axes.get_lines() if line.get_linestyle() == "--"] == []


def test_the_slopes_of_both_errors_stand_beside_them():
    """Two faint lines: one falls as 1/h where rounding rules, one grows as h^2 where cutting off does."""
    axes, _ = drawn("exp(x)")
    found = {}
    for line in axes.get_lines():
        if line.get_linestyle() == ":":
            h, error = np.log10(line.get_data())
            found[round(float((error[-1] - error[0]) / (h[-1] - h[0])), 6)] = h
    assert set(found) == {-1.0, 2.0}
    assert found[-1.0].max() < found[2.0].min()
    words = " ".join(texts(axes))
    assert r"\epsilon/h" in words
    assert "h^2" in words


def test_nothing_is_cut_off_of_a_quadratic():
    """(f(x+h) - f(x-h))/2h is exact for a quadratic: there is no slope of h^2, and the best step is 1."""
    axes, _ = drawn("x**2")
    assert not any("h^2" in text for text in texts(axes))
    assert "best: $h = 1$" in texts(axes)


def test_labels_and_title_are_the_formula_and_the_words_unless_given():
    """The axes name the step and the error, and the title is the formula, or the user's words."""
    axes, _ = drawn("x0**2*x1", samples=4)
    assert "h" in axes.get_xlabel()
    assert "error" in axes.get_ylabel()
    assert "x_{0}^{2}" in axes.get_title().replace(" ", "")
    axes, _ = drawn(title="T", xlabel="a", ylabel="b")
    assert (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()) == ("T", "a", "b")


def test_the_view_is_as_asked():
    """The user's view and ticks hold, and all of the lines is within the usual view."""
    axes, _ = drawn(xlim=(1e-8, 0.1), ylim=(1e-12, 1), xticks=[1e-6, 1e-3], yticks=[1e-9, 1e-3])
    assert axes.get_xlim() == (1e-8, 0.1)
    assert axes.get_ylim() == (1e-12, 1)
    assert list(axes.get_xticks()) == [1e-6, 1e-3]
    assert list(axes.get_yticks()) == [1e-9, 1e-3]
    axes, lines = drawn()
    low, high = axes.get_ylim()
    heights = np.concatenate([lines[name].get_ydata() for name in ("median", "greatest")])
    assert low < heights.min() < heights.max() < high


def test_a_constant_has_no_error():
    """Differences of equal values are 0, and the picture says so."""
    axes, _ = drawn("5")
    assert any("0 for every step" in text for text in texts(axes))


def test_undefined_points_are_left_out():
    """Where a part of the range is not in the domain, the errors are those of the rest, or none at all."""
    _, lines = drawn("log(x)", range=(-1, 3))
    assert np.isfinite(lines["median"].get_ydata()).all()
    _, lines = drawn("log(x)", range=(-1, 1))  # where x - 1 is never above 0
    assert np.flatnonzero(np.isnan(lines["median"].get_ydata())).tolist() == [80]
    with pytest.raises(RequestError, match="undefined"):
        gradviz.sample(gradviz.Steps(expression="log(-1 - x**2)", samples=9))


def test_data_are_the_lines():
    """The columns of the data are the step, the median, the greatest error and the method's own."""
    spec = gradviz.Steps(expression="sin(x)", samples=7, method="complex")
    columns = gradviz.sample(spec).columns()
    assert list(columns) == ["h", "median", "max", "complex"]
    _, lines = drawn("sin(x)", samples=7, method="complex")
    np.testing.assert_array_equal(columns["h"], lines["median"].get_xdata())
    np.testing.assert_array_equal(columns["max"], np.asarray(lines["greatest"].get_ydata()))


def test_panels_of_a_sweep_share_the_axis_of_errors():
    """Each value has a panel with its own median; limits are the same, and one legend is below all."""
    spec = gradviz.Steps(expression="sin(a*x)", sweep="a=1,1000", samples=9, dpi=30)
    samples = gradviz.sample(spec)
    figure = gradviz.render(spec, samples)
    first, second = figure.axes
    assert first.get_ylim() == second.get_ylim()
    for axes, one in zip(figure.axes, samples.members, strict=True):
        (line,) = (line for line in axes.get_lines() if line.get_label() == "_median")
        np.testing.assert_array_equal(line.get_ydata(), one.table["median"])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["median", "greatest"]


# Where errors are taken ----------------------------------------------------------------------------------


def test_points_are_a_mesh_and_as_many_scattered_ones():
    """Of 3 and 4 points along the axes come 12 on the mesh and 12 within the ranges, each in its own."""
    spec = gradviz.Steps(expression="x0*x1", range={"x0": (-2, 2), "x1": (5, 8)}, samples=(3, 4))
    points = checked_points(spec)
    assert points.shape == (24, 2)
    assert {tuple(point) for point in points[:12]} == {(a, b) for a in (-2, 0, 2) for b in (5, 6, 7, 8)}
    scattered = points[12:]
    assert ((scattered > [-2, 5]) & (scattered < [2, 8])).all()
    assert len({tuple(point) for point in scattered}) == 12
    np.testing.assert_array_equal(points, checked_points(spec))


@pytest.mark.parametrize("dimension", range(1, 13))
def test_points_stay_few_in_many_dimensions(dimension):
    """For 1 to 12 variables there are some hundred to ten thousand points."""
    names = [f"x{k}" for k in range(dimension)]
    points = checked_points(gradviz.Steps(expression="+".join(names)))
    assert points.shape[1] == dimension
    assert 250 <= len(points) <= 10_000


def test_too_many_points_are_refused():
    """A mesh of more points than the limit is refused when the spec is made."""
    with pytest.raises(RequestError, match="100,000 points"):
        gradviz.Steps(expression="x*y*z", samples=50)
    gradviz.Steps(expression="x*y*z", samples=46)
