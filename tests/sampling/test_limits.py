"""Limits of values, which poles and a few extreme values do not stretch."""

from __future__ import annotations

import numpy as np
import pytest

import gradviz
from gradviz.figures.flow import magnitude_scale
from gradviz.optimizers import optimizer
from gradviz.optimizers.paths import Path
from gradviz.output.mpl.colours import with_maps
from gradviz.output.mpl.marks import norm_of
from gradviz.sampling.limits import (
    distinct,
    is_constant,
    log_magnitude_limits,
    loss_axis,
    magnitude_limit,
    robust_limits,
    values_beyond,
    widened_to_edges,
)
from gradviz.scene.style import STYLES

VIRIDIS = with_maps(STYLES["default"], "viridis").maps.values


def test_a_scale_of_magnitudes_ends_at_the_maximum():
    """Bounded magnitudes get a scale to the largest, of which nothing is cut off."""
    assert magnitude_limit(np.array([[1.0, np.nan], [3.0, 4.0]]), unbounded=False) == 4
    assert magnitude_limit(np.append(np.linspace(0, 1, 99), 1000.0), unbounded=False) == 1000
    spec = gradviz.Quiver(expression="x0**2 + 3*x1", range={"x0": (-2, 2), "x1": (-1, 3)}, dpi=30)
    (arrows,) = gradviz.render(spec).axes[0].collections
    assert (arrows.norm.vmin, arrows.norm.vmax) == (0, pytest.approx(5))  # sqrt(4 * 2^2 + 9)


def test_a_scale_of_unbounded_magnitudes_ends_at_the_upper_fence():
    """Tukey's fence of 0 to 100 is 75 + 1.5 * 50; of 1 to 100 and a few extremes it is near that."""
    assert magnitude_limit(np.linspace(1, 101, 101), unbounded=True) == 101  # the maximum lies inside
    sizes = np.append(np.linspace(1, 101, 101), [1e6, 1e9, 0.0, np.nan])
    first, third = np.percentile(sizes[sizes > 0], (25, 75))
    assert magnitude_limit(sizes, unbounded=True) == pytest.approx(third + 1.5 * (third - first))
    assert magnitude_limit(np.append(np.zeros(99), 5.0), unbounded=True) == 5


@pytest.mark.parametrize("sizes", [np.array([]), np.array([np.nan]), np.zeros(3), np.full((2, 2), np.nan)])
@pytest.mark.parametrize("unbounded", [False, True])
def test_a_scale_of_no_magnitudes_ends_at_one(sizes, unbounded):
    """Without a magnitude above 0 the scale runs from 0 to 1, so that it can be drawn."""
    assert magnitude_limit(sizes, unbounded=unbounded) == 1
    assert log_magnitude_limits(sizes) == (0, 1)


def test_a_logarithmic_scale_has_one_to_six_decades():
    """It leaves out the lowest 5 % above 0, and is neither shorter nor longer than that."""
    assert log_magnitude_limits(np.geomspace(1e-90, 1, 500)) == (1e-6, 1)
    assert log_magnitude_limits(np.array([0.0, 0.9, 1.0])) == (0.1, 1)
    assert log_magnitude_limits(np.geomspace(1e-4, 1, 101))[0] == pytest.approx(10**-3.8)


GAUSSIAN = "exp(-x**2 - y**2)"


