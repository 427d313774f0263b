"""The wheel, installed alone in a fresh environment."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "docs"))  # whose scripts are no package

import pages

COMMANDS = [command for command in pages.read("docs/gallery.md").commands if command.output]
FIGURES = 'saddle: {kind: quiver, expression: "x0*x1"}\n'
DPI = 40
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return gradviz as a function of a folder and arguments: a wheel of this tree, without extras."""
    folder = tmp_path_factory.mktemp("wheel")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    env = {**kept, "GRADVIZ_CACHE_DIR": str(folder / "cache"), "HOME": str(folder)}

    def pip(python, *arguments):
        subprocess.run(
            [python, "-m", "pip", "--disable-pip-version-check", *arguments],
            check=True, capture_output=True, env=kept, timeout=600,
        )  # fmt: skip

    pip(sys.executable, "wheel", "--no-deps", "--wheel-dir", folder, pages.ROOT)
    venv.create(folder / "venv", with_pip=True)
    (wheel,) = folder.glob("gradviz-*.whl")
    pip(folder / "venv" / "bin" / "python", "install", wheel)

    def call(where, *arguments):
        return subprocess.run(
            [folder / "venv" / "bin" / "gradviz", *arguments],
            check=False, capture_output=True, text=True, cwd=where, env=env, timeout=300,
        )  # fmt: skip

    return call


def test_a_wheel_installed_alone_draws_the_gallery(installed, tmp_path):
    """Each command that draws, in an empty folder; a page, which needs plotly, is refused in one line."""

    def draw(numbered):
        place, command = numbered
        folder = tmp_path / str(place)
        folder.mkdir()
        return command, folder / command.output, installed(folder, *command.with_dpi(DPI)[1:])

    with ThreadPoolExecutor(2) as pool:
        drawn = list(pool.map(draw, enumerate(COMMANDS)))
    assert len(drawn) > 40
    for command, path, done in drawn:
        if path.suffix == ".html":
            refused(done, "page")
            assert not path.exists()
        else:
            assert done.returncode == 0, (command.line, done.stderr)
            assert path.stat().st_size > 0, command.line


@pytest.mark.parametrize(
    ("extra", "arguments"),
    [
        ("watch", ["watch", "figures.yaml"]),
        ("cluster", ["batch", "figures.yaml", "--scheduler", "tcp://127.0.0.1:1"]),
    ],
)
def test_a_command_that_needs_an_extra_names_it(extra, arguments, installed, tmp_path):
    """In one line, and nothing is drawn."""
    (tmp_path / "figures.yaml").write_text(FIGURES)
    refused(installed(tmp_path, *arguments), extra)
    assert [path.name for path in tmp_path.iterdir()] == ["figures.yaml"]


def refused(done, extra):
    """Check that a command ended with one line that says how to get an extra."""
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert f"gradviz[{extra}]" in line
