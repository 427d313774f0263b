"""Markers of critical points."""

from __future__ import annotations

import numpy as np
import pytest

import gradviz
from gradviz.output.mpl.reach import box_bounds
from gradviz.specs import KINDS

# Slopes (x0 + 2) x0 (x0 - 1)^2 and x1^2 - 1: by hand, a point of each kind at least.
ALL_KINDS = "x0**5/5 - x0**3 + x0**2 + x1**3/3 - x1"
PLACES = {
    "minima": [(0, 1)],
    "maxima": [(-2, -1)],
    "saddles": [(-2, 1), (0, -1)],
    "degenerate": [(1, -1), (1, 1)],
}
RANGE = {"x0": (-3, 2), "x1": (-1.5, 2.5)}
every_plane = pytest.mark.parametrize("kind", ["contour", "quiver", "stream", "surface"])


def drawn(kind, expression=ALL_KINDS, **fields):
    fields = {"range": RANGE, "samples": 15, "dpi": 30, "critical": True, **fields}
    return gradviz.render(KINDS[kind](expression=expression, **fields))


def marks_of(figure):
    """Return the markers of the first axes by their names."""
    return {
        line.get_label().removeprefix("_"): line
        for line in figure.axes[0].lines
        if line.get_linestyle() == "None"
    }


def places_of(line):
    columns = line.get_data_3d() if hasattr(line, "get_data_3d") else line.get_data()
    return np.array(columns).T


@every_plane
def test_each_kind_of_point_is_marked_where_it_lies(kind):
    """The marks stand at the critical points, on a surface at their heights, one artist for each kind."""
    figure = drawn(kind)
    f = gradviz.field(ALL_KINDS)
    found = marks_of(figure)
    assert list(found) == list(PLACES)
    for label, line in found.items():
        places = places_of(line)
        np.testing.assert_allclose(places[:, :2], PLACES[label], atol=1e-6)
        if kind == "surface":
            np.testing.assert_allclose(places[:, 2], f(places[:, :2]), rtol=1e-12)


@every_plane
def test_marks_are_told_apart_by_shape_and_stand_above_all_else(kind):
    """No two kinds share a shape or a colour, each mark has a white edge, and nothing is drawn after them."""
    figure = drawn(kind)
    figure.canvas.draw()  # which is when the parts of a surface get their order
    lines = marks_of(figure).values()
    assert len({line.get_marker() for line in lines}) == len({line.get_color() for line in lines}) == 4
    assert {line.get_markeredgecolor() for line in lines} == {"white"}
    axes = figure.axes[0]
    others = [child for child in axes.get_children() if child not in lines]
    assert min(line.get_zorder() for line in lines) > max(child.get_zorder() for child in others)


@every_plane
def test_the_legend_has_the_kinds_that_occur(kind):
    """The legend names what is in the picture and no more, outside of the axes."""

    def words(expression):
        figure = drawn(kind, expression)
        return [[text.get_text() for text in legend.get_texts()] for legend in figure.legends], figure

    assert words(ALL_KINDS)[0] == [["minima", "maxima", "saddles", "degenerate"]]
    found, figure = words("x0*x1")
    assert found == [["saddles"]]
    figure.canvas.draw()
    bounds = box_bounds if kind == "surface" else type(figure.axes[0]).get_window_extent
    assert figure.legends[0].get_window_extent().y1 < bounds(figure.axes[0]).y0
    assert words("exp(x0) + x1")[0] == []


@every_plane
def test_only_what_lies_in_the_view_is_marked(kind):
    """Marks outside of xlim and ylim would hang in the margin; outside of the range nothing is searched."""
    found = marks_of(drawn(kind, xlim=(-2.5, -1), ylim=(-1.2, 2)))
    assert {label: len(places_of(line)) for label, line in found.items()} == {"maxima": 1, "saddles": 1}
    found = marks_of(drawn(kind, range={"x0": (-1, 0.5), "x1": (0, 2)}))
    assert {label: len(places_of(line)) for label, line in found.items()} == {"minima": 1}


def test_marks_on_a_surface_stay_within_the_view_along_z():
    """A point whose height lies beyond zlim is not marked above the box."""
    found = marks_of(drawn("surface", zlim=(-1, 1)))  # f: 6.27 at the maximum, -0.67 at the minimum
    assert list(found) == ["minima", "saddles", "degenerate"]


@every_plane
def test_the_order_of_vars_swaps_the_marks(kind):
    """With --vars x1,x0 the first coordinate of a mark is x1."""
    found = marks_of(drawn(kind, vars=["x1", "x0"]))
    np.testing.assert_allclose(places_of(found["saddles"])[:, :2], [(-1, 0), (1, -2)], atol=1e-6)


