"""Each bar of speed beside its counterpart, in one run: `just bench` writes docs/speed.md.

`bench.py --quick` measures each once, with few figures and points, and writes no page.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import animation
import growth
import kernel
import matplotlib as mpl
import numpy as np
import processes
import proofs
import sympy

PAGE = Path(__file__).parents[2] / "docs" / "speed.md"
_MIB = 1 << 20
_LOOP = "the book's loop over points"
_SCRIPT = "the script by hand"


class Load(NamedTuple):
    """How much is measured: runs in turn, figures of a batch, sides of meshes, and what grows."""

    runs: int
    figures: int
    sides: tuple[int, ...]
    large: tuple[int, int]
    growing_figures: tuple[int, ...]
    growing_sides: tuple[int, ...]
    proofs: int


FULL = Load(7, 200, (18, 200, 1000), (2000, 4000), (1, 10, 100, 1000), (100, 316, 1000, 2000, 4000), 99)
QUICK = Load(1, 4, (18, 20, 100), (200, 400), (1, 4), (100, 316), 1)


class Bar(NamedTuple):
    """A measured ratio and what it has to be: at least, or at most; None for what has no bar."""

    what: str
    beside: str
    measured: float
    bar: float | None
    figures: str
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the bar is reached."""
        if self.bar is None:
            return True
        return self.measured >= self.bar if self.at_least else self.measured <= self.bar

    def row(self) -> str:
        """Return a line of a table."""
        wanted = "" if self.bar is None else f"{'at least' if self.at_least else 'at most'} {self.bar:,g}"
        measured = f"{self.measured:,.0f}" if self.measured >= 10 else f"{self.measured:.2f}"
        return f"| {self.what} | {self.beside} | {measured} | {wanted} | {self.figures} |"


def _ratio(what: str, beside: str, pair: processes.Pair, bar: float | None) -> Bar:
    ours, theirs = pair
    return Bar(what, beside, ours / theirs, bar, f"{ours:.2f} s, {theirs:.2f} s")


def bars(load: Load) -> Iterator[Bar]:
    """Measure and yield each bar."""
    yield from _processes(load.runs)
    yield from _warm(load.runs)
    yield from _batch(load.figures)
    yield from _kernels(load.sides, load.runs)
    yield from _memory(*load.large)
    yield _ratio(
        "a GIF of 60 frames", "the figure drawn anew for each", animation.compared(min(load.runs, 3)), 0.04
    )
    for name in processes.PEERS:
        pair = processes.peer(name, load.runs)
        if pair is not None:
            yield _ratio(f"{_shown(name)}, a new expression", "SymPy's plotting", pair, None)


def _shown(name: str) -> str:
    """Return the command of a picture as code."""
    words = (f'"{word}"' if "*" in word else word for word in processes.COMMANDS[name])
    return f"`gradviz {' '.join(words)}`"


def _processes(runs: int) -> Iterator[Bar]:
    quiver, *others = (name for name in processes.COMMANDS if name != "wireframe")
    yield _ratio(f"{_shown(quiver)}, drawn before", _SCRIPT, processes.repeated(quiver, runs), 0.9)
    yield _ratio("the same, a new expression", f"{_SCRIPT} and `import sympy`", processes.new(runs), 0.92)
    for name in others:
        yield _ratio(f"{_shown(name)}, drawn before", _SCRIPT, processes.repeated(name, runs), 0.95)
    for command, most in (((), 1.2), (("quiver",), 1.5)):
        text = " ".join(("gradviz", *command, "--help"))
        yield _ratio(f"`{text}`", "`import numpy`", processes.helping(command, runs), most)
    yield _ratio(
        "`gradviz grad` of a known formula", "`import numpy` and the derivative written in",
        processes.numbers(runs), 2.4,
    )  # fmt: skip


def _warm(runs: int) -> Iterator[Bar]:
    pairs = processes.warm(runs)
    boxes = {name: ours / theirs for name, (ours, theirs) in pairs.items() if name in processes.BOXES}
    flat = {name: ours / theirs for name, (ours, theirs) in pairs.items() if name not in processes.BOXES}
    for what, found, most in (("flat kinds", flat, 0.5), ("kinds in 3-D", boxes, 0.8)):
        figures = ", ".join(f"{name} {ratio:.2f}" for name, ratio in found.items())
        mean = statistics.mean(found.values())
        yield Bar(
            f"a figure in a warm process, mean of the {what}", "its drawing by hand", mean, most, figures
        )


def _batch(figures: int) -> Iterator[Bar]:
    new, repeated, unchanged = processes.batch(figures, (), ("--redraw-all",), ())
    by_hand, cores = processes.loop(figures), os.cpu_count() or 1
    most = 0.56 / cores
    beside = "a plain loop over drawings by hand"
    clock = f"{new:.1f} s, {by_hand:.1f} s by the clock, {cores} cores"
    what = f"`gradviz batch` of {figures} small figures, new expressions"
    yield Bar(what, beside, new / by_hand, most, clock)
    clock = f"{repeated:.1f} s by the clock; when nothing changes {unchanged:.2f} s"
    yield Bar("the same, drawn before", beside, repeated / by_hand, most, clock)


