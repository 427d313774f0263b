"""Presets: YAML files that map names to figures, with `defaults` for the fields of all of them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gradviz.errors import (
    Argument,
    ExpressionError,
    GradvizError,
    Message,
    OutputError,
    PresetError,
    SpecError,
    did_you_mean,
    keys,
    visible,
)
from gradviz.files import read_bounded
from gradviz.language.reading import is_function_of_file
from gradviz.limits import PRESET_BYTES, PRESET_SECONDS
from gradviz.presets.document import Document, KeyPath, read_document
from gradviz.specs import KINDS, Spec, kind_of

DEFAULTS = "defaults"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)  # device names on Windows
_INSTALLED = Path(__file__).parent / "sets"  # copy of the top-level folder `presets` in the wheel
_FOLDER = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[2] / "presets"


def builtin_sets() -> dict[str, Path]:
    """Return the files of the built-in sets of presets by name."""
    return {path.stem: path for path in sorted(_FOLDER.glob("*.yaml"))}


def functions_of(name: str) -> dict[str, dict[str, object]]:
    """Return the expressions and the ranges of a built-in set by the names of its figures, unchecked."""
    path = builtin_sets()[name]
    figures: Any = read_document(read_bounded(path, PRESET_BYTES), path.name).data
    kept = "expression", "range"
    return {
        key: {field: fields[field] for field in kept if field in fields}
        for key, fields in figures.items()
        if key != DEFAULTS
    }


def find(name: str) -> Path:
    """Return the file of a built-in set, or the path `name`. Raises PresetError if it is neither."""
    sets = builtin_sets()
    if name in sets:
        return sets[name]
    path = Path(name)
    if path.suffix.lower() not in (".yaml", ".yml") and not path.exists():
        hint = did_you_mean(name, sets) or f"use one of {', '.join(sets)}, or a file that ends in .yaml"
        raise PresetError([f"unknown set of presets '{visible(name)}'; {hint}"])
    return path


def load_presets(names: Iterable[str], *, run_files: bool = False) -> dict[str, Spec]:
    """Load and check the figures of files and built-in sets, by name.

    Functions of Python files, FILE.py:NAME, need `run_files`, because a preset is untrusted and must not run
    code. Raises PresetError with every error of all files, each with file, line and column.
    """
    loaded: dict[str, Spec] = {}
    faults: list[str] = []
    for name in names:
        try:
            path = find(name)
            document = read_document(read_bounded(path, PRESET_BYTES), visible(path.name, 100))
            specs = specs_of(document, run_files=run_files)
        except PresetError as error:
            faults += error.faults
            continue
        except OutputError as error:
            faults.append(error.message)
            continue
        for figure in filter(loaded.__contains__, specs):
            faults.append(
                f"{document.where_key((figure,))}: '{figure}' is also a figure of another file; rename one"
            )
        loaded |= specs
    if faults:
        raise PresetError(faults)
    return loaded


def specs_of(document: Document, *, run_files: bool = False) -> dict[str, Spec]:
    """Return the figures of one file by name. Raises PresetError with all errors."""
    if not isinstance(document.data, dict):
        raise PresetError(
            [f"{document.where(())}: must map names to figures; write 'name:', and below it 'kind:'"]
        )
    figures = {name: fields for name, fields in document.data.items() if name != DEFAULTS}
    given = document.data.get(DEFAULTS)
    defaults = given if isinstance(given, dict) else {}
    faults = list(_default_faults(document, given))
    specs: dict[str, Spec] = {}
    folded: set[str] = set()  # names on a file system that ignores case
    begin = time.process_time()
    for name, fields in figures.items():
        if time.process_time() - begin > PRESET_SECONDS:
            problem = f"the figures above took more than {PRESET_SECONDS:g} s of processor time to check"
            faults.append(f"{document.where_key((name,))}: {problem}; split the file")
            break
        if name.lower() in folded:
            location = document.where_key((name,))
            faults.append(f"{location}: '{visible(name)}' differs from another name only in case; rename one")
        folded.add(name.lower())
        try:
            specs[name] = _spec(document, name, fields, defaults, run_files=run_files)
        except PresetError as error:
            faults += error.faults
    if not figures:
        faults.append(f"{document.where(())}: no figures; write 'name:', and below it 'kind:'")
    if faults:
        raise PresetError(dict.fromkeys(faults))  # an error in `defaults` appears once per figure
    return specs


def schema() -> dict[str, Any]:
    """Return the JSON Schema of preset files, for editors."""
    kinds = {name: kind.model_json_schema() for name, kind in KINDS.items()}
    shared: dict[str, Any] = {}  # JSON
    for name, fields in kinds.items():
        fields["required"] = ["kind", "expression"]
        fields["properties"]["kind"] = {"const": name}
        shared |= fields["properties"]
    del shared["kind"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gradviz presets",
        "type": "object",
        "properties": {DEFAULTS: {"type": "object", "properties": shared, "additionalProperties": False}},
        "patternProperties": {f"^(?!{DEFAULTS}$){_NAME.pattern}$": {"oneOf": list(kinds.values())}},
        "additionalProperties": False,
    }


def _default_faults(document: Document, defaults: object) -> Iterator[str]:
    """Yield the errors of the structure and the keys of `defaults`."""
    if defaults is None:
        return
    if not isinstance(defaults, dict):
        yield f"{document.where((DEFAULTS,))}: defaults must be a mapping; write for example 'dpi: 150'"
        return
    fields = {field for kind in KINDS.values() for field in kind.model_fields} - {"kind"}
    for key in defaults:
        if key not in fields:
            hint = did_you_mean(key, fields) or "no kind has this field"
            yield f"{document.where_key((DEFAULTS, key))}: unknown key '{visible(key)}'; {hint}"


def _spec(
    document: Document, name: str, fields: object, defaults: Mapping[str, Any], *, run_files: bool
) -> Spec:
    """Return one figure of a file, without defaults that its kind has no field for. Raises PresetError."""
    key = document.where_key((name,))
    if _DEVICES.fullmatch(name):
        problem = f"'{visible(name)}' is the name of a device on Windows; use another name"
        raise PresetError([f"{key}: {problem}"])
    if not _NAME.fullmatch(name):
        rule = "a name must have 1 to 64 letters, digits, _ or -, and start with a letter or digit"
        raise PresetError([f"{key}: {rule}, got '{visible(name)}'"])
    place = document.where((name,))
    if not isinstance(fields, dict):
        raise PresetError([f"{place}: '{name}' must be a mapping; write 'kind:' and 'expression:' below it"])

    def where(path: KeyPath) -> str:
        """Return the location of a field, in the figure or in the defaults that it comes from."""
        inherited = path and path[0] not in fields and path[0] in defaults
        return document.where((DEFAULTS if inherited else name, *path))

    def located(path: KeyPath, message: Message) -> str:
        if path and message.startswith("unknown option"):
            return f"{document.where_key((name, *path))}: {message.replace('option', 'key', 1)}"
        what = f"{visible(str(path[0]))}: " if path else ""
        return f"{where(path)}: {what}{message.worded(keys)}"

    try:
        kind = kind_of(fields)
        inherited = {key: value for key, value in defaults.items() if key in kind.model_fields}
        spec = kind(**{**inherited, **fields})
    except SpecError as error:
        raise PresetError(located(path, message) for path, message in error.faults) from None
    except GradvizError as error:
        at = where(("expression",)) if isinstance(error, ExpressionError) else place
        raise PresetError([f"{at}: {error.message.worded(keys)}"]) from None
    if is_function_of_file(spec.expression) and not run_files:
        problem = f"{where(('expression',))}: cannot run {visible(spec.expression, 100)} from a preset; use "
        raise PresetError([Message(problem, Argument("run_files", True))])
    return spec