@pytest.mark.parametrize(
    ("expression", "reach", "kind"),
    [
        ("1/(x**2 + y**2)", 3, "cut"),
        ("log(x*y)", 3, "cut"),
        ("tan(x)*y", 3, "cut"),
        ("atan2(y, x)", 3, "cut"),
        ("cbrt(x) + y", 3, "cut"),
        (GAUSSIAN, 10, "log"),
        ("-cos(x)*cos(y)*exp(-(x - pi)**2 - (y - pi)**2)", 10, "log"),
        ("exp(-40*(x - 0.1)**2 - 40*(y + 0.3)**2)", 3, "log"),  # a peak as narrow as the mesh of arrows
        ("exp(3*x + y)", 3, "log"),
        (GAUSSIAN, 2, "linear"),
        ("x0**2 + 3*x1", 3, "linear"),
        ("max(x, y)**3 + abs(x)", 3, "linear"),
        ("x*y", 3, "linear"),
    ],
)
@pytest.mark.parametrize("heat", [False, True])
def test_magnitudes_have_a_cut_a_logarithmic_or_a_linear_scale(expression, reach, kind, heat):
    """Unbounded ones are cut, those over decades are logarithmic; no other scale leaves out its maximum."""
    samples = gradviz.sample(gradviz.Quiver(expression=expression, range=(-reach, reach), heat=heat))
    sizes = (samples.fine_slopes if heat else samples.slopes).magnitudes
    low, high = samples.shared.limits
    greatest = np.nanmax(sizes)
    assert high < greatest if kind == "cut" else high == greatest
    assert (low > 0) == (kind == "log")
    scale = magnitude_scale(samples.shared, VIRIDIS)
    assert kind == "log" or np.mean(scale.shares(sizes[sizes > 0]) < 0.1) < 0.6
    assert float(norm_of(scale)(0.0)) == 0


def test_a_colour_bar_says_that_it_is_logarithmic():
    """Its label has the word, its ticks are powers of ten, and magnitude 0 has the lowest colour."""
    spec = gradviz.Quiver(expression=GAUSSIAN, range=(-10, 10), dpi=30, heat=True)
    figure = gradviz.render(spec)
    axes, bar = figure.axes
    assert "logarithmic" in bar.get_ylabel()
    (image,) = axes.images
    assert image.norm.vmax == pytest.approx(np.sqrt(2 / np.e), rel=1e-3)  # the maximum of 2 r exp(-r^2)
    texts = [label.get_text() for label in bar.get_yticklabels()]
    assert texts == [rf"$\mathdefault{{10^{{{power}}}}}$" for power in range(-6, 0)]
    assert "logarithmic" not in gradviz.render(gradviz.Quiver(expression="x*y", dpi=30)).axes[1].get_ylabel()


@pytest.mark.parametrize(
    ("values", "constant"),
    [
        ([7.0, 7.0], True),
        ([0.0, 0.0], True),
        ([7.0, np.nan, 7.0], True),
        ([1e6, 1e6 * (1 + 1e-15)], True),
        ([1e-300, 2e-300], False),
        ([0.0, 1e-300], False),
        ([1e6, 1e6 + 1e-5], False),
        ([-1.0, 1.0], False),
    ],
)
def test_a_constant_is_constant_up_to_rounding(values, constant):
    """Whether values are equal is judged by their own size, not by a number of ours."""
    assert is_constant(np.array(values)) is constant


@pytest.mark.parametrize(
    ("expression", "cut"),
    [
        ("1/(x0**2 + x1**2)", (False, True)),
        ("-1/((x0 - 0.01)**2 + x1**2)", (True, False)),
        ("1/(x1 - x0)", (True, True)),
        ("tan(x0) + 0*x1", (True, True)),
        ("exp(x0*x1)", (False, False)),
        ("exp(-9*x0**2 - 9*x1**2)", (False, False)),
        ("x0**2 + 3*x1", (False, False)),
        ("log(x0*x1)", (False, False)),
    ],
)
def test_a_pole_does_not_take_over(expression, cut):
    """At an end with a pole the scale ends near most of the values; everywhere else with the last of them."""
    spec = gradviz.Contour(expression=expression, vars=["x0", "x1"], range=(-3, 3), samples=101)
    samples = gradviz.sample(spec).evaluated
    low, high = robust_limits(samples.field, samples.points, samples.drawable)
    least, greatest = np.nanmin(samples.values), np.nanmax(samples.values)
    assert (low > least, high < greatest) == cut
    known = samples.values[np.isfinite(samples.values)]
    assert np.mean((known >= low) & (known <= high)) > 0.85
    assert (low == least, high == greatest) == (not cut[0], not cut[1])
    if any(cut):
        assert high - low < 0.5 * (greatest - least)
        (warning,) = values_beyond(samples.drawable, (low, high), "are cut off")
        assert ("below" in warning, "above" in warning) == cut
        assert warning.endswith("are cut off")
    else:
        assert values_beyond(samples.drawable, (low, high), "are cut off") == ()


