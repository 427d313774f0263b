"""The examples in the help of each command."""

from __future__ import annotations

import re
import shlex

import pytest
from typer.main import get_command

import gradviz
from gradviz.cli import _app, watch
from gradviz.presets import schema

# What the examples of a command find in their folder.
FIGURES = """
saddle: {kind: quiver, expression: "x0*x1", samples: 5, dpi: 40}
bowl: {kind: contour, expression: "x0**2 + 3*x1**2", samples: 9, dpi: 40}
"""


def prepared(folder):
    """Put the files that examples name into a folder."""
    (folder / "figures.yaml").write_text(FIGURES)
    (folder / "more.yaml").write_text(FIGURES.replace("saddle", "pass").replace("bowl", "bath"))
    gradviz.save(gradviz.Quiver(expression="x0*x1", samples=5, dpi=40), folder / "quiver.png")


def examples(command):
    """Return the lines below `Examples:` at the end of a command's help."""
    found = re.search(r"\n  Examples:\n((?:    \S.*\n?)+)$", get_help(command))
    return [line.strip() for line in found[1].splitlines()] if found else []


def get_help(command):
    with command.make_context(command.name, ["--help"], resilient_parsing=True) as context:
        return command.get_help(context)


COMMANDS = get_command(_app()).commands
LINES = [line for command in COMMANDS.values() for line in examples(command)]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_ends_with_two_examples(name):
    """They stand in its docstring, or in that of its kind of figure, below `Examples:`, each on a line."""
    found = examples(COMMANDS[name])
    assert len(found) == 2, (
        f"gradviz {name}: end the docstring of the command, or of the figure's class, with\n"
        f"\n    Examples:\n      gradviz {name} ...\n      gradviz {name} ...\n"
    )
    assert found[0] != found[1]
    for line in found:
        assert line.startswith(f"gradviz {name}"), line
        assert len(line) <= 76, f"{line}: wider than a terminal"


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_an_example_does_what_it_says(line, run, here, monkeypatch):
    """Typed into a shell, it succeeds, says nothing but notes, and its result is as ever."""
    prepared(here)
    monkeypatch.setattr(watch, "changes", lambda watched: [watched.changed()])  # and not for ever
    answer = run(*shlex.split(line)[1:])
    assert answer.code == 0, answer.err
    assert answer.out
    assert all(message.startswith("note: ") for message in answer.err.splitlines())
    assert "no effect" not in answer.err
    for path in re.findall(r"^\S+\.(?:png|svg|gif)$", answer.out.decode(), re.MULTILINE):
        assert (here / path).stat().st_size > 0


def test_examples_do_not_stand_in_other_places(run):
    """Neither the list of commands nor the schema of presets repeats them."""
    assert "Examples" not in run("--help").out.decode()
    assert "gradviz quiver" not in str(schema())
