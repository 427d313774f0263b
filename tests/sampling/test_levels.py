"""Levels of contours, their colours, the ticks of colour bars, and values as texts."""

from __future__ import annotations

import math
import random
import tracemalloc

import numpy as np
import pytest
from matplotlib.ticker import MaxNLocator

import gradviz
from gradviz.figures.levels import bands_of
from gradviz.output.mpl.colours import with_maps
from gradviz.output.mpl.marks import norm_of
from gradviz.sampling.levels import (
    MAX_TICKS,
    best_spacing,
    evenly_spaced,
    find_levels,
    format_value,
    format_values,
    is_stepwise,
    level_ticks,
    nice_ticks,
    norm_boundaries,
)
from gradviz.sampling.values import format_point
from gradviz.scene.scales import ColourScale
from gradviz.scene.style import STYLES

VIRIDIS = with_maps(STYLES["default"], "viridis").maps.values


def on_mesh(expression, reach=3.0, count=101):
    """Return the values of a function over the square from -reach to reach."""
    spec = gradviz.Contour(expression=expression, vars=["x0", "x1"], range=(-reach, reach), samples=count)
    return gradviz.sample(spec).evaluated.drawable


@pytest.mark.parametrize("filled", [False, True])
def test_levels_that_do_not_occur_are_none(filled):
    """A constant has no levels, nor has a function that reaches none of those asked for."""
    assert find_levels(None, np.full(4, 7.0), filled=filled) == []
    assert find_levels(3, np.array([np.nan, 7.0]), filled=filled) == []
    assert find_levels((20.0,), np.array([0.0, 1.0]), filled=filled) == []
    assert find_levels((0.5, 20.0), np.array([0.0, 1.0]), filled=filled) == [0.5, 20.0]


def test_a_single_level_of_bands_has_company():
    """Lines need one level, bands two: the ends of the heights part them."""
    assert find_levels((0.5,), np.array([0.0, 1.0]), filled=False) == [0.5]
    assert find_levels((0.5,), np.array([0.0, 1.0]), filled=True) == [0.0, 0.5, 1.0]


def test_levels_at_uneven_distances_get_colours_at_even_ones():
    """Levels 1, 10, 100, 1000 have four colours as far apart as can be; even levels follow the map."""
    levels, values = [1.0, 10.0, 100.0, 1000.0], np.array([1.0, 1000.0])
    bands = bands_of(levels, values, VIRIDIS, MAX_TICKS, filled=False)
    whole = VIRIDIS.colours
    assert bands.colours == (whole[0], whole[85], whole[170], whole[255])  # thirds of 256 colours
    even = bands_of([1.0, 2.0, 3.0], values, VIRIDIS, MAX_TICKS, filled=False)
    assert (even.map.name, even.colours) == ("viridis", ())


@pytest.mark.parametrize(
    ("values", "extend", "count"),
    [((1, 1000), "neither", 3), ((0, 1000), "min", 4), ((1, 2000), "max", 4), ((0, 2000), "both", 5)],
)
def test_bands_beyond_the_levels_are_there_only_if_values_are(values, extend, count):
    """The scale of the colours has an arrow where, and only where, something lies beyond its end."""
    bands = bands_of([1.0, 10.0, 100.0, 1000.0], np.array(values), VIRIDIS, MAX_TICKS, filled=True)
    assert (bands.extend, len(bands.colours)) == (extend, count)


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
    assert best_spacing(on_mesh(expression, reach, count)) == spacing


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize(
    ("expression", "reach"), [(ROSENBROCK, 3), (ROSENBROCK, 2), (BEALE, 4.5), ("exp(x0*x1)", 3)]
)
def test_logarithmic_levels_are_round_and_reach_into_the_valley(expression, reach, filled):
    """Each level is 1, 1.5, 2, 3, 5 or 7 times a power of ten, and some lie below 1 % of the greatest."""
    values = on_mesh(expression, reach)
    levels = find_levels(None, values, filled=filled, spacing="log")
    inner = np.array(levels[1:-1] if filled else levels)
    assert 7 <= len(inner) <= 18
    mantissas = inner / 10 ** np.floor(np.log10(inner) + 1e-9)
    assert np.isclose(mantissas[:, None], [1, 1.5, 2, 3, 5, 7]).any(axis=1).all()
    assert (inner < 0.01 * values.max()).sum() >= 4
    if filled:
        assert levels[0] <= values.min()
        assert levels[-1] >= values.max()