def _kernels(sides: Sequence[int], runs: int) -> Iterator[Bar]:
    median = "median of eight functions"
    for side, least in zip(sides, (45, 330, 400), strict=True):
        ratio = kernel.median_ratio(side, "central", runs)
        yield Bar(
            f"central differences at {side} x {side} points", _LOOP, ratio, least, median, at_least=True
        )
    side = sides[-1]
    memory = kernel.central_memory(side)
    yield Bar(f"the same: memory at {side} x {side}", "one array of N doubles", memory, 2.2, "at the peak")
    ratio = kernel.median_ratio(sides[1], "exact", runs)
    what = f"exact gradient at {sides[1]} x {sides[1]} points"
    yield Bar(what, _LOOP, ratio, 1150, median, at_least=True)


def _memory(side: int, large_side: int) -> Iterator[Bar]:
    ours, by_hand = kernel.contour_costs(side)
    figures = f"{ours.bytes / _MIB:.0f} MiB, {by_hand.bytes / _MIB:.0f} MiB"
    figures += f"; {ours.seconds:.1f} s, {by_hand.seconds:.1f} s"
    yield Bar(f"`contour -n {side}`: peak memory", _SCRIPT, ours.bytes / by_hand.bytes, 1.3, figures)
    large, _ = kernel.contour_costs(large_side)
    what = f"`contour -n {large_side}`: peak memory"
    yield Bar(what, "2 GiB", large.bytes / (2 << 30), 0.35, f"{large.seconds:.1f} s")


def tables(load: Load) -> Iterator[str]:
    """Measure and yield the lines of the other tables, with their heads."""
    for head, lines in (
        (growth.FIGURES, growth.figures(load.growing_figures)),
        (growth.POINTS, growth.points(load.growing_sides)),
        (growth.VARIABLES, growth.variables(range(2, 7))),
        (proofs.HEAD, proofs.rows(load.proofs)),
    ):
        yield head
        yield from (f"{line}\n" for line in lines)


HEAD = """# Speed

Written by `just bench`: each bar beside its counterpart, measured in one run on one machine. Ratios count.
Times are seconds of the processor, medians of runs in turn, unless they are said to be the clock's.

Python {python}, NumPy {numpy}, Matplotlib {matplotlib}, SymPy {sympy}, {cores} cores.

| what | beside | ratio | bar | |
|---|---|---|---|---|
"""


def main(arguments: Sequence[str]) -> int:
    """Measure all bars, print them as they come, and write the page. Return 1 if one is missed."""
    is_quick = "--quick" in arguments
    load = QUICK if is_quick else FULL
    page = HEAD.format(
        python=platform.python_version(), numpy=np.__version__, matplotlib=mpl.__version__,
        sympy=sympy.__version__, cores=os.cpu_count(),
    )  # fmt: skip
    missed = 0
    for bar in bars(load):
        sys.stdout.write(f"{'  ' if bar.holds else 'x '}{bar.row()}\n")
        sys.stdout.flush()
        page += f"{bar.row()}\n"
        missed += not bar.holds
    page += NOTES
    for line in tables(load):
        sys.stdout.write(line)
        sys.stdout.flush()
        page += line
    if is_quick:
        return 0
    PAGE.write_text(page, encoding="utf-8")
    return 1 if missed else 0


NOTES = """
- The scripts by hand draw the same pictures with Matplotlib and its constrained layout, with all numbers
  written in: [bare_quiver.py](../tests/benchmarks/bare_quiver.py) and, for the other kinds,
  [bare.py](../tests/benchmarks/bare.py). "Drawn before" means that the compiled expression and its typeset
  formula are kept on disk, so that SymPy is not imported.
- In a warm process, gradviz goes from a spec to the bytes of a PNG (sampled, composed, drawn, encoded), its
  formula compiled; the drawing by hand is the part of the script behind its imports. The mean is that of the
  ratios.
- The loop over points is the book's: one point at a time, f evaluated at x + h and x - h for each coordinate.
  The eight functions are those of [kernel.py](../tests/benchmarks/kernel.py).
- The plain loop over small figures is one process that draws and saves them by hand, one after the other.
- The naive animation draws the whole figure for each frame, and each frame gets a palette of its own.
- SymPy's plotting draws the same function at as many points in its own style. spb
  (SymPy Plotting Backends) and gnuplot are not measured.

## Bars that are missed, and why

- Figures in a warm process and batches are at their bars but for a few percent. Of a warm quiver, ticks of
  Matplotlib are a quarter, drawing with Agg a third, PNG a sixteenth and all that gradviz computes an eighth.
- Central differences at 18 x 18 points take 76 us, of which array operations at 1,620 nodes are half; the
  rest is Python. At 1000 x 1000 the result takes two arrays and a block of 65,536 nodes the rest: with blocks
  of 49,152 nodes memory is 2.20 arrays, and the speed 6 % lower.
- Of 60 frames, the palette is a fifth, drawing paths and the number of the step a half. What changes is drawn
  on the whole canvas; a bar of 0.04 needs a canvas of the changed part alone.
"""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
