"""Functions of several variables over every pair of them: their samples and how they are drawn."""

from __future__ import annotations

import csv
import io
from itertools import combinations

import numpy as np
import pytest
from matplotlib import colormaps

import gradviz
from gradviz.errors import RequestError
from gradviz.output.data import encode_data
from gradviz.sampling.slices import Section
from gradviz.sampling.values import field_of

RANGES = {"x0": (-2.0, 2.0), "x1": (-1.0, 3.0), "x2": (0.0, 5.0)}
COUNTS = (5, 8, 6)
AT = (0.5, 2.0, 1.5)
F = {"expression": "x0**2 + 3*x1 + x0*x1*x2", "range": RANGES, "samples": COUNTS, "at": AT, "dpi": 30}


def f(x0, x1, x2):
    return x0**2 + 3 * x1 + x0 * x1 * x2


def drawn(**fields):
    """Return the figure, and its panels by row and column."""
    figure = gradviz.render(gradviz.Pairs(**{**F, **fields}))
    return figure, panels_of(figure)


def panels_of(figure):
    found = {}
    for axes in figure.axes:
        place = axes.get_subplotspec()
        if place is not None and axes.axison:
            found[place.rowspan.start, place.colspan.start] = axes
    return found


def table(samples):
    """Return the rows of the data as CSV has them."""
    return list(csv.DictReader(io.StringIO(encode_data(samples, "csv").decode())))


# What is sampled -------------------------------------------------------------------------------------------


def test_a_panel_has_the_values_of_the_function_at_its_mesh():
    """Of each pair the first variable runs along columns, the second along rows, the third is held."""
    samples = gradviz.sample(gradviz.Pairs(**F))
    lines = [np.linspace(*ends, count) for ends, count in zip(RANGES.values(), COUNTS, strict=True)]
    assert set(samples.planes) == set(combinations(range(3), 2))
    for (i, j), plane in samples.planes.items():
        part = plane.evaluated
        expected = np.empty((COUNTS[j], COUNTS[i]))
        for row, b in enumerate(lines[j]):
            for column, a in enumerate(lines[i]):
                point = list(AT)
                point[i], point[j] = a, b
                expected[row, column] = f(*point)
                np.testing.assert_allclose(part.points[row, column], (a, b), atol=1e-15)
        assert part.values.shape == expected.shape
        np.testing.assert_allclose(part.values, expected, atol=1e-13)


def test_a_slice_has_the_values_along_its_variable():
    """On the diagonal one variable varies, and the others are held at the point."""
    samples = gradviz.sample(gradviz.Pairs(**F))
    for axis, line in enumerate(samples.lines):
        part = line.evaluated
        name = f"x{axis}"
        along = np.linspace(*RANGES[name], COUNTS[axis])
        points = [along if k == axis else AT[k] for k in range(3)]
        np.testing.assert_allclose(part.points[:, 0], along)
        np.testing.assert_allclose(part.values, f(*points), atol=1e-13)
    assert samples.results == {"at": list(AT), "value": pytest.approx(f(*AT))}


def test_a_row_of_the_data_names_its_panel_and_all_variables():
    """Each panel's rows hold what it holds, and f is the function of all variables of the row."""
    rows = table(gradviz.sample(gradviz.Pairs(**F)))
    assert list(rows[0]) == ["panel", "x0", "x1", "x2", "f"]
    n0, n1, n2 = COUNTS
    sizes = {"x0": n0, "x1": n1, "x2": n2, "x0 x1": n0 * n1, "x0 x2": n0 * n2, "x1 x2": n1 * n2}
    for panel, size in sizes.items():
        mine = [row for row in rows if row["panel"] == panel]
        assert len(mine) == size
        for axis in range(3):
            values = {float(row[f"x{axis}"]) for row in mine}
            varies = f"x{axis}" in panel.split()
            assert len(values) == COUNTS[axis] if varies else values == {AT[axis]}
    assert len(rows) == sum(sizes.values())
    for row in rows:
        assert float(row["f"]) == pytest.approx(f(*(float(row[f"x{k}"]) for k in range(3))), abs=1e-12)


