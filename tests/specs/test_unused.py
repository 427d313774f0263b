"""Fields that have no effect beside others: a warning names them, and only them."""

from __future__ import annotations

import numpy as np
import pytest

import gradviz
from gradviz.cli.wording import flags
from gradviz.errors import joined
from gradviz.specs import KINDS, spec_from

PLOTS = ("surface", "wireframe", "contour", "contourf", "scatter")

# Each way to draw, and for each field a value that shows wherever it can.
WAYS = {
    "curve": {"kind": "tangent"},
    "tangent": {"kind": "tangent", "at": 1},
    "lines": {"kind": "contour"},
    "given": {"kind": "contour", "levels": [1, 2, 9]},
    **{f"a {plot}": {"kind": "surface", "plot": plot} for plot in PLOTS},
    "heights": {"kind": "surface", "plot": "contour", "levels": [1, 2, 9]},
    "arrows": {"kind": "quiver"},
    "grey": {"kind": "quiver", "color": "#666666"},
    "stream": {"kind": "stream"},
    **{on: {"kind": "descent", "on": on} for on in ("surface", "axes")},
    "paths": {"kind": "descent"},
    "paths over levels": {"kind": "descent", "levels": [1, 2, 9]},
    "errors": {"kind": "steps"},
    "pairs": {"kind": "pairs"},
    "pairs at levels": {"kind": "pairs", "levels": [4, 5, 9]},
}
VALUES = {
    "levels": [3, 4],
    "spacing": "log",
    "filled": True,
    "cmap": "magma",
    "colorbar": True,
    "elev": 0,
    "azim": 10,
    "zlim": (-5, 9),
    "zlabel": "height",
    "zticks": (1, 2),
    "secant": 1,
    "fps": 3,
    "labels": True,
    "contour": True,
    "heat": True,
    "stream": True,
    "through": (1.5, 1),
    "arrows": "log",
    "color": "#c8553d",
    "linewidth": 4,
    "transparent": True,
}
PATH = {"start": (2, 2), "optimizers": "sgd,learning_rate=0.05", "steps": 3}


def expression_of(kind):
    """Return an expression of as many variables as a kind shows."""
    return "x**4/9 + 1" if kind.traits.dimension == 1 else "x**4/9 + 2*y**2 + x*y + 3"


def drawn(fields):
    """Return the picture (height, width, 4) of a spec in the style without colour bars, and its warnings."""
    kind = KINDS[fields["kind"]]
    more = {name: value for name, value in PATH.items() if name in kind.model_fields}
    looks = {"expression": expression_of(kind), "style": "book", "samples": 7, "dpi": 20}
    spec = spec_from({**looks, **more, **fields})
    samples = gradviz.sample(spec)
    figure = gradviz.render(spec, samples)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()), joined(" ", samples.warnings).worded(flags)


def is_unused(name, fields):
    """Return whether a field of a spec has no effect, by what the spec says."""
    spec = spec_from({"expression": expression_of(KINDS[fields["kind"]]), **fields})
    return any(name in names for names, _ in spec.unused())


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_an_option_is_told_to_have_no_effect_where_it_has_none(way):
    """All that are told so together leave the picture as it is; each other one changes it."""
    fields = WAYS[way]
    usual, _ = drawn(fields)
    names = VALUES.keys() & KINDS[fields["kind"]].model_fields.keys() - fields.keys()
    unused = {name for name in names if is_unused(name, {**fields, name: VALUES[name]})}
    same, warned = drawn({**fields, **{name: VALUES[name] for name in unused}})
    assert np.array_equal(same, usual)
    assert all(f"--{name} " in warned for name in unused)
    for name in names - unused:
        other, warned = drawn({**fields, name: VALUES[name]})
        assert not np.array_equal(other, usual), name
        assert "no effect" not in warned


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"kind": "contour", "method": "central", "step": 0.5},
            "--method and --step have no effect on level lines",
        ),
        (
            {"kind": "pairs", "xlim": (0, 1), "yticks": [1]},
            "--xlim and --yticks have no effect on panels of several variables",
        ),
        ({"kind": "surface", "step": 0.5}, "--step has no effect without --tangent-at"),
        ({"kind": "quiver", "method": "exact", "step": 0.5}, "--step has no effect with --method exact"),
        ({"kind": "descent", "step": 0.5}, "--step has no effect with --method exact"),
        (
            {"kind": "quiver", "range": (-2, 2, 1), "samples": 5},
            "--samples has no effect beside the steps of --range",
        ),
        ({"kind": "descent", "anatomy": 3, "samples": 9}, "--anatomy 3 shows the first of 3 updates alone"),
    ],
)
def test_a_gradient_and_a_mesh_that_are_not_used_are_told(fields, told):
    """What has to do with numbers only is told, too, each option once."""
    assert drawn(fields)[1].count(told) == 1


def test_no_option_is_told_that_was_not_given():
    """Defaults, switches that are off and options with an effect are not worth a word."""
    for fields in (
        {"kind": "surface", "plot": "wireframe", "colorbar": False},
        {"kind": "surface", "tangent_at": (1, 1), "method": "central", "step": 1e-3},
        {"kind": "steps", "method": "exact", "step": 0.5},
        {"kind": "descent", "on": "surface", "elev": 0},
    ):
        assert "no effect" not in drawn(fields)[1]


def test_options_without_effect_are_noted_on_the_command_line(run):
    """The picture is drawn, the exit code is 0, and one note has all of them."""
    answer = run("descent", "x**2 + 3*y**2", "--elev", "0", "--zlabel", "z", "-n", "9", "--start", "1,1")
    assert answer.code == 0
    assert "note: --elev and --zlabel have no effect with --on contour" in answer.err
