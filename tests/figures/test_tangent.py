"""Curves of one variable with tangents, secants and the derivative: their samples and how they are drawn."""

from __future__ import annotations

import numpy as np
import pytest

import gradviz
from gradviz.errors import GradvizError, RequestError
from gradviz.figures.tangent import depict

CURVE = "0.01*x**2 + 0.1*x"


def drawn(expression=CURVE, **fields):
    """Return the figure of a curve, and the lines and dots of its first axes."""
    figure = gradviz.render(gradviz.Tangent(expression=expression, **{"samples": 21, "dpi": 30, **fields}))
    lines = figure.axes[0].get_lines()
    curve, *rest = lines
    return (
        figure,
        curve,
        [line for line in rest if len(line.get_xdata()) > 1],
        [line for line in rest if len(line.get_xdata()) == 1],
    )


def legend_texts(figure):
    """Return the texts of the legend inside the first axes, or below them."""
    legend = figure.axes[0].get_legend() or figure.legends[0]
    return [text.get_text() for text in legend.get_texts()]


def test_the_curve_is_the_function():
    """The line holds the sampled points: steps as in numpy.arange, values by Horner's rule (F1)."""
    figure, curve, tangents, dots = drawn(range=(0, 20, 0.1))
    x = np.asarray(curve.get_xdata())
    assert len(x) == 200
    np.testing.assert_allclose(x, np.arange(200) / 10, atol=1e-12)
    np.testing.assert_allclose(curve.get_ydata(), (0.01 * x + 0.1) * x, rtol=1e-14)
    assert (tangents, dots) == ([], [])
    assert figure.axes[0].get_legend() is None
    assert len(figure.axes) == 1


@pytest.mark.parametrize(("at", "slope", "intercept"), [(5, 0.2, -0.25), (10, 0.3, -1.0)])
@pytest.mark.parametrize("method", ["adaptive", "central", "complex", "exact"])
def test_a_tangent_touches_with_the_books_slope(at, slope, intercept, method):
    """Over the whole range the line is slope * x + intercept, as the book works it out (F2, F3)."""
    _, curve, (tangent,), (dot,) = drawn(at=[at], range=(0, 20, 0.1), method=method)
    x = np.asarray(tangent.get_xdata())
    np.testing.assert_array_equal(x[[0, -1]], np.asarray(curve.get_xdata())[[0, -1]])
    np.testing.assert_allclose(tangent.get_ydata(), slope * x + intercept, atol=1e-9)
    np.testing.assert_allclose(
        [dot.get_xdata()[0], dot.get_ydata()[0]], [at, slope * at + intercept], rtol=1e-9
    )


def test_each_tangent_has_its_legend_entry_with_its_slope():
    """Two tangents are two entries, each with its place and slope, in colours that differ (F4)."""
    figure, _, tangents, dots = drawn(at=[5, 10], range=(0, 20))
    entries = [word for word in legend_texts(figure) if "slope" in word]
    assert len(entries) == len(tangents) == len(dots) == 2
    assert "5" in entries[0]
    assert "0.2" in entries[0]
    assert "10" in entries[1]
    assert "0.3" in entries[1]
    assert tangents[0].get_color() != tangents[1].get_color()
    assert [t.get_color() for t in tangents] == [d.get_color() for d in dots]


def test_the_derivative_stands_beside_the_curve():
    """The second axes hold f'(x) = 0.02 x + 0.1 over the same x (F4)."""
    figure, curve, _, _ = drawn(range=(0, 20), derivative=True)
    first, second = figure.axes
    (line,) = second.get_lines()
    x = np.asarray(line.get_xdata())
    np.testing.assert_array_equal(x, curve.get_xdata())
    np.testing.assert_allclose(line.get_ydata(), 0.02 * x + 0.1, rtol=1e-9)
    assert first.get_xlim() == second.get_xlim()


def test_a_tangent_of_a_parameter_and_a_fixed_variable():
    """The slope of a x^2 + y x at 1 is 2 a + y, with a = 3 and y = 5: 11, and the line 11 x - 3."""
    _, _, (tangent,), _ = drawn("a*x**2 + y*x", at=[1], set={"a": 3}, fix={"y": 5})
    x = np.asarray(tangent.get_xdata())
    np.testing.assert_allclose(tangent.get_ydata(), 11 * x - 3, atol=1e-7)


