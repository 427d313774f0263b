"""Batches: the figures of presets, drawn into a folder."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

import gradviz
from gradviz.batch.run import run as run_batch
from gradviz.output.metadata import load

posix = pytest.mark.skipif(os.name != "posix", reason="links and FIFOs are POSIX's")
linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
HEAD = "defaults: {dpi: 30, samples: 4}\n"
ONE = 'one: {kind: contour, expression: "x0**2 + 3*x1"}\n'
TWO = 'two: {kind: quiver, expression: "x0*x1"}\n'
BAD = 'bad: {kind: contour, expression: "log(-1 - x0**2)"}\n'


@pytest.fixture
def preset(here):
    """Return the name of a preset file with figures."""

    def call(*figures):
        (here / "my.yaml").write_text(HEAD + "".join(figures))
        return "my.yaml"

    return call


def drawn(folder):
    return sorted(path.name for path in folder.iterdir())


def test_each_figure_is_a_file_of_its_name(run, here, preset):
    """The paths are printed, one a line, in the order of the file, and the pictures hold their specs."""
    answer = run("batch", preset(TWO, ONE), "--out-dir", "out")
    assert (answer.code, answer.err) == (0, "")
    assert answer.lines == [str(Path("out", "two.png")), str(Path("out", "one.png"))]
    assert drawn(here / "out") == ["one.png", "two.png"]
    assert load(here / "out" / "one.png") == gradviz.Contour(expression="x0**2 + 3*x1", dpi=30, samples=4)


def test_a_batch_draws_what_the_command_draws(run, here, preset):
    """A figure of a preset has the same bytes as the same figure from flags."""
    run("batch", preset(ONE), "--out-dir", "out")
    run("contour", "x0**2 + 3*x1", "--dpi", 30, "-n", 4, "-o", "flags.png")
    assert (here / "out" / "one.png").read_bytes() == (here / "flags.png").read_bytes()


@pytest.mark.parametrize("folder", ["taken", "taken/below/it"])
def test_a_file_is_no_folder_to_draw_into(folder, run, here, preset):
    """Where a file stands in the way it is named, and it stays as it is."""
    (here / "taken").write_text("mine")
    answer = run("batch", preset(ONE), "--out-dir", folder)
    assert (answer.code, answer.out) == (1, b"")
    told = f"cannot write to folder {Path(folder)}: taken is not a folder; use another name"
    assert answer.err == f"error: {told}\n"
    assert (here / "taken").read_text() == "mine"


def test_the_folder_is_made(run, here, preset):
    """--out-dir is made with the folders above it; without it the current folder is taken."""
    assert run("batch", preset(ONE), "--out-dir", "a/b/c").code == 0
    assert drawn(here / "a" / "b" / "c") == ["one.png"]
    assert run("batch", preset(ONE)).lines == ["one.png"]


@pytest.mark.parametrize("form", ["svg", "pdf"])
def test_the_format_is_one_for_all(form, run, here, preset):
    """--format chooses the suffix."""
    assert run("batch", preset(ONE), "--format", form).lines == [f"one.{form}"]
    assert load(here / f"one.{form}").kind == "contour"


def test_a_second_run_changes_nothing(run, here, preset):
    """What is up to date is left as it is, which is said; --redraw-all draws it again, to the same bytes."""
    run("batch", preset(ONE, TWO))
    before = {name: (here / name).stat().st_mtime_ns for name in ("one.png", "two.png")}
    content = (here / "one.png").read_bytes()
    answer = run("batch", "my.yaml")
    assert (answer.code, answer.out) == (0, b"")
    assert "2 of 2" in answer.err
    assert {name: (here / name).stat().st_mtime_ns for name in before} == before
    assert (run("batch", "my.yaml", "-q").err, run("batch", "my.yaml", "-q").out) == ("", b"")
    assert run("batch", "my.yaml", "--redraw-all").lines == ["one.png", "two.png"]
    assert (here / "one.png").read_bytes() == content


def test_a_changed_figure_alone_is_drawn_again(run, preset):
    """A figure whose spec has changed is drawn, and no other."""
    run("batch", preset(ONE, TWO))
    answer = run("batch", preset(ONE, TWO.replace("x0*x1", "x0 + x1")), "--json")
    assert [(row["name"], row["status"]) for row in answer.json["figures"]] == [
        ("one", "unchanged"),
        ("two", "drawn"),
    ]


def test_json_tells_what_became_of_each(run, here, preset):
    """One object on standard output: name, path, status, error and seconds of each figure."""
    answer = run("batch", preset(ONE, BAD, TWO), "--json")
    assert answer.code == 1
    assert set(answer.json) == {"figures"}
    rows = answer.json["figures"]
    assert [set(row) for row in rows] == [{"name", "path", "status", "error", "seconds"}] * 3
    assert [(row["name"], row["path"], row["status"]) for row in rows] == [
        ("one", "one.png", "drawn"),
        ("bad", "bad.png", "failed"),
        ("two", "two.png", "drawn"),
    ]
    assert rows[0]["error"] is None
    assert "undefined" in rows[1]["error"]
    assert all(0 <= row["seconds"] < 60 for row in rows)


def test_one_bad_figure_is_reported_and_the_rest_are_drawn(run, here, preset):
    """A figure that cannot be drawn is named, the others are drawn, and the exit code is 1."""
    answer = run("batch", preset(ONE, BAD, TWO), "--out-dir", "out")
    assert answer.code == 1
    assert drawn(here / "out") == ["one.png", "two.png"]
    assert [Path(line).name for line in answer.lines] == ["one.png", "two.png"]
    assert "bad: " in answer.err
    assert "1 of 3" in answer.err


@pytest.mark.parametrize("error", [ValueError("what a library says"), MemoryError()])
def test_a_fault_in_one_figure_leaves_the_rest_to_be_drawn(error, run, here, preset, monkeypatch):
    """Whatever goes wrong inside one figure, even a fault of ours, the next one is drawn."""

    def fail(*_):
        raise error

    monkeypatch.setattr("gradviz.figures.contour.compose", fail)
    answer = run("batch", preset(ONE, TWO), "--jobs", 0)
    assert (answer.code, answer.lines) == (1, ["two.png"])
    assert "one" in answer.err
    assert "Traceback" not in answer.err
    assert drawn(here) == ["my.yaml", "two.png"]


def test_an_interrupt_ends_the_batch(run, here, preset, monkeypatch):
    """Ctrl-C is not one figure's failure: the batch ends with 130."""

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("gradviz.figures.contour.compose", interrupt)
    answer = run("batch", preset(ONE, TWO), "--jobs", 0)
    assert (answer.code, answer.out) == (130, b"")
    assert drawn(here) == ["my.yaml"]


