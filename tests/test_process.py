"""Limits of time and of the stack for a process."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from gradviz.process import TIMEOUT_EXIT_CODE, deep_stack, time_limit

LOOP = """
from gradviz import process
{enable}
process._switches.symbolic_seconds = 0.3
with process.time_limit():
    try:
        while True:
            {body}
    except BaseException:
        raise SystemExit(7)
"""
STAGES = """
import time
from gradviz import process
process.claim_process()
process._switches.symbolic_seconds = 0.5


def stage(seconds):
    with process.time_limit():
        begin = time.process_time()
        while time.process_time() - begin < seconds:
            pass
"""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")


def ended(program, timeout=20):
    """Run a program in a process of its own; return its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, timeout=timeout, check=False
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("body", ["pass", "9**9**6 % 7"])
def test_a_process_that_takes_too_long_is_ended(body):
    """One line on standard error and exit code 2, whatever the process is doing, and no traceback."""
    code, out, err = ended(LOOP.format(enable="process.claim_process()", body=body))
    assert (code, out) == (TIMEOUT_EXIT_CODE, "")
    assert err.startswith("error: SymPy took more than 5 s")
    assert err.count("\n") == 1


def test_a_process_that_does_not_handle_signals_is_ended_all_the_same():
    """The second line of defence needs no signal handler to run."""
    program = "import signal" + LOOP.format(enable="process.claim_process()", body="pass").replace(
        "while True:", "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})\n        while True:"
    )
    code, out, err = ended(program)
    assert (code != 0, out, "Traceback" in err) == (True, "", False)


def test_a_library_ends_no_process():
    """Where nobody enabled it, nothing happens."""
    body = "time.sleep(0.6); raise SystemExit(0)"
    program = "import time" + LOOP.format(enable="", body=body)
    assert ended(program)[0] == 7


def test_waiting_does_not_count():
    """The time of the processor is limited and not the clock, which a busy machine makes run faster."""
    program = STAGES + "with process.time_limit():\n    time.sleep(0.8)\nprint('done')"
    assert ended(program)[:2] == (0, "done\n")


def test_all_stages_of_a_request_share_one_budget():
    """Three stages of 0.2 s exceed 0.5 s together, though none does alone."""
    assert ended(STAGES + "stage(0.2)\nstage(0.2)\nprint('two', flush=True)\nstage(0.2)\nprint('three')")[
        :2
    ] == (
        TIMEOUT_EXIT_CODE,
        "two\n",
    )


def test_a_stage_inside_another_one_does_not_end_its_limit():
    """The outer stage is limited after the inner one has ended."""
    program = "with process.time_limit():\n    stage(0.1)\n    stage(0.1)\n    while True:\n        pass"
    assert ended(STAGES + program)[0] == TIMEOUT_EXIT_CODE


def test_each_request_has_the_whole_time():
    """Figures of a batch and values of a sweep do not use up each other's time, and nothing stays pending."""
    program = STAGES + "for _ in range(4):\n    process.renew_symbolic_time()\n    stage(0.2)\n"
    program += (
        "begin = time.process_time()\nwhile time.process_time() - begin < 0.8:\n    pass\nprint('done')"
    )
    assert ended(program)[:2] == (0, "done\n")


def test_a_limit_that_is_off_sets_no_timer(monkeypatch):
    """The context manager alone does nothing."""
    monkeypatch.setattr(signal, "setitimer", lambda *_: pytest.fail("a timer"))
    with time_limit():
        pass


def test_the_stack_is_as_before():
    """The recursion limit is raised for the time of the block only, also when that fails."""

    def fail():
        assert sys.getrecursionlimit() > before
        raise KeyError

    before = sys.getrecursionlimit()
    with pytest.raises(KeyError), deep_stack():
        fail()
    assert sys.getrecursionlimit() == before


DATACLASSES = """
import dataclasses, sys
if sys.argv[1:]:
    from gradviz.process import claim_process
    claim_process()

@dataclasses.dataclass(frozen=True, order=True)
class Point:
    x: int
    y: list = dataclasses.field(default_factory=list, hash=False, compare=False)

@dataclasses.dataclass
class Mutable(object):
    z: int = 1

class Child(Point):
    def __repr__(self):
        return "child of " + super().__repr__()

one, other = Point(1), Point(x=2, y=[3])
print(one, other, one == Point(1), one != other, one < other, other <= one, one == 5)
print(hash(one) == hash(Point(1)), Mutable.__hash__, Child(4), Mutable(), Mutable(2) == Mutable(2))
print(Point.__eq__.__qualname__, Point.__lt__.__name__)
for change in (
    lambda: setattr(one, "x", 3), lambda: delattr(one, "x"), lambda: one < 5, lambda: Point(1, 2, 3)
):
    try:
        change()
    except Exception as error:
        print(type(error).__name__, error)
print(dataclasses.replace(other, x=7), sorted([other, one]), dataclasses.astuple(other))
"""


def test_dataclasses_of_a_claimed_process_are_those_of_any_other():
    """Comparison, hash, text, order and errors are the same, though methods are compiled when called."""
    program, claimed = (
        DATACLASSES.replace("sys.argv[1:]", "False"),
        DATACLASSES.replace("sys.argv[1:]", "True"),
    )
    plain, own = ended(program), ended(claimed)
    assert plain == own
    assert plain[0] == 0
    assert len(plain[1].splitlines()) == 8
