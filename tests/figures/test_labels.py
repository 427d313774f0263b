"""Labels and titles as values: names of variables and of the function as mathtext."""

from __future__ import annotations

import pytest

import gradviz
from gradviz.figures import labels
from gradviz.language.reading import read


@pytest.mark.parametrize(
    ("variables", "label"),
    [(("x",), "$f(x)$"), (("x0", "x1"), "$f(x_{0}, x_{1})$"), (("theta",), r"$f(\theta)$")],
)
def test_a_function_is_labelled_with_its_variables(variables, label):
    """The label of heights is f of the variables, typeset."""
    assert labels.function_label(read("5", variables=variables)) == label


def test_a_variable_is_typeset():
    """A number in a name is an index, a Greek name its letter, a longer name upright."""
    assert labels.variable_label("x0") == "$x_{0}$"
    assert labels.variable_label("theta") == r"$\theta$"
    assert labels.variable_label("rate") == r"$\mathrm{rate}$"


def test_a_colour_bar_of_magnitudes_says_where_the_marks_point():
    """Downhill is along minus the gradient, uphill along the gradient."""
    down, up = (labels.magnitude_label("arrows", ascent=ascent) for ascent in (False, True))
    assert r"-\nabla f" in down
    assert r"-\nabla f" not in up
    assert "arrows" in down


def test_a_title_is_the_formula_in_terms_and_as_it_was_typed():
    """The terms of a sum are apart, for a line to end between them; parameters stand below."""
    title = labels.title_of(gradviz.Contour(expression="a*x0**2 + 3*x1", set={"a": 1.5}))
    assert (title.own, title.plain, title.caption) == (None, "f(x0, x1) = a*x0**2 + 3*x1", "")
    assert title.left == "f(x_{0}, x_{1}) = "
    assert len(title.terms) == 2
    assert "a = 1.5" in title.below[0]


def test_the_value_of_a_sweep_is_the_caption_of_a_title():
    """A title of the user's own keeps its words, and has the value beside them; all panels have no value."""
    spec = gradviz.Contour(expression="a*x*y", sweep="a=1,2.5", title="so $it$ is")
    title = labels.title_of(spec, labels.Caption("a", "2.5"))
    assert (title.own, title.caption) == ("so $it$ is", "a = 2.5")
    assert labels.title_of(spec, labels.Caption("a", "")).caption == ""


def test_a_caption_is_typeset():
    """The name is a variable, and a power of ten has an exponent."""
    assert labels.Caption("x0", "2.5").mathtext == "x_{0} = 2.5"
    assert labels.Caption("a", "1e-09").mathtext == r"a = 10^{-9}"


@pytest.mark.parametrize("title", [None, "a\nb", "x" * 200])
def test_the_name_of_a_picture_is_one_line(title):
    """It is the title or the function as it was typed, without line ends."""
    name = labels.name_of(gradviz.Contour(expression="x0 *\n x1", title=title))
    assert name.isprintable()
    assert name.startswith("f(x0, x1) = x0 *" if title is None else title[0])


def test_no_digits_of_a_point_are_lost_but_those_asked_for():
    """A point is told with six digits unless others are asked for, and a minus sign of its own."""
    assert labels.point_text((-1.5, 1 / 3)) == "(\N{MINUS SIGN}1.5, 0.333333)"
    assert labels.point_text((1 / 3,), 2) == "(0.33)"
