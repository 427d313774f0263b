"""What stands in the pages of docs and in README: commands, the files they read, and what they give.

`make.py` runs the commands and puts what they give into the pages; the tests run them and compare. Of the
blocks between fences,

- `sh` has commands, of which those that begin with `gradviz` or `python` are run, in a folder of the page;
- `console` has one command behind `$`, and what it prints;
- `python` right after `sh` is what the last command there writes, if that is a script;
- any other whose first line is `# NAME` is a file that the commands find in their folder.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
PAGES = (
    "README.md",
    *(
        f"docs/{name}.md"
        for name in (
            "first-picture",
            "expressions",
            "gallery",
            "optimizers",
            "presets",
            "own-function",
            "proofs",
        )
    ),
)
KINDS = ("tangent", "surface", "contour", "quiver", "stream", "descent", "pairs", "steps")
STILLS = (".png", ".svg", ".pdf", ".gif")
"""The suffixes of pictures that have a resolution and can stand in a page."""
AROUND = {"page.png": "turning.html", "terminal.png": "shown.png"}
"""Pictures of a picture in a browser or a terminal, which have no spec, and what is seen there."""

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# (\w[\w-]*\.\w+)\n")
_LINK = re.compile(r"""(?:\]\(|src=")(?:docs/)?pictures/([\w.-]+)""")


class Command(NamedTuple):
    """A command of a page."""

    line: str
    shown: str | None = None
    """What the page says that it prints, where it says so."""

    @property
    def words(self) -> list[str]:
        """The command as the shell passes it."""
        return shlex.split(self.line)

    @property
    def output(self) -> str | None:
        """The name of the file that is drawn, None if there is none."""
        words, kind = self.words, self.words[1]
        return words[words.index("-o") + 1] if "-o" in words else f"{kind}.png" if kind in KINDS else None

    def with_dpi(self, dpi: int) -> list[str]:
        """Return the words of the command, with this resolution if it draws a picture and says none."""
        words, kind = self.words, self.words[1]
        if "--dpi" in words or not (self.output or "").endswith(STILLS):
            return words
        given = ["--dpi", str(dpi)] if kind in KINDS else ["--with", f"dpi={dpi}"]
        return [*words[:2], *given, *words[2:]]


class Page(NamedTuple):
    """A page."""

    name: str
    text: str

    @property
    def commands(self) -> list[Command]:
        """Its commands, in order."""
        return [command for language, text in self._blocks() for command in _commands(language, text)]

    @property
    def files(self) -> dict[str, str]:
        """The files that its commands read."""
        texts = [text for language, text in self._blocks() if language not in {"sh", "console"}]
        return {found[1]: text for text in texts if (found := _FILE.match(text))}

    @property
    def scripts(self) -> dict[str, str]:
        """The scripts that its commands write and that it shows."""
        found = {}
        for (before, commands), (language, text) in pairwise(self._blocks()):
            last = [*_commands(before, commands)][-1:]
            if language == "python" and last and (last[0].output or "").endswith(".py"):
                found[str(last[0].output)] = text
        return found

    @property
    def pictures(self) -> list[str]:
        """The names of the pictures that it shows, in order."""
        return _LINK.findall(self.text)

    def prepare(self, folder: Path) -> None:
        """Put the files that the commands read into their folder."""
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")

    def _blocks(self) -> Iterator[tuple[str, str]]:
        return ((found[1], found[2]) for found in _BLOCK.finditer(self.text))


def _commands(language: str, text: str) -> Iterator[Command]:
    """Return the commands of a block that can be run."""
    if language == "console":
        line, _, shown = text.partition("\n")
        yield Command(line.removeprefix("$ "), shown)
    elif language == "sh":
        for line in text.replace("\\\n", " ").splitlines():
            if line.startswith(("gradviz ", "python ")):
                yield Command(line)


def read(name: str) -> Page:
    """Read a page, given by its path from the top."""
    return Page(name, (ROOT / name).read_text(encoding="utf-8"))
