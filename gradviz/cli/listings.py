"""The commands that list: built-in presets, and the language of expressions from its own tables."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated

import typer

from gradviz import limits
from gradviz.cli import console
from gradviz.cli.options import AsJson, command_line
from gradviz.errors import RequestError, did_you_mean, visible
from gradviz.language.tables import ALIASES, BRANCHES, CONSTANTS, FUNCTIONS
from gradviz.specs import Spec

_Name = typer.Argument(metavar="NAME", help="A built-in set, or a figure of one.", show_default=False)
_Schema = typer.Option("--schema", help="Print the JSON Schema of preset files.")

_BOUNDS = {
    "characters": limits.EXPRESSION_CHARACTERS,
    "levels of nesting": limits.EXPRESSION_NESTING,
    "characters of a number": limits.NUMBER_CHARACTERS,
    "characters of a name": limits.NAME_CHARACTERS,
    "variables": limits.VARIABLES,
}
"""The largest counts in an expression."""


def presets(
    name: Annotated[str | None, _Name] = None,
    schema: Annotated[bool, _Schema] = False,
    as_json: AsJson = False,
) -> None:
    """List built-in presets, or print one.

    A set is printed as YAML, a figure as its command.

    Examples:
      gradviz presets functions
      gradviz presets rosenbrock --json
    """
    from gradviz import presets as sets

    if schema:
        if name is not None:
            raise RequestError(
                f"--schema: cannot be combined with NAME, got '{visible(name)}'; leave one out"
            )
        console.result(json.dumps(sets.schema(), indent=2))
        return
    known = sets.builtin_sets()
    loaded = {key: sets.load_presets([key]) for key in known}
    figures = {key: spec for specs in loaded.values() for key, spec in specs.items()}
    if name is None:
        _list(loaded, as_json=as_json)
    elif name in known and as_json:
        console.result_json({key: spec.to_dict() for key, spec in loaded[name].items()})
    elif name in known:
        console.result(known[name].read_text(encoding="utf-8").rstrip("\n"))
    elif name in figures and as_json:
        console.result_json(figures[name].to_dict())
    elif name in figures:
        console.result(command_line(figures[name]))
    else:
        hint = did_you_mean(name, [*known, *figures]) or f"the sets are {', '.join(known)}"
        raise RequestError(f"NAME: must be a built-in set or figure, got '{visible(name)}'; {hint}")


def _list(loaded: Mapping[str, Mapping[str, Spec]], *, as_json: bool) -> None:
    if as_json:
        console.result_json(
            {"sets": [{"name": key, "figures": list(specs)} for key, specs in loaded.items()]}
        )
        return
    for key, specs in loaded.items():
        console.result(f"{key}  ({len(specs)} figures)")
        rows = [(f"  {name}", spec.kind, spec.expression) for name, spec in specs.items()]
        console.table(("  name", "kind", "expression"), rows)


def functions(as_json: AsJson = False) -> None:
    """List functions, constants, names and limits.

    Examples:
      gradviz functions
      gradviz functions --json
    """
    other: dict[str, list[str]] = defaultdict(list)
    for alias, name in ALIASES.items():
        other[name].append(alias)
    if as_json:
        rows = [
            {"name": name, "fewest": f.fewest, "most": f.most, "meaning": f.meaning, "also": other[name]}
            for name, f in FUNCTIONS.items()
        ]
        console.result_json(
            {"functions": rows, "branches": BRANCHES, "constants": CONSTANTS, "limits": _BOUNDS}
        )
        return
    console.table(
        ("function", "takes", "also", "is"),
        [(name, f.arity, ", ".join(other[name]), f.meaning) for name, f in FUNCTIONS.items()],
    )
    for name, meaning in BRANCHES.items():
        also = f" (also {', '.join(other[name])})" if other[name] else ""
        console.result(f"{name.ljust(10)} {meaning}{also}")
    constants = ", ".join(f"{name} = {value:.10g}" for name, value in CONSTANTS.items())
    bounds = ", ".join(f"{count:,} {what}" for what, count in _BOUNDS.items())
    console.result(f"""
constants  {constants}
operators  + - * / ^ ** % // mod  < <= > >= == !=  and or not  a if c else b
variables  a letter, a Greek name, either with an index: x, x0, x_1, theta; others by --vars
products   2x, 2(x+1), x y, x(x+1) and sin(x)cos(x) need no '*'
notation   x[0], sin^2(x), np.sin(x), y = ..., f(x, y) = ..., lambda x, y: ..., and LaTeX: \\frac{{x}}{{2}}
limits     {bounds}""")