def test_the_default_range_reaches_the_points_of_tangency():
    """Where no range is given, a point outside the usual one widens it; a given range holds as it is."""
    usual = gradviz.Tangent(expression="x**2").interval("x")
    low, high = gradviz.Tangent(expression="x**2", at=[-7, 40]).interval("x")[:2]
    assert low < -7 < 40 < high
    assert gradviz.Tangent(expression="x**2", at=[1]).interval("x") == usual
    assert gradviz.Tangent(expression="x**2", at=[40], range=(0, 1)).interval("x") == (0, 1)


def test_labels_are_the_names_unless_given():
    """The axes are labelled with the variable and f of it, or with the user's words."""
    figure, *_ = drawn("t**2")
    assert "t" in figure.axes[0].get_xlabel()
    assert "f(t)" in figure.axes[0].get_ylabel()
    figure, *_ = drawn("t**2", xlabel="x", ylabel="f(x)")
    assert figure.axes[0].get_xlabel() == "x"
    assert figure.axes[0].get_ylabel() == "f(x)"


def test_an_empty_label_is_no_label():
    """A label that is given as empty is empty, and does not bring the usual one back."""
    figure, *_ = drawn("t**2", xlabel="", ylabel="", title="")
    assert figure.axes[0].get_xlabel() == figure.axes[0].get_ylabel() == figure.axes[0].get_title() == ""


def test_the_view_is_as_asked():
    """xlim, ylim and ticks are those that were given."""
    figure, *_ = drawn(at=[5], xlim=(-1, 6), ylim=(-2, 3), xticks=[0, 5], yticks=[0, 1, 2])
    axes = figure.axes[0]
    assert axes.get_xlim() == (-1, 6)
    assert axes.get_ylim() == (-2, 3)
    assert list(axes.get_xticks()) == [0, 5]
    assert list(axes.get_yticks()) == [0, 1, 2]


def test_a_steep_tangent_does_not_flatten_the_curve():
    """The view is of the curve: it takes at least half of the height, whatever the slopes."""
    figure, curve, _, _ = drawn("exp(x)", at=[4.9], range=(0, 5))
    low, high = figure.axes[0].get_ylim()
    heights = np.asarray(curve.get_ydata())
    assert low < heights.min() < heights.max() < high
    assert (heights.max() - heights.min()) / (high - low) >= 0.45


@pytest.mark.parametrize("expression", ["1/x", "log(x)", "sqrt(x - 1)"])
def test_there_is_no_tangent_where_the_function_is_not_defined(expression):
    """A tangent at a point without a value is an error that names the point."""
    with pytest.raises(GradvizError, match="0"):
        drawn(expression, at=[0])


def test_gaps_are_left_in_the_curve():
    """Where the function is not defined the line has NaN and goes on behind it."""
    _, curve, _, _ = drawn("log(x)", range=(-1, 1), samples=5)
    assert np.isnan(curve.get_ydata()).tolist() == [True, True, True, False, False]


def test_a_curve_without_any_value_is_an_error():
    """A function that is nowhere defined cannot be drawn."""
    with pytest.raises(RequestError, match="undefined"):
        drawn("sqrt(-1 - x**2)")


def test_a_constant_draws_with_a_level_tangent():
    """A constant is a level line, its tangent has slope 0, and the view has a height."""
    figure, curve, (tangent,), _ = drawn("5", at=[1])
    assert set(curve.get_ydata()) == set(tangent.get_ydata()) == {5.0}
    low, high = figure.axes[0].get_ylim()
    assert low < 5 < high


def test_a_value_too_large_for_a_tangent_is_not_called_a_kink():
    """x**2 is differentiable everywhere; where its value overflows, the message says that."""
    with pytest.raises(GradvizError) as caught:
        drawn("x**2", at=[1e200])
    assert "not differentiable" not in str(caught.value)


# Breaks and poles -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "places"),
    [
        ("tan(x)", np.pi * np.array([-1.5, -0.5, 0.5, 1.5])),
        ("floor(x)", np.arange(-4, 5)),
        ("1/x", [0]),
        ("sign(x)*(x**2 + 1)", [0]),
        ("1/(x - 1/3)", [1 / 3]),
    ],
)
@pytest.mark.parametrize("samples", [501, 100])
def test_no_piece_of_a_curve_crosses_a_jump(expression, places, samples):
    """Neither the curve nor its derivative has a wall where the function jumps; both reach up to it."""
    figure, curve, *_ = drawn(expression, samples=samples, derivative=True)
    for line in (curve, figure.axes[1].get_lines()[0]):
        x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
        drawn_pieces = np.isfinite(y[:-1]) & np.isfinite(y[1:])
        for place in places:
            assert not (drawn_pieces & (x[:-1] < place - 1e-9) & (x[1:] > place + 1e-9)).any()
            beside = x[np.isfinite(y)] - place
            assert -0.21 < beside[beside < 0].max() < beside[beside > 0].min() < 0.21
    figure.canvas.draw()


