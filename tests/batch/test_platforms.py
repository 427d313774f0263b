"""What holds without fork, resource limits, timers and terminal modes, as on Windows."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from gradviz.output.metadata import load

pytestmark = pytest.mark.skipif(os.name != "posix", reason="elsewhere these are absent anyway")
WITHOUT = """
import os, signal, sys
for name in ("fork", "forkpty", "O_TMPFILE", "getpgrp", "tcgetpgrp", "geteuid", "getuid", "killpg", "umask"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGALRM", "setitimer", "SIGHUP", "pthread_sigmask", "SIGKILL", "SIGCHLD", "alarm"):
    if hasattr(signal, name):
        delattr(signal, name)
sys.modules.update(dict.fromkeys(("resource", "termios", "tty", "fcntl", "pty", "pwd", "grp")))
if __name__ == "__main__":
    from gradviz.__main__ import main
    sys.exit(main())
"""


@pytest.fixture
def bare(here):
    """Return the command line in a process without the parts of POSIX."""
    (here / "bare.py").write_text(WITHOUT)

    def run(*words):
        return subprocess.run(
            [sys.executable, "-P", "bare.py", *words], capture_output=True, text=True, check=False, cwd=here
        )

    return run


@pytest.mark.parametrize(
    "words",
    [
        ("grad", "sin(x)*y", "--at", "1,2"),
        ("grad", "own.py:f", "--at", "1,2"),
        ("contour", "x0*x1", "-n", "5", "--dpi", "30", "-o", "a.png"),
        ("contour", "x0*x1", "-n", "5", "--dpi", "30", "-o", "a.png", "--show"),
        ("descent", "x0**2 + 3*x1**2", "-n", "5", "--dpi", "30", "--steps", "2", "-o", "a.gif"),
        ("batch", "my.yaml", "--jobs", "0"),
        ("batch", "my.yaml", "--jobs", "2", "--run-files"),
    ],
    ids=" ".join,
)
def test_commands_do_without_posix(words, bare, here):
    """Each one does its work, silently but for warnings, and leaves no other file than its results."""
    (here / "own.py").write_text("def f(p):\n    return p[..., 0]\n")
    (here / "my.yaml").write_text("a: {kind: contour, expression: x0*x1, samples: 5, dpi: 30}\n")
    done = bare(*words)
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr
    assert {path.name for path in here.iterdir()} <= {"bare.py", "own.py", "my.yaml", "a.png", "a.gif"}


def test_a_batch_without_fork_draws_the_same_and_survives_its_figures(bare, run, here):
    """Processes that are started anew read no settings of others either, and their ends are reported."""
    (here / "matplotlibrc").write_text("font.size: 30\n")
    (here / "own.py").write_text("import os\ndef f(p):\n    os._exit(0)\n")
    (here / "my.yaml").write_text(
        "a: {kind: contour, expression: x0*x1, samples: 5, dpi: 30}\n"
        "bad: {kind: contour, expression: 'own.py:f'}\n"
    )
    done = bare("batch", "my.yaml", "--run-files", "--out-dir", "bare")
    assert (done.returncode, done.stdout) == (1, "bare/a.png\n")
    assert "bad: its process ended with code 0" in done.stderr
    run("batch", "my.yaml", "--run-files", "--out-dir", "forked", "--jobs", "1")
    assert (here / "bare" / "a.png").read_bytes() == (here / "forked" / "a.png").read_bytes()
    assert load(here / "bare" / "a.png").kind == "contour"