FINE = 'fine{0}: {{kind: surface, plot: scatter, expression: "x0*x1 + {0}", samples: 1500, dpi: 300}}\n'


@pytest.fixture
def signal_a_worker():
    """Send a signal to one process of a batch that runs in another thread, once it is at work."""
    forkserver = pytest.importorskip("multiprocessing.forkserver")

    def call(number):
        def act():
            end = time.monotonic() + 30
            while time.monotonic() < end:
                server = forkserver._forkserver._forkserver_pid
                for path in Path("/proc").glob("[0-9]*/stat"):
                    with contextlib.suppress(OSError):
                        fields = path.read_text().rsplit(")", 1)[1].split()
                        if (
                            int(fields[1]) == server and int(fields[11]) >= 20
                        ):  # hundredths of a second of work
                            os.kill(int(path.parent.name), number)
                            return
                time.sleep(0.02)

        thread = threading.Thread(target=act)
        thread.start()
        return thread

    return call


@linux
@pytest.mark.parametrize(
    ("number", "timeout", "words"),
    [
        (signal.SIGKILL, 120, "its process ended"),
        pytest.param(signal.SIGSTOP, 25, "more than 25 s", marks=pytest.mark.slow),
    ],
)
def test_a_process_that_ends_or_hangs_loses_one_figure(
    number, timeout, words, run, here, preset, signal_a_worker
):
    """The figure is reported, the rest are drawn, and the exit code is 1."""
    thread = signal_a_worker(number)
    figures = preset(*(FINE.format(k) for k in range(4)))
    answer = run("batch", figures, "--out-dir", "out", "--timeout", timeout)
    thread.join()
    assert answer.code == 1
    assert words in answer.err
    assert "1 of 4" in answer.err
    assert len(drawn(here / "out")) == 3


def test_the_time_of_a_figure_that_was_given_up_is_told(run, preset):
    """A figure that took too long took as long as it was given, not no time."""
    (row,) = run("batch", preset(FINE.format(0)), "--timeout", 0.2, "--json", "--jobs", 1).json["figures"]
    assert (row["status"], row["seconds"]) == ("failed", 0.2)


def test_what_the_system_refuses_a_figure_is_told(run, preset, monkeypatch):
    """Too many open files are no fault of ours in a batch either."""

    def fail(*_):
        raise OSError(errno.EMFILE, "Too many open files", "a.ttf")

    monkeypatch.setattr("gradviz.figures.contour.compose", fail)
    (row,) = run("batch", preset(ONE), "--jobs", 0, "--json").json["figures"]
    assert row["error"] == "too many open files: a.ttf"