@pytest.mark.parametrize("expression", ["tan(x)", "1/x", "1/x**2", "exp(1/x)"])
def test_a_pole_does_not_flatten_the_curve(expression):
    """Without a view of the user's, the limits are those of the rest, and that is said."""
    spec = gradviz.Tangent(expression=expression, derivative=True, dpi=30)
    samples = gradviz.sample(spec)
    figure = gradviz.render(spec, samples)
    low, high = figure.axes[0].get_ylim()
    assert 2 < high - low < 50
    assert figure.axes[1].get_ylim()[1] - figure.axes[1].get_ylim()[0] < 1000
    assert any("ylim shows more" in warning for warning in samples.warnings)
    assert not any(
        "ylim" in w for w in gradviz.sample(gradviz.Tangent(expression=expression, ylim=(0, 9))).warnings
    )


def test_floor_has_the_derivative_0_beside_its_jumps():
    """On a jump there is no slope, and the differences across it are not drawn as one."""
    samples = gradviz.sample(gradviz.Tangent(expression="floor(x)"))
    slopes = samples.gradient[:, 0]
    np.testing.assert_array_equal(samples.points[np.isnan(slopes), 0], np.arange(-5, 6))
    assert set(slopes[np.isfinite(slopes)]) == {0.0}


def test_no_tangent_outside_of_the_region():
    """Where `where` does not hold there is no point to touch, and that is the reason given."""
    with pytest.raises(RequestError, match="no tangent at -1: where does not hold"):
        drawn("x**2", at=[-1], where="x > 0")


def test_a_secant_goes_through_both_points():
    """The slope of x^2 from 1 to 1 + h is 2 + h: the line through (1, 1) and (3.5, 12.25) with h = 2.5."""
    figure, *_ = drawn("x**2", at=[1], secant=2.5, range=(-2, 4))
    *_, secant, dots = figure.axes[0].get_lines()
    x, y = np.asarray(secant.get_xdata()), np.asarray(secant.get_ydata())
    np.testing.assert_allclose(y, 4.5 * (x - 1) + 1, atol=1e-12)
    assert list(zip(dots.get_xdata(), dots.get_ydata(), strict=True)) == [(1.0, 1.0), (3.5, 12.25)]
    assert "slope $4.5$" in legend_texts(figure)[-1]
    assert gradviz.Tangent(expression="x**2", at=[4], secant=3).interval("x")[1] > 7


def test_a_secant_needs_two_points():
    """Distance 0 is refused, a point without a value too, and a secant without a point is said to be none."""
    with pytest.raises(RequestError, match="same"):
        gradviz.Tangent(expression="x", at=[1], secant=0)
    with pytest.raises(RequestError, match="no secant from 1 to -1"):
        gradviz.sample(gradviz.Tangent(expression="sqrt(x)", at=[1], secant=-2))
    (warning,) = gradviz.sample(gradviz.Tangent(expression="x", secant=1)).warnings
    assert "without at" in warning


@pytest.mark.parametrize(
    ("expression", "why"),
    [("abs(x)", "kink"), ("floor(x)", "jump"), ("1/x", "pole"), ("sqrt(x)", "unbounded")],
)
def test_there_is_no_tangent_where_there_is_no_slope(expression, why):
    """At a kink, a jump, a pole and an edge the error names the reason, and before anything is drawn."""
    with pytest.raises(RequestError, match=f"no tangent at 0: .*{why}"):
        gradviz.sample(gradviz.Tangent(expression=expression, at=[0]))


def test_the_derivatives_curve_has_a_gap_at_a_kink():
    """Between both slopes of abs the curve of the derivative is cut: at 0 it has no value."""
    figure, *_ = drawn("abs(x)", range=(-1, 1), samples=3, derivative=True)
    (line,) = figure.axes[1].get_lines()
    np.testing.assert_allclose(line.get_ydata(), [-1, np.nan, 1])