def test_the_edge_of_the_domain_widens_limits_a_little():
    """A root falls to 0 at its edge, which is shown; a logarithm falls without end, which is not."""
    sampled = np.array([0.2, 1.0])
    assert widened_to_edges((0.2, 1.0), sampled, np.array([0.01, 1.0])) == (0.01, 1.0)
    assert widened_to_edges((0.2, 1.0), sampled, np.array([-9.0, 1.0])) == (0.0, 1.0)
    assert widened_to_edges((0.5, 1.0), sampled, np.array([-9.0, 1.0])) == (0.5, 1.0)


# Values along paths ---------------------------------------------------------------------------------------


def path_of(values, diverged=None):
    """Return a path with some values."""
    values = np.asarray(values, dtype=np.float64)
    return Path("sgd", optimizer("sgd", {}), np.zeros((len(values), 2)), values, diverged)


FALL = np.linspace(4, -1, 31)


def test_a_spike_does_not_press_the_other_values_flat():
    """Where one value is 500, the rest from -1 to 4 is seen whole, over more than half of the axis."""
    spiked = FALL.copy()
    spiked[1] = 500
    for paths in ([path_of(spiked)], [path_of(FALL), path_of(spiked)]):
        axis = loss_axis(paths)
        assert not axis.logarithmic
        assert axis.low < -1
        assert 4 < axis.high < 9
    high = loss_axis([path_of(np.where(spiked > 100, 500, 10.0**FALL))])
    assert high.logarithmic
    assert high.low < 0.1
    assert high.high > 500  # two decades more than the start press nothing flat


def test_what_is_no_spike_is_shown_whole():
    """Oscillations above the start, a slow rise and a constant are seen from end to end."""
    waves = 4 + 3 * np.sin(np.arange(31))
    for values in (waves, FALL[::-1], np.full(31, 5.0), np.zeros(31), 10 * FALL):
        axis = loss_axis([path_of(values)])
        assert axis.low < values.min() <= values.max() < axis.high


def test_a_path_that_diverges_leaves_the_picture_upwards():
    """Of its values only the first decides what is seen, unless all paths diverge."""
    wild = path_of([4.0, 1e3, 1e6], diverged=2)
    axis = loss_axis([path_of(FALL), wild])
    assert axis.low < -1
    assert 5 < axis.high < 9
    assert loss_axis([wild]).high > 1e6


def test_a_logarithmic_axis_does_not_follow_a_path_to_nothing():
    """A value of 1e-40 beside others of 1 is below the picture, and 0 is no obstacle."""
    axis = loss_axis([path_of([3.0, 2.0, 1.0, 1e-40, 0.0])])
    assert axis.logarithmic
    assert 1e-14 < axis.low < 1
    assert 3 < axis.high < 100


def test_a_path_that_leaves_the_picture_downhill_is_seen():
    """What a path that counts as diverged has below the others, but above 0, is in the picture."""
    kept, far = path_of(np.linspace(2.0, 0.8, 20)), path_of(np.geomspace(2.0, 1e-7, 20), diverged=19)
    assert loss_axis([kept, far]).low < 1e-7


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((-2.0, 3.5), ["-2", "3.5"]),
        ((1 / 3, 20.0), ["0.333", "20"]),
        ((1 - 9e-9, 1 + 9e-9), ["0.999999991", "1.000000009"]),
        ((1e6, 1e6 + 0.25, 1e6 + 0.5), ["1000000", "1000000.25", "1000000.5"]),
        ((5.0, 5.0), ["5", "5"]),
        ((0.0, 1e-300), ["0", "1e-300"]),
        ((), []),
    ],
)
def test_numbers_have_digits_for_their_differences(values, texts):
    """Three digits, and as many more as the differences are smaller than the numbers."""
    assert distinct(values, 3) == texts
    neighbours = [0.1, float(np.nextafter(0.1, 1))]
    assert len({*distinct(neighbours, 3)}) == 2
