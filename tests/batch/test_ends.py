"""Figures that end their process, take too long, or are interrupted, in local processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

import gradviz
from gradviz.batch.run import run as run_batch

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes are ended by signals")
COUNT = 200  # figures of a batch that is killed; 2,000 take minutes
ENDS = {
    "code 0": "os._exit(0)",
    "code 3": "os._exit(3)",
    "signal": "os.kill(os.getpid(), 9)",
    "another program": "os.execv('/bin/true', ['true'])",
    "of C": "ctypes.CDLL(None)._exit(0)",
    "sys.exit": "sys.exit(0)",
    "interrupt": "raise KeyboardInterrupt",
    "memory": "raise type('Own', (MemoryError,), {})",
}


@pytest.fixture
def own(here):
    """Return a function that writes a file with the function `f`, and returns its spec."""

    def write(body):
        (here / "own.py").write_text(
            f"import ctypes, os, sys, time\ndef f(p):\n    {body}\n    return p[..., 0]\n"
        )
        return gradviz.Contour(expression="own.py:f", samples=5, dpi=30)

    return write


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_figure_that_ends_its_process_is_reported_at_once(end, own, here):
    """Whatever the exit code is, nobody waits for the time limit, and other figures are drawn."""
    good = gradviz.Contour(expression="x0*x1", samples=5, dpi=30)
    specs = {"a": good, "bad": own(end), "b": good}
    begin = time.monotonic()
    outcomes = {one.name: one for one in run_batch(specs, here, jobs=2, timeout=600)}
    assert time.monotonic() - begin < 300  # half of the limit: no measure of speed
    assert [outcomes[name].status for name in specs] == ["drawn", "failed", "drawn"]
    said = {"sys": "SystemExit: 0", "raise K": "its process was interrupted", "raise t": "not enough memory"}
    expected = [text for start, text in said.items() if end.startswith(start)]
    assert (expected or ["its process ended with code"])[0] in outcomes["bad"].error


@pytest.mark.slow
@pytest.mark.parametrize("way", ["back", "forward"])
def test_the_time_limit_does_not_depend_on_the_wall_clock(way, own, here, monkeypatch):
    """A clock that is set by a day ends no figure, and a figure that hangs is ended all the same."""
    clock = iter(range(10**9, -(10**9), -86_400) if way == "back" else range(0, 10**9, 86_400))
    monkeypatch.setattr(time, "time", lambda: float(next(clock)))
    slow = own("time.sleep(600)")
    good = gradviz.Contour(expression="x0*x1", samples=5, dpi=30)
    outcomes = run_batch({"slow": slow, "good": good}, here, jobs=2, timeout=20)
    assert [one.status for one in outcomes] == ["failed", "drawn"]
    assert "took more than 20 s" in outcomes[0].error


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_keeps_what_is_drawn(how, own, here):
    """The command ends at once with the code of the signal, and completed figures are files."""
    own("time.sleep(600)")
    lines = [f"f{k}: {{kind: contour, expression: x0*x1, samples: 5, dpi: 30}}" for k in range(9)]
    lines += ["slow: {kind: contour, expression: 'own.py:f'}"] * 1
    (here / "my.yaml").write_text("\n".join(lines))
    words = [sys.executable, "-P", "-m", "gradviz", "batch", "my.yaml", "--run-files", "--timeout", "600"]
    batch = subprocess.Popen(words, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(9):
        batch.stdout.readline()
    batch.send_signal(how)
    _, said = batch.communicate(timeout=60)
    assert batch.returncode == 128 + how
    assert b"Traceback" not in said
    assert len(list(here.glob("f*.png"))) == 9
    assert not list(here.glob("*.part"))


@pytest.mark.slow
def test_a_batch_of_many_figures_that_is_killed_is_resumed_to_its_end(here):
    """Each attempt goes on where the one before was killed; in the end all pictures are there and whole."""
    (here / "my.yaml").write_text(
        "defaults: {samples: 4, dpi: 20, size: [1, 1]}\n"
        + "".join(f"f{k}: {{kind: contour, expression: 'x0**2 + {k}*x1'}}\n" for k in range(COUNT))
    )
    words = [sys.executable, "-P", "-m", "gradviz", "batch", "my.yaml", "--out-dir", "out", "-q"]
    counts = [0]
    while counts[-1] < 3 * COUNT // 4:
        batch = subprocess.Popen(words, cwd=here, stdout=subprocess.PIPE)
        for _ in range(COUNT // 4):
            batch.stdout.readline()
        batch.kill()
        batch.communicate()
        counts.append(len(list((here / "out").iterdir())))
        assert counts[-1] > counts[-2]
    done = subprocess.run(words, cwd=here, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == COUNT - counts[-1]
    paths = sorted(path.name for path in (here / "out").iterdir())
    assert paths == sorted(f"f{k}.png" for k in range(COUNT))
    assert all(gradviz.load(here / "out" / name).kind == "contour" for name in paths)
