"""Labels and titles: names of variables and of the function as mathtext, and the user's own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gradviz.arrays import Floats
from gradviz.errors import visible
from gradviz.language import tree
from gradviz.language.reading import Expression, FunctionOfFile
from gradviz.language.tex import is_tex
from gradviz.printing.expression_text import ExpressionText
from gradviz.printing.typesetting import MATHTEXT, displayed
from gradviz.scene.scene import Hover
from gradviz.scene.text import Text, Title
from gradviz.specs.spec import Spec

_ROW_TERMS = 4  # terms of a sum in a row of a legend
_PLAIN_CHARACTERS = 60  # maximum length of an expression in a title that is not typeset
_NAME_CHARACTERS = 200  # maximum length of an expression in the name of a picture
_MAX_DEPTH = 10  # levels of a tree: Matplotlib's parser of mathtext overflows the stack at some 13
_MAX_TERM = 500  # characters of mathtext of one term, which Matplotlib takes some 0.2 s to measure


@dataclass(frozen=True)
class Caption:
    """The value of a swept parameter at which a panel or a frame shows the function."""

    name: str
    label: str
    """The value as text; empty for the title of all panels."""
    field: str = ""
    """The field that is swept; empty for a parameter."""

    @property
    def plain(self) -> str:
        """The name and the value as plain text."""
        return f"{self.name} = {self.label}" if self.label else ""

    @property
    def mathtext(self) -> str:
        """The name and the value as mathtext, without dollar signs."""
        return f"{MATHTEXT.name(self.name)} = {MATHTEXT.decimal(self.label)}" if self.label else ""


def variable_label(variable: str) -> str:
    """Return the name of a variable as mathtext."""
    return f"${MATHTEXT.name(variable)}$"


def function_label(reading: Expression | FunctionOfFile) -> str:
    """Return f(x0, x1) as mathtext."""
    return f"$f({', '.join(map(MATHTEXT.name, reading.variables))})$"


def hover_of(
    reading: Expression | FunctionOfFile, points: Floats | None = None, values: Floats | None = None
) -> Hover:
    """Return the names to show at the pointer, and values (n1, n0) on a mesh (n1, n0, 2) that no mark has."""
    variables = tuple(Text(variable_label(name)) for name in reading.variables)
    return Hover(variables, Text(function_label(reading)), points, values)


def magnitude_label(marks: str, *, ascent: bool, is_log: bool = False) -> str:
    """Return the label of a colour bar of magnitudes, with the direction of the marks."""
    scale = ", logarithmic" if is_log else ""
    return rf"$\|\nabla f\|${scale}   ({marks} along ${'' if ascent else '-'}\nabla f$)"


def axis_label(own: str | None, default: str) -> Text:
    """Return the label of an axis: the user's words as they are, or mathtext."""
    return Text(default) if own is None else Text(own, math=False)


def number(value: float, digits: int) -> str:
    """Return a number with some significant digits as mathtext, without dollar signs."""
    return MATHTEXT.number(float(f"{value:.{digits}g}"))


def power(variable: str, exponent: int, centre: float = 0.0) -> str:
    """Return a power of (variable - centre) as mathtext, without dollar signs; "" for the exponent 0."""
    base = MATHTEXT.name(variable)
    if centre:
        base = f"({base} {'-' if centre > 0 else '+'} {MATHTEXT.number(abs(centre))})"
    return "" if exponent == 0 else base if exponent == 1 else f"{base}^{{{exponent}}}"


def sum_of(terms: Iterable[tuple[float, str]]) -> list[str]:
    """Return coefficients times symbols as the signed terms of a sum in mathtext, without dollar signs."""
    pieces: list[str] = []
    for coefficient, symbol in terms:
        if coefficient:
            digits = MATHTEXT.number(abs(coefficient))
            sign = ("+ ", "- ")[coefficient < 0] if pieces else ("", "-")[coefficient < 0]
            factors = [symbol] if symbol and digits == "1" else [digits, *([symbol] if symbol else [])]
            pieces.append(sign + r"\,".join(factors))
    return pieces or ["0"]


def sum_in_rows(left: str, terms: Sequence[str]) -> str:
    """Return a left side and the terms of a sum as mathtext, in several rows if there are many terms."""
    rows = [" ".join(terms[i : i + _ROW_TERMS]) for i in range(0, len(terms), _ROW_TERMS)]
    return "$\n$".join([f"${left} = {rows[0]}", *(rf"\;\;\; {row}" for row in rows[1:])]) + "$"


def point_text(point: tuple[float, ...], digits: int = 6) -> str:
    """Return a point as plain text."""
    text = f"({', '.join(f'{x:z.{digits}g}' for x in point)})"
    return text.replace("-", "\N{MINUS SIGN}")


def plain_formula(reading: Expression | FunctionOfFile, most: int = _PLAIN_CHARACTERS) -> str:
    """Return "f(x0, x1) = " and the expression, or equations, as typed, at most `most` characters.

    LaTeX is in the notation of the language, which a screen reader can say.
    """
    if reading.equations:
        return visible(reading.text, most)
    text = reading.body
    if isinstance(reading, Expression) and is_tex(text):
        text = ExpressionText().text(reading.tree)
    return f"f({', '.join(reading.variables)}) = {visible(text, most)}"


def name_of(spec: Spec) -> str:
    """Return the name of a picture in one line: its title, or the function as it was typed."""
    if spec.title is not None:
        return visible(spec.title.replace("\n", " "), _NAME_CHARACTERS)
    return plain_formula(spec.reading, _NAME_CHARACTERS)


def title_of(spec: Spec, caption: Caption | None = None) -> Title:
    """Return the user's own title, or the formula with numbers of parameters; `caption` is a swept one."""
    reading = spec.reading
    plain = plain_formula(reading)
    shown = caption.plain if caption is not None else ""
    if spec.title is not None or isinstance(reading, FunctionOfFile):
        return Title(spec.title, "", (), plain, caption=shown)
    equations = reading.equations
    pieces = tuple(map(MATHTEXT.text, equations)) or MATHTEXT.terms(reading.tree)
    is_short = (
        max(map(tree.depth, equations or (reading.tree,))) <= _MAX_DEPTH
        and max(map(len, pieces)) <= _MAX_TERM
    )
    if not is_short:
        return Title(None, "", (), plain, caption=shown)
    values = [
        f"{MATHTEXT.name(name)} = {MATHTEXT.number(value)}"
        for name, value in reading.parameters.items()
        if caption is None or name != caption.name
    ]
    values += [caption.mathtext] if caption is not None and caption.label else []
    word = "at" if caption is not None and caption.field == "at" and len(values) == 1 else "with"
    below = [rf"$\mathrm{{{word}}}\;" + r",\;".join(values) + "$"] if values else []
    if reading.region is not None and tree.depth(reading.region.tree) <= _MAX_DEPTH:
        region = MATHTEXT.text(reading.region.tree)
        if len(region) <= _MAX_TERM:
            below.insert(0, rf"$\mathrm{{where}}\;{displayed(region)}$")
    left = function_label(reading)[1:-1] + " = "
    if len(equations) > 1 and not below:
        return Title("", "", (), plain, caption=shown)  # the legend has them
    if equations:
        left = ""
        pieces = (*(rf"{piece},\quad" for piece in pieces[:-1]), pieces[-1])
    return Title(None, left, tuple(map(displayed, pieces)), plain, tuple(below), shown)