@pytest.mark.parametrize(
    ("expression", "fields"),
    [
        ("x**2", {}),
        ("log(x)", {}),
        ("5", {}),
        ("0*x", {}),
        ("abs(x)", {"range": (-1, 1)}),
        ("x", {"at": [7]}),
    ],
)
def test_limits_are_those_of_autoscale(expression, fields):
    """The explicit limits are those that Matplotlib would choose: data of all lines, and 5 % beside them."""
    figure, *_ = drawn(expression, derivative=True, **fields)
    for axes in figure.axes:
        shown = axes.get_xlim(), axes.get_ylim()
        axes.autoscale()
        np.testing.assert_allclose(axes.get_ylim(), shown[1], rtol=1e-12)
        if axes is figure.axes[0]:
            np.testing.assert_allclose(axes.get_xlim(), shown[0], rtol=1e-12)


def test_panels_of_a_sweep_share_limits_and_name_no_slope():
    """The view holds all curves and their tangents; one legend below has the tangent without its slope."""
    spec = gradviz.Tangent(expression="a*x**2", at=[1], sweep="a=1:4:4", range=(-1, 3), samples=9, dpi=30)
    figure = gradviz.render(spec)
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    low, high = figure.axes[0].get_ylim()
    assert low < 0
    assert high > 4 * 3**2
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["$f(x)$", "tangent at $x = 1$"]


@pytest.mark.parametrize("style", ["default", "paper", "dark"])
def test_both_titles_beside_each_other_have_the_letters_of_formulas(style):
    """The derivative's title is as large as the curve's, and of the same kind of letters."""
    for expression in ("sin(x)**2/x", CURVE):
        left, right = drawn(expression, derivative=True, style=style)[0].axes
        assert left.title.get_fontsize() == right.title.get_fontsize()
        assert right.title.get_fontfamily()[0] == "STIXGeneral"  # as mathtext's "stix"


@pytest.mark.parametrize(
    ("expression", "at", "value"),
    [("cbrt(x)", 0, 0), ("cbrt(x - 1) + 2", 1, 2), ("sign(x)*sqrt(abs(x))", 0, 0), ("x + cbrt(x)", 0, 0)],
)
@pytest.mark.parametrize("method", ["adaptive", "exact", "central"])
def test_a_vertical_tangent_is_vertical(expression, at, value, method):
    """It is a line at one x, up and down the whole view, and the legend has a word in place of a slope."""
    spec = gradviz.Tangent(expression=expression, at=[at], method=method, vars=["x"])
    figure = gradviz.render(spec)
    (line,) = (one for one in figure.axes[0].get_lines() if one.get_label() == "_vertical tangent")
    low, high = figure.axes[0].get_ylim()
    assert set(line.get_xdata()) == {at}
    assert (min(line.get_ydata()), max(line.get_ydata())) == pytest.approx((low, high))
    assert low < value < high
    words = [text.get_text() for axes in (figure.axes[0].get_legend(), *figure.legends) if axes
             for text in axes.get_texts()]  # fmt: skip
    assert any("vertical" in word and "slope" not in word for word in words)
    assert "vertical" in depict(spec, gradviz.sample(spec))


@pytest.mark.parametrize(
    "fields",
    [{"range": (-2, 2)}, {"range": (-8, 8), "xlim": (-2, 2)}, {"range": (-2, 2), "secant": 1}],
)
def test_a_point_outside_of_the_picture_changes_nothing_but_a_warning(fields):
    """With a point at 10 the views, lines and legend are those without it; its place is in a warning."""
    one, both = (gradviz.Tangent(expression="x**2", at=at, dpi=30, **fields) for at in ([1], [1, 10]))
    without, figure = gradviz.render(one), gradviz.render(both)
    assert figure.axes[0].get_xlim() == without.axes[0].get_xlim()
    assert figure.axes[0].get_ylim() == without.axes[0].get_ylim()
    assert legend_texts(figure) == legend_texts(without)
    assert len(figure.axes[0].get_lines()) == len(without.axes[0].get_lines())
    assert any("10 lies outside of the picture" in warning for warning in gradviz.sample(both).warnings)


def test_without_any_point_in_the_picture_there_is_no_legend():
    """The only point is outside, so the curve is alone, as without points."""
    figure, _, tangents, dots = drawn("x**2", at=[10], range=(-2, 2))
    assert (tangents, dots, figure.axes[0].get_legend(), figure.legends) == ([], [], None, [])
