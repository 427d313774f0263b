"""Make docs/book.md and the pictures of README and docs: each picture with the command that draws it."""

from __future__ import annotations

from pathlib import Path

import gradviz
from gradviz.cli.options import command_line
from gradviz.figures import Spec
from gradviz.presets import load_presets

DOCS = Path(__file__).parent
HEAD = """\
# The book's figures

The figures of chapters 4 and 6 of a well-known textbook on deep learning. `gradviz batch book --out-dir out`
draws all of them; each is also one command. `--style book` gives them the book's looks.

This page is made by `just docs`.
"""


def section(name: str, spec: Spec) -> str:
    """Return the part of the page that shows one figure."""
    command = command_line(spec, f"{name}.png")
    return f"## {name}\n\n```sh\n{command}\n```\n\n![{spec.expression}](pictures/{name}.png)\n"


def main() -> None:
    """Draw the pictures and write the page."""
    pictures = DOCS / "pictures"
    pictures.mkdir(exist_ok=True)
    gradviz.save(gradviz.Quiver(expression="x0*x1", dpi=100), pictures / "quiver.png")
    book = load_presets(["book"])
    for name, spec in book.items():
        gradviz.save(type(spec)(**{**spec.to_dict(), "dpi": 72}), pictures / f"{name}.png")
    growing = {**book["f19-optimizers"].to_dict(), "dpi": 72, "animate": True}
    gradviz.save(gradviz.Descent(**growing), pictures / "f19-optimizers.gif")
    page = [HEAD, *(section(name, spec) for name, spec in book.items())]
    (DOCS / "book.md").write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
