"""Recursive descent parser: tokens to tree. Nothing here evaluates text as code."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import replace
from functools import lru_cache
from typing import NoReturn

from gradviz.errors import ExpressionError, Message, Ref, did_you_mean, visible
from gradviz.language import tables
from gradviz.language.constants import fold
from gradviz.language.tokens import Cursor, Token
from gradviz.language.tree import Node, Num, Op, Var, is_condition
from gradviz.process import deep_stack

_Rule = Callable[[], Node]


KEPT = 16  # number of texts whose trees are kept, for presets whose figures repeat an expression


def parse(text: str, declared: Iterable[str] = ()) -> Node:
    """Parse an expression into its tree. Raises ExpressionError.

    `declared` holds allowed names besides letters and Greek names, with or without an index, which need no
    declaration. Constant subtrees are checked but not folded, so the tree keeps the typed form.
    """
    return _parsed(text, declared, _Parser.value)


def parse_region(text: str, declared: Iterable[str] = ()) -> Node:
    """Parse a condition; a number a becomes the condition |a| > 0.

    The condition a != 0 would hold where a is undefined. Raises ExpressionError.
    """
    tree = _parsed(text, declared, _Parser.choice)
    if is_condition(tree):
        return tree
    size = Op("abs", (tree,), tree.start, tree.stop)
    return Op("gt", (size, Num(0.0, tree.stop, tree.stop)), tree.start, tree.stop)


def _parsed(text: str, declared: Iterable[str], rule: Callable[[_Parser], Node]) -> Node:
    """Parse a text to its end by a rule."""
    outcome = _outcome(text, frozenset(declared), rule)
    if isinstance(outcome, ExpressionError):
        raise copy(outcome)  # without the traceback of the first time
    return outcome


@lru_cache(maxsize=KEPT)
def _outcome(text: str, declared: frozenset[str], rule: Callable[[_Parser], Node]) -> Node | ExpressionError:
    """Return the tree of a text, or the error; each distinct text is parsed once."""
    try:
        parser = _Parser(text, declared)
        with deep_stack():
            tree = rule(parser)
            if parser.now.kind != "end":
                parser.unexpected()
            fold(tree, text)
    except ExpressionError as error:
        return error.with_traceback(None)
    return tree


class _Parser(Cursor):
    """Recursive descent over the tokens of one text; each method parses one rule of the grammar."""

    def __init__(self, text: str, declared: frozenset[str]) -> None:
        super().__init__(text)
        self.declared = declared

    def value(self) -> Node:
        """Parse an expression whose value is a number."""
        return self.number(self.choice())

    # Kinds of value ----------------------------------------------------------------------------------

    def number(self, node: Node) -> Node:
        if is_condition(node):
            self.fail("expected a number, got a condition", node, "write where(c, a, b)")
        return node

    def condition(self, node: Node) -> Node:
        if not is_condition(node):
            self.fail("expected a condition, got a number", node, "use a comparison such as x > 0")
        return node

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
                if token := self.take("*", "/", "%", "//"):
                    last, operator = self.number(self.sign()), token.text
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

    def juxtaposed(self) -> bool:
        """Return whether the next token starts a factor of an implicit multiplication."""
        token, before = self.now, self.before
        if token.kind == "name" and token.text not in tables.KEYWORDS:
            is_call = self.after.text == "(" and tables.is_reserved(token.text)
            return before.kind in ("number", "raised") or before.text == ")" or is_call
        return self.at("(", "√")

    def _implied(self, before: Node, operator: str) -> Node:
        """Parse a factor of an implicit multiplication. Raises ExpressionError if it is ambiguous."""
        factor = self.number(self.power())
        while isinstance(before, Op) and before.name == "neg":
            before = before.args[0]
        raised = isinstance(before, Op) and before.name == "power" and self._is_spelled_out(before)
        if operator != "*" or raised:
            mark, start = operator, before.start
            if raised and operator == "*" and isinstance(before, Op):
                mark, start = "^", before.args[1].start
            whole = Op("mul", (before, factor), start, factor.stop)
            shown = visible(self.text[whole.start : whole.stop], 20)
            problem = f"ambiguous after '{mark}': {shown} can be read in two ways"
            self.fail(problem, whole, "add '*' and ( )")
        return factor

    def _is_spelled_out(self, power: Op) -> bool:
        """Return whether a power is written with '^' or '**', not with superscript digits."""
        base, exponent = power.args
        between = self.text[base.stop : exponent.start]
        return "^" in between or "*" in between

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

    # Atoms -------------------------------------------------------------------------------------------

    def atom(self) -> Node:
        token = self.now
        if token.kind == "number":
            self.advance()
            return Num(float(token.text), token.start, token.stop, token.text)
        if token.kind == "name" and token.text not in tables.KEYWORDS - {"True", "False"}:
            self.advance()
            return self.named(token)
        if self.take("("):
            return self.inside(token)
        if self.take("√"):
            with self.nested(token):
                operand = self.number(self.raised())
            if self.juxtaposed():
                self.fail("ambiguous after '√'", self.now, "add ( ) around what is under the root")
            return Op("sqrt", (operand,), token.start, operand.stop)
        return self.unexpected()

    def inside(self, opening: Token) -> Node:
        """Parse an expression in parentheses after its '('."""
        with self.nested(opening):
            if self.at(")"):
                self.fail("empty parentheses", self.now, "write a number or a name")
            inner = self.choice()
            self.close(opening)
        return replace(inner, start=opening.start, stop=self.before.stop)

    def named(self, token: Token) -> Node:
        name = tables.ALIASES.get(token.text, token.text)
        called = self.at("(")
        if name in ("True", "False"):
            return Op(name.lower(), (), token.start, token.stop)
        if name in tables.FUNCTIONS or name in tables.BRANCHES:
            if not called:
                self.fail(f"'{token.text}' is a function", token, f"write {token.text}( )")
            return self.call(name, token)
        if name in tables.CONSTANTS:
            return Num(tables.CONSTANTS[name], token.start, token.stop, name)
        if not (tables.is_variable(name) or name in self.declared):
            self._unknown(token, called=called)
        if called:
            self._refuse_call(token)
        return Var(name, token.start, token.stop)

    def _unknown(self, token: Token, *, called: bool) -> NoReturn:
        functions = (*tables.FUNCTIONS, *tables.BRANCHES, *tables.ALIASES)
        if called:
            known = tables.FOREIGN.get(token.text.lower())
            hint = did_you_mean(token.text, functions) if known is None else known and f"write {known}"
            self.fail(f"unknown function '{token.text}'", token, hint)
        if meant := did_you_mean(token.text, (*tables.CONSTANTS, *self.declared)):
            self.fail(f"unknown name '{token.text}'", token, meant)
        declared = Message("declare it: ", Ref("vars"), " or ", Ref("set", {token.text: 1}))
        self.fail(f"unknown name '{token.text}'", token, declared if tables.is_name(token.text) else "")

    def _refuse_call(self, token: Token) -> None:
        """Raise ExpressionError for y(x), which looks like a call, but not for the product x(x + 1)."""
        if len(token.text.rstrip("0123456789")) > 1 or not self._holds_an_operation():
            self.fail(f"'{token.text}' is a variable, not a function", token, f"write {token.text}*( )")

    def _holds_an_operation(self) -> bool:
        """Return whether the next pair of parentheses encloses, at its own level, an operator and no ','."""
        depth, found, before = 0, False, ""
        for token in self.ahead():
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth == 0:
                break
            if depth == 1 and token.text == ",":
                return False
            if depth == 1:
                found |= token.text in ("+", "-", "*", "/", "^", "%", "//") or token.kind == "raised"
                found |= (before, token.kind) == ("number", "name")
            before = token.kind
        return found

    def call(self, name: str, token: Token) -> Node:
        opening = self.advance()
        with self.nested(opening):
            args = self.pieces() if name == "Piecewise" else self.arguments()
            self.close(opening)
        stop = self.before.stop
        if name == "Piecewise":
            return Op("where", tuple(args), token.start, stop)
        if name == "where":
            if len(args) != 3:
                self._refuse_arity(token, args, "3 arguments", stop)
            condition, *values = args
            return Op(name, (self.condition(condition), *map(self.number, values)), token.start, stop)
        function = tables.FUNCTIONS[name]
        if len(args) < function.fewest or (function.most is not None and len(args) > function.most):
            self._refuse_arity(token, args, function.arity, stop)
        return Op(name, tuple(map(self.number, args)), token.start, stop)

    def _refuse_arity(self, token: Token, args: list[Node], wanted: str, stop: int) -> NoReturn:
        whole = Op("", (), token.start, stop)
        self.fail(f"'{token.text}' takes {wanted}, got {len(args)}", whole)

    def arguments(self) -> list[Node]:
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
