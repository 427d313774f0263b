"""The command `gradviz check`."""

from __future__ import annotations

import json

import numpy as np
import pytest

import gradviz

RIGHT = ("x0**2*x1", "--claim", "2*x0*x1, x0**2")
KEYS = {"ok", "points", "max_error", "worst_point", "numerical", "expected", "unreliable"}


def test_a_right_claim_holds(run):
    """The gradient of x0^2 x1 is (2 x0 x1, x0^2): exit 0, one line, and no picture."""
    answer = run("check", *RIGHT)
    assert (answer.code, answer.err) == (0, "")
    assert answer.lines[0].startswith("ok: the claimed gradient holds at 1,2")


@pytest.mark.parametrize(
    ("expression", "claim", "component", "derivative"),
    [
        ("x0**2*x1", "x0*x1, x0**2", "df/dx0", "2*x0*x1"),
        ("x0**2*x1", "2*x0*x1, x0**2 + 1e-4", "df/dx1", "x0**2"),
        ("x0**2*x1", "2*x0*x1, abs(x0)", "df/dx1", "x0**2"),
        ("x0*x1", "x1, x1", "df/dx1", "x0"),
        ("max(x0, x1)*x0", "x0 + max(x0, x1), 0", "df/dx", None),
    ],
)
def test_a_wrong_claim_is_answered_by_an_example(expression, claim, component, derivative, run):
    """Exit 1, the component, a point with what is claimed there, and the exact derivative."""
    answer = run("check", expression, "--claim", claim)
    assert (answer.code, answer.err) == (1, "")
    text = answer.out.decode()
    assert text.startswith(f"not ok: the claimed {component}")
    assert "at x0 = " in text
    if derivative:
        assert f"exactly, {component} = {derivative}\n" in text
        assert text.count("exactly") == 1


def test_the_example_is_one(run):
    """At the point that JSON gives, the numbers are those of the function and of the claim there."""
    answer = run("check", "x0**2*x1", "--claim", "x0*x1, x0**2", "--json")
    assert answer.code == 1
    found = answer.json
    assert set(found) >= KEYS
    x0, x1 = found["worst_point"]
    np.testing.assert_allclose(found["numerical"], [2 * x0 * x1, x0**2], rtol=1e-9)
    np.testing.assert_allclose(found["expected"], [x0 * x1, x0**2], rtol=1e-14)
    assert found["ok"] is False
    assert found["max_error"] == pytest.approx(0.5, rel=1e-9)
    assert found["variables"] == ["x0", "x1"]
    assert found["wrong"]["x0"] > 1_000
    assert found["wrong"]["x1"] == 0


def test_json_says_no_more_than_can_be_said(run):
    """Where nothing can be compared, numbers and points are null, and the reasons are counted."""
    answer = run("check", "log(-x)", "-r", "1:2", "-n", "5", "--json")
    assert answer.code == 1
    found = answer.json
    assert (found["ok"], found["points"], found["unreliable"]) == (False, 0, 10)
    assert found["reasons"] == {"undefined": 10}
    assert [found[key] for key in ("max_error", "worst_point", "numerical", "expected")] == [None] * 4


def test_without_a_claim_the_exact_gradient_is_checked(run):
    """The differences are compared with the formula's own derivative, by every method."""
    for method in ("adaptive", "central", "complex", "exact"):
        answer = run("check", "exp(x)*sin(y)", "--method", method, "--json")
        assert (answer.code, answer.json["ok"], answer.json["method"]) == (0, True, method)


def test_a_kink_is_no_fault(run):
    """abs(x) passes, and so does its slope as one writes it, whatever that is at 0."""
    assert run("check", "abs(x)").code == 0
    assert run("check", "abs(x)", "--claim", "sign(x)").code == 0


def test_points_without_a_value_are_counted(run):
    """Half of the range is not in the domain of log, which is said and no fault."""
    answer = run("check", "log(x)", "--claim", "1/x", "-r", "-1:1", "-n", "21")
    assert answer.code == 0
    assert answer.lines[1].startswith("left out: ")
    assert "undefined" in answer.lines[1]


def test_a_claim_that_is_undefined_is_wrong(run):
    """sqrt(x)**2/x is 1 only where x > 0; elsewhere the slope of x is 1 all the same."""
    answer = run("check", "x", "--claim", "sqrt(x)**2/x", "-n", "9")
    assert answer.code == 1
    assert "undefined" in answer.out.decode()
    assert run("check", "x", "--claim", "sqrt(x)**2/x", "-n", "9", "--json").json["max_error"] is None


def test_parameters_and_fixed_variables_are_those_of_the_function(run):
    """The claim knows a of --set and y of --fix, and has a part for each variable that is left."""
    words = ("check", "a*x**2*y + z", "--set", "a=3", "--fix", "y=5", "--claim")
    assert run(*words, "2*a*x*y, 1").code == 0
    assert run(*words, "30*x, 1").code == 0
    assert run(*words, "2*x*y, 1").code == 1


