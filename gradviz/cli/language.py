"""The command that lists the language of expressions, from its own tables."""

from __future__ import annotations

from gradviz import limits
from gradviz.cli import console
from gradviz.cli.output import AsJson
from gradviz.language.tables import ALIASES, BRANCHES, CONSTANTS, FUNCTIONS


def functions(as_json: AsJson = False) -> None:
    """List functions, constants, names and limits.

    Examples:
      gradviz functions
      gradviz functions --json
    """
    other: dict[str, list[str]] = {}
    for alias, name in ALIASES.items():
        other.setdefault(name, []).append(alias)
    bounds = {
        "characters": limits.EXPRESSION_CHARACTERS,
        "levels of nesting": limits.EXPRESSION_NESTING,
        "characters of a number": limits.NUMBER_CHARACTERS,
        "characters of a name": limits.NAME_CHARACTERS,
        "variables": limits.VARIABLES,
    }
    if as_json:
        rows = [
            {
                "name": name,
                "fewest": f.fewest,
                "most": f.most,
                "meaning": f.meaning,
                "also": other.get(name, []),
            }
            for name, f in FUNCTIONS.items()
        ]
        console.result_json(
            {"functions": rows, "branches": BRANCHES, "constants": CONSTANTS, "limits": bounds}
        )
        return
    console.table(
        ("function", "takes", "also", "is"),
        [(name, f.arity, ", ".join(other.get(name, [])), f.meaning) for name, f in FUNCTIONS.items()],
    )
    for name, meaning in BRANCHES.items():
        also = f" (also {', '.join(other[name])})" if name in other else ""
        console.result(f"{name.ljust(10)} {meaning}{also}")
    console.result("")
    console.result("constants  " + ", ".join(f"{name} = {value:.10g}" for name, value in CONSTANTS.items()))
    console.result("operators  + - * / ^ ** % //  < <= > >= == !=  and or not  a if c else b")
    console.result(
        "variables  a letter, a Greek name, either with an index: x, x0, x_1, theta; others by --vars"
    )
    console.result("products   2x, 2(x+1), x(x+1) and sin(x)cos(x) need no '*'")
    console.result("limits     " + ", ".join(f"{count:,} {what}" for what, count in bounds.items()))