def test_the_arrays_of_the_data_need_no_pickle():
    """NPZ has the points of all variables as rows, beside the columns."""
    with np.load(
        io.BytesIO(encode_data(gradviz.sample(gradviz.Pairs(**F)), "npz")), allow_pickle=False
    ) as arrays:
        points = arrays["points"]
        assert points.shape == (sum(COUNTS) + 5 * 8 + 5 * 6 + 8 * 6, 3)
        np.testing.assert_allclose(arrays["f"], f(*points.T), atol=1e-13)
        assert set(arrays["panel"]) == {"x0", "x1", "x2", "x0 x1", "x0 x2", "x1 x2"}


def test_the_order_of_vars_is_that_of_panels_and_of_the_point():
    """With --vars x2,x0,x1 the first panel is that of x2 and x0, and --at begins with x2."""
    fields = {"vars": ["x2", "x0", "x1"], "samples": (6, 5, 8), "at": (1.5, 0.5, 2.0)}
    samples = gradviz.sample(gradviz.Pairs(**{**F, **fields}))
    assert [part.name for part in samples.planes.values()] == ["x2 x0", "x2 x1", "x0 x1"]
    x2, x0 = (samples.planes[0, 1].evaluated.points[..., k] for k in (0, 1))
    assert x2.shape == (5, 6)
    np.testing.assert_allclose(samples.planes[0, 1].evaluated.values, f(x0, 2.0, x2), atol=1e-13)


def test_without_a_point_it_is_the_middle_of_the_ranges():
    """The default is the middle; where the function has none there, a place aside, which is told."""
    samples = gradviz.sample(gradviz.Pairs(**{**F, "at": None}))
    assert samples.at.tolist() == [0.0, 1.0, 2.5]
    assert samples.warnings == ()
    aside = gradviz.sample(gradviz.Pairs(expression="x*y/z", samples=9))
    assert aside.value == aside.at[0] * aside.at[1] / aside.at[2]
    assert "undefined at the middle of the ranges, (0, 0, 0)" in aside.warnings[0]
    assert "the point is (1, 1, 1)" in aside.warnings[0]
    apart = gradviz.sample(gradviz.Pairs(expression="1/(x - y)", samples=9))
    assert apart.at[0] != apart.at[1]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"expression": "log(x*y*z)", "at": (1, 2, 0)},
            r"(undefined|too large) at the point \(1, 2, 0\); give another at",
        ),
        ({"expression": "x*y", "where": "x > 0", "at": (-1, 2)}, r"where does not hold at the point"),
        ({"expression": "exp(exp(x)) + y", "range": (0, 9), "at": (8, 1)}, "too large at the point"),
        ({"expression": "log(-1 - x**2) + y"}, "wherever else it was tried"),
    ],
)
def test_a_point_without_a_value_is_refused(fields, words):
    """All panels go through the point, so the function has to have a value there."""
    with pytest.raises(RequestError, match=words):
        gradviz.sample(gradviz.Pairs(**fields, samples=9))


def test_the_points_of_six_variables_are_those_of_pairs():
    """What counts against the limit is what is sampled, and not the mesh of all six variables."""
    spec = gradviz.Pairs(expression="a*b*c*d*x*y")
    assert spec.point_count() == 6 * 121 + 15 * 121**2
    assert gradviz.Pairs(**F).point_count() == gradviz.sample(gradviz.Pairs(**F)).values.size
    with pytest.raises(RequestError, match="4,000,000 points"):
        gradviz.Pairs(expression="x*y", samples=2001)


def test_a_function_of_a_file_is_that_of_its_formula(run, here):
    """The point tells how many coordinates there are, where no option names them; one may be held."""
    (here / "own.py").write_text(
        "def f(p):\n    return p[..., 0]**2 + 3*p[..., 1] + p[..., 0]*p[..., 1]*p[..., 2]\n"
    )
    size = (
        "-n",
        "5,8,6",
        "--at",
        "0.5,2,1.5",
        "-r",
        "x0=-2:2",
        "-r",
        "x1=-1:3",
        "-r",
        "x2=0:5",
        "--dpi",
        "30",
    )
    own = run("pairs", "own.py:f", *size, "--data", "own.csv", "--json")
    assert own.code == 0, own.err
    assert (own.json["variables"], own.json["at"]) == (["x0", "x1", "x2"], list(AT))
    assert run("pairs", F["expression"], *size, "--data", "formula.csv").code == 0
    assert (here / "own.csv").read_text() == (here / "formula.csv").read_text()
    unnamed = run("pairs", "own.py:f", "--at", "0.5,2,1.5", "-n", "7", "--dpi", "30", "--json", "-q")
    assert (unnamed.code, unnamed.json["variables"]) == (0, ["x0", "x1", "x2"])
    held = run("pairs", "own.py:f", "--fix", "x1=2", "-n", "7", "--dpi", "30", "--json", "-q")
    assert (held.code, held.json["variables"]) == (0, ["x0", "x2"])