def test_the_order_of_the_variables_is_that_of_vars(run):
    """With --vars x1,x0 the first part of the claim is for x1."""
    words = ("check", "x0**2 + 3*x1", "-r", "x0=-2:2", "-r", "x1=4:9", "-n", "5,8")
    assert run(*words, "--vars", "x1,x0", "--claim", "3, 2*x0").code == 0
    assert run(*words, "--vars", "x0,x1", "--claim", "3, 2*x0").code == 1
    assert run(*words, "--claim", "2*x0, 3").code == 0


def test_twelve_variables_can_be_checked(run):
    """The sum of squares of 12 variables has twice each as its gradient."""
    names = [f"x{k}" for k in range(12)]
    claim = ",".join(f"2*{name}" for name in names)
    expression = " + ".join(f"{name}**2" for name in names)
    assert run("check", expression, "--claim", claim, "-n", "2").code == 0
    assert run("check", expression, "--claim", claim.replace("2*x7", "x7"), "-n", "2").code == 1


def test_a_claim_and_an_expression_may_begin_with_a_minus(run):
    """Neither is taken for an option."""
    assert run("check", "-x0**2", "--claim", "-2*x0").code == 0


def test_the_tolerance_is_as_asked(run):
    """A claim that is off by one per cent holds within two and not within a half."""
    words = ("check", "x**2", "--claim", "2.02*x", "-r", "1:2", "-n", "9", "--tolerance")
    assert run(*words, "0.02").code == 0
    assert run(*words, "0.005").code == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["x**2", "--claim", "2*x, 3"], ["variables x, got 2"]),
        (["x*y", "--claim", "y"], ["variables x, y, got 1"]),
        (["x*y", "--claim", "y, sine(x)"], ["claim", "^^^^", "sin"]),
        (["x*y", "--claim", "y, "], ["claim", "missing"]),
        (["x*y", "--claim", "y, z"], ["claim", "'z'"]),
        (["x*y", "--claim", "y, 10**400"], ["claim", "overflow"]),
        (["sine(x)", "--claim", "1"], ["sine"]),
        (["x", "--tolerance", "0"], ["tolerance"]),
        (["x", "--tolerance", "much"], ["much"]),
        (["x", "--method", "exat"], ["--method", "exact"]),
        (["abs(x)", "--method", "complex"], ["abs", "analytic"]),
        (["x", "--step", "0"], ["--step"]),
        (["x", "-n", "1"], ["--samples"]),
        (["x*y*z", "-n", "60"], ["--samples", "100,000"]),
        (["x", "-r", "2:1"], ["--range"]),
        (["x", "-o", "a.png"], ["--steps"]),
        (["x", "--steps", "-o", "-"], ["--output"]),
        (["x", "--steps", "-o", "a.jpg"], ["jpg"]),
    ],
)
def test_a_wrong_request_is_refused(arguments, words, run, here):
    """Exit 2, a message that names what is wrong, nothing on standard output and no file."""
    answer = run("check", *arguments)
    assert (answer.code, answer.out) == (2, b"")
    assert answer.err.startswith("error: ")
    assert len(answer.err.splitlines()) <= 5
    assert all(word in answer.err for word in words), answer.err
    assert list(here.iterdir()) == []


def test_the_expression_may_come_from_standard_input(run):
    """With '-' the function is read, as everywhere."""
    assert run("check", "-", "--claim", "2*x", stdin=b"x**2\n").code == 0


# The picture ----------------------------------------------------------------------------------------------


def test_steps_draws_the_figure_of_that_name(run, here):
    """The answer comes first, then the path; the picture is that of `gradviz steps` with the same options."""
    options = ("-n", "9", "-r", "0:1", "--method", "central", "--step", "0.001")
    answer = run("check", "exp(x)", *options, "--steps", "-o", "a.png", "-q")
    assert answer.code == 0, answer.err
    assert answer.lines[-1] == "a.png"
    assert run("steps", "exp(x)", *options, "-o", "b.png").code == 0
    assert gradviz.load("a.png") == gradviz.load("b.png")
    assert (here / "a.png").read_bytes() == (here / "b.png").read_bytes()


def test_a_failed_check_is_drawn_all_the_same(run, here):
    """The picture is steps.png unless named, JSON tells its path, and the exit code is that of the check."""
    answer = run("check", "x**3", "--claim", "x", "-n", "9", "--steps", "--json")
    assert (answer.code, answer.json["path"]) == (1, "steps.png")
    assert json.loads(answer.out)["ok"] is False
    assert gradviz.load("steps.png") == gradviz.Steps(expression="x**3", samples=9)


def test_another_file_is_not_replaced(run, here):
    """A file that gradviz did not make is left as it is, unless --force."""
    (here / "steps.png").write_text("mine")
    answer = run("check", "x**3", "-n", "9", "--steps")
    assert (answer.code, answer.out) == (1, b"")
    assert (here / "steps.png").read_text() == "mine"
    assert run("check", "x**3", "-n", "9", "--steps", "--force").code == 0
