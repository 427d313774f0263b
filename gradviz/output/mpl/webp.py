"""Pictures as WebP, still or moving: without loss of colours, but for a box that turns."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

from PIL import Image

from gradviz.errors import Ref, RequestError
from gradviz.limits import FRAMES
from gradviz.output.formats import Encoded, refuse_pixels
from gradviz.output.mpl.animation import Frame, frame_steps, frame_times, frames, turns
from gradviz.output.mpl.picture import picture_of
from gradviz.output.mpl.types import Keywords
from gradviz.scene.scene import Frames, Scene

_MAX_SIDE = 16_383  # pixels, of the format
_STILL: Keywords = {"lossless": True, "quality": 60, "method": 3}  # more effort: twice the time, 5 % less
_GROWING: Keywords = {"lossless": True, "quality": 30, "method": 2, "kmin": FRAMES, "kmax": FRAMES + 1}
_TURNING: Keywords = {"quality": 80, "method": 4}  # all pixels change: a quarter of the bytes without loss


def webp(scene: Scene | Frames, xmp: bytes, advance: Callable[[], object]) -> Encoded:
    """Return the picture of a scene, or its frames, as WebP with metadata (XMP).

    `advance` is called after each frame. Raises RequestError if a side is too long, or the frames have too
    many pixels in all.
    """
    picture = picture_of(scene)
    width, height = picture.canvas.get_width_height()
    if max(width, height) > _MAX_SIDE:
        problem = f"a .webp has at most {_MAX_SIDE:,} pixels along a side, got {width:,} x {height:,}; lower "
        raise RequestError(problem, Ref("dpi"), " or ", Ref("size"), ", or write a .png")
    buffer = io.BytesIO()
    if scene.rate is None:
        _image(picture.pixels()).save(buffer, "webp", xmp=xmp, **_STILL)
        advance()
    else:
        steps = frame_steps(scene)
        refuse_pixels(len(steps), width, height)
        times = [10 * time for time in frame_times(picture, len(steps), scene.rate)]
        moving = _Moving(frames(picture, steps), len(steps), advance)
        look = _TURNING if turns(picture) else _GROWING
        moving.save(buffer, "webp", save_all=True, loop=0, xmp=xmp, duration=times, **look)
    return Encoded(buffer.getvalue(), picture.warnings)


def _image(pixels: Frame) -> Image.Image:
    """Return pixels as an image, without their opacity if it is full."""
    image = Image.fromarray(pixels)
    return image.convert("RGB") if pixels[..., 3].min() == 255 else image


class _Moving(Image.Image):
    """Frames as an image that Pillow reads one after the other; none but the last is kept."""

    def __init__(self, coming: Iterator[Frame], count: int, advance: Callable[[], object]) -> None:
        super().__init__()
        self.n_frames = count
        self._coming, self._advance, self._shown = coming, advance, -1
        self.seek(0)

    def seek(self, frame: int) -> None:
        """Load the next frame; going back, as Pillow does at the end, changes nothing."""
        if frame > self._shown:
            image = _image(next(self._coming))
            self.im, self._mode, self._size = image.im, image.mode, image.size
            self._shown = frame
            self._advance()