def test_a_section_is_the_field_with_the_others_held():
    """Values, slopes, curvature and region of x0^2 + 3 x1 + x0 x1 x2 at x1 = 2, by hand."""
    whole = field_of(gradviz.Pairs(**F, where="x0 + x2 < 4"))
    section = Section(whole, np.array(AT), (2, 0))
    assert section.variables == ("x2", "x0")
    points = np.array([[1.0, -1.0], [3.0, 0.5], [4.5, 1.0]])
    x2, x0 = points.T
    np.testing.assert_array_equal(section.contains(points), [True, True, False])
    np.testing.assert_allclose(section(points)[:2], (x0**2 + 6 + 2 * x0 * x2)[:2])
    assert np.isnan(section(points)[2])
    np.testing.assert_allclose(section.whole(points), x0**2 + 6 + 2 * x0 * x2)
    np.testing.assert_allclose(section.whole.gradient(points), np.stack([2 * x0, 2 * x0 + 2 * x2], axis=-1))
    np.testing.assert_allclose(section.whole.hessian(points), [[[0, 2], [2, 2]]] * 3)
    assert not section.overflows(points).any()
    assert section.operations == whole.operations


# How it is drawn -------------------------------------------------------------------------------------------


def test_every_vertex_lies_on_its_level():
    """In the panel of row j and column i the function has the line's height, the others held at the point."""
    _, panels = drawn(samples=(31, 28, 26))
    for row, column in ((1, 0), (2, 0), (2, 1)):
        (contours,) = panels[row, column].collections
        seen = 0
        for level, path in zip(contours.levels, contours.get_paths(), strict=True):
            point = [np.full(len(path.vertices), x) for x in AT]
            point[column], point[row] = path.vertices.T
            np.testing.assert_allclose(f(*point), level, atol=0.1)
            seen += len(path.vertices)
        assert seen > 50


def test_panels_stand_in_the_lower_triangle_with_labels_at_its_edges():
    """Nothing is drawn above the diagonal; a column shares its variable along x and a row along y."""
    figure, panels = drawn()
    assert set(panels) == {(row, column) for row in range(3) for column in range(row + 1)}
    figure.canvas.draw()
    for (row, column), axes in panels.items():
        assert axes.get_xlim() == RANGES[f"x{column}"]
        below = [text.get_text() for text in axes.get_xticklabels() if text.get_visible()]
        assert bool(below) == bool(axes.get_xlabel()) == (row == 2)
        if row > column:
            assert axes.get_ylim() == RANGES[f"x{row}"]
            beside = [text.get_text() for text in axes.get_yticklabels() if text.get_visible()]
            assert bool(beside) == bool(axes.get_ylabel()) == (column == 0)
        if row == 2:
            assert str(column) in axes.get_xlabel()


@pytest.mark.parametrize("filled", [False, True])
def test_all_panels_have_the_same_levels_and_colours(filled):
    """A height has one colour in all panels, which one scale of colours explains."""
    figure, panels = drawn(filled=filled, samples=21)
    sets = [panels[place].collections[0] for place in ((1, 0), (2, 0), (2, 1))]
    for contours in sets[1:]:
        np.testing.assert_array_equal(contours.levels, sets[0].levels)
        np.testing.assert_array_equal(contours.to_rgba([0, 5, 20]), sets[0].to_rgba([0, 5, 20]))
    assert len([axes for axes in figure.axes if axes.get_label() == "<colorbar>"]) == 1
    everywhere = np.concatenate(
        [part.evaluated.values.ravel() for part in gradviz.sample(gradviz.Pairs(**F)).planes.values()]
    )
    if filled:
        assert sets[0].levels[0] <= everywhere.min()
        assert sets[0].levels[-1] >= everywhere.max()


