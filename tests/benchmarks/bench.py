"""Every bar of speed beside its counterpart, in one run: `just bench` writes docs/speed.md."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import animation
import kernel
import matplotlib as mpl
import numpy as np
import processes
import proofs
import sympy

PAGE = Path(__file__).parents[2] / "docs" / "speed.md"
_MIB = 1 << 20


class Bar(NamedTuple):
    """A measured ratio and what it has to be: at least, or at most."""

    what: str
    beside: str
    measured: float
    bar: float
    at_least: bool
    figures: str

    @property
    def holds(self) -> bool:
        """Whether the bar is reached."""
        return self.measured >= self.bar if self.at_least else self.measured <= self.bar

    def row(self) -> str:
        """Return a line of a table."""
        wanted = f"{'at least' if self.at_least else 'at most'} {self.bar:g}"
        measured = f"{self.measured:.0f}" if self.measured >= 10 else f"{self.measured:.2f}"
        return f"| {self.what} | {self.beside} | {measured} | {wanted} | {self.figures} |"


def bars() -> Iterator[Bar]:
    """Measure and yield each bar."""
    for what, beside, compared, most in (
        (
            '`gradviz quiver "x0*x1"`, drawn before',
            "a script with the function written in",
            processes.repeated,
            1.3,
        ),
        ("the same with a new expression", "that script and `import sympy`", processes.new, 1.3),
        ("`gradviz --help`", '`python -c "import numpy"`', processes.helping, 2.0),
    ):
        ours, theirs = compared()
        yield Bar(what, beside, ours / theirs, most, False, f"{ours:.2f} s, {theirs:.2f} s")
    loop = "the book's loop over points"
    for count, least in ((18, 40), (200, 180), (1000, 140)):
        what = f"central differences at {count} x {count} points"
        yield Bar(what, loop, kernel.median_ratio(count, "central"), least, True, "median of eight functions")
    memory = kernel.central_memory(1000)
    yield Bar("the same: memory at 1000 x 1000", "one array of N doubles", memory, 3, False, "at the peak")
    exact = kernel.median_ratio(200, "exact")
    yield Bar("exact gradient at 200 x 200 points", loop, exact, 1000, True, "median of eight functions")
    ours, loop_seconds, again = processes.batch()
    cores = os.cpu_count() or 1
    figures = f"{ours:.1f} s, {loop_seconds:.1f} s by the clock, {cores} cores; a second batch {again:.1f} s"
    yield Bar(
        "`gradviz batch` of 200 small figures",
        "a plain loop",
        ours / loop_seconds,
        1.3 / cores,
        False,
        figures,
    )
    contour, by_hand = kernel.contour_costs(2000)
    figures = f"{contour.bytes / _MIB:.0f} MiB, {by_hand.bytes / _MIB:.0f} MiB"
    figures += f"; {contour.seconds:.1f} s, {by_hand.seconds:.1f} s"
    yield Bar(
        "`contour -n 2000`: peak memory",
        "a script by hand",
        contour.bytes / by_hand.bytes,
        1.5,
        False,
        figures,
    )
    large, _ = kernel.contour_costs(4000)
    yield Bar(
        "`contour -n 4000`: peak memory", "2 GiB", large.bytes / (2 << 30), 1, False, f"{large.seconds:.1f} s"
    )
    grown, naive = animation.compared()
    yield Bar(
        "a GIF of 60 frames",
        "the figure drawn anew for each",
        grown / naive,
        0.5,
        False,
        f"{grown:.2f} s, {naive:.2f} s",
    )


HEAD = """# Speed

Written by `just bench`: each bar beside its counterpart, measured in one run on one machine. Ratios count.
Times are seconds of the processor, medians of runs in turn, unless they are said to be the clock's.

Python {python}, NumPy {numpy}, Matplotlib {matplotlib}, SymPy {sympy}, {cores} cores.

| what | beside | ratio | bar | |
|---|---|---|---|---|
"""


def main() -> int:
    """Measure all bars, print them as they come, and write the page. Return 1 if one is missed."""
    page = HEAD.format(
        python=platform.python_version(), numpy=np.__version__, matplotlib=mpl.__version__,
        sympy=sympy.__version__, cores=os.cpu_count(),
    )  # fmt: skip
    missed = 0
    for bar in bars():
        sys.stdout.write(f"{'  ' if bar.holds else 'x '}{bar.row()}\n")
        sys.stdout.flush()
        page += f"{bar.row()}\n"
        missed += not bar.holds
    page += NOTES + proofs.HEAD + "".join(f"{row}\n" for row in proofs.rows())
    PAGE.write_text(page, encoding="utf-8")
    return 1 if missed else 0


NOTES = """
- The script that a whole process is compared with is [bare_quiver.py](../tests/benchmarks/bare_quiver.py):
  the same artists in the same look. "Drawn before" means that the compiled expression is kept on disk, so
  that SymPy is not imported.
- The loop over points is the book's: one point at a time, f evaluated at x + h and x - h for each coordinate.
  The eight functions are those of [kernel.py](../tests/benchmarks/kernel.py).
- The plain loop over 200 figures is one process that renders and saves them one after the other.
- The naive animation draws the whole figure for each frame, and each frame gets a palette of its own.
"""

if __name__ == "__main__":
    sys.exit(main())
