from __future__ import annotations

import numpy as np
import pytest

from gradviz.figures.scales import (
    contour_colours,
    is_constant,
    levels_within,
    magnitude_scale,
    masked,
)


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
    look = contour_colours(levels, heights, "viridis", filled=False)
    assert len({tuple(colour) for colour in look["colors"]}) == 4
    assert contour_colours([1.0, 2.0, 3.0], heights, "viridis", filled=False)["cmap"] == "viridis"


@pytest.mark.parametrize(
    ("heights", "extend", "bands"),
    [((1, 1000), "neither", 3), ((0, 1000), "min", 4), ((1, 2000), "max", 4), ((0, 2000), "both", 5)],
)
def test_bands_beyond_the_levels_are_there_only_if_heights_are(heights, extend, bands):
    """The scale of the colours has an arrow where, and only where, something lies beyond its end."""
    look = contour_colours([1.0, 10.0, 100.0, 1000.0], np.array(heights), "viridis", filled=True)
    assert (look["extend"], len(look["colors"])) == (extend, bands)
