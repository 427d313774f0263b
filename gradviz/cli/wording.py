"""References to fields in messages, in the terms of presets, of the command line and of `redraw`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from gradviz.errors import Argument, Place, Ref, keys, number_text


def preset_keys(ref: Ref) -> str:
    """Return a reference as a key of a YAML file, or as an option if it is no field of a spec."""
    return flags(ref) if isinstance(ref, Argument) else keys(ref)


_OPTIONS = {"optimizers": "optimizer"}  # names of options, by field: one that is given for each item


def flags(ref: Ref) -> str:
    """Return a reference as an option of the command line: `--range`, `--fix x2=0`."""
    name = _OPTIONS.get(ref.name, ref.name).replace("_", "-")
    if isinstance(ref, Place):
        return f"--{name}: "
    if name == "kind":  # a command
        return f"gradviz {ref.value}"
    if ref.value is None or isinstance(ref.value, bool):
        return f"--no-{name}" if ref.value is False else f"--{name}"
    return " ".join(f"--{name} {text}" for text in _shell(ref.value))


def changes(ref: Ref) -> str:
    """Return a reference as an option of `redraw`: `--with range=...`, `--with fix=x2=0`."""
    if isinstance(ref, Argument):
        return flags(ref)
    if isinstance(ref, Place):
        return f"--with {ref.name}: "
    texts = ["..."] if ref.value is None else _shell(ref.value)
    return " ".join(f"--with {ref.name}={text}" for text in texts)


def _shell(value: object) -> list[str]:
    """Return plain data as words of a shell, one for each time that its option is given."""
    if isinstance(value, Mapping):
        return [f"{key}={text}" for key, item in value.items() for text in _shell(item)]
    if isinstance(value, str):
        return [shlex.quote(value)]
    if isinstance(value, Sequence):
        return [",".join(map(number_text, value))]
    return [number_text(value).lower() if isinstance(value, bool) else number_text(value)]
