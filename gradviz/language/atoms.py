"""Operands of expressions: numbers, names, calls, brackets, roots and fractions."""

from __future__ import annotations

import itertools
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import NoReturn

from gradviz.language import hints, tables
from gradviz.language.constants import fold
from gradviz.language.headings import heading
from gradviz.language.tokens import Cursor, Token
from gradviz.language.tree import Node, Num, Op, Var, is_condition

_ENCLOSING = {"⌊": "floor", "⌈": "ceil", "|": "abs", "lvert": "abs"}
"""Functions that are written as brackets."""
_LETTER = re.compile("[A-Za-z](?:_?[0-9])?")  # of a product of LaTeX: x_0y is x0 y
_LETTERS = re.compile(f"(?:{_LETTER.pattern})+")
_UNNORMALIZED = ("sp", "sympy")
"""Modules whose sinc(x) is sin(x)/x, as in the language; that of the others is sin(pi x)/(pi x)."""


class Atoms(Cursor, ABC):
    """Parser of operands; the operations between them are in a subclass."""

    def __init__(self, text: str, declared: frozenset[str], *, headed: bool) -> None:
        super().__init__(text)
        found = heading(self._tokens) if headed else None
        self._position = found.stop if found else 0
        self.arguments = found.arguments if found else None
        self.declared = declared | frozenset(self.arguments or ())
        self._in_bars = False
        if self.is_tex:
            self._tokens[self._position :] = self._letters()

    def _letters(self) -> list[Token]:
        """Return the tokens from here on, unknown names of several letters as letters: xy is x y in LaTeX."""
        found: list[Token] = []
        for token, behind in zip(self.ahead(), [*[*self.ahead()][1:], self._tokens[-1]], strict=True):
            typed = self.typed(token)
            is_name = token.kind == "name" and _LETTERS.fullmatch(typed) is not None
            if is_name and behind.text != "(" and not (self.knows(token.text) or token.text == "mod"):
                for letter in _LETTER.finditer(typed):
                    start, stop = (token.start + place for place in letter.span())
                    found.append(Token("name", letter[0].replace("_", ""), start, stop))
            else:
                found.append(token)
        return found

    def knows(self, name: str) -> bool:
        """Return whether a name is one of the language, a variable, or declared."""
        return tables.is_reserved(name) or tables.is_variable(name) or name in self.declared

    @abstractmethod
    def choice(self) -> Node:
        """Parse an expression or a condition."""

    @abstractmethod
    def power(self) -> Node:
        """Parse a power."""

    @abstractmethod
    def raised(self) -> Node:
        """Parse an operand with superscript digits."""

    # Kinds of value ----------------------------------------------------------------------------------

    def number(self, node: Node) -> Node:
        """Return a node. Raises ExpressionError if it is a condition."""
        if is_condition(node):
            hint = hints.write(f"where({self.plain[node.start : node.stop]}, 1, 0)", "where(c, a, b)")
            self.fail("expected a number, got a condition", node, hint)
        return node

    def condition(self, node: Node) -> Node:
        """Return a node. Raises ExpressionError if it is a number."""
        if not is_condition(node):
            hint = hints.write(f"{self.plain[node.start : node.stop]} > 0", "a comparison such as x > 0")
            self.fail("expected a condition, got a number", node, hint)
        return node

    # Operands ----------------------------------------------------------------------------------------

    def juxtaposed(self) -> bool:
        """Return whether the next token starts a factor of an implicit multiplication."""
        if self.now.kind == "name":
            return self.now.text not in tables.KEYWORDS and not self.at_modulo()
        return self.now.kind == "mark" and self._opens() and not (self._in_bars and self.now.text == "|")

    def at_modulo(self) -> bool:
        """Return whether the next token is the operator of `x mod 2`, not the function mod(x, 2)."""
        if not self.at("mod") or self.after.text != "(":
            return self.at("mod")
        return all(token.text != "," for token in self._enclosed(1))

    def _opens(self) -> bool:
        """Return whether the current mark starts an operand."""
        text = self.now.text
        is_of_tex = text in ("{", "[", "|")
        return text in ("√", "∛", "frac") or (text in tables.BRACKETS and (self.is_tex or not is_of_tex))

    def atom(self) -> Node:
        """Parse an operand."""
        token = self.now
        if token.kind == "number":
            self.advance()
            return Num(float(token.text), token.start, token.stop, token.text)
        if token.kind == "fraction":
            self.advance()
            above, below = (
                Num(float(digits), token.start, token.stop, digits) for digits in tables.FRACTIONS[token.text]
            )
            return _quotient(above, below, token.start, token.stop)
        if token.kind == "name" and token.text not in tables.KEYWORDS - {"True", "False"}:
            self.advance()
            return self.named(token)
        if token.kind != "mark" or not self._opens():
            return self.unexpected()
        self.advance()
        if token.text == "frac":
            return self.fraction(token)
        return self.root(token) if token.text in ("√", "∛") else self.inside(token)

    def inside(self, opening: Token) -> Node:
        """Parse an expression in brackets after the opening one."""
        in_bars, self._in_bars = self._in_bars, opening.text == "|"
        with self.nested(opening):
            if self.at(tables.BRACKETS[opening.text]):
                self.fail("empty parentheses", self.now, "write a number or a name")
            inner = self.choice()
            self.close(opening)
        self._in_bars = in_bars
        if opening.text in _ENCLOSING:
            return Op(_ENCLOSING[opening.text], (self.number(inner),), opening.start, self.before.stop)
        return replace(inner, start=opening.start, stop=self.before.stop)

    def root(self, token: Token) -> Node:
        """Parse the radicand of a root sign: √x, ∛(x + 1), and in LaTeX a degree in [ ]."""
        with self.nested(token):
            degree = self.advance() if self.is_tex and self.now.kind == "index" else None
            is_clear = self.at("(", "{")
            operand = self.number(self.atom() if self.at("{") else self.raised())
        stop = self.before.stop
        if self.juxtaposed() and not is_clear:
            self.fail("ambiguous after '√'", self.now, "add ( ) around what is under the root")
        if degree:
            index = Num(float(degree.text), degree.start, degree.stop, degree.text)
            return self.rooted(operand, index, token.start, stop)
        return Op("cbrt" if token.text == "∛" else "sqrt", (operand,), token.start, stop)

    def rooted(self, base: Node, index: Node, start: int, stop: int) -> Node:
        """Return the real n-th root of a base, of a negative one if n is odd."""
        folded = fold(index, self.text)
        n = folded.value if isinstance(folded, Num) else 0.5
        if not n.is_integer() or n < 2:
            self.fail("the index of a root must be a whole number from 2 on", index, "write root(x, 3)")
        if n < 4:
            return Op("sqrt" if n == 2 else "cbrt", (base,), start, stop)
        exponent = _quotient(Num(1.0, index.start, index.start, "1"), index, index.start, index.stop)
        if n % 2 == 0:
            return Op("power", (base, exponent), start, stop)
        size = Op("abs", (base,), base.start, base.stop)
        sign = Op("sign", (base,), base.start, base.stop)
        return Op("mul", (sign, Op("power", (size, exponent), start, stop)), start, stop)

    def fraction(self, token: Token) -> Node:
        r"""Parse the two operands of \frac: in braces, or one character each."""
        with self.nested(token):
            digits = self.now
            if digits.kind == "number" and len(digits.text) == 2 and digits.text.isdigit():
                self.advance()
                middle = digits.start + 1
                above: Node = Num(float(digits.text[0]), digits.start, middle, digits.text[0])
                below: Node = Num(float(digits.text[1]), middle, digits.stop, digits.text[1])
            else:
                above = self.number(self.atom())
                below = self.number(self.atom())
        return _quotient(above, below, token.start, self.before.stop)

    # Names and calls ---------------------------------------------------------------------------------

    def named(self, token: Token) -> Node:
        """Parse an operand that starts with a name."""
        name = tables.ALIASES.get(token.text, token.text)
        if name in ("True", "False"):
            return Op(name.lower(), (), token.start, token.stop)
        if name in tables.FUNCTIONS or name in tables.BRANCHES:
            return self.applied(name, token)
        if name in tables.CONSTANTS:
            return Num(tables.CONSTANTS[name], token.start, token.stop, name)
        is_indexed = self.now.kind == "index" and "." not in self.typed(token)
        if is_indexed and not any(character.isdigit() for character in name):
            name += str(int(self.advance().text))
        called = self.at("(")
        if not (tables.is_variable(name) or name in self.declared) or "." in self.typed(token):
            self._unknown(token, called=called)
        if called:
            self._refuse_call(token)
        return Var(name, token.start, self.before.stop)

    def applied(self, name: str, token: Token) -> Node:
        r"""Parse a function with its argument: sin(x), sin^2(x), and in LaTeX \sin x and \log_2 x."""
        exponent = self._function_power(token)
        base = None
        if name == "log" and self.at("_") and self.advance():
            base = self.atom()
        if self.at("(") and base is None:
            call = self.call(name, token)
        elif self.is_tex and (self.juxtaposed() or self.now.kind == "number"):
            argument = self._argument(token)
            whole = Op(name, (argument,), token.start, self.before.stop)
            if base is not None:
                short = {2.0: "log2", 10.0: "log10"}.get(base.value) if isinstance(base, Num) else None
                whole = replace(whole, name=short) if short else replace(whole, args=(argument, base))
            self._check_arity(whole, token)
            call = whole
        else:
            hint = hints.application(self.plain, [*self.ahead()], token)
            if exponent is not None:
                hint += f"^{self.plain[exponent.start : exponent.stop]}"
            self.fail(f"'{token.text}' is a function", token, hint)
        return call if exponent is None else Op("power", (call, exponent), token.start, self.before.stop)

    def _function_power(self, token: Token) -> Node | None:
        """Parse the exponent between a function and its argument: the 2 of sin^2(x)."""
        if self.now.kind != "raised" and not self.at("^"):
            return None
        sign = self.advance()
        if sign.kind == "raised":
            exponent: Node = Num(float(sign.text), sign.start, sign.stop, sign.text)
        elif self.at("-"):
            exponent = Num(-1.0, sign.start, sign.stop)
        elif self.now.kind in ("number", "name"):
            power = self.advance()
            exponent = Var(power.text, power.start, power.stop)
            if power.kind == "number":
                exponent = Num(float(power.text), power.start, power.stop, power.text)
            elif not self.knows(power.text) or tables.is_reserved(power.text):
                self.fail(f"unknown name '{power.text}'", power)
        else:
            exponent = self.number(self.atom())
        folded = fold(exponent, self.text)
        if isinstance(folded, Num) and folded.value < 0:
            at = replace(token, stop=hints.end_of_call(self._tokens, self._position))
            hint = hints.inverse(self.plain, self._tokens, self._position, token.text)
            self.fail("an inverse function cannot be written as a power", at, hint)
        return exponent

    def _argument(self, token: Token) -> Node:
        r"""Parse the argument of a function of LaTeX: a group, or factors up to the next function."""
        with self.nested(token):
            if self.at("(", "{"):
                return self.number(self.inside(self.advance()))
            factors = [self.number(self.power())]
            while self.juxtaposed() and not self.at("(") and not tables.is_function(self.now.text):
                factors.append(self.number(self.power()))
        if len(factors) == 1:
            return factors[0]
        return Op("mul", tuple(factors), factors[0].start, factors[-1].stop)

    def _unknown(self, token: Token, *, called: bool) -> NoReturn:
        start = self._tokens.index(token)
        at, hint = hints.unknown(self.plain, self._tokens, start, called=called, declared=self.declared)
        self.fail(f"unknown {'function' if called else 'name'} '{self.typed(token)}'", at, hint)

    def _refuse_call(self, token: Token) -> None:
        """Raise ExpressionError for y(x), which looks like a call, but not for the product x(x + 1)."""
        if len(token.text.rstrip("0123456789")) > 1 or not self._holds_an_operation():
            hint = hints.product(self.plain, self._tokens, self._position, token)
            self.fail(f"'{token.text}' is a variable, not a function", token, hint)

    def _holds_an_operation(self) -> bool:
        """Return whether the next pair of parentheses encloses, at its own level, an operator and no ','."""
        found, before = False, ""
        for token in self._enclosed():
            if token.text == ",":
                return False
            found |= token.text in ("+", "-", "*", "/", "^", "%", "//") or token.kind == "raised"
            found |= (before, token.kind) == ("number", "name")
            before = token.kind
        return found

    def _enclosed(self, skipped: int = 0) -> Iterator[Token]:
        """Yield the tokens at the level of the next brackets, after some skipped tokens."""
        depth = 0
        for token in itertools.islice(self.ahead(), skipped, None):
            depth += (token.text in tables.BRACKETS) - (token.text in tables.BRACKETS.values())
            if depth == 0:
                return
            if depth == 1:
                yield token

    def call(self, name: str, token: Token) -> Node:
        """Parse the arguments of a function."""
        opening = self.advance()
        with self.nested(opening):
            args = self.pieces() if name == "Piecewise" else self.arguments_in_brackets()
            self.close(opening)
        stop = self.before.stop
        if name == "Piecewise":
            return Op("where", tuple(args), token.start, stop)
        whole = Op(name, tuple(args), token.start, stop)
        self._check_arity(whole, token)
        if name == "where":
            condition, *values = args
            return replace(whole, args=(self.condition(condition), *map(self.number, values)))
        numbers = tuple(map(self.number, args))
        if name == "root":
            return self.rooted(numbers[0], numbers[1], token.start, stop)
        module = self.typed(token).rpartition(".")[0]
        if name == "sinc" and module and module not in _UNNORMALIZED:  # sin(pi x)/(pi x)
            pi = Num(tables.CONSTANTS["pi"], token.start, token.start, "pi")
            numbers = (Op("mul", (pi, *numbers), numbers[0].start, numbers[0].stop),)
        return replace(whole, args=numbers)

    def _check_arity(self, call: Op, token: Token) -> None:
        """Raise ExpressionError if a function has too few or too many arguments."""
        count = len(call.args)
        fixed = {"where": 3, "root": 2}.get(call.name)
        function = tables.FUNCTIONS.get(call.name)
        fewest, most = (function.fewest, function.most) if function else (fixed, fixed)
        if fewest is None or (fewest <= count and (most is None or count <= most)):
            return
        wanted = function.arity if function else f"{fixed} arguments"
        hint = ""
        if count > 1 and most == 1:
            hint = hints.write(f"{token.text}({self.plain[call.args[0].start : call.args[0].stop]})", "one")
        self.fail(f"'{token.text}' takes {wanted}, got {count}", call, hint)

    def arguments_in_brackets(self) -> list[Node]:
        """Parse: value, value, ..."""
        args: list[Node] = []
        while not self.at(")"):
            if self.at(","):
                self.fail("an argument is missing before ','", self.now)
            args.append(self.choice())
            if not self.take(","):
                break
        return args

    def pieces(self) -> list[Node]:
        """Parse: (value, condition), ...; the function is undefined where no condition holds."""
        args: list[Node] = []
        while opening := self.take("("):
            with self.nested(opening):
                value = self.number(self.choice())
                if not self.take(","):
                    self._refuse_piece()
                condition = self.condition(self.choice())
                self.close(opening)
            args += [condition, value]
            if not self.take(","):
                break
        if not args:
            self._refuse_piece()
        if isinstance(args[-2], Op) and args[-2].name == "true":
            return [*args[:-2], args[-1]] if len(args) > 2 else [args[-2], args[-1], args[-1]]
        return [*args, Op("undefined", (), self.now.start, self.now.start)]

    def _refuse_piece(self) -> NoReturn:
        self.fail("a piece must be (value, condition)", self.now, "write Piecewise((a, c), (b, True))")


def _quotient(above: Node, below: Node, start: int, stop: int) -> Op:
    """Return the tree of above/below."""
    return Op("mul", (above, Op("reciprocal", (below,), below.start, below.stop)), start, stop)
