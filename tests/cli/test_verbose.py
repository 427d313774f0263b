"""What -v says."""

from __future__ import annotations

import re

import pytest

from gradviz.specs import KINDS

SMALL = ("-n", "5", "--dpi", "30")
LINE = re.compile(r"info: (.*): (\d+\.\d{3}) s")


def told(answer):
    """Return what was said to have been done, of a command that says nothing else but notes."""
    lines = [line for line in answer.err.splitlines() if not line.startswith("note: ")]
    assert all(LINE.fullmatch(line) for line in lines), answer.err
    return [LINE.fullmatch(line)[1] for line in lines]


@pytest.mark.parametrize("kind", KINDS)
def test_the_stages_of_a_picture_are_told(kind, run, here):
    """With -v standard error has what was read, evaluated, drawn and written, and standard output as ever."""
    answer = run(kind, "x**2", *SMALL, "-v")
    assert (answer.code, answer.lines) == (0, [f"{kind}.png"])
    read, loaded, evaluated, composed, drew, wrote = told(answer)
    assert read.startswith("read the function, of x")
    assert loaded == "loaded NumPy and Matplotlib"
    assert re.match(r"evaluated [\d,]+ points", evaluated)
    assert "compiled)" in evaluated
    assert (composed.partition(" (")[0], drew) == ("composed the picture", "drew the picture")
    assert wrote.partition(" (")[0] == f"wrote {(here / f'{kind}.png').stat().st_size:,} bytes, png"


def test_points_and_method_are_those_of_the_figure(run):
    """A quiver of 5 by 4 points has 20, and says how their gradients were taken."""
    said = told(run("quiver", "x0**2 + 3*x1", "-n", "5,4", "--dpi", "30", "--method", "central", "-v"))
    assert said[2].startswith("evaluated 20 points and their gradients by the method central")
    said = told(run("descent", "x**2 + y", *SMALL, "--steps", "7", "--start", "1,2", "--start", "2,1", "-v"))
    assert said[2].startswith("evaluated 25 points and 16 points of paths")


def test_what_came_from_the_cache_is_told(run):
    """The first picture is compiled, the second is not, unless --no-cache."""
    arguments = ("quiver", "x0**2 + 3*x1", *SMALL, "-v")
    assert "(formulas: 2 compiled)" in run(*arguments).err
    assert "(formulas: 2 from the cache)" in run(*arguments).err
    assert "(formulas: 2 compiled)" in run(*arguments, "--no-cache").err


def test_without_v_nothing_is_told(run):
    """Who does not ask hears nothing of it, and who asks has the same results."""
    assert run("quiver", "x0*x1", *SMALL).err == ""
    plain = run("grad", "x0*x1", "--at", "3,4")
    curious = run("grad", "x0*x1", "--at", "3,4", "-v")
    assert (plain.out, plain.err) == (curious.out, "")
    assert told(curious)[0].startswith("evaluated 1 point and the gradient by the method adaptive")


def test_numbers_and_files_have_their_stages(run, here):
    """`check`, `critical`, `redraw` and `batch` tell theirs."""
    assert told(run("check", "x0*x1", "--method", "central", "-v"))[0].startswith("compared 1,250 gradients")
    assert len(told(run("check", "x0*x1", "-v", "--steps", "-o", "s.png"))) == 6
    assert told(run("critical", "x**2 + y**2", "-v"))[0].startswith("searched 2 dimensions")
    run("contour", "x*y", *SMALL)
    redrawn = told(run("redraw", "contour.png", "-v"))
    assert (redrawn[0], len(redrawn)) == ("read the spec in the picture, a contour", 6)
    (here / "f.yaml").write_text('a: {kind: contour, expression: "x*y", samples: 5, dpi: 30}')
    batch = ("batch", "f.yaml", "--jobs", "0", "-v")
    read, drawn, finished = told(run(*batch))
    assert (read, drawn) == ("read and checked 1 figure", "a: drawn")
    assert finished.startswith("finished 1 figure")
    assert told(run(*batch))[1] == "a: unchanged"


@pytest.mark.parametrize(
    "arguments",
    [["quiver", "x"], ["grad", "x", "--at", "1"], ["check", "x"], ["critical", "x"], ["batch", "book"],
     ["redraw", "no.png"]],
    ids=lambda words: words[0],
)  # fmt: skip
def test_quiet_and_verbose_are_refused(arguments, run, here):
    """Both at once contradict each other, and nothing is drawn."""
    answer = run(*arguments, "-q", "--verbose")
    assert (answer.code, answer.out) == (2, b"")
    assert "--verbose and --quiet" in answer.err
    assert list(here.iterdir()) == []
