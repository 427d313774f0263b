"""Workers that draw the figures of a batch."""

from __future__ import annotations

import subprocess
import sys

import pytest

import gradviz
from gradviz.batch.workers import draw
from gradviz.output.metadata import load

SPEC = gradviz.Contour(expression="x0**2 + 3*x1", samples=5, dpi=30)


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_a_worker_returns_the_bytes_that_save_writes(form, tmp_path):
    """The picture of a batch is that of the same spec drawn alone."""
    content, seconds = draw(SPEC.to_dict(), form)
    path = gradviz.save(SPEC, tmp_path / f"a.{form}")
    assert content == path.read_bytes()
    assert load(path) == SPEC
    assert seconds > 0


def test_a_worker_has_its_memory_bounded():
    """A figure that wants more than the limit fails, and does not take the machine with it."""
    program = (
        "from gradviz import limits; limits.WORKER_BYTES = 1 << 30\n"
        "import gradviz.batch.workers as workers; workers.start()\n"
        "try: bytearray(2 << 30)\n"
        "except MemoryError: print('bounded')"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, check=False)
    assert done.stdout == b"bounded\n", done.stderr


def test_the_server_of_workers_reads_no_settings_of_others(tmp_path):
    """A broken matplotlibrc in the current folder or of the user does not reach the workers."""
    (tmp_path / "matplotlibrc").write_bytes(b"font.size: \xff\n")
    program = "import gradviz.batch.preload, matplotlib; print(matplotlib.rcParams['font.size'])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, check=False, cwd=tmp_path
    )
    assert (done.stdout, done.stderr) == (b"10.0\n", b"")
