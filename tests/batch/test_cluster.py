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
    scheduler, address = start_scheduler()
    started = [worker(address) for _ in range(2)]
    yield address, started
    for process in (*started, scheduler):
        process.kill()
        process.wait()


def start_scheduler():
    """Start a scheduler, and return its process and its address."""
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
    return scheduler, address


def worker(address, nanny="--no-nanny"):
    """Start a worker of one thread, by default without a nanny that would start it again."""
    return subprocess.Popen(
        [*DASK, "distributed.cli.dask_worker", address, "--nthreads", "1", nanny, "--no-dashboard"],
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


# Hard days ------------------------------------------------------------------------------------------------

ENDS = """
import os, time
def ends(p):
    time.sleep(0.2)
    os.kill(os.getpid(), 9)
def slow(p):
    time.sleep({})
    return p[..., 0]
"""


@pytest.fixture
def own_cluster(here):
    """Return a function that starts a scheduler with some workers; all are killed in the end."""
    if sys.platform != "linux":
        pytest.skip("addresses are read from pipes")
    started = []

    def begin(count, *options):
        scheduler, address = start_scheduler()
        workers = [worker(address, *options) for _ in range(count)]
        started.extend([*workers, scheduler])
        return address, scheduler, workers

    yield begin
    for process in started:
        process.send_signal(signal.SIGTERM)
    for process in started:
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stderr:
            process.stderr.close()


def command(here, address, *words):
    """Start a batch in a process of its own."""
    return subprocess.Popen(
        [*DASK, "gradviz", "batch", "my.yaml", "--out-dir", "out", "--scheduler", address, *words],
        cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def pictures(here):
    return sorted(path.name for path in (here / "out").glob("*.png"))


def wait_for(condition, patience=PATIENCE):
    until = time.monotonic() + patience
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    assert condition()


@pytest.mark.slow
def test_only_the_figure_that_ends_its_workers_fails(own_cluster, here):
    """Innocent figures that lay on the same workers are drawn, and the one that dies alone is reported."""
    address, *_ = own_cluster(2, "--nanny")
    (here / "own.py").write_text(ENDS.format(0))
    (here / "my.yaml").write_text(f"{figures(12)}\nbad: {{kind: contour, expression: '{here}/own.py:ends'}}")
    batch = command(here, address, "--run-files")
    _, said = batch.communicate(timeout=200)
    assert batch.returncode == 1
    assert pictures(here) == sorted(f"f{k}.png" for k in range(12))
    errors = [line for line in said.splitlines() if not line.startswith("note: no worker")]
    assert errors[0].startswith("error: bad: its workers ended, possibly out of memory")
    assert errors[1:] == ["error: 1 of 13 figures could not be drawn"]


@pytest.mark.slow
def test_a_lost_scheduler_is_one_sentence(own_cluster, here):
    """What was drawn is there, and the others are not reported one by one."""
    address, scheduler, _ = own_cluster(1)
    (here / "my.yaml").write_text(figures(60, samples=300))
    batch = command(here, address)
    wait_for(lambda: pictures(here))
    scheduler.kill()
    _, said = batch.communicate(timeout=PATIENCE)
    assert batch.returncode == 1
    assert re.fullmatch(
        r"error: scheduler: the connection to \S+ was lost; draw .* with the same command\n", said
    )
    assert 0 < len(pictures(here)) < 60


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_keeps_what_is_drawn_and_waits_for_nothing(how, own_cluster, here):
    """The figures that wait are cancelled on the cluster, and those that came are files."""
    address, *_ = own_cluster(1)
    (here / "own.py").write_text(ENDS.format(2))
    (here / "my.yaml").write_text(
        figures(3)
        + "".join(f"\ns{k}: {{kind: contour, expression: '{here}/own.py:slow'}}" for k in range(60))
    )
    batch = command(here, address, "--run-files")
    wait_for(lambda: len(pictures(here)) >= 3)
    batch.send_signal(how)
    _, said = batch.communicate(timeout=30)  # the figures would take minutes
    assert batch.returncode == 128 + how
    assert "Traceback" not in said
    assert len(pictures(here)) < 10


@pytest.mark.slow
def test_a_batch_without_workers_says_that_it_waits(own_cluster, here):
    """When the last worker has gone, that is told once; a new one draws the rest."""
    address, _, workers = own_cluster(1)
    (here / "my.yaml").write_text(figures(20, samples=300))
    batch = command(here, address)
    wait_for(lambda: pictures(here))
    workers[0].kill()
    line = batch.stderr.readline()
    assert re.match(r"note: no worker of the cluster at \S+ is left; waiting for one", line)
    late = worker(address)
    try:
        _, said = batch.communicate(timeout=PATIENCE)
    finally:
        late.kill()
    assert (batch.returncode, said) == (0, "")
    assert len(pictures(here)) == 20


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
