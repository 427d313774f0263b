"""The option `--certify` of `grad`, `check` and `critical`."""

from __future__ import annotations

import pytest

HIMMELBLAU = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"


def test_grad_prints_bounds(run):
    """The partial derivatives of x^2 |y| at (3, 2) are 12 and 9; at (3, 0) there is a kink along y."""
    answer = run("grad", "x**2*abs(y)", "--at", "3,2", "--at", "3,0", "--certify", "--json")
    assert answer.json["certified"] == [[[12, 12], [9, 9]], [[0, 0], None]]
    lines = run("grad", "x**2*abs(y)", "--at", "3,2", "--certify", "-q").lines
    assert lines[-2].split() == ["x", "y", "df/dx", ">=", "df/dx", "<=", "df/dy", ">=", "df/dy", "<="]
    assert lines[-1].split() == ["3", "2", "12.0", "12.0", "9.0", "9.0"]
    assert "certified" not in run("grad", "x**2", "--at", "3", "--json").json


def test_critical_prints_enclosures_and_completeness(run):
    """The number of critical points of Himmelblau's function is 9."""
    found = run("critical", HIMMELBLAU, "-r", "-5:5", "--certify", "--json").json
    assert (found["complete"], found["open"], len(found["points"])) == (True, [], 9)
    for point in found["points"]:
        for x, (low, high) in zip(point["at"], point["enclosure"], strict=True):
            assert low <= x <= high
    lines = run("critical", HIMMELBLAU, "-r", "-5:5", "--certify", "-q").lines
    assert lines[-1].startswith("complete: proven, ")
    assert "enclosure" not in run("critical", "x**2", "--json").json["points"][0]


def test_critical_prints_what_stays_open(run):
    """The minimum of x^4 is degenerate: it is listed without enclosure, in a box that stays open."""
    answer = run("critical", "x**4", "--certify", "-q")
    assert answer.lines[1].split()[3] == "unproven"
    assert answer.lines[3].startswith("complete: not proven, ")
    assert answer.lines[4] == "open: 1 box"
    assert answer.lines[5].endswith("(degenerate)")


def test_check_proves_a_claim(run):
    """The claim is right on the whole range, the derivative as printed as well."""
    for claim in (("--claim", "2*x0*x1, x0**2"), ()):
        answer = run("check", "x0**2*x1", *claim, "--certify", "--json")
        assert (answer.code, answer.json["certified"], answer.json["open"]) == (0, True, [])
    assert run("check", "x0**2*x1", "--certify").lines[-1].startswith("certified: proven on the whole range")


def test_check_refutes_a_claim(run):
    """A claim that is wrong within 1e-3 of a place is not ok, whether or not differences see it."""
    wrong = ("check", "x**2", "--claim", "2*x + where(abs(x-0.3141)<1e-3, 0.1, 0)", "--certify")
    answer = run(*wrong, "--json")
    assert (answer.code, answer.json["ok"], answer.json["certified"]) == (1, False, False)
    (x,) = answer.json["refuted"]["point"]
    assert abs(x - 0.3141) < 1e-3
    lines = run(*wrong).lines
    assert lines[-2].startswith("certified: not ok, wrong at x = 0.31")


def test_check_says_what_stays_open(run):
    """The claim about |x| is neither right nor wrong at 0."""
    answer = run("check", "abs(x)", "--claim", "sign(x)", "--certify")
    assert answer.lines[-2].startswith("certified: not proven")
    assert answer.lines[-1].endswith("(jump)")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("grad", "f.py:f", "--at", "1", "--certify"), "--certify: needs an expression"),
        (("critical", "f.py:f", "--certify"), "--certify: needs an expression"),
        (("check", "x**2", "--claim", "f.py:f", "--certify"), "--certify: needs an expression"),
        (("grad", "x", "--at", "1", "--certify-limit", "3"), "--certify-limit: needs --certify"),
        (("critical", "x", "--certify", "--certify-limit", "0"), "--certify-limit: must be positive"),
        (("critical", "x", "--certify", "--certify-limit", "soon"), "--certify-limit: "),
    ],
)
def test_what_cannot_be_certified_is_refused(arguments, message, run):
    """A function of a file has no formula; a limit is a number of seconds."""
    answer = run(*arguments)
    assert answer.code == 2
    assert message in answer.err


def test_python_flint_is_asked_for(monkeypatch, run):
    """Without the extra, one line says what to install."""
    monkeypatch.setattr("gradviz.fields.requirements.find_spec", lambda name: None)
    answer = run("critical", "x**2", "--certify")
    assert answer.code == 2
    wanted = 'error: --certify: needs python-flint; install it with pip install "gradviz[certify]"\n'
    assert answer.err == wanted
