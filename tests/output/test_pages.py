"""Pages in a browser: what is seen, and what the browser is asked for."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from gradviz.output.formats import FORMATS
from gradviz.output.metadata import load
from gradviz.specs import KINDS

sys.path.append(str(Path(__file__).parents[2] / "docs"))  # whose scripts are no package

import pages

GALLERY = pages.read("docs/gallery.md")
OTHERS = [pages.read(name) for name in pages.PAGES if name != GALLERY.name]
SHOWN = [*OTHERS, GALLERY, pages.read("docs/book.md")]
ERRORS = re.compile(
    r"-?\d(\.\d)?e-\d\d|\b0$", re.MULTILINE
)  # of differences, which are not the same everywhere
DPI = 40  # is enough to see that something is drawn


def figure(path):
    """Return what a picture shows, its resolution apart."""
    spec = load(path, run_files=True)
    return type(spec)(**{**spec.to_dict(), "dpi": 100})


def obey(command, run, environment, folder):
    """Run a command of a page, which has to do what the page says."""
    program, *arguments = command.with_dpi(DPI)
    if program == "python":
        subprocess.run(
            [sys.executable, "-P", *arguments], check=True, cwd=folder, env=environment, timeout=60
        )
        return
    answer = run(*arguments)
    if command.shown is not None:
        assert ERRORS.sub("error", answer.out.decode()) == ERRORS.sub("error", command.shown)
        return
    assert answer.code == 0, answer.err
    assert answer.out, "a command that gives nothing"
    assert "no effect" not in answer.err
    if command.output:
        assert str(command.output) in answer.lines
        assert (folder / command.output).stat().st_size > 0


def is_as_committed(name, folder):
    """Tell whether a picture shows what the one in the folder of docs shows."""
    return figure(folder / name) == figure(pages.PICTURES / name)


# The tests ------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("command", GALLERY.commands, ids=lambda command: command.output or command.line)
def test_a_command_of_the_gallery_draws_its_picture(command, run, environment, here):
    """In an empty folder it writes a file, and one with the spec of the picture that the gallery shows."""
    obey(command, run, environment, here)
    if command.output in GALLERY.pictures:
        assert is_as_committed(command.output, here)
    if command.output in GALLERY.scripts:
        assert (here / command.output).read_text("utf-8") == GALLERY.scripts[command.output]


@pytest.mark.slow
@pytest.mark.parametrize("page", OTHERS, ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_it_says(page, run, environment, here):
    """One after the other, in a folder with the files that the page shows."""
    page.prepare(here)
    for command in page.commands:
        obey(command, run, environment, here)
        if command.output in page.pictures:
            assert is_as_committed(command.output, here), command.line


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_each_picture_of_a_page_is_drawn_by_one_of_its_commands(page):
    """Or it is one of what a picture is shown in, whose command stands in the page."""
    outputs = [command.output for command in page.commands if command.output]
    for name in page.pictures:
        assert outputs.count(pages.AROUND.get(name, name)) == 1, name
    assert len(page.pictures) == len(set(page.pictures))


def test_the_folder_of_pictures_has_those_that_are_shown_and_no_others():
    """Neither is one missing nor one left over, and all are small enough for a repository."""
    sizes = {path.name: path.stat().st_size for path in pages.PICTURES.iterdir()}
    assert set(sizes) == {name for page in SHOWN for name in page.pictures}
    assert sum(sizes.values()) < 7e6
    assert max(size for name, size in sizes.items() if name.endswith(".gif")) < 6e5


def test_the_gallery_has_every_kind_of_picture():
    """Every kind, style, format, way to draw a surface and length of arrows has a command there."""
    words = [command.words for command in GALLERY.commands]
    assert {line[1] for line in words} >= set(KINDS)
    assert {Path(str(command.output)).suffix[1:] for command in GALLERY.commands} >= set(FORMATS)
    given = {pair for line in words for pair in pairwise(line)}
    plots = KINDS["surface"].model_fields["plot"].annotation
    assert given >= {("--plot", plot) for plot in get_args(plots) if plot != "surface"}
    assert given >= {("--style", style) for style in ("default", "book", "paper", "dark")}
    assert given >= {("--arrows", lengths) for lengths in ("equal", "true", "log")}


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_links_of_a_page_lead_somewhere(page):
    """Each that is no address on the web names a file, and a heading of it if it names one."""
    folder = (pages.ROOT / page.name).parent
    for path, heading in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", page.text):
        target = folder / path if path else pages.ROOT / page.name
        assert target.exists(), path
        if heading:
            titles = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
