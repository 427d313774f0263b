"""Pictures as PNG, SVG, PDF and GIF, each with its spec inside, from which it can be drawn again.

Equal specs give equal bytes on one machine: no date is written, and SVG's identifiers have a fixed salt.
"""

from __future__ import annotations

import html
import io
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradviz import __version__
from gradviz.errors import GradvizError, OutputError, RequestError, did_you_mean, visible
from gradviz.expression.reading import is_function_of_file
from gradviz.figures import Spec, spec_from
from gradviz.files import check_target, read_bounded, write_whole
from gradviz.limits import DATA_BYTES, METADATA_CHARACTERS

if TYPE_CHECKING:
    from gradviz.rendering import Picture

FORMATS = ("png", "svg", "pdf")
MOVING = "gif"  # the format of a picture that moves, and of no other
_PDF_KEYWORDS = re.compile(rb"/Keywords \(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_SVG_SOURCE = re.compile(r"<dc:source>(.*?)</dc:source>", re.DOTALL)


def save(spec: Spec, path: str | Path, *, force: bool = False) -> Path:
    """Draw a spec into a file whose suffix is the format (png, svg, pdf or gif), and return the file's path.

    In a GIF the picture moves, whether or not the spec says so. A picture that gradviz made is replaced; any
    other file only with `force`. Raises RequestError for another suffix, and OutputError if the file cannot
    be written; what was there is then still there.
    """
    from gradviz.rendering import render

    path = Path(path)
    form = format_of(path)
    spec = shown_in(spec, form)
    target = check_target(path, is_ours, force=force)
    write_whole(target, encode(render(spec), spec, form))
    return path


def load(path: str | Path, *, run_files: bool = False) -> Spec:
    """Return the spec inside a picture that gradviz made.

    To draw a spec whose expression is `FILE.py:NAME` runs that file, which a picture of somebody else's shall
    not bring about: such a spec is returned only with `run_files`. Raises OutputError if the file cannot be
    read or holds no spec, and RequestError if the spec is not valid:
    what a file says is as foreign as any other text.
    """
    text = _remembered(read_bounded(Path(path), DATA_BYTES))
    shown = visible(str(path), 200)
    if text is None:
        raise OutputError(f"{shown} holds no spec; gradviz did not make it, or another program saved it anew")
    try:
        found = json.loads(text)["spec"] if len(text) <= METADATA_CHARACTERS else None
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if not isinstance(found, Mapping):
        raise RequestError(f"what {shown} holds in the place of a spec cannot be read")
    spec = spec_from(dict(found))
    if is_function_of_file(spec.expression) and not run_files:
        raise RequestError(f"{shown} would run {visible(spec.expression, 100)}; --run-files allows it")
    return spec


def is_ours(path: Path) -> bool:
    """Tell whether a file is a picture that gradviz made."""
    try:
        return _remembered(read_bounded(path, DATA_BYTES)) is not None
    except GradvizError:
        return False


def is_up_to_date(path: Path, spec: Spec) -> bool:
    """Tell whether a file is the picture of a spec, drawn by this version; if files go into it, none is."""
    if spec.files:
        return False  # they may have changed, and what they import
    try:
        return not path.is_symlink() and _remembered(read_bounded(path, DATA_BYTES)) == _memory(spec)
    except GradvizError:
        return False


def format_of(path: Path) -> str:
    """Return the format that a suffix stands for. Raises RequestError."""
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in (*FORMATS, MOVING):
        hint = did_you_mean(suffix, FORMATS) or f"write .{', .'.join(FORMATS)}"
        raise RequestError(
            f"{visible(str(path), 200)}: the suffix is the format, and '{visible(suffix)}' is none; {hint}"
        )
    return suffix


def usual_format(spec: Spec, still: str = FORMATS[0]) -> str:
    """Return the format of a picture whose file nobody has named."""
    return MOVING if spec.frame_rate else still


def shown_in(spec: Spec, form: str) -> Spec:
    """Return the spec of a picture in a format, which says that it moves if that is the format for it.

    Raises RequestError for what moves in another format, and for what cannot move in that one.
    """
    if bool(spec.frame_rate) == (form == MOVING):
        return spec
    if spec.frame_rate:
        raise RequestError(
            f"the picture moves (animate) and is a .{MOVING}, no .{form}; change that, or leave out animate"
        )
    moving = spec.moving()
    if moving is None:
        stills = f".{', .'.join(FORMATS)}"
        raise RequestError(f"a {spec.kind} figure does not move and is no .{MOVING}; write {stills}")
    return moving


def encode(figure: Picture, spec: Spec, form: str, advance: Callable[[], object] = lambda: None) -> bytes:
    """Return a figure in a format, with its spec inside; `advance` is called each time a frame is done."""
    memory = _memory(spec)
    if form == MOVING and spec.frame_rate:
        from gradviz.output.animation import grown

        return grown(figure, memory, spec.frame_rate, advance)
    metadata: dict[str, dict[str, Any]] = {
        "png": {"Software": f"gradviz {__version__}", "gradviz": memory},
        "svg": {"Creator": f"gradviz {__version__}", "Date": None, "Source": memory},
        "pdf": {
            "Creator": f"gradviz {__version__}",
            "Producer": None,
            "CreationDate": None,
            "Keywords": memory,
        },
    }
    buffer = io.BytesIO()
    with _undated():
        figure.savefig(buffer, format=form, metadata=metadata[form], dpi=spec.dpi)
    return buffer.getvalue()


@contextmanager
def _undated() -> Iterator[None]:
    """Hide the date of a build, which Matplotlib reads, and fails over where it is no number."""
    date = os.environ.pop("SOURCE_DATE_EPOCH", None)
    try:
        yield
    finally:
        if date is not None:
            os.environ["SOURCE_DATE_EPOCH"] = date


def _memory(spec: Spec) -> str:
    return json.dumps({"gradviz": __version__, "spec": spec.to_dict()}, sort_keys=True, allow_nan=False)


def _remembered(content: bytes) -> str | None:
    """Return the text that gradviz left in a picture, or None if there is none."""
    if content.startswith(b"\x89PNG"):
        return _png_text(content)
    if content.startswith((b"GIF87a", b"GIF89a")):
        return _gif_text(content)
    if content.startswith(b"%PDF"):
        match = _PDF_KEYWORDS.search(content)
        return _pdf_text(match[1]) if match else None
    if content.startswith(b"<?xml"):
        source = _SVG_SOURCE.search(content.decode("utf-8", "replace"))
        return _ours(html.unescape(source[1]) if source else None)
    return None


def _ours(text: str | None) -> str | None:
    """Return a text if it is one that gradviz wrote, and not another program's in the same place."""
    return text if text is not None and text.startswith('{"gradviz"') else None


def _png_text(content: bytes) -> str | None:
    from PIL import PngImagePlugin

    try:
        with PngImagePlugin.PngImageFile(io.BytesIO(content)) as image:
            text = image.info.get("gradviz")
    except (OSError, SyntaxError, ValueError):
        return None
    return str(text) if text is not None else None


def _gif_text(content: bytes) -> str | None:
    """Return the comment of ours before the frames of a GIF, which are not looked at."""
    flags = content[10] if len(content) > 10 else 0
    place = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)  # behind the head and the palette
    while (label := content[place : place + 2]).startswith(b"!"):
        place += 2
        blocks = []
        while size := int.from_bytes(content[place : place + 1]):
            blocks.append(content[place + 1 : place + 1 + size])
            place += 1 + size
        place += 1
        text = b"".join(blocks).decode("ascii", "replace")
        if label == b"!\xfe" and _ours(text):
            return text
    return None


def _pdf_text(literal: bytes) -> str | None:
    r"""Return the text of a PDF string, in which ( ) and \ are escaped."""
    plain = re.sub(rb"\\(.)", lambda match: {b"n": b"\n", b"r": b"\r"}.get(match[1], match[1]), literal)
    return _ours(plain.decode("ascii", "replace"))
