"""Limits of time and of the stack for a process."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from gradviz.process import TIMEOUT_EXIT_CODE, deep_stack, time_limit

LOOP = """
from gradviz import process
{enable}
with process.time_limit(0.3):
    try:
        while True:
            {body}
    except BaseException:
        raise SystemExit(7)
"""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")


def ended(program, timeout=20):
    """Run a program in a process of its own; return its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, timeout=timeout, check=False
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("body", ["pass", "9**9**6 % 7", "time.sleep(1)"])
def test_a_process_that_takes_too_long_is_ended(body):
    """One line on standard error and exit code 2, whatever the process is doing, and no traceback."""
    code, out, err = ended("import time" + LOOP.format(enable="process.claim_process()", body=body))
    assert (code, out) == (TIMEOUT_EXIT_CODE, "")
    assert err.startswith("error: SymPy took more than 5 s")
    assert err.count("\n") == 1


def test_a_process_that_does_not_handle_signals_is_ended_all_the_same():
    """The second line of defence needs no signal handler to run."""
    program = "import signal" + LOOP.format(enable="process.claim_process()", body="pass").replace(
        "while True:", "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})\n        while True:"
    )
    code, out, err = ended(program)
    assert (code != 0, out, "Traceback" in err) == (True, "", False)


def test_a_library_ends_no_process():
    """Where nobody enabled it, nothing happens."""
    body = "time.sleep(0.6); raise SystemExit(0)"
    program = "import time" + LOOP.format(enable="", body=body)
    assert ended(program)[0] == 7


def test_what_is_quick_is_left_alone():
    """Nothing is pending when the stage is over."""
    program = "import time\nfrom gradviz import process\nprocess.claim_process()\n"
    program += "with process.time_limit(0.2):\n    pass\ntime.sleep(0.5)\nprint('done')"
    assert ended(program)[:2] == (0, "done\n")


def test_a_limit_that_is_off_costs_nothing():
    """The context manager alone does not even look at the clock."""
    begin = time.perf_counter()
    for _ in range(1_000):
        with time_limit():
            pass
    assert time.perf_counter() - begin < 1


def test_the_stack_is_as_before():
    """The recursion limit is raised for the time of the block only, also when that fails."""

    def fail():
        assert sys.getrecursionlimit() > before
        raise KeyError

    before = sys.getrecursionlimit()
    with pytest.raises(KeyError), deep_stack():
        fail()
    assert sys.getrecursionlimit() == before
