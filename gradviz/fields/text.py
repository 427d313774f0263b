"""SymPy formulas as text in the language of expressions."""

from __future__ import annotations

from sympy import Expr
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter


def derivative_text(formula: Expr) -> str:
    """Return a formula as an expression that parses back to the same values."""

    class Printer(StrPrinter):
        def parenthesize(self, item: Expr, level: int, strict: bool = False) -> str:  # noqa: FBT001, FBT002
            """Return an operand, in parentheses if needed; a `power` of ours is printed like SymPy's Pow."""
            if type(item).__name__ == "power" and level >= PRECEDENCE["Pow"]:
                return f"({self._print(item)})"
            return str(super().parenthesize(item, level, strict))

        def _print_Float(self, expr: Expr) -> str:  # noqa: N802 - SymPy's names
            return f"{float(expr):.15g}"

        def _print_pick(self, expr: Expr) -> str:
            parts = [self._print(argument) for argument in expr.args]
            values, slopes = parts[: len(parts) // 2], parts[len(parts) // 2 :]
            ties = [f"({value}) == max({', '.join(values)})" for value in values]
            total = " + ".join(f"where({t}, {slope}, 0)" for t, slope in zip(ties, slopes, strict=True))
            return f"({total})/({' + '.join(f'where({tie}, 1, 0)' for tie in ties)})"

        def _print_where(self, expr: Expr) -> str:
            *pairs, rest = [self._print(argument) for argument in expr.args]
            pieces = [f"({value}, {test})" for test, value in zip(pairs[::2], pairs[1::2], strict=True)]
            if rest != "undefined()":
                pieces.append(f"({rest}, True)")
            return f"Piecewise({', '.join(pieces)})"

    for function, sign in {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}.items():
        setattr(Printer, f"_print_{function}", _infix(f" {sign} "))
    for function, form in {"power": "{}**{}", "floordiv": "({}//{})"}.items():
        setattr(Printer, f"_print_{function}", _operator(form))
    for function in ("and", "or"):
        setattr(Printer, f"_print_{function}", _infix(f" {function} "))
    setattr(Printer, "_print_not", lambda self, expr: f"(not {self._print(expr.args[0])})")  # noqa: B010
    setattr(Printer, "_print_true", lambda *_: "True")  # noqa: B010
    setattr(Printer, "_print_false", lambda *_: "False")  # noqa: B010
    return str(Printer().doprint(formula))


def _infix(sign: str) -> object:
    """Return a printer method for an operator between any number of operands, all in parentheses."""
    return lambda self, expr: f"({sign.join(f'({self._print(argument)})' for argument in expr.args)})"


def _operator(form: str) -> object:
    """Return a printer method for a binary operator, whose operands have parentheses if not atoms."""
    return lambda self, expr: form.format(*(self.parenthesize(argument, 100) for argument in expr.args))
