"""Presets: a YAML file maps names to figures; `defaults` at its top holds fields for all of them."""

from __future__ import annotations

import re
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
from gradviz.limits import PRESET_BYTES
from gradviz.presets.document import Document, read_document
from gradviz.specs import KINDS, Spec, kind_of

DEFAULTS = "defaults"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_DEVICES = re.compile(
    r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE
)  # files by no such name on Windows
_INSTALLED = Path(__file__).parent / "sets"  # where the wheel has the top-level folder `presets`
_FOLDER = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parents[2] / "presets"


def builtin_sets() -> dict[str, Path]:
    """Return the built-in sets of presets by name, and where their files are."""
    return {path.stem: path for path in sorted(_FOLDER.glob("*.yaml"))}


def find(name: str) -> Path:
    """Return the file of a built-in set, or else of a path. Raises PresetError for what can be neither."""
    sets = builtin_sets()
    if name in sets:
        return sets[name]
    path = Path(name)
    if path.suffix.lower() not in (".yaml", ".yml") and not path.exists():
        hint = did_you_mean(name, sets) or f"built in are {', '.join(sets)}; a file of yours ends in .yaml"
        raise PresetError([f"there is no set of presets '{visible(name)}'; {hint}"])
    return path


def load_presets(names: Iterable[str], *, run_files: bool = False) -> dict[str, Spec]:
    """Return the figures of files and built-in sets by name, all of them checked.

    Figures of functions of Python files, `FILE.py:NAME`, are refused unless `run_files`: a preset is foreign
    text, and shall not run code that nobody asked for. Raises PresetError with every fault of all files, each
    with file, line and column.
    """
    found: dict[str, Spec] = {}
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
        for figure in filter(found.__contains__, specs):
            faults.append(
                f"{document.where_key((figure,))}: a figure named '{figure}' is in another file already"
            )
        found |= specs
    if faults:
        raise PresetError(faults)
    return found


def specs_of(document: Document, *, run_files: bool = False) -> dict[str, Spec]:
    """Return the figures of one file by name. Raises PresetError with all faults."""
    if not isinstance(document.data, dict):
        raise PresetError(
            [f"{document.where(())}: a preset file maps names to figures; write name: and kind: below it"]
        )
    figures = {name: fields for name, fields in document.data.items() if name != DEFAULTS}
    faults = list(_default_faults(document))
    defaults = document.data.get(DEFAULTS) or {}
    specs: dict[str, Spec] = {}
    folded: set[str] = set()  # as a file system without upper and lower case takes names
    for name, fields in figures.items():
        if name.lower() in folded:
            place = document.where_key((name,))
            faults.append(f"{place}: '{visible(name)}' differs from another name in case only")
        folded.add(name.lower())
        try:
            specs[name] = _spec(document, name, fields, defaults if isinstance(defaults, dict) else {})
        except PresetError as error:
            faults += error.faults
            continue
        if is_function_of_file(specs[name].expression) and not run_files:
            place, what = (
                _where(document, name, fields, ("expression",)),
                visible(specs[name].expression, 100),
            )
            faults.append(
                Message(f"{place}: this would run {what}; ", Argument("run_files", True), " allows it")
            )
    if not figures:
        faults.append(f"{document.where(())}: there are no figures in it; write name: and kind: below it")
    if faults:
        raise PresetError(dict.fromkeys(faults))  # a fault of the defaults is every figure's, and told once
    return specs


def schema() -> dict[str, Any]:
    """Return a JSON Schema of preset files, for editors."""
    kinds = {name: kind.model_json_schema() for name, kind in KINDS.items()}
    shared: dict[str, Any] = {}
    for name, found in kinds.items():
        found["description"] = found["description"].partition("\n\nExamples:")[0]  # those are for a shell
        found["required"] = ["kind", "expression"]
        found["properties"]["kind"] = {"const": name}
        shared |= found["properties"]
    shared = {key: value for key, value in shared.items() if key != "kind"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gradviz presets",
        "type": "object",
        "properties": {DEFAULTS: {"type": "object", "properties": shared, "additionalProperties": False}},
        "patternProperties": {f"^(?!{DEFAULTS}$){_NAME.pattern}$": {"oneOf": list(kinds.values())}},
        "additionalProperties": False,
    }


def _default_faults(document: Document) -> Iterator[str]:
    defaults = document.data.get(DEFAULTS) if isinstance(document.data, dict) else None
    if defaults is None:
        return
    if not isinstance(defaults, dict):
        yield f"{document.where((DEFAULTS,))}: defaults holds fields; write for example dpi: 150 below it"
        return
    fields = {field for kind in KINDS.values() for field in kind.model_fields} - {"kind"}
    for key in defaults:
        if key not in fields:
            hint = did_you_mean(key, fields) or "it is no field of any kind"
            yield f"{document.where_key((DEFAULTS, key))}: unknown key '{visible(key)}'; {hint}"


def _spec(document: Document, name: str, fields: object, defaults: Mapping[str, Any]) -> Spec:
    """Return one figure of a file; what its kind has no field for is left out of the defaults."""
    place = (name,)
    if _DEVICES.fullmatch(name):
        problem = f"'{visible(name)}' cannot name a file: on Windows it is a device; choose another name"
        raise PresetError([f"{document.where_key(place)}: {problem}"])
    if not _NAME.fullmatch(name):
        rule = "a name is letters, digits, _ and -, at most 64, and begins with a letter or digit"
        raise PresetError([f"{document.where_key(place)}: '{visible(name)}' cannot name a file; {rule}"])
    if not isinstance(fields, dict):
        raise PresetError(
            [f"{document.where(place)}: '{name}' is not a figure; write kind: and expression: below it"]
        )
    try:
        kind = kind_of(fields)
        inherited = {key: value for key, value in defaults.items() if key in kind.model_fields}
        return kind(**{**inherited, **fields})
    except SpecError as error:
        raise PresetError(
            _placed(document, name, fields, path, said) for path, said in error.faults
        ) from None
    except ExpressionError as error:
        where = _where(document, name, fields, ("expression",))
        raise PresetError([Message(f"{where}: ", error.message.worded(keys))]) from None
    except GradvizError as error:
        raise PresetError([Message(f"{document.where(place)}: ", error.message.worded(keys))]) from None


def _placed(
    document: Document, name: str, fields: Mapping[str, object], path: tuple[str | int, ...], said: Message
) -> str:
    if path and said.startswith("unknown option"):
        return f"{document.where_key((name, *path))}: {said.replace('option', 'key', 1)}"
    what = f"{visible(str(path[0]))}: " if path else ""
    return f"{_where(document, name, fields, path)}: {what}{said.worded(keys)}"


def _where(document: Document, name: str, fields: Mapping[str, object], path: tuple[str | int, ...]) -> str:
    """Return the place of a field in the figure or, where it comes from there, in the defaults."""
    inherited = bool(path) and path[0] not in fields
    place = (DEFAULTS, *path) if inherited and _has(document, path) else (name, *path)
    return document.where(place)


def _has(document: Document, path: tuple[str | int, ...]) -> bool:
    defaults = document.data.get(DEFAULTS) if isinstance(document.data, dict) else None
    return isinstance(defaults, dict) and path[0] in defaults
