"""The pages of docs: the commands in them work, and what they print is true."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

import gradviz.cli.figures as commands
from gradviz.cli import _app, main
from gradviz.presets import load_presets

ROOT = Path(__file__).parents[1]
BOOK = load_presets(["book"])
COMMANDS = re.findall(
    r"## (\S+)\n\n```sh\n(.*?)\n```", (ROOT / "docs" / "book.md").read_text("utf-8"), re.DOTALL
)


@pytest.fixture
def made(monkeypatch):
    """Return what the figure commands would draw, and draw nothing."""
    kept = []
    monkeypatch.setattr(commands, "make", lambda spec, output, *_: kept.append((spec, output.output)))
    return kept


def test_each_figure_of_the_book_is_a_command():
    """The page shows every built-in figure of the book, in order."""
    assert [name for name, _ in COMMANDS] == list(BOOK)


@pytest.mark.parametrize(("name", "command"), COMMANDS)
def test_a_command_of_the_page_draws_its_figure(name, command, made):
    """What the page shows, typed into a shell, is the spec of the preset."""
    program, *arguments = shlex.split(command)
    assert (program, main(arguments)) == ("gradviz", 0)
    assert made == [(BOOK[name], f"{name}.png")]


def test_the_readmes_figures_can_be_drawn(made):
    """Each command of the README's table is one that the command line takes."""
    readme = (ROOT / "README.md").read_text("utf-8")
    found = re.findall(r"`gradviz ((?:tangent|surface|contour|quiver|stream|steps|pairs) \"[^`]*)`", readme)
    assert len(found) >= 5
    for arguments in found:
        assert main(shlex.split(arguments)) == 0
    assert len(made) == len(found)


PAGES = ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]


@pytest.fixture(scope="module")
def options():
    """Return every long option in the help of gradviz and of its commands."""
    commands = get_command(_app()).commands
    helps = io.StringIO()
    with contextlib.redirect_stdout(helps):
        for words in ([], *([name] for name in commands)):
            main([*words, "--help"])
    return set(re.findall(r"--[a-z][a-z-]+", helps.getvalue()))


@pytest.mark.parametrize("page", PAGES)
def test_the_options_of_a_page_exist(page, options):
    """Every long option that a page names behind `gradviz` or alone is in the help of some command."""
    text = (ROOT / page).read_text("utf-8").split("## Draw")[-1]
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= options
