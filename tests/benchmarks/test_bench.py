"""The bench measures every row, and its rows say whether their bars hold."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "speed.md"


@pytest.fixture
def bar(monkeypatch):
    """Return the class of a row of the table."""
    monkeypatch.syspath_prepend(str(HERE))
    return import_module("bench").Bar


@pytest.mark.parametrize(
    ("measured", "bound", "at_least", "holds"),
    [
        (0.9, 0.9, False, True), (0.91, 0.9, False, False), (0.1, 0.9, False, True),
        (45.0, 45.0, True, True), (44.9, 45.0, True, False), (1200.0, 1150.0, True, True),
        (9.0, None, False, True),
    ],
)  # fmt: skip
def test_a_bar_holds_up_to_its_bound_or_from_it_on(bar, measured, bound, at_least, holds):
    """A ratio that is to be at most or at least a number reaches it at that number; without one it holds."""
    row = bar("a figure", "a script", measured, bound, "", at_least=at_least)
    assert row.holds is holds
    assert row.row().count("|") == 6


@pytest.mark.slow
def test_the_bench_measures_all_rows(environment):
    """Few runs of each row come to an end, and the page of a whole run stays as it is."""
    before = PAGE.read_bytes()
    done = subprocess.run(
        [sys.executable, str(HERE / "bench.py"), "--quick"],
        env={name: value for name, value in environment.items() if name != "PYTHONSAFEPATH"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for what in (
        "quiver", "contour", "stream", "tangent", "descent", "surface", "--help", "grad`", "flat kinds",
        "kinds in 3-D", "batch`", "central", "memory", "exact", "GIF", "SymPy's plotting", "variables",
        "Himmelblau, -5:5",
    ):  # fmt: skip
        assert what in done.stdout
    assert PAGE.read_bytes() == before
