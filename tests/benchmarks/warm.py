"""What a figure costs in a process that has drawn others; `processes.warm` runs this file.

The current folder has the pictures `NAME.png` that gradviz drew, whose specs are drawn again, and the cache
their programs.
"""

from __future__ import annotations

import json
import runpy
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import bare
import matplotlib as mpl
import processes

import gradviz
from gradviz.output.metadata import described_scene, encode
from gradviz.process import use_program_cache
from gradviz.specs import Spec


def ours(spec: Spec) -> bytes:
    """Return a picture as gradviz makes it: sampled, composed, drawn and encoded."""
    return encode(described_scene(spec), spec, "png").content


def by_hand(name: str) -> Callable[[], object]:
    """Return the function that draws a picture by hand, and writes or returns it as PNG."""
    if name == "quiver":
        return partial(runpy.run_path, str(processes.HERE / "bare_quiver.py"))
    return partial(bare.png, name)


def seconds(call: Callable[[], object]) -> float:
    """Return the seconds of the processor of one call."""
    begin = time.process_time()
    call()
    return time.process_time() - begin


def compared(name: str, runs: int) -> tuple[float, float]:
    """Return the medians of the seconds of a picture, ours and by hand, in turn."""
    pair = partial(ours, gradviz.load(f"{name}.png")), by_hand(name)
    times = [tuple(map(seconds, pair)) for _ in range(runs + 1)][1:]
    first, second = map(statistics.median, zip(*times, strict=True))
    return first, second


def main(runs: str) -> None:
    """Print the seconds of all pictures as JSON."""
    use_program_cache(on=True)
    mpl.rcParams.update(bare.SETTINGS)
    sys.stdout.write(json.dumps({name: compared(name, int(runs)) for name in processes.COMMANDS}))


if __name__ == "__main__":
    main(*sys.argv[1:])
