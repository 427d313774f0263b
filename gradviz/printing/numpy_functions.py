"""Printer of functions of NumPy: of points (..., D), or of one variable, with their derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradviz.language.tree import Node, Num, Op, variables, walk
from gradviz.printing.numpy_source import HELPERS, WIDTH, NumpySource, helpers

_TOTAL = """
    add mul neg sin cos atan atan2 tanh asinh abs sign floor ceil min max clip hypot heaviside erf relu
    softplus gelu elu leaky_relu sinc logsumexp cbrt where lt le gt ge eq ne and or not true false
"""  # operations that are defined everywhere


def is_total(tree: Node) -> bool:
    """Return whether a tree is defined everywhere and does not overflow, judged by its operations."""
    operations = (node for node in walk(tree) if isinstance(node, Op))
    return all(node.name in _TOTAL.split() or _is_polynomial(node) for node in operations)


def _is_polynomial(node: Op) -> bool:
    """Return whether a node is a power with an integer exponent from 0 to 16, or a division by a number."""
    last = node.args[-1] if node.name in ("power", "reciprocal") else None
    if not isinstance(last, Num):
        return False
    return last.value != 0 if node.name == "reciprocal" else last.value.is_integer() and 0 <= last.value <= 16


def definitions(trees: Sequence[Node]) -> list[list[str]]:
    """Return the lines of each function that trees need and NumPy lacks."""
    return [[*HELPERS[name]] for name in helpers(trees)]


@dataclass(frozen=True)
class NumpyFunctions:
    """Printer of functions of some variables. With `masked` values that are not finite become NaN."""

    printer: NumpySource
    variables: tuple[str, ...]
    masked: bool

    @property
    def argument(self) -> str:
        """The argument: p for points (..., D), or the name of the only variable."""
        return "p" if len(self.variables) > 1 else self.printer.name(self.variables[0])

    @property
    def shape(self) -> str:
        """Words for the shape of points."""
        return f"(..., {len(self.variables)})"

    def function(self, name: str, tree: Node, summary: str) -> list[str]:
        """Return a function with the values of a tree."""
        shape = "p.shape[:-1]" if self.argument == "p" else f"np.shape({self.argument})"
        body = self._assigned("return", tree)
        if not any(node.name in self.variables for node in variables(tree)):
            body = [f"    return np.full({shape}, {self.printer.text(tree)}, dtype=float)"]
        elif self.masked:
            lines = self._assigned("value", tree)
            body = [*lines, "    return np.where(np.isfinite(value), value, np.nan)"]
        return [*self._head(name, summary), *self._unpacked([tree]), *body]

    def condition(self, name: str, tree: Node, summary: str) -> list[str]:
        """Return a function with the truth of a condition."""
        returned = f"    return {self.printer.text(tree)}"
        return [*self._head(name, summary), *self._unpacked([tree]), returned]

    def gradient(self, slopes: Sequence[Node]) -> list[str]:
        """Return the gradient with exact partial derivatives, or the derivative by one variable."""
        if self.argument != "p":
            return self.function("derivative", slopes[0], "Return the exact derivative.")
        summary = f"Return the exact gradient {self.shape} of f at points p {self.shape}."
        lines = [*self._head("gradient", summary), *self._unpacked(slopes), "    g = np.empty_like(p)"]
        for axis, (variable, slope) in enumerate(zip(self.variables, slopes, strict=True)):
            lines += self._assigned(f"g[..., {axis}]", slope, f"  # df/d{variable}")
        known = "    return np.where(np.isfinite(g) & np.isfinite(f(p))[..., None], g, np.nan)"
        return [*lines, known if self.masked else "    return g"]

    def differences(self, step: str) -> list[str]:
        """Return the gradient by central differences, or the derivative by one variable."""
        if (x := self.argument) != "p":
            return [
                f"def derivative({x}, step={step}):",
                f'    """Return the derivative by central differences, (f({x} + h) - f({x} - h)) / 2h."""',
                f"    right, left = {x} + step, {x} - step  # rounded: their distance is not exactly 2h",
                "    return (f(right) - f(left))/(right - left)",
            ]
        return [
            f"def gradient(p, step={step}):",
            f'    """Return the gradient {self.shape} of f at points p {self.shape}, by central differences.',
            "",
            "    The last axis of p holds the coordinates of a point. Along each coordinate the slope is",
            "    (f(x + h) - f(x - h)) / 2h.",
            '    """',
            "    g = np.empty_like(p)",
            "    for i in range(p.shape[-1]):",
            "        right, left = p.copy(), p.copy()",
            "        right[..., i] += step",
            "        left[..., i] -= step",
            "        # x + h is rounded: divide by the distance between the two points.",
            "        g[..., i] = (f(right) - f(left))/(right[..., i] - left[..., i])",
            *(["    g[np.isnan(f(p))] = np.nan"] if self.masked else []),
            "    return g",
        ]

    def hessian(self, rows: Sequence[Sequence[Node]]) -> list[str]:
        """Return the exact second derivatives at one point, or the second derivative by one variable."""
        if self.argument != "p":
            return self.function("second", rows[0][0], "Return the exact second derivative.")
        texts = [", ".join(map(self.printer.text, row)) for row in rows]
        lines = [f"    return np.array([{', '.join(f'[{line}]' for line in texts)}])"]
        if len(lines[0]) > WIDTH:
            lines = ["    return np.array([", *(f"        [{line}]," for line in texts), "    ])"]
        head = self._head("hessian", "Return the exact second derivatives at a point p.")
        return [*head, *self._unpacked([tree for row in rows for tree in row]), *lines]

    def second_differences(self, step: str) -> list[str]:
        """Return the second derivatives at one point by central differences of the gradient."""
        if (x := self.argument) != "p":
            return [
                f"def second({x}, step={step}):",
                '    """Return the second derivative by central differences of the first."""',
                f"    return (derivative({x} + step) - derivative({x} - step))/(2*step)",
            ]
        return [
            f"def hessian(p, step={step}):",
            '    """Return the second derivatives at a point p, by central differences of the gradient."""',
            "    around = step*np.eye(len(p))",
            "    second = (gradient(p + around) - gradient(p - around))/(2*step)",
            "    return (second + second.T)/2  # symmetric up to rounding",
        ]

    def _head(self, name: str, summary: str) -> list[str]:
        return [f"def {name}({self.argument}):", f'    """{summary}"""']

    def _unpacked(self, trees: Sequence[Node]) -> list[str]:
        """Return the line that names the coordinates that occur in trees; none for one variable."""
        used = {node.name for tree in trees for node in variables(tree)}
        places = {name: f"p[..., {axis}]" for axis, name in enumerate(self.variables) if name in used}
        if not places or self.argument != "p":
            return []
        return [f"    {', '.join(map(self.printer.name, places))} = {', '.join(places.values())}"]

    def _assigned(self, target: str, tree: Node, comment: str = "") -> list[str]:
        """Return the lines of an assignment, or of a return, long sums with a term a line."""
        start = f"    {target} " if target == "return" else f"    {target} = "
        pieces = self.printer.lines(tree)
        whole = f"{start}{' '.join(pieces)}{comment}"
        if len(whole) <= WIDTH or len(pieces) == 1:
            return [whole]
        return [f"{start}({comment}", *(f"        {piece}" for piece in pieces), "    )"]
