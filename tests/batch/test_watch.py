"""Figures are drawn again when their files are saved: by scripted changes, and once by real ones."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import gradviz
from gradviz.batch import run as batch
from gradviz.batch.run import Outcome
from gradviz.cli import console, watch
from gradviz.errors import PresetError
from gradviz.output.metadata import load

watchfiles = pytest.importorskip("watchfiles")
HEAD = "defaults: {dpi: 30, samples: 4}\n"
ONE = 'one: {kind: contour, expression: "x0**2 + 3*x1"}\n'
TWO = 'two: {kind: quiver, expression: "x0*x1"}\n'
OWN = 'own: {kind: contour, expression: "own.py:f"}\n'


def save(*figures):
    """Return a step: the preset file is written."""
    return lambda: Path("my.yaml").write_text(HEAD + "".join(figures))


def write(name, text):
    """Return a step: another file is written."""
    return lambda: Path(name).write_text(text)


def _run(specs, folder, *, at_once, **options):
    return at_once(specs, folder, **{**options, "jobs": 0})


@pytest.fixture
def watching(run, capsysbinary, monkeypatch):
    """Return the command as a function of steps, after each of which nothing happens for a while.

    It gives what was printed at the start and after each step, paths and messages, until Ctrl-C.
    """

    def call(*steps, arguments=(), processes=False):
        said = []
        if not processes:  # for speed: what they would draw is the same
            monkeypatch.setattr(batch, "run", partial(_run, at_once=batch.run))

        def script(watched):
            for step in (lambda: None, *steps):
                step()
                yield watched.changed()
                yield set()
                out, err = capsysbinary.readouterr()
                said.append((out.decode().split(), err.decode()))
            raise KeyboardInterrupt

        monkeypatch.setattr(watch, "changes", script)
        with pytest.raises(SystemExit) as end:
            run("watch", "my.yaml", *arguments)
        assert end.value.code == 130
        assert capsysbinary.readouterr() == (b"", b"")
        return said

    return call


def test_what_is_saved_is_drawn_and_nothing_else(watching, here):
    """At the start all is drawn; then a save draws the figures that it changed, and says their paths."""
    save(ONE, TWO)()
    said = watching(save(ONE, TWO.replace("x0*x1", "x0 + x1")))
    assert said == [(["one.png", "two.png"], "note: watching my.yaml until Ctrl-C\n"), (["two.png"], "")]
    assert load(here / "two.png").expression == "x0 + x1"


def test_what_is_drawn_is_what_batch_draws(watching, run, here):
    """The pictures have the bytes, the folder and the format that a batch of the same options gives them."""
    save(ONE)()
    options = ("--out-dir", "out", "--format", "svg")
    assert watching(arguments=options)[0][0] == [str(Path("out", "one.svg"))]
    assert run("batch", "my.yaml", "--redraw-all", "--out-dir", "again", "--format", "svg").code == 0
    assert (here / "out" / "one.svg").read_bytes() == (here / "again" / "one.svg").read_bytes()


def test_a_save_that_changes_no_figure_is_told(watching):
    """Whoever saves and sees nothing happen knows why, unless --quiet, which says nothing at all."""
    save(ONE)()
    remark = save("# a remark\n", ONE)
    assert watching(remark)[1] == ([], "note: every figure is up to date\n")
    assert watching(save(ONE), arguments=["-q"]) == [([], ""), ([], "")]


def test_a_fault_is_told_as_batch_tells_it_and_mended(watching, run):
    """A wrong file ends nothing: its fault is told once, with its place, and the next save is drawn."""
    save(ONE)()
    wrong = save(ONE, TWO.replace("x0*x1", "x0*sine(x1)"))
    wrong()
    told = run("batch", "my.yaml").err
    save(ONE)()
    said = watching(wrong, lambda: None, save(ONE, TWO))
    assert said[1:] == [([], told), ([], ""), (["two.png"], "")]
    assert told.startswith("error: my.yaml:3:33: unknown function 'sine'")


def test_a_wrong_file_at_the_start_is_waited_for(watching):
    """What is there and wrong can be mended, at the start, too."""
    write("my.yaml", "one: [")()
    said = watching(save(ONE))
    assert "error: my.yaml:2:1: " in said[0][1]
    assert said[1] == (["one.png"], "")


@pytest.mark.parametrize(
    ("changes", "told"), [("half whole rest", []), ("half rest whole rest rest", ["half"])], ids=["", "stays"]
)
def test_half_a_file_for_a_moment_is_not_told(changes, told, monkeypatch):
    """What is wrong is told when nothing has changed for a while, once, and only if it is still wrong."""
    said, waiting = [], changes.split()

    def found():
        while waiting:
            yield set() if waiting[0] == "rest" else {Path("my.yaml")}
            del waiting[0]

    def load_it():
        if waiting[0] == "half":
            raise PresetError(["half"])
        return {}

    monkeypatch.setattr(console, "error", said.append)
    watch.follow(found(), watch.Watched([Path("my.yaml")]), load_it, lambda _: [], quiet=True)
    assert said == told


def test_a_file_that_vanishes_is_waited_for(watching, here):
    """It is told that the file is gone, and when it is back its figures are drawn."""
    save(ONE)()
    said = watching((here / "my.yaml").unlink, save(ONE.replace("3*x1", "4*x1")))
    assert said[1] == (
        [],
        "error: cannot read my.yaml: no such file or directory\nnote: waiting for my.yaml\n",
    )
    assert said[2] == (["one.png"], "")


def test_a_figure_that_cannot_be_drawn_is_told_after_each_save(watching):
    """The rest are drawn, and nobody thinks that all is well because the fault was told before."""
    bad = 'bad: {kind: contour, expression: "log(-1 - x0**2)"}\n'
    save(bad, ONE)()
    said = watching(save(bad, ONE, "# a remark\n"), save(ONE))
    assert [out for out, _ in said] == [["one.png"], [], []]
    assert ["error: bad: the function is undefined" in err for _, err in said] == [True, True, False]


def test_a_figure_that_took_too_long_waits_for_a_save_of_its_own(monkeypatch):
    """No other save waits for it again, and all of them are told of it, until it is drawn."""
    given_up, asked, said = {"a": 60.0, "b": 0.0}, [], []
    specs = {name: gradviz.Contour(expression=f"{name}*x0**2 + 3*x1", set={name: 1}) for name in "abc"}

    def draw(due):
        asked.append("".join(due))
        faults = {name: "slow" if given_up[name] else "wrong" for name in given_up}
        return [
            Outcome(
                name, Path(name), "failed" if name in faults else "drawn", faults.get(name),
                given_up.get(name, 0.5),
            )
            for name in due
        ]  # fmt: skip

    def found():
        yield {Path("my.yaml")}
        yield set()
        yield {Path("my.yaml")}
        yield set()
        specs["a"] = gradviz.Contour(expression="x0**2 + 3*x1")
        given_up.clear()
        yield {Path("my.yaml")}
        yield set()

    monkeypatch.setattr(console, "error", said.append)
    watch.follow(found(), watch.Watched([]), specs.copy, draw, quiet=True)
    assert asked == ["abc", "bc", "abc"]
    assert said == ["a: slow", "b: wrong"] * 2


# Functions of one's own -----------------------------------------------------------------------------------


def test_a_function_of_ones_own_is_drawn_when_its_file_changes(watching):
    """Not at each save of the preset, but at each of its file, and of a module beside it."""
    save(ONE, OWN)()
    write("beside.py", "k = 3\n")()
    write("own.py", "from beside import k\ndef f(p):\n    return p[..., 0]**2 + k*p[..., 1]\n")()
    said = watching(
        save(ONE.replace("3*x1", "4*x1"), OWN),
        write("beside.py", "k = 3.5\n"),
        write("own.py", "def f(p):\n    return q\n"),
        arguments=["--run-files"],
        processes=True,
    )
    assert [out for out, _ in said] == [["one.png", "own.png"], ["one.png"], ["own.png"], []], said
    assert "error: own: own.py:2: NameError: name 'q' is not defined" in said[3][1]


def test_a_file_is_not_run_without_leave(watching):
    """A preset that names a file to run is refused as in a batch, and waited for."""
    save(OWN)()
    write("own.py", "raise SystemExit(3)")()
    said = watching(save(ONE))
    assert "from a preset; use --run-files" in said[0][1]
    assert said[1] == (["one.png"], "")


def test_an_array_of_ones_own_is_watched(watching, here):
    """A figure over a plane is drawn again when the array in the middle of it changes, or a direction."""
    write("own.py", "def f(w):\n    return (w**2).sum() + 3*w[0, 1]\n")()
    for name, rows in (("w", [[1, 2]]), ("u", [[1, 0]]), ("v", [[0, 1]])):
        np.save(here / f"{name}.npy", np.array(rows, float))
    save(OWN.replace("}", ', at: w.npy, plane: "u.npy,v.npy"}'))()
    said = watching(
        lambda: np.save(here / "w.npy", np.array([[3.0, 4]])),
        lambda: np.save(here / "v.npy", np.array([[0.0, 2]])),
        lambda: np.save(here / "other.npy", np.array([[0.0, 2]])),
        arguments=["--run-files"],
    )
    assert [out for out, _ in said] == [["own.png"], ["own.png"], ["own.png"], []]


# What is refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["no.yaml", "bok", "."])
def test_what_is_not_there_at_the_start_is_refused_as_by_batch(name, run, here):
    """A slip in a name is not waited for: exit 2, the words of batch, and no file."""
    answer = run("watch", name)
    assert (answer.code, answer.out) == (2, b"")
    assert answer.err == run("batch", name).err
    assert list(here.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_refused(run):
    """As by batch: exit 1 and one line."""
    save(ONE)()
    answer = run("watch", "my.yaml", "--out-dir", "my.yaml")
    assert (answer.code, answer.out) == (1, b"")
    assert answer.err == run("batch", "my.yaml", "--out-dir", "my.yaml").err


def test_without_watchfiles_the_extra_is_named(run, monkeypatch):
    """Who has not installed it is told what to install, in one line."""
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    save(ONE)()
    answer = run("watch", "my.yaml")
    assert (answer.code, answer.out) == (2, b"")
    assert answer.err == "error: watch needs watchfiles; install it with: pip install 'gradviz[watch]'\n"


# Files and events -----------------------------------------------------------------------------------------


def replaced(path):
    path.with_suffix(".new").write_text("b")
    path.with_suffix(".new").replace(path)


def made_anew(path):
    path.unlink()
    path.write_text("b")


SAVES = [lambda path: path.write_text("b"), replaced, made_anew, lambda path: path.unlink()]


@pytest.mark.parametrize("act", SAVES, ids=["in place", "replaced", "made anew", "gone"])
@pytest.mark.parametrize("linked", [False, True], ids=["file", "link"])
def test_a_save_is_seen_however_it_is_done(act, linked, tmp_path):
    """A change is told once, of the file that was named, even if a link leads to it."""
    path = tmp_path / "a.yaml"
    path.write_text("a")
    name = tmp_path / "link.yaml" if linked else path
    if linked:
        name.symlink_to(path)
    watched = watch.Watched([name])
    assert [watched.changed(), watched.changed()] == [{name}, set()]
    act(path)
    assert [watched.changed(), watched.changed()] == [{name}, set()]


def test_what_comes_to_be_watched_counts_as_looked_at(tmp_path):
    """What a new figure depends on is not taken for a change, and what none depends on is let go."""
    preset, module = tmp_path / "my.yaml", tmp_path / "code" / "own.py"
    module.parent.mkdir()
    module.write_text("a = 1")
    watched = watch.Watched([preset])
    watched.changed()
    watched.depend_on([module.parent])
    assert watched.changed() == set()
    assert watched.folders() == {tmp_path, module.parent}
    (module.parent / "other.txt").write_text("")
    assert watched.changed() == set()
    (module.parent / "beside.py").write_text("")
    assert watched.changed() == {module.parent}
    watched.depend_on([])
    module.write_text("a = 22")
    assert watched.changed() == set()
    assert watched.folders() == {tmp_path}


def test_names_that_no_file_can_have_are_no_fault():
    """A name from a preset may be anything."""
    watched = watch.Watched([])
    watched.depend_on([Path("a\0b.npy"), Path("x" * 5000)])
    assert watched.changed() == set()
    assert watched.folders() <= {Path.cwd()}


def test_events_of_other_files_are_no_changes_and_no_rest(here, monkeypatch):
    """A folder in which much happens hides neither a change, nor that there is none for a while."""
    path, clock = here / "my.yaml", iter(np.arange(0, 100, 0.2))
    path.write_text("a")
    monkeypatch.setattr(watch.time, "monotonic", lambda: next(clock))

    def events(*_, **__):
        yield from ({"noise"} for _ in range(9))
        path.write_text("bb")
        yield from ({"noise"} for _ in range(9))

    monkeypatch.setattr(watchfiles, "watch", events)
    found = watch.changes(watch.Watched([path]))
    seen = [next(found) for _ in range(6)]
    assert seen[0] == {path}
    assert seen.count({path}) == 2
    assert seen.count(set()) == 4


def test_a_system_that_watches_no_more_is_done_without(here, monkeypatch):
    """Where there are no more watches to be had, files are looked at from time to time."""
    path = here / "my.yaml"
    path.write_text("a")

    def refuse(*_, **__):
        raise OSError(28, "OS file watch limit reached")

    monkeypatch.setattr(watchfiles, "watch", refuse)
    monkeypatch.setattr(watch, "_REST", 0.01)
    found = watch.changes(watch.Watched([path]))
    assert [next(found), next(found)] == [{path}, set()]
    path.write_text("bb")
    assert next(found) == {path}


def test_a_folder_that_comes_back_is_watched_anew(here, monkeypatch):
    """When folders go or come, the events of those that there are now are asked for."""
    folder, asked = here / "in", []

    def events(*folders, **_):
        asked.append(set(folders))
        while True:
            yield set()

    monkeypatch.setattr(watchfiles, "watch", events)
    monkeypatch.setattr(watch, "_REST", 0)
    found = watch.changes(watch.Watched([folder / "my.yaml"]))
    for _ in range(3):
        next(found)
    folder.mkdir()
    for _ in range(3):
        next(found)
    assert asked == [set(), {folder}]


# In earnest -----------------------------------------------------------------------------------------------


@pytest.fixture
def started(here, environment):
    """Start the command in a process of its own; gives the process, and the call for its next line."""
    running = []

    def call(*arguments, env=None):
        process = subprocess.Popen(
            [sys.executable, "-m", "gradviz", "watch", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=here,
            env={**environment, **(env or {})}, start_new_session=True,
        )  # fmt: skip
        running.append(process)
        lines = queue.Queue()
        threading.Thread(target=lambda: list(map(lines.put, process.stdout)), daemon=True).start()
        return process, lambda: lines.get(timeout=30).rstrip()

    yield call
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "code"), [pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow), (signal.SIGTERM, 143)]
)
def test_saves_are_drawn_until_a_signal(number, code, started, here):
    """A process draws at each save in whatever way, and Ctrl-C or SIGTERM ends it at once and silently."""
    save(ONE)()
    process, line = started("my.yaml", "-q", env={"WATCHFILES_FORCE_POLLING": str(number == signal.SIGTERM)})
    assert line() == "one.png"
    made_anew(here / "my.yaml")
    Path("new").write_text(HEAD + ONE.replace("3*x1", "4*x1"))
    Path("new").replace("my.yaml")
    assert line() == "one.png"
    assert load(here / "one.png").expression == "x0**2 + 4*x1"
    os.killpg(process.pid, number)
    assert process.wait(10) == code
    assert process.stderr.read() == ""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_storm_of_saves_ends_with_the_last_one_drawn(started, here):
    """Saves in every way, also of half a file, and a pause by signals: no error, and no save is missed."""
    path = here / "my.yaml"
    save(ONE)()
    process, line = started("my.yaml", "-q")
    assert line() == "one.png"
    for count in range(5, 60):
        text = HEAD + ONE.replace("3*x1", f"{count}*x1")
        if count % 3 == 0:
            Path("new").write_text(text)
            Path("new").replace(path)
        elif count % 3 == 1:
            path.unlink()
            path.write_text(text)
        else:
            path.write_text(text[:40])
            path.write_text(text)
        time.sleep(0.2 * (count % 5 == 0))
        if count == 30:
            os.kill(process.pid, signal.SIGSTOP)
        if count == 40:
            os.kill(process.pid, signal.SIGCONT)
    end = time.monotonic() + 60
    while load(here / "one.png").expression != "x0**2 + 59*x1" and time.monotonic() < end:
        time.sleep(0.1)
    assert load(here / "one.png").expression == "x0**2 + 59*x1"
    os.killpg(process.pid, signal.SIGHUP)
    assert process.wait(20) == 128 + signal.SIGHUP
    assert process.stderr.read() == ""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_signal_in_a_finalizer_ends_it(run, monkeypatch, capsysbinary):
    """What Python cannot raise there, as a pool ends, ends the command at the next look, and silently."""

    class Last:
        def __del__(self):
            signal.raise_signal(signal.SIGTERM)

    def found(watched):
        yield watched.changed()
        Last()
        yield {Path("my.yaml")}
        raise AssertionError

    save(ONE)()
    monkeypatch.setattr(batch, "run", lambda *_, **__: [])
    monkeypatch.setattr(watch, "changes", found)
    with pytest.raises(SystemExit) as end:
        run("watch", "my.yaml", "-q")
    assert end.value.code == 128 + signal.SIGTERM
    assert capsysbinary.readouterr() == (b"", b"")


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interrupt_while_it_draws_ends_it(started, here):
    """Ctrl-C does not wait for the figure that is being drawn, and leaves nothing half done."""
    save('slow: {kind: surface, plot: scatter, expression: "x0*x1", samples: 2000, dpi: 300}\n')()
    process, _ = started("my.yaml", "--out-dir", "out", "-q")
    end = time.monotonic() + 30
    while not (here / "out").exists() and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(10) == 130
    assert "Traceback" not in process.stderr.read()
    assert list((here / "out").iterdir()) == []
