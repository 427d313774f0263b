"""Titles and labels as Matplotlib shows them: formulas that fit, and the user's own words as they are."""

from __future__ import annotations

import io

import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure

import gradviz
from gradviz.figures.labels import title_of
from gradviz.output.mpl.settings import applied, settings_of
from gradviz.output.mpl.text import measuring_renderer, write_title
from gradviz.scene.style import STYLES
from gradviz.specs import KINDS

LONG = "+".join(f"{k}*x**{k}" for k in range(1, 20))


def drawn(kind="contour", **fields):
    """Return the figure of a spec and its first axes."""
    figure = gradviz.render(KINDS[kind](**{"expression": "x**2", "samples": 5, "dpi": 40, **fields}))
    return figure, figure.axes[0]


def test_the_title_is_the_formula():
    """Without a title of its own a picture is titled with its formula, as mathematics."""
    _, axes = drawn(expression="x0**2 + 3*x1")
    assert axes.get_title().replace(r"\,", "").replace(" ", "") == "$f(x_{0},x_{1})=x_{0}^{2}+3x_{1}$"
    assert axes.title.get_parse_math()


def test_parameters_stand_below_the_formula():
    """Numbers that were put in for names are told in a second line."""
    _, axes = drawn(expression="a*x + b*y", set={"a": 1.5}, fix={"b": 1e-10})
    first, second = axes.get_title().split("\n")
    assert "a" in first
    assert "a = 1.5" in second
    assert r"b = 10^{-10}" in second


OWN = [
    "$",
    "$x$",
    r"$\frac{$",
    r"cost $\frac{$ per unit",
    r"5$ \x 6$",
    r"\alpha",
    "a_b^c",
    "{",
    "%d & #1 ~",
    "x" * 60,
    "f[i] + [red]x[/red]",
    "é ∇ 日本語",
    "",
]


@pytest.mark.parametrize("text", OWN)
def test_a_users_words_are_never_mathematics(text):
    """Title and labels of the user's own are shown letter for letter; nothing in them is parsed."""
    figure, axes = drawn(title=text, xlabel=text, ylabel=text)
    for written in (axes.title, axes.xaxis.label, axes.yaxis.label):
        assert "".join(written.get_text().split()) == "".join(text.split())
        assert not (written.get_parse_math() and text)
    figure.canvas.draw()


@pytest.mark.parametrize("form", ["svg", "pdf"])
def test_a_users_words_are_never_mathematics_in_any_format(form):
    """What would be half a formula is saved as it is."""
    figure, _ = drawn(title=r"$\frac{$%&é∇日本語", xlabel=r"$ \frac{ $", ylabel="^_")
    figure.savefig(io.BytesIO(), format=form)


def test_a_users_words_are_never_mathematics_in_three_dimensions():
    """The label of the z axis is the user's own, too."""
    figure, axes = drawn("surface", title="$", xlabel="$", ylabel="$", zlabel="$")
    assert axes.get_zlabel() == "$"
    figure.savefig(io.BytesIO(), format="png")


@pytest.mark.parametrize("text", ["a\x1b[31mb", "a\x00b", "a\ud800b", "a\u202eb", "a\x7fb", "a\u2028b"])
def test_control_characters_in_a_title_are_refused_or_harmless(text):
    """A title with what cannot be shown is refused in words, or drawn, and its SVG is well-formed."""
    import xml.etree.ElementTree as ET

    try:
        figure, _ = drawn(title=text)
    except gradviz.GradvizError:
        return
    content = io.BytesIO()
    figure.savefig(content, format="svg")
    ET.fromstring(content.getvalue())


def inside(figure, text):
    """Tell whether a text lies inside the picture."""
    figure.canvas.draw()
    box = text.get_window_extent(figure.canvas.get_renderer())
    width, height = figure.canvas.get_width_height()
    return box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1


@pytest.mark.parametrize("kind", ["tangent", "surface", "contour"])
def test_a_long_formula_stays_inside_the_picture(kind):
    """A formula is made smaller or broken at its terms, so that none of it is cut off."""
    figure, axes = drawn(kind, expression=LONG, range=(0.1, 0.9))
    assert inside(figure, axes.title)
    assert axes.get_title().count("\n") < 3
    assert axes.title.get_fontsize() >= 0.69 * drawn(kind)[1].title.get_fontsize()


