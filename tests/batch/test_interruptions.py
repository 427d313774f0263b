"""What is left behind when a batch is killed, and when the disk is full."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gradviz.output.metadata import load

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and limits of Linux")
FIGURES = "".join(
    f'fig{k}: {{kind: contour, expression: "x0**2 + {k}*x1", samples: 20, dpi: 60}}\n' for k in range(30)
)


def command(*words):
    return [sys.executable, "-m", "gradviz", *map(str, words)]


@pytest.mark.slow
def test_a_batch_that_is_killed_leaves_whole_pictures_only(tmp_path):
    """Fifty times, at any moment: every file in the folder is a picture that holds its spec."""
    (tmp_path / "my.yaml").write_text(FIGURES)
    chance, finished = random.Random(0), 0
    for attempt in range(50):
        folder = tmp_path / f"out{attempt}"
        words = command("batch", "my.yaml", "--out-dir", folder, "--jobs", attempt % 3)
        process = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if attempt % 2:  # when the first picture is there, so that it is killed while it writes
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.3))
        else:
            time.sleep(chance.uniform(0, 2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found = list(folder.iterdir()) if folder.exists() else []
        assert all(load(path).kind == "contour" for path in found)
        finished += len(found)
    assert finished > 25


@pytest.mark.slow
def test_a_batch_that_was_killed_is_finished_by_the_next(tmp_path):
    """What is there is left alone, and what is missing is drawn."""
    (tmp_path / "my.yaml").write_text("".join(FIGURES.splitlines(keepends=True)[:3]))
    words = command("batch", "my.yaml", "--jobs", 0)
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "fig1.png").unlink()
    before = (tmp_path / "fig0.png").stat().st_mtime_ns
    done = subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    assert done.stdout == b"fig1.png\n"
    assert (tmp_path / "fig0.png").stat().st_mtime_ns == before


@pytest.mark.slow
def test_a_full_disk_leaves_the_old_picture(tmp_path):
    """A file that may not grow is one line of error, exit 1, and the old picture as it was; nothing else."""
    words = command("contour", "x0*x1", "-n", 20, "-o", "a.png")
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    old = (tmp_path / "a.png").read_bytes()
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from gradviz.cli import main\n"
        "import gradviz.output.mpl.rendering\n"  # what Matplotlib itself may want to write is written by now
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))\n"
        "code = main(sys.argv[1:])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "quiver", "x0*x1", "-o", "a.png"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.count(b"\n") == 1
    assert b"a.png" in done.stderr
    assert (tmp_path / "a.png").read_bytes() == old
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists() or os.geteuid() != 0, reason="mounting needs root")
def test_a_full_file_system_leaves_the_old_picture(tmp_path):
    """On a real file system without room, too."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this machine mounts nothing")
    try:
        subprocess.run(
            command("contour", "x0*x1", "-n", 9, "--dpi", 30, "-o", disk / "a.png"),
            check=True,
            capture_output=True,
            cwd=tmp_path,
        )
        old = (disk / "a.png").read_bytes()
        done = subprocess.run(
            command("quiver", "x0*x1", "--dpi", 400, "-o", disk / "a.png"), capture_output=True, check=False
        )
        assert (done.returncode, done.stdout) == (1, b"")
        assert b"no space left" in done.stderr
        assert (disk / "a.png").read_bytes() == old
        assert [path.name for path in disk.iterdir()] == ["a.png"]
    finally:
        subprocess.run(["umount", disk], check=False)