def test_a_wrong_file_draws_nothing(run, here, preset):
    """All files are checked before anything is drawn: one fault is exit 2, with its place, and no picture."""
    (here / "wrong.yaml").write_text("bad: {kind: contour, expression: sine(x)}\n")
    answer = run("batch", preset(ONE), "wrong.yaml", "--out-dir", "out")
    assert (answer.code, answer.out) == (2, b"")
    assert answer.err.startswith("error: wrong.yaml:1:34: ")
    assert drawn(here) == ["my.yaml", "wrong.yaml"]


@pytest.mark.parametrize("name", ["../up", "/tmp/gradviz-up", "a/b", ".."])
def test_names_that_are_paths_write_nothing(name, run, here, preset):
    """A preset cannot choose a place outside its folder."""
    (here / "in").mkdir()
    answer = run("batch", preset(f'"{name}": {{kind: contour, expression: x}}\n'), "--out-dir", "in")
    assert (answer.code, answer.out) == (2, b"")
    assert "my.yaml:2:1: " in answer.err
    assert drawn(here) == ["in", "my.yaml"]
    assert drawn(here / "in") == []


def test_a_file_of_anothers_is_left(run, here, preset):
    """What gradviz did not make is not replaced, unless --force."""
    (here / "one.png").write_bytes(b"mine")
    answer = run("batch", preset(ONE, TWO))
    assert (answer.code, answer.lines) == (1, ["two.png"])
    assert "one: " in answer.err
    assert (here / "one.png").read_bytes() == b"mine"
    assert run("batch", "my.yaml", "--force").lines == ["one.png"]


@posix
@pytest.mark.parametrize("force", [False, True])
def test_nothing_is_written_through_a_link(force, run, here, preset):
    """A link in the place of a picture could lead anywhere: it is refused, and with --force, too."""
    (here / "target.png").write_bytes(b"mine")
    (here / "one.png").symlink_to("target.png")
    answer = run("batch", preset(ONE), *(["--force"] if force else []))
    assert (answer.code, answer.out) == (1, b"")
    assert (here / "target.png").read_bytes() == b"mine"
    assert (here / "one.png").is_symlink()


@posix
def test_nothing_but_a_regular_file_is_replaced(run, here, preset):
    """Folders and pipes in the place of pictures are reported, and the rest is drawn."""
    os.mkfifo(here / "one.png")
    (here / "two.png").mkdir()
    answer = run("batch", preset(ONE, TWO, ONE.replace("one", "three")), "--force")
    assert (answer.code, answer.lines) == (1, ["three.png"])
    assert "one: " in answer.err
    assert "two: " in answer.err


def test_a_folder_that_cannot_be_made_is_an_error(run, here, preset):
    """If there is a file in the place of the folder, nothing is drawn."""
    (here / "out").write_text("mine")
    answer = run("batch", preset(ONE), "--out-dir", "out")
    assert (answer.code, answer.out) == (1, b"")
    assert "out" in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["bok"], "'book'"),
        (["no.yaml"], "no.yaml"),
        (["book", "--format", "gif"], "png"),
        (["book", "--format", "pgn"], "'png'"),
        (["."], "."),
    ],
)
def test_a_wrong_request_is_refused(arguments, word, run, here):
    """An unknown set, a missing file and an unknown format are exit 2."""
    answer = run("batch", *arguments)
    assert (answer.code, answer.out) == (2, b"")
    assert word in answer.err
    assert drawn(here) == []


def test_outcomes_are_reported_as_they_come(here):
    """From Python each outcome is told when it is there, and all are returned in order."""
    specs = {name: gradviz.Contour(expression="x*y", dpi=30, samples=4) for name in ("a", "b")}
    told = []
    outcomes = run_batch(
        specs, here, report=lambda outcome: told.append((outcome.name, outcome.path.exists()))
    )
    assert told == [("a", True), ("b", True)]
    assert [(outcome.name, outcome.status, outcome.error) for outcome in outcomes] == [
        ("a", "drawn", None),
        ("b", "drawn", None),
    ]


def test_who_cannot_be_told_ends_the_batch(here):
    """A pipe that nobody reads on is no fault of a figure: it comes through, and the picture is there."""
    specs = {name: gradviz.Contour(expression="x*y", dpi=30, samples=4) for name in ("a", "b")}

    def report(_):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run_batch(specs, here, jobs=0, report=report)
    assert drawn(here) == ["a.png"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["book", "functions"])
def test_a_built_in_set_can_be_drawn(name, run, here):
    """Every figure of the built-in sets is drawn without a message."""
    answer = run("batch", name, "--out-dir", "out")
    assert (answer.code, answer.err) == (0, "")
    assert len(answer.lines) == len(drawn(here / "out"))
