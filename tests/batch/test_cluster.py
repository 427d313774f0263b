"""Figures drawn by the workers of a real Dask cluster of three processes on this machine."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time

import pytest

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="processes are ended by signals"),
    pytest.mark.filterwarnings("ignore"),  # what Dask warns of is not our affair
]
HEAD = "defaults: {dpi: 30, samples: 4}\n"
PATIENCE = 60
DASK = (sys.executable, "-P", "-m")


@pytest.fixture(scope="module")
def cluster():
    """Return the address of a scheduler and the processes of two workers."""
    if sys.platform != "linux":
        pytest.skip("addresses are read from pipes")
    scheduler = subprocess.Popen(
        [*DASK, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    address = ""
    for line in scheduler.stderr:
        if match := re.search(r"Scheduler at:\s+(tcp://\S+)", line):
            address = match[1]
            break
    threading.Thread(target=scheduler.stderr.read, daemon=True).start()
    started = [worker(address) for _ in range(2)]
    yield address, started
    for process in (*started, scheduler):
        process.kill()
        process.wait()


def worker(address):
    """Start a worker of one thread, without a nanny that would start it again."""
    return subprocess.Popen(
        [*DASK, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def figures(count, samples=4):
    """Return a preset with so many figures."""
    lines = [
        f"f{k}: {{kind: contour, expression: 'x0**2 + {k}*x1', samples: {samples}}}" for k in range(count)
    ]
    return HEAD + "\n".join(lines)


@pytest.mark.slow
def test_workers_draw_what_this_machine_would(cluster, run, here):
    """The bytes that come back are those of a batch without a cluster, and a refused figure is told."""
    address, _ = cluster
    (here / "my.yaml").write_text(figures(3) + "\nbad: {kind: contour, expression: 'log(-1 - x0**2)'}\n")
    answer = run("batch", "my.yaml", "--out-dir", "far", "--scheduler", address)
    assert answer.code == 1
    assert answer.lines == [f"far/f{k}.png" for k in range(3)]
    assert "bad: the function is undefined" in answer.err
    run("batch", "my.yaml", "--out-dir", "near", "--jobs", "0")
    for k in range(3):
        assert (here / "far" / f"f{k}.png").read_bytes() == (here / "near" / f"f{k}.png").read_bytes()


@pytest.mark.slow
def test_a_worker_that_ends_loses_nothing(cluster, run, here):
    """One of two workers is killed in the middle of a batch; the other one draws what it had."""
    address, workers = cluster
    (here / "my.yaml").write_text(figures(24, samples=300))

    def end():
        until = time.monotonic() + PATIENCE
        while not list((here / "out").glob("*.png")) and time.monotonic() < until:
            time.sleep(0.05)
        workers[0].send_signal(signal.SIGKILL)

    ending = threading.Thread(target=end)
    ending.start()
    answer = run("batch", "my.yaml", "--out-dir", "out", "--scheduler", address, "--json")
    ending.join()
    workers[0].wait()
    assert answer.code == 0, answer.err
    assert {row["status"] for row in answer.json["figures"]} == {"drawn"}
    assert len(list((here / "out").glob("*.png"))) == 24


# In a process of its own: clients of Dask that could not start do not go well with others.
UNREACHED = """
import sys
import gradviz.batch.pools
from gradviz.cli import main
gradviz.batch.pools._SECONDS = 1
sys.stderr = sys.stdout
print(main(["batch", "my.yaml", "--out-dir", "out", "--scheduler", sys.argv[1]]))
"""


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere", "tls://127.0.0.1:9"])
def test_a_cluster_that_cannot_be_reached_is_told(address, python, here):
    """A wrong address ends in words, after some seconds and without a file."""
    (here / "my.yaml").write_text(figures(1))
    said = python(UNREACHED, address)
    assert "cannot reach a Dask worker at" in said
    assert said.splitlines()[-1] == "1"
    assert said.count("\n") <= 6
    assert not list((here / "out").glob("*"))


def test_without_dask_the_extra_is_named(run, here, monkeypatch):
    """Who has not installed Dask is told what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    (here / "my.yaml").write_text(figures(1))
    answer = run("batch", "my.yaml", "--scheduler", "tcp://127.0.0.1:9")
    assert answer.code == 2
    assert "gradviz[cluster]" in answer.err
