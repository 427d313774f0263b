from __future__ import annotations

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_rgb

import gradviz
from gradviz.optimizers import optimizer
from gradviz.optimizers.paths import Path
from gradviz.sampling.scales import (
    contour_colours,
    cut_off,
    ends_of,
    height_norm,
    is_constant,
    is_stepwise,
    level_marks,
    levels_within,
    loss_ends,
    magnitude_scale,
    masked,
    spacing_of,
    with_edges,
)
from gradviz.scene.style import STYLES


def test_a_scale_of_sizes_starts_at_zero_and_ends_at_the_greatest():
    """Sizes from 0 up get a scale from 0 to the greatest, of which nothing is cut off."""
    scale, cut = magnitude_scale(np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert (scale.vmin, scale.vmax, cut) == (0, 4, "neither")


def test_a_few_extreme_sizes_do_not_take_the_scale_over():
    """One size of 1000 beside 99 up to 1 leaves the scale to the 99, whose end says that it is cut off."""
    scale, cut = magnitude_scale(np.append(np.linspace(0, 1, 99), 1000.0))
    assert (scale.vmin, cut) == (0, "max")
    assert 0.9 <= scale.vmax <= 1.1


def test_a_long_tail_is_not_an_extreme():
    """Sizes that grow evenly keep their whole scale."""
    scale, cut = magnitude_scale(np.linspace(0, 7, 100))
    assert (scale.vmax, cut) == (7, "neither")


def test_what_is_not_a_number_has_no_part_in_the_scale():
    """NaN is passed over."""
    scale, cut = magnitude_scale(np.array([np.nan, 2.0, np.nan]))
    assert (scale.vmin, scale.vmax, cut) == (0, 2, "neither")


@pytest.mark.parametrize("sizes", [np.array([]), np.array([np.nan]), np.zeros(3), np.full((2, 2), np.nan)])
def test_a_scale_of_nothing_has_a_width_all_the_same(sizes):
    """Without a size above 0 the scale runs from 0 to 1, so that it can be drawn."""
    scale, cut = magnitude_scale(sizes)
    assert (scale.vmin, scale.vmax, cut) == (0, 1, "neither")


def test_an_extreme_among_zeros_keeps_a_scale():
    """If nearly all sizes are 0, the scale reaches the one that is not."""
    scale, _ = magnitude_scale(np.append(np.zeros(99), 5.0))
    assert scale.vmax == 5


@pytest.mark.parametrize(
    ("heights", "constant"),
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
def test_a_constant_is_constant_up_to_rounding(heights, constant):
    """Whether values are equal is judged by their own size, not by a number of ours."""
    assert is_constant(np.array(heights)) is constant


def test_masked_values_are_those_that_are_not_numbers():
    """NaN is masked, and nothing else is."""
    assert masked(np.array([1.0, np.nan, 0.0])).mask.tolist() == [False, True, False]


@pytest.mark.parametrize("filled", [False, True])
def test_levels_that_do_not_occur_are_none(filled):
    """A constant has no levels, nor has a function that reaches none of those asked for."""
    assert levels_within(None, np.full(4, 7.0), filled=filled) == []
    assert levels_within(3, np.array([np.nan, 7.0]), filled=filled) == []
    assert levels_within((20.0,), np.array([0.0, 1.0]), filled=filled) == []
    assert levels_within((0.5, 20.0), np.array([0.0, 1.0]), filled=filled) == [0.5, 20.0]


def test_a_single_level_of_bands_has_company():
    """Lines need one level, bands two: the ends of the heights part them."""
    assert levels_within((0.5,), np.array([0.0, 1.0]), filled=False) == [0.5]
    assert levels_within((0.5,), np.array([0.0, 1.0]), filled=True) == [0.0, 0.5, 1.0]


def test_levels_at_uneven_distances_get_colours_at_even_ones():
    """Levels 1, 10, 100, 1000 have four colours as far apart as can be; even levels follow the map."""
    levels, heights = [1.0, 10.0, 100.0, 1000.0], np.array([1.0, 1000.0])
    look = contour_colours(levels, heights, colormaps["viridis"], filled=False)
    assert len({tuple(colour) for colour in look["colors"]}) == 4
    even = contour_colours([1.0, 2.0, 3.0], heights, colormaps["viridis"], filled=False)
    assert even["cmap"].name == "viridis"


@pytest.mark.parametrize(
    ("heights", "extend", "bands"),
    [((1, 1000), "neither", 3), ((0, 1000), "min", 4), ((1, 2000), "max", 4), ((0, 2000), "both", 5)],
)
def test_bands_beyond_the_levels_are_there_only_if_heights_are(heights, extend, bands):
    """The scale of the colours has an arrow where, and only where, something lies beyond its end."""
    look = contour_colours([1.0, 10.0, 100.0, 1000.0], np.array(heights), colormaps["viridis"], filled=True)
    assert (look["extend"], len(look["colors"])) == (extend, bands)


def test_sizes_that_run_away_twice_are_cut_twice():
    """Beside a pole, 98 % of the sizes may still be far above 90 % of them: those have the scale."""
    scale, cut = magnitude_scale(1 / np.linspace(0.001, 1, 1001) ** 4)
    assert cut == "max"
    assert scale.vmax == pytest.approx(1 / 0.1**4, rel=0.1)


def on_mesh(expression, reach=3.0, count=101):
    """Return the samples of a function over the square from -reach to reach."""
    spec = gradviz.Contour(expression=expression, vars=["x0", "x1"], range=(-reach, reach), samples=count)
    return spec.sample()


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
    samples = on_mesh(expression)
    low, high = ends_of(samples)
    least, greatest = np.nanmin(samples.values), np.nanmax(samples.values)
    assert (low > least, high < greatest) == cut
    known = samples.values[np.isfinite(samples.values)]
    assert np.mean((known >= low) & (known <= high)) > 0.85
    assert (low == least, high == greatest) == (not cut[0], not cut[1])
    if any(cut):
        assert high - low < 0.5 * (greatest - least)
        said = cut_off(samples.heights, (low, high), "are cut off")
        assert ("below" in said[0], "above" in said[0]) == cut
    else:
        assert cut_off(samples.heights, (low, high), "are cut off") == ()


ROSENBROCK = "(1 - x0)**2 + 100*(x1 - x0**2)**2"
BEALE = "(1.5 - x0 + x0*x1)**2 + (2.25 - x0 + x0*x1**2)**2 + (2.625 - x0 + x0*x1**3)**2"
HIMMELBLAU = "(x0**2 + x1 - 11)**2 + (x0 + x1**2 - 7)**2"


@pytest.mark.parametrize(
    ("expression", "reach", "spacing"),
    [
        (ROSENBROCK, 3, "log"),
        (ROSENBROCK, 2, "log"),
        (f"-({ROSENBROCK})", 2, "log"),
        (f"{ROSENBROCK} - 5", 3, "quantile"),
        (BEALE, 4.5, "log"),
        (HIMMELBLAU, 5, "log"),
        ("exp(x0*x1)", 3, "log"),
        ("sinh(3*x0) + x1", 3, "quantile"),
        ("x0**2 + x1**2", 3, "linear"),
        ("x0**2/20 + x1**2", 10, "linear"),
        ("x0*x1", 3, "linear"),
        ("sin(x0*x1)", 3, "linear"),
        ("x0**2 + 3*x1", 3, "linear"),
        ("exp(-x0**2 - x1**2)", 3, "linear"),  # a peak, which even levels show
        ("1/(x1 - x0)", 3, "linear"),
        ("sqrt(1 - x0**2 - x1**2)", 3, "linear"),
        ("5 + 0*x0*x1", 3, "linear"),
    ],
)
@pytest.mark.parametrize("count", [81, 201])
def test_levels_are_spaced_so_that_the_valley_shows(expression, reach, spacing, count):
    """Heights crowded at one end, with growth towards the border, get no even levels; all others do."""
    assert spacing_of(on_mesh(expression, reach, count).heights) == spacing


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize(
    ("expression", "reach"), [(ROSENBROCK, 3), (ROSENBROCK, 2), (BEALE, 4.5), ("exp(x0*x1)", 3)]
)
def test_logarithmic_levels_are_round_and_reach_into_the_valley(expression, reach, filled):
    """Each level is 1, 1.5, 2, 3, 5 or 7 times a power of ten, and some lie below 1 % of the greatest."""
    heights = on_mesh(expression, reach).heights
    levels = levels_within(None, heights, filled=filled, spacing="log")
    inner = np.array(levels[1:-1] if filled else levels)
    assert 7 <= len(inner) <= 18
    mantissas = inner / 10 ** np.floor(np.log10(inner) + 1e-9)
    assert np.isclose(mantissas[:, None], [1, 1.5, 2, 3, 5, 7]).any(axis=1).all()
    assert (inner < 0.01 * heights.max()).sum() >= 4
    if filled:
        assert levels[0] <= heights.min()
        assert levels[-1] >= heights.max()


@pytest.mark.parametrize("count", [3, 6, 12, 25])
def test_a_number_of_uneven_levels_is_about_that_many(count):
    """--levels N holds for all spacings, as near as round numbers come."""
    heights = on_mesh(ROSENBROCK, 2).heights
    for spacing in ("log", "quantile"):
        found = levels_within(count, heights, filled=False, spacing=spacing)
        assert 0.5 * count <= len(found) <= 1.6 * count
        assert found == sorted(set(found))


def test_quantile_levels_part_the_heights_evenly():
    """Between two levels lie about equally many heights, and the levels have few digits."""
    heights = on_mesh(f"{ROSENBROCK} - 5", 3).heights
    levels = levels_within(None, heights, filled=True, spacing="quantile")
    counts, _ = np.histogram(heights, levels)
    assert counts.max() < 1.5 * counts.mean()
    assert counts.sum() == heights.size
    assert all(len(f"{level:g}".strip("-").rstrip("0").replace(".", "")) <= 3 for level in levels)


def test_logarithmic_levels_of_both_signs_are_mirrored():
    """x0*x1 has the same sizes above and below 0, and so have its levels; 0 itself is none of them."""
    levels = levels_within(None, on_mesh("x0*x1").heights, filled=False, spacing="log")
    assert levels == [-level for level in reversed(levels)]
    assert 0 not in levels
    assert len(levels) >= 6


def test_a_scale_of_uneven_levels_changes_evenly_from_level_to_level():
    """Its marks are the levels, its ends those asked for, and its colours are there and back."""
    heights = on_mesh(ROSENBROCK, 2).heights
    ends = (float(heights.min()), float(heights.max()))
    norm, marks = height_norm(heights, ends, "log")
    assert (norm.vmin, norm.vmax) == ends
    places = norm(np.array([ends[0], *marks, ends[1]]))
    np.testing.assert_allclose(np.diff(places), 1 / (len(marks) + 1), atol=1e-12)
    np.testing.assert_allclose(norm.inverse(norm(np.array([3.3, 700.0]))), [3.3, 700.0])
    norm, marks = height_norm(heights, ends, "linear")
    assert (norm(np.mean(ends)), marks) == (pytest.approx(0.5), [])


def test_marks_have_as_few_digits_as_their_levels():
    """Powers of ten stand in for many zeros, and there are not more marks than can be read."""
    look = level_marks([-3e-5, 0.0, 0.5, 2000.0, 1e5, 3e6])
    assert [look["format"](level, 0) for level in look["ticks"]] == [
        r"$\mathdefault{−3 \times 10^{-5}}$", "0", "0.5", "2000", r"$\mathdefault{10^{5}}$",
        r"$\mathdefault{3 \times 10^{6}}$",
    ]  # fmt: skip
    assert len(level_marks([float(k) for k in range(100)])["ticks"]) <= 13


def test_steps_have_no_level_lines():
    """Between its jumps floor is flat; what slopes anywhere is not."""
    assert is_stepwise(np.array([[1.0, 1.0, np.nan, 3.0], [1.0, 1.0, np.nan, 3.0]]))
    assert not is_stepwise(np.array([[1.0, 1.0, np.nan, 3.0], [1.0, 1.0, np.nan, 3.5]]))


def test_the_edge_of_the_domain_widens_ends_a_little():
    """A root falls to 0 at its edge, which is shown; a logarithm falls without end, which is not."""
    sampled = np.array([0.2, 1.0])
    assert with_edges((0.2, 1.0), sampled, np.array([0.01, 1.0])) == (0.01, 1.0)
    assert with_edges((0.2, 1.0), sampled, np.array([-9.0, 1.0])) == (0.0, 1.0)
    assert with_edges((0.5, 1.0), sampled, np.array([-9.0, 1.0])) == (0.5, 1.0)


# Colours of the styles ------------------------------------------------------------------------------------


def luminance(colours):
    """Return the relative luminance (N,) of colours (N, 3), as WCAG 2 defines it."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_every_colour_of_the_dark_style_is_seen_on_its_ground():
    """Each has the contrast of 3 that WCAG 2 asks of graphics, and lightness (L* of CIELAB) grows evenly."""
    style = STYLES["dark"]
    colours = luminance(style.colours(None)(np.linspace(0, 1, 12))[:, :3])
    ground = luminance(np.array([to_rgb(style.settings["axes.facecolor"])]))
    assert ((colours + 0.05) / (ground + 0.05)).min() >= 3
    steps = np.diff(116 * np.cbrt(colours) - 16)
    assert 0.7 * steps.mean() < steps.min() <= steps.max() < 1.3 * steps.mean()


@pytest.mark.parametrize("style", STYLES)
def test_a_colour_map_that_was_asked_for_is_whole(style):
    """Only the style's own map may be cut."""
    np.testing.assert_array_equal(STYLES[style].colours("magma")([0.0, 1.0]), colormaps["magma"]([0.0, 1.0]))


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
        ends = loss_ends(paths)
        assert not ends.logarithmic
        assert ends.low < -1
        assert 4 < ends.high < 9
    high = loss_ends([path_of(np.where(spiked > 100, 500, 10.0**FALL))])
    assert high.logarithmic
    assert high.low < 0.1
    assert high.high > 500  # two decades more than the start press nothing flat


def test_what_is_no_spike_is_shown_whole():
    """Oscillations above the start, a slow rise and a constant are seen from end to end."""
    waves = 4 + 3 * np.sin(np.arange(31))
    for values in (waves, FALL[::-1], np.full(31, 5.0), np.zeros(31), 10 * FALL):
        ends = loss_ends([path_of(values)])
        assert ends.low < values.min() <= values.max() < ends.high


def test_a_path_that_diverges_leaves_the_picture_upwards():
    """Of its values only the first decides what is seen, unless all paths diverge."""
    wild = path_of([4.0, 1e3, 1e6], diverged=2)
    ends = loss_ends([path_of(FALL), wild])
    assert ends.low < -1
    assert 5 < ends.high < 9
    assert loss_ends([wild]).high > 1e6


def test_a_logarithmic_axis_does_not_follow_a_path_to_nothing():
    """A value of 1e-40 beside others of 1 is below the picture, and 0 is no obstacle."""
    ends = loss_ends([path_of([3.0, 2.0, 1.0, 1e-40, 0.0])])
    assert ends.logarithmic
    assert 1e-14 < ends.low < 1
    assert 3 < ends.high < 100


def test_a_path_that_leaves_the_picture_downhill_is_seen():
    """What a path that counts as diverged has below the others, but above 0, is in the picture."""
    kept, far = path_of(np.linspace(2.0, 0.8, 20)), path_of(np.geomspace(2.0, 1e-7, 20), diverged=19)
    assert loss_ends([kept, far]).low < 1e-7
