"""Recursive descent parser: tokens to tree. Nothing here evaluates text as code."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from functools import lru_cache

from gradviz.errors import ExpressionError, visible
from gradviz.language import tables
from gradviz.language.atoms import Atoms
from gradviz.language.constants import fold
from gradviz.language.tree import Node, Num, Op, is_condition
from gradviz.process import deep_stack

_Rule = Callable[[], Node]
_Found = tuple[Node, tuple[str, ...] | None]
"""A tree, and the arguments that were named before it."""

KEPT = 16  # number of texts whose trees are kept, for presets whose figures repeat an expression


def parse(text: str, declared: Iterable[str] = (), *, headed: bool = True) -> Node:
    """Parse an expression into its tree. Raises ExpressionError.

    `declared` holds allowed names besides letters and Greek names, with or without an index, which need no
    declaration. With `headed`, `y =`, `f(x, y) =` or `lambda x, y:` may come before it, and its arguments are
    declared. Constant subtrees are checked but not folded, so the tree keeps the typed form.
    """
    return _parsed(text, declared, _Parser.value, headed=headed)[0]


def arguments(text: str, declared: Iterable[str] = ()) -> tuple[str, ...] | None:
    """Return the arguments of `f(x, y) =` or `lambda x, y:` before an expression; None without them."""
    return _parsed(text, declared, _Parser.value, headed=True)[1]


def parse_region(text: str, declared: Iterable[str] = ()) -> Node:
    """Parse a condition; a number a becomes the condition |a| > 0.

    The condition a != 0 would hold where a is undefined. Raises ExpressionError.
    """
    tree, _ = _parsed(text, declared, _Parser.choice, headed=False)
    if is_condition(tree):
        return tree
    size = Op("abs", (tree,), tree.start, tree.stop)
    return Op("gt", (size, Num(0.0, tree.stop, tree.stop)), tree.start, tree.stop)


def _parsed(text: str, declared: Iterable[str], rule: Callable[[_Parser], Node], *, headed: bool) -> _Found:
    """Parse a text to its end by a rule."""
    outcome = _outcome(text, frozenset(declared), rule, headed=headed)
    if isinstance(outcome, ExpressionError):
        raise copy(outcome)  # without the traceback of the first time
    return outcome


@lru_cache(maxsize=KEPT)
def _outcome(
    text: str, declared: frozenset[str], rule: Callable[[_Parser], Node], *, headed: bool
) -> _Found | ExpressionError:
    """Return the tree of a text with its arguments, or the error; each distinct text is parsed once."""
    try:
        parser = _Parser(text, declared, headed=headed)
        with deep_stack():
            tree = rule(parser)
            if parser.now.kind != "end":
                parser.unexpected()
            fold(tree, text)
    except ExpressionError as error:
        return error.with_traceback(None)
    return tree, parser.arguments


class _Parser(Atoms):
    """Recursive descent over the tokens of one text; each method parses one rule of the grammar."""

    def value(self) -> Node:
        """Parse an expression whose value is a number."""
        return self.number(self.choice())

    # Operations, weakest binding first ---------------------------------------------------------------

    def choice(self) -> Node:
        """Parse: value {if condition else value}."""
        first = value = self.disjunction()
        if not self.at("if"):
            return first
        args: list[Node] = []
        while self.take("if"):
            condition = self.condition(self.disjunction())
            if not self.take("else"):
                self.fail("'if' without 'else'", self.now, "write a if c else b")
            args += [condition, self.number(value)]
            value = self.disjunction()
        return Op("where", (*args, self.number(value)), first.start, value.stop)

    def disjunction(self) -> Node:
        return self.joined("or", self.conjunction)

    def conjunction(self) -> Node:
        return self.joined("and", self.negation)

    def joined(self, word: str, operand: _Rule) -> Node:
        args = [operand()]
        while self.take(word):
            args.append(operand())
        if len(args) == 1:
            return args[0]
        return Op(word, tuple(map(self.condition, args)), args[0].start, args[-1].stop)

    def negation(self) -> Node:
        if token := self.take("not"):
            with self.nested(token):
                operand = self.condition(self.negation())
            return Op("not", (operand,), token.start, operand.stop)
        return self.comparison()

    def comparison(self) -> Node:
        """Parse: sum {< sum}; a chain a < b < c means a < b and b < c."""
        left = self.sum()
        links: list[Node] = []
        while token := self.take(*tables.COMPARISONS):
            right = self.sum()
            for side in (left, right):
                if is_condition(side):
                    hint = "join conditions with 'and' or 'or'"
                    self.fail("cannot compare a condition", side, hint)
            links.append(Op(tables.COMPARISONS[token.text], (left, right), left.start, right.stop))
            left = right
        if not links:
            return left
        return links[0] if len(links) == 1 else Op("and", tuple(links), links[0].start, links[-1].stop)

    def sum(self) -> Node:
        args = [self.product()]
        while token := self.take("+", "-"):
            term = self.number(self.product())
            args.append(Op("neg", (term,), token.start, term.stop) if token.text == "-" else term)
        if len(args) == 1:
            return args[0]
        return Op("add", (self.number(args[0]), *args[1:]), args[0].start, args[-1].stop)

    def product(self) -> Node:
        """Parse: sign {* sign}; the '*' is optional where the text has one meaning without it."""
        args = [self.sign()]
        last, operator = args[0], "*"
        with self.nested():
            while True:
                if token := self.take("*", "/", "%", "//") or (self.advance() if self.at_modulo() else None):
                    operator = "%" if token.text == "mod" else token.text
                    last = self.number(self.sign())
                    args = self._multiplied(args, operator, last)
                elif self.juxtaposed():
                    args.append(self._implied(last, operator))
                    last, operator = args[-1], "*"
                else:
                    break
        if len(args) == 1:
            return args[0]
        return Op("mul", (self.number(args[0]), *args[1:]), args[0].start, args[-1].stop)

    def _multiplied(self, args: list[Node], operator: str, factor: Node) -> list[Node]:
        if operator == "*":
            return [*args, factor]
        if operator == "/":
            return [*args, Op("reciprocal", (factor,), factor.start, factor.stop)]
        self.deepen(self.before)  # the left operand of % is the whole product so far
        start = args[0].start
        left = self.number(args[0]) if len(args) == 1 else Op("mul", tuple(args), start, args[-1].stop)
        return [Op({"%": "mod", "//": "floordiv"}[operator], (left, factor), start, factor.stop)]

    def _implied(self, before: Node, operator: str) -> Node:
        """Parse a factor of an implicit multiplication. Raises ExpressionError if it is ambiguous."""
        factor = self.number(self.power())
        while isinstance(before, Op) and before.name == "neg":
            before = before.args[0]
        raised = isinstance(before, Op) and before.name == "power" and self._is_spelled_out(before, factor)
        if operator != "*" or raised:
            mark, start = operator, before.start
            if raised and operator == "*" and isinstance(before, Op):
                mark, start = "^", before.args[1].start
            whole = Op("mul", (before, factor), start, factor.stop)
            shown = visible(self.plain[whole.start : whole.stop], 20)
            problem = f"ambiguous after '{mark}': {shown} can be read in two ways"
            self.fail(problem, whole, "add '*' and ( )")
        return factor

    def _is_spelled_out(self, power: Op, factor: Node) -> bool:
        """Return whether a power before a factor is written with '^' or '**' and has no clear end."""
        base, exponent = power.args
        between, typed = self.plain[base.stop : exponent.start], self.plain[exponent.start : exponent.stop]
        is_short = self.is_tex and len(typed) == 1
        is_apart = self.plain[factor.start - 1].isspace() or typed.startswith("{") or is_short
        return ("^" in between or "*" in between) and not is_apart

    def sign(self) -> Node:
        if token := self.take("-", "+"):
            with self.nested(token):
                operand = self.number(self.sign())
            return operand if token.text == "+" else Op("neg", (operand,), token.start, operand.stop)
        return self.power()

    def power(self) -> Node:
        """Parse: raised [^ sign]; powers are right-associative and bind tighter than a sign before them."""
        base = self.raised()
        if token := self.take("^"):
            with self.nested(token):
                exponent = self.number(self.sign())
            return Op("power", (self.number(base), exponent), base.start, exponent.stop)
        return base

    def raised(self) -> Node:
        base = self.atom()
        if self.now.kind == "raised":
            token = self.advance()
            exponent = Num(float(token.text), token.start, token.stop, token.text)
            return Op("power", (self.number(base), exponent), base.start, token.stop)
        return base