@pytest.mark.parametrize("count", [3, 6, 12, 25])
def test_a_number_of_uneven_levels_is_about_that_many(count):
    """--levels N holds for all spacings, as near as round numbers come."""
    values = on_mesh(ROSENBROCK, 2)
    for spacing in ("log", "quantile"):
        found = find_levels(count, values, filled=False, spacing=spacing)
        assert 0.5 * count <= len(found) <= 1.6 * count
        assert found == sorted(set(found))


def test_quantile_levels_part_the_values_evenly():
    """Between two levels lie about equally many values, and the levels have few digits."""
    values = on_mesh(f"{ROSENBROCK} - 5", 3)
    levels = find_levels(None, values, filled=True, spacing="quantile")
    counts, _ = np.histogram(values, levels)
    assert counts.max() < 1.5 * counts.mean()
    assert counts.sum() == values.size
    assert all(len(f"{level:g}".strip("-").rstrip("0").replace(".", "")) <= 3 for level in levels)


def test_logarithmic_levels_of_both_signs_are_mirrored():
    """x0*x1 has the same sizes above and below 0, and so have its levels; 0 itself is none of them."""
    levels = find_levels(None, on_mesh("x0*x1"), filled=False, spacing="log")
    assert levels == [-level for level in reversed(levels)]
    assert 0 not in levels
    assert len(levels) >= 6


def test_a_scale_of_uneven_levels_changes_evenly_from_level_to_level():
    """Its ticks are the levels, its ends those asked for, and its colours are there and back."""
    values = on_mesh(ROSENBROCK, 2)
    limits = (float(values.min()), float(values.max()))
    boundaries = norm_boundaries(values, limits, "log")
    levels = find_levels(None, values, filled=False, spacing="log", limits=limits)
    assert boundaries == (limits[0], *(level for level in levels if limits[0] < level < limits[1]), limits[1])
    norm = norm_of(ColourScale(VIRIDIS, *limits, boundaries))
    assert (norm.vmin, norm.vmax) == limits
    np.testing.assert_allclose(np.diff(norm(np.array(boundaries))), 1 / (len(boundaries) - 1), atol=1e-12)
    np.testing.assert_allclose(norm.inverse(norm(np.array([3.3, 700.0]))), [3.3, 700.0])
    assert norm_boundaries(values, limits, "linear") == ()
    assert norm_of(ColourScale(VIRIDIS, *limits))(np.mean(limits)) == pytest.approx(0.5)


def test_ticks_have_as_few_digits_as_their_levels():
    """Powers of ten stand in for many zeros, and there are not more ticks than can be read."""
    assert level_ticks([-3e-5, 0.0, 0.5, 2000.0, 1e5, 3e6]) == (
        (-3e-5, r"$\mathdefault{−3 \times 10^{-5}}$"), (0.0, "0"), (0.5, "0.5"), (2000.0, "2000"),
        (1e5, r"$\mathdefault{10^{5}}$"), (3e6, r"$\mathdefault{3 \times 10^{6}}$"),
    )  # fmt: skip
    assert len(level_ticks([float(k) for k in range(100)])) <= 13
    assert len(level_ticks([float(k) for k in range(100)], 4)) <= 4


def ranges():
    """Yield ranges of all sizes, at all distances from 0, and the number of intervals in each."""
    chance = random.Random(13)
    for _ in range(4000):
        span = 10 ** chance.uniform(-12, 12)
        middle = chance.choice([0, 1, -1]) * 10 ** chance.uniform(-12, 12)
        low = middle - chance.random() * span
        if low < low + span:
            yield low, low + span, chance.randint(1, 40)
    for low, high in ((0, 1), (-1, 1), (0, 100), (1e6, 1e6 + 1), (-7.3, 11.9), (0.1, 0.3), (-1e-9, 1e-9)):
        yield from ((float(low), float(high), count) for count in range(1, 40))


def test_nice_ticks_are_those_of_matplotlib():
    """For ranges of all sizes, at all distances from 0, they equal MaxNLocator's to the last bit."""
    for low, high, count in ranges():
        expected = MaxNLocator(count, steps=[1, 2, 2.5, 5, 10], min_n_ticks=1).tick_values(low, high)
        np.testing.assert_array_equal(nice_ticks(low, high, count), expected, f"{low!r} {high!r} {count}")


