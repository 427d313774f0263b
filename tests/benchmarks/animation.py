"""What a moving picture costs beside the plain way to make one; run this file for the ratio."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable

from PIL import Image

import gradviz
from gradviz.output.mpl.animation import animation, frame_steps
from gradviz.output.mpl.picture import Picture

SPEC = gradviz.Descent(
    expression="x**2/20 + y**2",
    start=[-7, 2],
    range=(-10, 10),
    optimizers=["sgd,learning_rate=0.95", "momentum,learning_rate=0.1"],
    steps=59,
    animate=True,
)
RATE = 10  # frames a second


def ours(picture: Picture) -> bytes:
    """Return the GIF of 60 frames as gradviz makes it."""
    return animation(picture, (), RATE, advance=lambda: None)


def naive(picture: Picture) -> bytes:
    """Return a GIF of the same frames, each drawn as a whole and with a palette of its own."""
    frames = []
    for step in frame_steps(picture.scene):
        for growing in picture.growing:
            growing.show(step)
        picture.canvas.draw()
        frames.append(
            Image.frombuffer("RGBA", picture.canvas.get_width_height(), picture.canvas.buffer_rgba())
        )
        frames[-1] = frames[-1].convert("RGB")
    buffer = io.BytesIO()
    frames[0].save(buffer, "gif", save_all=True, append_images=frames[1:], duration=1000 / RATE, loop=0)
    return buffer.getvalue()


def seconds(make: Callable[[Picture], bytes]) -> float:
    """Return the seconds of the processor that it takes to make the GIF of a picture that is rendered."""
    picture = gradviz.render(SPEC)
    begin = time.process_time()
    make(picture)
    return time.process_time() - begin


def compared(runs: int = 3) -> tuple[float, float]:
    """Return the seconds of both, the least of some runs."""
    seconds(ours)  # so that fonts are loaded
    grown, drawn_anew = (min(seconds(make) for _ in range(runs)) for make in (ours, naive))
    return grown, drawn_anew


def main() -> None:
    """Print the seconds of both and their ratio."""
    grown, drawn_anew = compared()
    sys.stdout.write(f"ours {grown:.2f} s, naive {drawn_anew:.2f} s, ratio {grown / drawn_anew:.2f}\n")


if __name__ == "__main__":
    main()