def test_uneven_levels_are_the_same_in_all_panels_too():
    """Rosenbrock's valley over three variables gets logarithmic levels, each of one colour."""
    expression = "100*(x1 - x0**2)**2 + (1 - x0)**2 + 100*(x2 - x1**2)**2 + (1 - x1)**2"
    _, panels = drawn(expression=expression, range=(-2, 2), at=(1, 1, 1), samples=61)
    sets = [panels[place].collections[0] for place in ((1, 0), (2, 0), (2, 1))]
    assert np.ptp(np.diff(sets[0].levels)) > 0
    for contours in sets:
        np.testing.assert_array_equal(contours.levels, sets[0].levels)
        np.testing.assert_array_equal(contours.get_edgecolor(), sets[0].get_edgecolor())


def test_the_point_is_marked_in_every_panel_and_told():
    """A dot stands at the point, on the diagonal at the function's value, and a corner has the numbers."""
    figure, panels = drawn()
    for (row, column), axes in panels.items():
        (dot,) = (line for line in axes.lines if line.get_marker() == "o")
        height = f(*AT) if row == column else AT[row]
        assert (dot.get_xdata()[0], dot.get_ydata()[0]) == pytest.approx((AT[column], height))
    (words,) = (
        text.get_text() for axes in figure.axes if axes.get_legend() for text in axes.get_legend().get_texts()
    )
    assert [line.split("=")[1].strip(" $") for line in words.split("\n")] == ["0.5", "2", "1.5", "7.75"]


def test_curves_share_a_scale_of_heights():
    """The diagonal has the same heights everywhere, all curves in it, and numbers at its right."""
    figure, panels = drawn()
    figure.canvas.draw()
    diagonal = [panels[k, k] for k in range(3)]
    assert len({axes.get_ylim() for axes in diagonal}) == 1
    low, high = diagonal[0].get_ylim()
    for axes in diagonal:
        curve = max(axes.lines, key=lambda line: len(line.get_xdata()))
        assert low < min(curve.get_ydata())
        assert max(curve.get_ydata()) < high
        (ruler,) = axes.child_axes
        assert ruler.get_ylim() == (low, high)
        assert len([text for text in ruler.get_yticklabels() if text.get_text()]) >= 3


def test_a_panel_without_lines_says_why():
    """Constant, between two levels, flat or undefined: each has its word, and the others are drawn."""
    spec = {
        "expression": "x0**2 + 0.001*x1 + 0*x2 + 0.001*x3",
        "range": (-3, 3),
        "at": (1, 0, 0, 0),
        "levels": [0.5, 4],
    }
    _, panels = drawn(**spec, samples=21)
    words = {place: [text.get_text() for text in axes.texts] for place, axes in panels.items()}
    assert words[1, 0] == []
    assert words[3, 1] == ["between\ntwo levels"]
    _, panels = drawn(expression="x0 + x1*x2", range=(-3, 3), at=(1, 0, 0), samples=21)
    assert [text.get_text() for text in panels[2, 1].texts] == []
    _, panels = drawn(expression="x0*x2 + x1*x2", range=(-3, 3), at=(1, 1, 0), samples=21)
    assert [text.get_text() for text in panels[1, 0].texts] == ["constant"]
    _, panels = drawn(expression="floor(x0) + floor(x1) + x2", range=(-3, 3), at=(1, 1, 0), samples=41)
    assert [text.get_text() for text in panels[1, 0].texts] == ["flat between\nits jumps"]
    _, panels = drawn(
        expression="x2 + sqrt(x2 + 0*x0*x1 - abs(x0 + x1 - 0.31))",
        range={"x2": (0, 9), "*": (-3, 3)},
        at=(0.31, 0, 0),
        samples=20,
    )
    assert [text.get_text() for text in panels[1, 0].texts] == ["undefined"]


