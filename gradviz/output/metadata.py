"""Pictures as files, each with its spec inside, from which it can be drawn again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradviz._version import __version__
from gradviz.errors import Argument, GradvizError, OutputError, Ref, RequestError, did_you_mean, visible
from gradviz.files import check_target, read_bounded, write_whole
from gradviz.language.reading import is_function_of_file
from gradviz.limits import DATA_BYTES, METADATA_CHARACTERS
from gradviz.output.formats import FORMATS, MOVING, STILLS, Encoded, Format, Inside, Memory
from gradviz.specs import Spec, spec_from

if TYPE_CHECKING:
    from gradviz.sampling.samples import Samples, Swept
    from gradviz.scene.scene import Frames, Scene


def save(spec: Spec, path: str | Path, *, force: bool = False) -> Path:
    """Draw a spec into a file.

    In a GIF the picture moves, whether or not the spec says so. A file is written whole or not at all.

    Parameters
    ----------
    spec : Spec
        The figure.
    path : str or Path
        The file, whose suffix is the format: .png, .svg, .pdf, .webp, .gif, .html or .py.
    force : bool, default False
        Replace a file that gradviz did not write. Its own pictures are replaced in any case.

    Returns
    -------
    Path
        The path of the file.

    Raises
    ------
    RequestError
        If the suffix is no format, the format cannot hold the figure, or nothing can be drawn.
    OutputError
        If the file cannot be written, or would replace another program's. An existing file stays as it is.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import gradviz
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "saddle.png"
    >>> gradviz.save(gradviz.Quiver(expression="x0*x1", samples=5), path) == path
    True
    """
    path = Path(path)
    form = format_of(path)
    spec = shown_in(spec, form)
    target = check_target(path, is_ours, force=force)
    write_whole(target, encode(described_scene(spec), spec, form).content)
    return path


def load(path: str | Path, *, run_files: bool = False) -> Spec:
    """Return the spec inside a picture that gradviz wrote.

    Parameters
    ----------
    path : str or Path
        The picture.
    run_files : bool, default False
        Allow a spec whose expression is `FILE.py:NAME`. To draw it runs that file, which a picture from
        somebody else must not cause.

    Returns
    -------
    Spec
        The figure, of the class of its kind.

    Raises
    ------
    OutputError
        If the file cannot be read or contains no spec.
    RequestError
        If the spec is invalid, or needs `run_files`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import gradviz
    >>> spec = gradviz.Quiver(expression="x0*x1", samples=5)
    >>> path = gradviz.save(spec, pathlib.Path(tempfile.mkdtemp()) / "saddle.png")
    >>> gradviz.load(path) == spec
    True
    """
    text = _remembered(read_bounded(Path(path), DATA_BYTES))
    shown = visible(str(path), 200)
    if text is None:
        raise OutputError(f"{shown} holds no spec; gradviz did not make it, or another program saved it anew")
    memory = _parsed(text)
    if not isinstance(memory.get("spec"), Mapping):
        raise RequestError(f"what {shown} holds in the place of a spec cannot be read")
    spec = spec_from(dict(memory["spec"]))
    if is_function_of_file(spec.expression) and not run_files:
        problem = f"{shown} would run {visible(spec.expression, 100)}; "
        raise RequestError(problem, Argument("run_files", True), " allows it")
    return spec


def is_ours(path: Path) -> bool:
    """Return whether a file is a picture that gradviz wrote, unchanged since, with a valid spec."""
    try:
        content = read_bounded(path, DATA_BYTES)
        spec_from(dict(_parsed(_remembered(content) or "")["spec"]))
    except (GradvizError, KeyError, TypeError, ValueError):
        return False
    return _is_as_written(content)


def is_up_to_date(path: Path, spec: Spec) -> bool:
    """Return whether a file is the picture of a spec by this version; False if the spec depends on files."""
    if spec.files:
        return False  # they may have changed, and what they import
    try:
        content = b"" if path.is_symlink() else read_bounded(path, DATA_BYTES)
        return _remembered(content) == _memory(spec) and _is_as_written(content)
    except GradvizError:
        return False


def format_of(path: Path) -> str:
    """Return the format that a suffix stands for. Raises RequestError."""
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        hint = did_you_mean(suffix, FORMATS) or f"write .{', .'.join(STILLS)}"
        raise RequestError(
            f"{visible(str(path), 200)}: the suffix is the format, and '{visible(suffix)}' is none; {hint}"
        )
    return suffix


def usual_format(spec: Spec, still: str = STILLS[0]) -> str:
    """Return the format of a picture whose file nobody has named."""
    return MOVING if spec.frame_rate else still


def shown_in(spec: Spec, form: str) -> Spec:
    """Return the spec of a picture in a format, which says that it moves if that is a format for it.

    Raises RequestError for what moves in another format, and for what that format cannot hold.
    """
    FORMATS[form].refuse(spec)
    moves = FORMATS[form].moves
    if moves == "always" or (moves == "if swept" and spec.sweep):
        return spec.animated() or spec
    if spec.frame_rate and moves in ("never", "if swept"):
        problem = f"the picture moves ({spec.animated_by}) and is a .{MOVING}, no .{form}"
        raise RequestError(f"{problem}; write a .{MOVING} or .webp, or leave out ", Ref(spec.animated_by))
    return spec


def described_scene(spec: Spec, samples: Samples | Swept | None = None) -> Scene | Frames:
    """Return the scene of a spec with its description; `samples` saves sampling it again."""
    from gradviz.figures.describing import describe
    from gradviz.output.mpl.rendering import scene_of
    from gradviz.sampling.sample import sample

    if not spec.frame_rate:
        spec.refuse_panels()
    samples = sample(spec) if samples is None else samples
    return replace(scene_of(spec, samples), description=describe(spec, samples))


def encode(
    scene: Scene | Frames, spec: Spec, form: str, advance: Callable[[], object] = lambda: None
) -> Encoded:
    """Return a scene in a format, with its spec inside; `advance` is called after each frame."""
    inside = Inside(f"gradviz {__version__}", scene.name, scene.description, _memory(spec))
    content, warnings = FORMATS[form].encode(scene, inside, advance)
    return Encoded(FORMATS[form].sealed(content), warnings)


def _memory(spec: Spec) -> str:
    return json.dumps({"gradviz": __version__, "spec": spec.to_dict()}, sort_keys=True, allow_nan=False)


def _remembered(content: bytes) -> str | None:
    """Return the text that gradviz left in a picture, or None if there is none."""
    return next((memory.text for _, memory in _memories(content)), None)


def _memories(content: bytes) -> Iterator[tuple[Format, Memory]]:
    """Yield each format in which a picture has a memory; that is one at most."""
    found = ((form, form.find(content)) for form in FORMATS.values())
    return ((form, memory) for form, memory in found if memory is not None)


def _is_as_written(content: bytes) -> bool:
    """Return whether a picture has not been changed since gradviz wrote it."""
    return any(
        form.is_as_written(content, memory, str(_parsed(memory.text).get("gradviz")))
        for form, memory in _memories(content)
    )


def _parsed(text: str) -> Mapping[str, Any]:
    """Return the text that gradviz left in a picture as plain data, empty if it is malformed or too long."""
    try:
        found = json.loads(text) if len(text) <= METADATA_CHARACTERS else None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, Mapping) else {}
