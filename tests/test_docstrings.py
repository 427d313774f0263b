"""Docstrings of public names: examples that run, and the sections of numpydoc."""

from __future__ import annotations

import doctest
import inspect
import re

import pytest

import gradviz
from gradviz.calculus import checking, critical_points

DOCUMENTED = {
    "field": gradviz.field,
    "Field": gradviz.Field,
    "gradient": gradviz.gradient,
    "Gradient": gradviz.Gradient,
    "numerical_gradient": gradviz.numerical_gradient,
    "critical_points": critical_points,
    "sample": gradviz.sample,
    "render": gradviz.render,
    "save": gradviz.save,
    "load": gradviz.load,
}
REFERENCED = ("gradient", "critical_points")  # those whose method has a source
ORDER = ["Parameters", "Attributes", "Returns", "Raises", "References", "Examples"]


@pytest.mark.parametrize("documented", [*DOCUMENTED.values(), checking.check_gradient])
def test_the_examples_in_a_docstring_run(documented):
    """There is one at least, it needs only its own imports, and its output is what is shown."""
    runner = doctest.DocTestRunner(verbose=False)
    (example,) = doctest.DocTestFinder(recurse=False).find(
        documented, globs={"check_gradient": checking.check_gradient}
    )
    runner.run(example)
    result = runner.summarize(verbose=False)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_public_name_has_the_sections_of_numpydoc(name):
    """They stand in numpydoc's order, each underlined; a class returns nothing."""
    sections = re.findall(r"^(\w+)\n(-+)$", inspect.getdoc(DOCUMENTED[name]), re.MULTILINE)
    assert all(len(title) == len(line) for title, line in sections)
    titles = [title for title, _ in sections]
    assert titles == [title for title in ORDER if title in titles]
    required = {"Parameters", "Examples"}
    if not inspect.isclass(DOCUMENTED[name]):
        required.add("Returns")
    if name in REFERENCED:
        required.add("References")
    assert required <= set(titles)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_the_parameters_in_a_docstring_are_those_of_the_signature(name):
    """In the same order, with none left out."""
    documented = inspect.getdoc(DOCUMENTED[name])
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w+\n-+$)", documented, re.MULTILINE | re.DOTALL)[1]
    names = re.findall(r"^(\w+) : ", section, re.MULTILINE)
    assert names == list(inspect.signature(DOCUMENTED[name]).parameters)