def test_a_function_that_is_constant_in_all_panels_says_so():
    """x0 x1 x2 is 0 on all planes through 0: a warning names `at`."""
    spec = gradviz.Pairs(expression="x0*x1*x2", samples=9, dpi=30)
    samples = gradviz.sample(spec)
    assert samples.warnings == ("the function is constant in all panels; at chooses another point",)
    constant = gradviz.sample(gradviz.Pairs(expression="7", vars=["x0", "x1"], samples=9)).warnings
    assert constant[-1] == "the function is constant"
    panels = panels_of(gradviz.render(spec, samples))
    assert [panels[place].texts[0].get_text() for place in ((1, 0), (2, 0), (2, 1))] == ["constant"] * 3


@pytest.mark.parametrize("filled", [False, True])
def test_nothing_is_drawn_across_a_pole(filled):
    """Of x0 x1 / x2 no line and no curve goes from one side of x2 = 0 to the other."""
    spec = gradviz.Pairs(expression="x0*x1/x2", at=(1, 1, 1), filled=filled, dpi=30, samples=40)
    samples = gradviz.sample(spec)
    assert any(
        "cut where the function jumps or has a pole, in x2, (x0, x2)" in said for said in samples.warnings
    )
    panels = panels_of(gradviz.render(spec, samples))
    contours, *_ = panels[2, 0].collections  # and lines between bands
    assert np.abs(contours.levels).max() < 20
    for path in contours.get_paths():
        codes = path.codes
        for k in range(len(path.vertices) - 1):
            if codes[k + 1] in (path.LINETO, path.CLOSEPOLY):
                first, second = path.vertices[k : k + 2, 1]
                assert first * second > -1e-12
    curve = max(panels[2, 2].lines, key=lambda line: len(line.get_xdata()))
    x, y = curve.get_xdata(), curve.get_ydata()
    crossing = (x[:-1] < 0) & (x[1:] > 0)
    assert not (crossing & np.isfinite(y[:-1]) & np.isfinite(y[1:])).any()


def test_frames_of_a_sweep_share_levels_and_heights():
    """The levels and the limits of the curves hold all values; a sweep without animation is refused."""
    fields = {"expression": "a*x0*x1 + x2", "range": (-1, 2), "samples": 9, "dpi": 30, "sweep": "a=1,2,9"}
    spec = gradviz.Pairs(**fields, animate=True)
    samples = gradviz.sample(spec)
    assert samples.results == {"sweep": {"a": [1, 2, 9]}, "at": [[0.5] * 3] * 3, "value": [0.75, 1, 2.75]}
    frames = gradviz.render(spec, samples).frames
    first, last = panels_of(frames[0]), panels_of(frames.last)
    np.testing.assert_array_equal(first[1, 0].collections[0].levels, last[1, 0].collections[0].levels)
    assert first[2, 2].get_ylim() == last[2, 2].get_ylim()
    assert last[1, 0].collections[0].levels[-1] > 4 * 4
    assert "a = 1" in frames[0].get_suptitle()
    assert "a = 9" in frames.last.get_suptitle()
    with pytest.raises(
        RequestError, match="a pairs figure has panels of its own, and none for sweep; add animate"
    ):
        gradviz.render(gradviz.Pairs(**fields))


def test_levels_that_are_given_are_those_of_all_panels():
    """--levels holds in each panel where one of them occurs."""
    _, panels = drawn(levels=[5, 8], samples=21)
    for place in ((1, 0), (2, 0), (2, 1)):
        np.testing.assert_array_equal(panels[place].collections[0].levels, [5, 8])
    _, panels = drawn(levels=[1000.0], samples=9)
    assert panels[1, 0].texts[0].get_text() == "between\ntwo levels"
    _, panels = drawn(levels=[1000.0, 2000.0], samples=9, filled=True)
    assert panels[1, 0].texts


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "style"),
    [(2, "book"), (5, "default"), (5, "dark"), pytest.param(6, "paper", marks=pytest.mark.slow)],
)
def test_no_label_is_cut_and_none_lies_on_another(count, style):
    """With few and with many variables, the numbers and names at the edges lie inside and apart."""
    names = [f"x{k}" for k in range(count)]
    ranges = {name: (0.0, 10.0**k) for k, name in enumerate(names)}
    spec = gradviz.Pairs(expression=" + ".join(names), range=ranges, samples=5, style=style, dpi=60)
    figure = gradviz.render(spec)
    figure.canvas.draw()
    boxes = []
    for (row, column), axes in panels_of(figure).items():
        shown = [axes.xaxis.label] if row == count - 1 else []
        shown += [axes.yaxis.label] if row > column == 0 else []
        for axis, there in ((axes.xaxis, row == count - 1), (axes.yaxis, row > column == 0)):
            low, high = axis.get_view_interval()
            ticks = axis.get_major_ticks(len(axis.get_majorticklocs()))
            ticks = [tick for tick in ticks if there and low <= tick.get_loc() <= high]
            shown += [tick.label1 for tick in ticks]
        boxes += [label.get_window_extent() for label in shown]
        boxes += [child.yaxis.label.get_window_extent() for child in axes.child_axes]
    page = figure.bbox
    assert len(boxes) > 4 * count
    for box in boxes:
        assert page.x0 - 1 <= box.x0 <= box.x1 <= page.x1 + 1
        assert page.y0 - 1 <= box.y0 <= box.y1 <= page.y1 + 1
    for one, other in combinations(boxes, 2):
        assert not one.padded(0.5).overlaps(other.padded(0.5))


