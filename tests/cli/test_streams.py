"""Streams that fail, and terminals: what is printed where, and what is refused."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gradviz.cli.completion import _defined_in

posix = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals and devices of POSIX")
SMALL = ("-n", "5", "--dpi", "30")
PROGRAM = (sys.executable, "-P", "-m", "gradviz")


@posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("contour", "x0*x1", "--step", "1", *SMALL, "-o", "a.png"), 0),
        (("grad", "own.py:f", "--at", "1,2"), 0),
        (("grad", "own.py:f", "--at", "1,2", "--verbose"), 0),
        (("batch", "my.yaml", "--jobs", "0"), 0),
        (("batch", "my.yaml", "--verbose", "--jobs", "0"), 0),
        (("grad", "x0*", "--at", "1,2"), 2),
        (("batch", "absent.yaml"), 2),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else str(one),
)
def test_a_full_standard_error_changes_no_exit_code(words, code, here):
    """Warnings and errors that cannot be written are lost, and results are printed as ever."""
    (here / "own.py").write_text("def f(p):\n    return p[..., 0]\n")
    (here / "my.yaml").write_text(
        "a: {kind: contour, expression: x0*x1, samples: 5, dpi: 30, step: 1, method: exact}\n"
    )
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*PROGRAM, *words], stdout=subprocess.PIPE, stderr=full, check=False, cwd=here)
    assert done.returncode == code
    assert bool(done.stdout) == (code == 0)


def on_terminal(words, cwd, **environ):
    """Return the exit code of a command and what it prints on a terminal."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, *words], stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd, env={**os.environ, **environ}
    )
    os.close(theirs)
    printed = b""
    with contextlib.suppress(OSError):  # at the end
        while part := os.read(ours, 65536):
            printed += part
    os.close(ours)
    return process.wait(), printed


@posix
@pytest.mark.parametrize("kind", [("contour", "x0*x1"), ("descent", "x0**2 + x1**2", "--animate")])
def test_no_picture_is_written_to_a_terminal(kind, here):
    """A terminal shows the bytes of no format; the message says what to type instead."""
    code, printed = on_terminal((*kind, *SMALL, "-o", "-"), here, TERM="xterm", NO_COLOR="1")
    assert code == 2
    assert printed.decode().startswith("error: --output -: standard output is a terminal; ")
    assert b"> FILE" in printed
    assert b"--show" in printed


@posix
def test_a_terminal_without_a_name_gets_no_control_codes(here):
    """With TERM empty nobody knows what it obeys: --show prints dots, and asks nothing."""
    code, printed = on_terminal(
        ("contour", "x0*x1", *SMALL, "-o", "a.png", "--show"), here, TERM="", COLORTERM="", NO_COLOR=""
    )
    assert code == 0
    assert printed.replace(b"\r\n", b"").decode().isprintable()


NESTED = {
    "minus": "x = " + "-" * 90_000 + "1",
    "sum": "x = " + "1+" * 90_000 + "1",
    "powers": "x = " + "1**" * 5_000 + "1",
    "brackets": "x = " + "(" * 90_000 + ")" * 90_000,
    "calls": "x = f" + "()" * 90_000,
    "elif": "if 1: pass\n" + "elif 1: pass\n" * 30_000,
    "lambda": "x = " + "lambda: " * 9_000 + "1",
    "null": "def f(): pass\0",
    "latin": b"# coding: latin-1\ndef f(): '\xe4'\n",
    "unknown": b"# coding: nonsense\ndef f(): pass\n",
    "escape": "def f(): '\\d'\n",
}


@pytest.mark.parametrize("name", NESTED)
def test_completion_reads_any_file(name, here, recwarn):
    """A file that Python cannot parse completes nothing, and none makes an error or a warning."""
    source = NESTED[name]
    (here / "a.py").write_bytes(source if isinstance(source, bytes) else source.encode())
    assert list(_defined_in("a.py")) == (["f"] if name in ("latin", "escape") else [])
    assert not recwarn.list