@pytest.mark.parametrize("count", [20, 40])
def test_a_formula_that_cannot_be_broken_is_shown_as_typed(count):
    """A product longer than the picture is plain text, cut short with dots."""
    figure, axes = drawn(expression="*".join(f"(x - {k})" for k in range(count)), range=(0.1, 0.9))
    assert inside(figure, axes.title)
    assert axes.get_title().startswith("f(x, y) = (x - 0)*(x - 1)*")
    assert axes.get_title().endswith("...")


@pytest.mark.parametrize(
    "expression",
    [
        "where(" + "<".join(["x"] * 3990) + ",x*y,1)",
        "+".join(["x"] * 4000),
        "+".join(["sin(x0/2)"] * 800),
        "*".join(["y"] * 4000),
        "max(" + ",".join(["x**2"] * 1500) + ")",
        " if x>0 else ".join(["x**2"] * 400),
        "y + " + "*".join(["sqrt(x0/y)"] * 700),
    ],
    ids=lambda text: text[:20],
)
def test_the_title_of_a_long_formula_takes_no_time(expression, within):
    """However long a formula is, no more of it is measured than a title can show."""
    spec = gradviz.Contour(expression=expression, samples=5)
    assert spec.reading
    axes = Figure().subplots()
    with within(1):
        write_title(axes.title, title_of(spec), width=350)
    assert axes.get_title().startswith(("f(x", "$f(x"))


def test_a_long_formula_beside_a_second_panel_stays_inside_the_picture():
    """Where the picture has two panels the formula fits the one that it stands over."""
    figure, axes = drawn("tangent", expression="+".join(f"{k}*x**{k}" for k in range(1, 9)), derivative=True)
    assert inside(figure, axes.title)


@pytest.mark.parametrize("style", ["default", "book", "paper", "dark"])
def test_a_long_title_of_words_stays_inside_the_picture(style):
    """A title of the user's own with 200 characters is broken into lines."""
    figure, axes = drawn(title="words and " * 20, style=style)
    assert inside(figure, axes.title)


def test_the_view_is_applied_where_it_is_given():
    """Limits and ticks that were not given are left to the figure."""
    _, axes = drawn(xlim=(-1, 1), yticks=[0, 1])
    assert axes.get_xlim() == (-1, 1)
    assert list(axes.get_yticks()) == [0, 1]
    assert axes.get_ylim() == (-3, 3)


def test_no_ticks_are_no_ticks():
    """An empty list of ticks takes them away."""
    _, axes = drawn(xticks=[])
    assert list(axes.get_xticks()) == []


def test_the_region_stands_below_the_formula():
    """The title shows the plain formula, and the condition on a line of its own."""
    figure = gradviz.render(
        gradviz.Contour(expression="x0**2 + a*x1", where="x0 > a", set={"a": 2}, samples=9, dpi=30)
    )
    formula, region, parameters = figure.axes[0].get_title().split("\n")
    assert "where" not in formula
    assert region == r"$\mathrm{where}\;x_{0} > a$"
    assert "with" in parameters


@pytest.mark.parametrize("name", ["f", "a_function_with_a_name_that_is_rather_long_for_one"])
def test_the_title_of_a_file_s_function_looks_like_that_of_a_formula(name, here):
    """It has the letters of formulas, as large as these where it fits, and stays inside the picture."""
    (here / "own.py").write_text(f"def {name}(p):\n    return p[..., 0]**2 + 3*p[..., 1]\n")
    for size in (None, (3, 3)):
        usual = gradviz.render(gradviz.Contour(expression="x0 + x1", samples=5, size=size)).axes[0].title
        figure = gradviz.render(gradviz.Contour(expression=f"own.py:{name}", samples=5, size=size))
        title = figure.axes[0].title
        assert title.get_fontfamily()[0] == "STIXGeneral"
        assert 0.69 * usual.get_fontsize() < title.get_fontsize() <= usual.get_fontsize()
        assert (title.get_fontsize() == usual.get_fontsize()) == (name == "f")
        assert inside(figure, title)
        assert not title.get_parse_math()


@pytest.mark.parametrize("style", ["default", "book"])
@pytest.mark.parametrize("words", ["Qg", "two\nlines", "$x^{2}$", "$\\frac{1}{x}$ and gy"])
def test_texts_take_as_much_room_as_in_matplotlib(style, words):
    """A text has the same bounds by the shared measures as by a renderer of Matplotlib, in each font."""
    with applied(settings_of(STYLES[style])):
        artist = Figure(dpi=70).text(0.5, 0.5, words, fontsize=9)
        expected = artist.get_window_extent(RendererAgg(1, 1, 70)).bounds
        assert artist.get_window_extent(measuring_renderer(70)).bounds == expected