def test_steps_have_no_level_lines():
    """Between its jumps floor is flat; what slopes anywhere is not."""
    assert is_stepwise(np.array([[1.0, 1.0, np.nan, 3.0], [1.0, 1.0, np.nan, 3.0]]))
    assert not is_stepwise(np.array([[1.0, 1.0, np.nan, 3.0], [1.0, 1.0, np.nan, 3.5]]))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.5, "0.5"),
        (2000.0, "2000"),
        (-1.25, "−1.25"),
        (1 / 3, "0.333333"),
        (12345.678, "12345.7"),
        (1e5, r"$\mathdefault{10^{5}}$"),
        (3e6, r"$\mathdefault{3 \times 10^{6}}$"),
        (-3e-5, r"$\mathdefault{−3 \times 10^{-5}}$"),
        (-1e5, r"$\mathdefault{−1 \times 10^{5}}$"),
        (123456.0, r"$\mathdefault{1.235 \times 10^{5}}$"),
    ],
)
def test_a_number_has_few_digits(value, text):
    """Up to six digits of numbers from 0.0001 to 99999, up to four beside a power of ten."""
    assert format_value(value) == text


def test_numbers_that_differ_have_texts_that_differ():
    """There are as few digits as tell all numbers apart, up to those of neighbouring doubles."""
    assert format_values([1.0, 2.0]) == {1.0: "1", 2.0: "2"}
    million = format_values([1e6, 1e6 + 1, 1e6 + 2])
    assert list(million.values()) == [
        r"$\mathdefault{10^{6}}$",
        r"$\mathdefault{1.000001 \times 10^{6}}$",
        r"$\mathdefault{1.000002 \times 10^{6}}$",
    ]
    near = [1e12, math.nextafter(1e12, math.inf), 1 / 3, math.nextafter(1 / 3, 1)]
    assert len({*format_values(near).values()}) == 4


def test_a_point_is_its_coordinates():
    """The order is that of the coordinates."""
    assert format_point((1.0, -2.5)) == "(1, -2.5)"
    assert format_point([0.25]) == "(0.25)"


@pytest.mark.parametrize(
    "expression",
    [
        "x0*x1",
        "sin(x0*x1)",
        "exp(-x0**2 - x1**2)",
        "x0*exp(-x0**2 - x1**2)",
        "cos(9*x0) + x1/7",
        "abs(x0 - x1)",
    ],
)
@pytest.mark.parametrize("count", [4, 7, 12, 20, 31])
def test_linear_levels_have_round_steps(expression, count):
    """A step is 1, 2, 2.5 or 5 times a power of ten, and levels are the decimals closest to its multiples."""
    levels = find_levels(count, on_mesh(expression), filled=False)
    step = levels[1] - levels[0]
    mantissa = step / 10.0 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(mantissa - nice) for nice in (1, 2, 2.5, 5)) < 1e-9
    assert all(len(f"{level / step:.6g}") <= 3 for level in levels)
    assert all(repr(level) == f"{level:.9g}" or repr(level) == f"{level:.9g}.0" for level in levels)


@pytest.mark.parametrize("spacing", ["log", "quantile"])
@pytest.mark.parametrize(
    "expression",
    ["sinh(3*x0) + x1", "x0*x1", "x0**3*x1**3", ROSENBROCK, f"{ROSENBROCK} - 5", f"-({ROSENBROCK})"],
)
def test_levels_closer_than_a_thousandth_lie_next_to_an_end(spacing, expression):
    """Between the first and the last wide gap no two levels are closer than 1/1000 of the range."""
    values = on_mesh(expression)
    gaps = np.diff(find_levels(None, values, filled=False, spacing=spacing))
    wide = np.flatnonzero(gaps >= 0.999e-3 * np.ptp(values))
    assert wide.size == wide[-1] - wide[0] + 1
    if "-5" not in expression and expression[0] != "(":
        assert wide[0] == 0 or expression[0] == "-"


def test_numbers_from_which_offsets_take_all_digits_are_evenly_spaced():
    """Rounding errors of 1 + 1e-9 are no unevenness; a tenth of a step is one."""
    levels = [1 + 2e-9 * number for number in range(10)]
    assert evenly_spaced(levels)
    assert not evenly_spaced([*levels[:-1], levels[-1] + 2e-10])
    texts = [text for _, text in level_ticks(levels)]
    assert len({*texts}) == len(texts)


@pytest.mark.parametrize("filled", [False, True])
def test_levels_of_a_fine_mesh_take_little_memory(filled):
    """Levels of 1000 x 1000 values need less memory than a copy of the values."""
    values = np.add.outer(np.linspace(0, 1, 1000) ** 2, np.linspace(0, 1, 1000))
    tracemalloc.start()
    try:
        find_levels(None, values, filled=filled)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < values.nbytes / 4
