"""Make the pictures of README and docs, docs/book.md, and what the pages say that commands print or write."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pages import AROUND, PAGES, PICTURES, ROOT, Command, Page, read
from screens import browser, terminal

from gradviz.cli import main as gradviz
from gradviz.cli.options import command_line
from gradviz.presets import load_presets
from gradviz.specs import Spec

DPI = 72  # of a picture in a page
HEAD = """\
# The book's figures

The figures of chapters 4 and 6 of a well-known textbook on deep learning. `gradviz batch book --out-dir out`
draws all of them; each is also one command. `--style book` gives them the book's looks.

This page is made by `just docs`.
"""


def section(name: str, spec: Spec) -> str:
    """Return the part of the book's page that shows one figure."""
    command = command_line(spec, f"{name}.png")
    return f"## {name}\n\n```sh\n{command}\n```\n\n![{spec.expression}](pictures/{name}.png)\n"


def book() -> Page:
    """Write the page of the book's figures."""
    sections = [section(name, spec) for name, spec in load_presets(["book"]).items()]
    (ROOT / "docs" / "book.md").write_text("\n".join([HEAD, *sections]), encoding="utf-8")
    return read("docs/book.md")


def make(page: Page) -> None:
    """Run the commands of a page, keep the pictures that it shows, and bring its text up to date."""
    text = page.text
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page.prepare(folder)
        for command in page.commands:
            printed = run(command, folder)
            if command.shown is not None:
                text = text.replace(
                    f"$ {command.line}\n{command.shown}```", f"$ {command.line}\n{printed}```"
                )
            if command.output in page.pictures:
                shutil.copy(folder / command.output, PICTURES)
            for seen, file in AROUND.items():
                if command.output == file and seen in page.pictures:
                    look(command, folder, seen)
        for script, before in page.scripts.items():
            text = text.replace(f"\n{before}```", f"\n{(folder / script).read_text(encoding='utf-8')}```")
    (ROOT / page.name).write_text(text, encoding="utf-8")


def look(command: Command, folder: Path, seen: str) -> None:
    """Make the picture of a terminal or a browser that shows what a command drew."""
    if seen == "terminal.png":
        terminal(command.line, folder, PICTURES / seen)
    elif not browser(folder / str(command.output), PICTURES / seen):
        print("there is no browser:", seen, "stays as it is")  # noqa: T201 - what is left to do


def run(command: Command, folder: Path) -> str:
    """Return what a command prints; a picture has fewer dots than usual."""
    program, *arguments = command.with_dpi(DPI)
    if program == "python":
        subprocess.run([sys.executable, "-P", *arguments], cwd=folder, check=True)  # noqa: S603 - our own pages
        return ""
    printed, said = io.BytesIO(), io.StringIO()
    out = io.TextIOWrapper(printed, encoding="utf-8", write_through=True)
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
        code = gradviz(arguments)
    if command.shown is None and (code or said.getvalue()):
        print(command.line, said.getvalue(), sep="\n", end="")  # noqa: T201 - what to mend, and notes
    return printed.getvalue().decode()


def main() -> None:
    """Draw all pictures anew, and drop those that no page shows."""
    pages = [book(), *map(read, PAGES)]
    PICTURES.mkdir(exist_ok=True)
    for page in pages:
        make(page)
    shown = {name for page in pages for name in page.pictures}
    for path in PICTURES.iterdir():
        if path.name not in shown:
            path.unlink()


if __name__ == "__main__":
    main()
