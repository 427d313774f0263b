"""Opening a finished file: the path is one argument of a program, never text for a shell."""

from __future__ import annotations

import os
import sys
import time

import pytest

from gradviz.cli import viewer

SMALL = ("contour", "x0**2 + 3*x1", "-n", "21", "--dpi", "40")
NAME = "open" if sys.platform == "darwin" else "xdg-open"


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Return a function that puts a program in the place of the system's viewer; the path has no other."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(script):
        path = folder / NAME
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    return put


def test_the_file_is_opened_once_it_is_there(run, here, program):
    """The viewer is given the whole path, after that is printed, and sees the finished file."""
    program('[ -s "$1" ] && printf "%s\\n" "$#" "$1" > seen')
    answer = run(*SMALL, "--open")
    assert (answer.code, answer.lines, answer.err) == (0, ["contour.png"], "")
    assert (here / "seen").read_text().splitlines() == ["1", str(here / "contour.png")]


@pytest.mark.parametrize(
    "name", ["-e.png", "a b.png", "$(touch owned).png", "`touch owned`;.png", "a\nb.png"]
)
def test_a_path_is_data(name, run, here, program):
    """Whatever a file is called, its path is one argument, and none that could be an option."""
    program('printf "%s" "$#$1" > seen')
    assert run(*SMALL, "--open", "-o", f"./{name}", "-q").code == 0
    assert (here / "seen").read_text() == f"1{here / name}"
    assert not (here / "owned").exists()


@pytest.mark.usefixtures("program")
def test_without_a_viewer_the_picture_is_written_all_the_same(run, here):
    """One line says that the picture is there and why it is not shown; the exit code is 1."""
    answer = run(*SMALL, "--open")
    assert (answer.code, answer.lines) == (1, ["contour.png"])
    assert (here / "contour.png").exists()
    assert answer.err == (
        f"error: the picture is written, but --open cannot show contour.png: there is no {NAME}\n"
    )


def test_a_viewer_that_fails_is_told(run, program):
    """A viewer that ends at once with a fault has shown nothing."""
    program("exit 3")
    answer = run(*SMALL, "--open")
    assert (answer.code, answer.lines) == (1, ["contour.png"])
    assert answer.err.count("\n") == 1
    assert "ended with 3" in answer.err


def test_a_viewer_that_cannot_be_started_is_told(run, program, tmp_path):
    """What the system refuses is said in one line."""
    program("")
    (tmp_path / "bin" / NAME).write_bytes(b"no program")
    answer = run(*SMALL, "--open")
    assert (answer.code, answer.lines) == (1, ["contour.png"])
    assert answer.err.startswith(
        "error: the picture is written, but --open cannot show contour.png: exec format error"
    )


def test_a_viewer_that_stays_is_not_waited_for(run, here, program, monkeypatch):
    """A viewer that shows the file until it is closed leaves the command line free, and hears no Ctrl-C."""
    monkeypatch.setattr(viewer, "_PROMPT", 0.2)
    program("echo $$ > viewer; PATH=/bin:/usr/bin; exec sleep 20")
    start = time.monotonic()
    assert run(*SMALL, "--open").code == 0
    assert time.monotonic() - start < 15
    number = int((here / "viewer").read_text())
    try:
        assert os.getsid(number) != os.getsid(0)
    finally:
        os.kill(number, 15)
        os.waitpid(number, 0)


def test_there_must_be_a_file_to_open(run, here, program):
    """A picture on standard output is none, which is said before anything is drawn."""
    program("touch seen")
    answer = run(*SMALL, "--open", "-o", "-")
    assert (answer.code, answer.out) == (2, b"")
    assert "--open" in answer.err
    assert not (here / "seen").exists()


def test_a_check_opens_and_shows_what_it_draws(run, here, program):
    """With --steps there is a picture; without, what is asked of it is refused."""
    program('printf "%s" "$1" > seen')
    check = ("check", "x0**2 + 3*x1")
    answer = run(*check, "--steps", "--open", "--show", "--json")
    assert (answer.code, answer.json["path"]) == (0, "steps.png")
    assert "f(x0, x1) = x0**2 + 3*x1" in answer.err
    assert (here / "seen").read_text() == str(here / "steps.png")
    for option in ("--open", "--show"):
        answer = run(*check, option)
        assert answer.code == 2
        assert option in answer.err


@pytest.mark.parametrize(("name", "verb"), [("a.png", "open"), ("a.py", "edit")])
def test_on_windows_the_system_opens_it(name, verb, tmp_path, monkeypatch):
    """There the system itself knows the viewer; a script is shown, and not run."""
    opened = []
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(os, "startfile", lambda *given: opened.append(given), raising=False)
    viewer.open_file(tmp_path / name)
    assert opened == [(tmp_path / name, verb)]