def test_a_small_picture_has_smaller_letters():
    """A size that is asked for holds, and letters shrink with the panels."""
    figure, panels = drawn(size=(4, 3))
    assert tuple(figure.get_size_inches()) == (4, 3)
    usual = drawn()[1]
    assert panels[2, 0].xaxis.label.get_fontsize() < usual[2, 0].xaxis.label.get_fontsize()


def test_looks_are_as_asked():
    """Colour map, grid, title and the scale of colours are those that were given."""
    figure, panels = drawn(cmap="copper", grid=True, title="a title", colorbar=False, samples=9)
    assert panels[1, 0].collections[0].get_cmap().name == "copper"
    assert all(line.get_visible() for line in panels[1, 0].get_xgridlines())
    assert figure.get_suptitle() == "a title"
    assert not [axes for axes in figure.axes if axes.get_label() == "<colorbar>"]
    _, panels = drawn(grid=False, samples=9)
    assert not any(line.get_visible() for line in panels[1, 1].get_xgridlines())


def test_the_command_refuses_and_tells_the_way(run):
    """Too many variables for a contour name this command; a wrong point is told in the words of flags."""
    answer = run("contour", "x0*x1*x2")
    assert (answer.code, answer.out) == (2, b"")
    assert "gradviz pairs" in answer.err
    answer = run("pairs", "x0*x1*x2", "--at", "1,2")
    assert (answer.code, answer.err) == (2, "error: --at: the point has 3 numbers, x0, x1, x2, not 1,2\n")
    answer = run("pairs", "x0*x1*x2", "--at", "1,2,7")
    assert answer.err == "error: --at: x2 = 7 lies outside of its range, -3 to 3\n"


@pytest.mark.parametrize("expression", ["x0*1e7 + x1*x2", "x0**2 + 3*x1 + x2"])
def test_the_label_beside_curves_stands_apart_from_their_numbers(expression):
    """A unit such as f / 10^7 is half a letter or more away from each number, which is no factor of it."""
    figure, panels = drawn(expression=expression, dpi=100)
    figure.canvas.draw()
    for place in range(3):
        (ruler,) = panels[place, place].child_axes
        left = ruler.yaxis.label.get_window_extent().x0
        letter = ruler.yaxis.label.get_fontsize() * figure.dpi / 72
        assert all(left - text.get_window_extent().x1 >= letter / 2 for text in ruler.get_yticklabels())


def test_level_lines_are_as_dark_as_on_other_pictures():
    """Lines use the part of the colour map that can be seen on the page, bands all of it."""
    spec = {"levels": (0, 5, 10)}
    for filled in (False, True):
        _, panels = drawn(**spec, filled=filled)
        colours = panels[1, 0].collections[0].get_cmap()
        np.testing.assert_allclose(colours(0.0), colormaps["viridis"](0.0), atol=1e-9)
        assert np.allclose(colours(1.0), colormaps["viridis"](1.0), atol=1e-9) == filled
    figure = gradviz.render(gradviz.Contour(expression="x0**2 + 3*x1**2", samples=21, dpi=30))
    _, panels = drawn(**spec)
    assert panels[1, 0].collections[0].get_cmap() == figure.axes[0].collections[0].get_cmap()