@every_plane
def test_without_the_field_nothing_is_marked_or_searched(kind, monkeypatch):
    """The search is made only where it is asked for."""
    monkeypatch.setattr("gradviz.calculus.critical_points", None)
    figure = drawn(kind, critical=False)
    assert (marks_of(figure), figure.legends) == ({}, [])


@every_plane
def test_what_was_found_is_noted(kind, run):
    """Standard error and the JSON say how many there are of each kind, and what the search has to say."""
    answer = run(kind, "x0**2*x1 - x1", "--critical", "-n", "9", "--dpi", "30")
    assert answer.err.splitlines()[-1] == "note: critical points: 2 saddles"
    answer = run(kind, "(x0 + x1)**2", "--critical", "-n", "9", "--dpi", "30", "--json", "-q")
    assert any("whole lines" in note for note in answer.json["notes"])
    assert any("degenerate points" in note for note in answer.json["notes"])


@every_plane
def test_a_function_without_critical_points_is_drawn_all_the_same(kind):
    """A constant, and a function whose slope never vanishes, have no marks and no legend."""
    for expression in ("5 + 0*x0*x1", "exp(x0) + x1"):
        figure = drawn(kind, expression)
        assert (marks_of(figure), figure.legends) == ({}, [])


def test_a_range_with_a_step_is_searched_as_far_as_it_is_shown():
    """0:2.9:1 shows 0, 1, 2, so that a saddle at 2.5 lies outside of the picture."""
    spec = gradviz.Contour(
        expression="(x0 - 2.5)*(x1 - 1)", range={"x0": (0, 2.9, 1), "x1": (0, 2)}, critical=True
    )
    assert gradviz.sample(spec).critical == ()
    whole = spec.model_copy(update={"range": (0.0, 2.9)})
    assert [point.at for point in gradviz.sample(whole).critical] == [(2.5, 1.0)]


# Proofs ---------------------------------------------------------------------------------------------------

every_kind = pytest.mark.parametrize("kind", ["contour", "quiver", "stream", "surface", "descent"])


def outlines_of(kind, expression, **fields):
    """Return the closed outlines (K, N, 2 or 3) of unproven parts that a figure draws."""
    figure = drawn(
        kind, expression, certify=True, range={"x0": (-1, 2), "x1": (-2, 1.5)}, samples=(31, 36), **fields
    )
    lines = [line for line in figure.axes[0].lines if line.get_label() == "_open boxes"]
    return [part[:-1] for line in lines for part in np.split(places_of(line), len(places_of(line)) // 37)]


@every_kind
def test_what_a_proof_leaves_open_is_outlined(kind):
    """At (0.3, -0.2) hypot has a kink, where no gradient vanishes: one visible outline is around it."""
    pytest.importorskip("flint")
    (outline,) = outlines_of(kind, "hypot(x0 - 0.3, 2*(x1 + 0.2))")
    low, high = outline.min(axis=0), outline.max(axis=0)
    assert (low[:2] < (0.3, -0.2)).all()
    assert (high[:2] > (0.3, -0.2)).all()
    assert 0.01 < (high - low)[:2].min() < (high - low)[:2].max() < 0.2
    if kind == "surface":  # the outline follows the surface
        np.testing.assert_allclose(outline[:, 2], np.hypot(*((outline[:, :2] - (0.3, -0.2)) * (1, 2)).T))


@every_kind
def test_a_complete_proof_outlines_nothing(kind):
    """A proven saddle leaves nothing open, and a kink outside of the view is not outlined."""
    pytest.importorskip("flint")
    assert outlines_of(kind, "x0*(x1 - 0.5)") == []
    assert outlines_of(kind, "hypot(x0 - 0.3, x1 + 0.2)", xlim=(0.5, 2)) == []


def test_a_figure_says_whether_the_proof_succeeded(run):
    """The notes give the number of critical points and what is proven; without markers there is no proof."""
    pytest.importorskip("flint")
    options = ("-n", "9", "--dpi", "30")
    lines = run("contour", "x0**2 + 3*x1**2", "--critical", "--certify", *options).err.splitlines()
    assert lines[-1] == "note: critical points: 1 minimum; proven to be all"
    lines = run("contour", "hypot(x0, x1)", "--critical", "--certify", *options).err.splitlines()
    assert lines[-1] == "note: critical points: none found; not proven to be all, 1 box open"
    assert "no effect without --critical" in run("contour", "x0*x1", "--certify", *options).err
    refused = run("contour", "x0*x1", "--certify=3", *options)
    assert refused.code == 2
