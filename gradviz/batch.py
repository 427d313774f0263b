"""Many specs to many files."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gradviz.errors import GradvizError, OutputError, visible
from gradviz.figures import Spec
from gradviz.isolation import import_matplotlib
from gradviz.output.files import check_target, write_whole
from gradviz.output.picture import encode, is_ours, is_up_to_date


@dataclass(frozen=True)
class Outcome:
    """What became of one figure."""

    name: str
    path: Path
    status: Literal["drawn", "unchanged", "failed"]
    error: str | None
    seconds: float


def run(
    specs: Mapping[str, Spec],
    folder: Path,
    *,
    form: str = "png",
    force: bool = False,
    redraw_all: bool = False,
    report: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Draw each spec into `folder/name.form`; one that fails is reported, and the rest are drawn.

    A picture whose spec and version are the same is left as it is, unless `redraw_all`. The names come from
    a file, and so are not trusted: nothing is written through a link. Raises OutputError if the folder
    cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or "it cannot be made").lower()
        raise OutputError(f"cannot write to the folder {visible(str(folder), 200)}: {reason}") from None
    outcomes = []
    for name, spec in specs.items():
        outcomes.append(_draw(name, spec, folder / f"{name}.{form}", form, force=force, always=redraw_all))
        report(outcomes[-1])
    return outcomes


def _draw(name: str, spec: Spec, path: Path, form: str, *, force: bool, always: bool) -> Outcome:
    import_matplotlib()
    from gradviz.rendering import render

    start = time.monotonic()
    status: Literal["drawn", "unchanged", "failed"] = "drawn"
    message = None
    try:
        _refuse_link(path)
        if not always and is_up_to_date(path, spec):
            status = "unchanged"
        else:
            target = check_target(path, is_ours, force=force)
            write_whole(target, encode(render(spec), spec, form))
    except GradvizError as error:
        status, message = "failed", str(error)
    except MemoryError:
        status, message = "failed", "there is not enough memory; lower samples, size or dpi"
    except Exception as error:  # noqa: BLE001 - one figure's fault must not keep the rest from being drawn
        status, message = "failed", f"a fault in gradviz: {type(error).__name__}: {visible(str(error), 200)}"
    return Outcome(name, path, status, message, round(time.monotonic() - start, 3))


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise OutputError(f"{visible(str(path), 200)} is a link, which a preset's picture does not follow")
