"""Tokens to tree, by precedence climbing. Standard library only; nothing here evaluates text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NoReturn

from gradviz.errors import ExpressionError, Message, Ref, did_you_mean, visible
from gradviz.language import tables as language
from gradviz.language.constants import fold
from gradviz.language.tokens import Token, tokenize
from gradviz.language.tree import Node, Num, Op, Var, is_condition
from gradviz.limits import EXPRESSION_NESTING
from gradviz.process import deep_stack

_Rule = Callable[[], Node]


def parse(text: str, declared: Iterable[str] = ()) -> Node:
    """Parse an expression into its tree.

    `declared` holds names that are allowed beside the single letters, letters with an index and Greek names
    that need no declaration. Constant parts are checked, not folded away: the tree keeps what was typed.
    Raises ExpressionError, with the place of the fault, for anything that is not in the language.
    """
    return _parsed(text, declared, lambda parser: parser.number(parser.choice()))


def parse_region(text: str, declared: Iterable[str] = ()) -> Node:
    """Parse a condition, or a number, which then stands for the condition that it is not 0.

    An undefined number is no reason to be inside, so that is |a| > 0 and not a != 0. Raises ExpressionError.
    """
    tree = _parsed(text, declared, lambda parser: parser.choice())
    if is_condition(tree):
        return tree
    size = Op("abs", (tree,), tree.start, tree.stop)
    return Op("gt", (size, Num(0.0, tree.stop, tree.stop)), tree.start, tree.stop)


def _parsed(text: str, declared: Iterable[str], rule: Callable[[_Parser], Node]) -> Node:
    """Parse a whole text by a rule."""
    parser = _Parser(text, frozenset(declared))
    with deep_stack():
        tree = rule(parser)
        if parser.now.kind != "end":
            parser.unexpected()
        fold(tree, text)
    return tree


class _Parser:
    """The state of one parse: where we are in the tokens, and how deep."""

    def __init__(self, text: str, declared: frozenset[str]) -> None:
        self.text = text
        self.declared = declared
        self.tokens = tokenize(text)
        self.place = 0
        self.depth = 0

    # Tokens ------------------------------------------------------------------------------------------

    @property
    def now(self) -> Token:
        return self.tokens[self.place]

    @property
    def before(self) -> Token:
        return self.tokens[self.place - 1]

    @property
    def after(self) -> Token:
        return self.tokens[min(self.place + 1, len(self.tokens) - 1)]

    def at(self, *texts: str) -> bool:
        return self.now.kind in ("mark", "name") and self.now.text in texts

    def take(self, *texts: str) -> Token | None:
        """Step over the current token if it is one of these."""
        if not self.at(*texts):
            return None
        self.place += 1
        return self.before

    def fail(self, problem: str, place: Token | Node, hint: str = "") -> NoReturn:
        raise ExpressionError(problem, self.text, place.start, place.stop, hint)

    def unexpected(self) -> NoReturn:
        token = self.now
        typed = self.text[token.start : token.stop]
        if token.kind == "end":
            problem, hint = "the expression ends too early", "a number or a name should follow"
        elif token.text == ",":
            problem, hint = "',' outside of a function's arguments", "decimals have a '.': 0.5"
        elif token.text == ")":
            problem, hint = "')' without a '('", "remove it"
        elif token.kind in ("number", "name") and self.place and self.before.text == ")":
            problem, hint = f"unexpected '{typed}'", "write the '*' before it"
        elif token.kind in ("number", "name") and self.place and self.before.kind != "mark":
            problem, hint = f"unexpected '{typed}'", "an operator is missing before it, such as '*'"
        else:
            problem, hint = f"unexpected '{typed}'", "a number or a name should stand here"
        self.fail(problem, token, hint)

    def deeper(self, token: Token) -> None:
        self.depth += 1
        if self.depth > EXPRESSION_NESTING:
            self.fail(f"more than {EXPRESSION_NESTING} levels of nesting", token)

    # Kinds of value ----------------------------------------------------------------------------------

    def number(self, node: Node) -> Node:
        if is_condition(node):
            self.fail("a condition is not a number", node, "write where(c, a, b)")
        return node

    def condition(self, node: Node) -> Node:
        if not is_condition(node):
            self.fail("this is a number where a condition is needed", node, "write one such as x > 0")
        return node

    # Precedence, loosest first -----------------------------------------------------------------------

    def choice(self) -> Node:
        """Parse: value {if condition else value}."""
        first = self.disjunction()
        if not self.at("if"):
            return first
        args: list[Node] = []
        value = first
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
            self.deeper(token)
            operand = self.condition(self.negation())
            self.depth -= 1
            return Op("not", (operand,), token.start, operand.stop)
        return self.comparison()

    def comparison(self) -> Node:
        """Parse: sum {< sum}; a chain a < b < c means a < b and b < c."""
        left = self.sum()
        links: list[Node] = []
        while token := self.take(*language.COMPARISONS):
            right = self.sum()
            for side in (left, right):
                if is_condition(side):
                    hint = "it holds or not by itself; join conditions with 'and', 'or'"
                    self.fail("a condition is not a number to compare", side, hint)
            links.append(Op(language.COMPARISONS[token.text], (left, right), left.start, right.stop))
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
        """Parse: sign {* sign}, where the '*' may be left out if nothing else could be meant."""
        args = [self.sign()]
        last, operator, depth = args[0], "*", self.depth
        while True:
            if token := self.take("*", "/", "%", "//"):
                last, operator = self.number(self.sign()), token.text
                args = self._multiplied(args, operator, last)
            elif self.juxtaposed():
                args.append(self._implied(last, operator))
                last, operator = args[-1], "*"
            else:
                break
        self.depth = depth
        if len(args) == 1:
            return args[0]
        return Op("mul", (self.number(args[0]), *args[1:]), args[0].start, args[-1].stop)

    def _multiplied(self, args: list[Node], operator: str, factor: Node) -> list[Node]:
        if operator == "*":
            return [*args, factor]
        if operator == "/":
            return [*args, Op("reciprocal", (factor,), factor.start, factor.stop)]
        self.deeper(self.before)  # each % wraps what stands before it
        start = args[0].start
        left = self.number(args[0]) if len(args) == 1 else Op("mul", tuple(args), start, args[-1].stop)
        return [Op({"%": "mod", "//": "floordiv"}[operator], (left, factor), start, factor.stop)]

    def juxtaposed(self) -> bool:
        """Tell whether the next token starts a factor, its '*' left out."""
        token, before = self.now, self.before
        if token.kind == "name" and token.text not in language.KEYWORDS:
            is_call = self.after.text == "(" and language.is_reserved(token.text)
            return before.kind in ("number", "raised") or before.text == ")" or is_call
        return self.at("(", "√")

    def _implied(self, before: Node, operator: str) -> Node:
        """Parse a factor whose '*' is left out, and refuse it where that could be read in two ways."""
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
            problem = f"ambiguous after '{mark}': {shown} could be split either way"
            self.fail(problem, whole, "write the '*' and add ( )")
        return factor

    def _is_spelled_out(self, power: Op) -> bool:
        """Tell a power with '^' from one with a raised digit, after which nothing is in doubt."""
        base, exponent = power.args
        between = self.text[base.stop : exponent.start]
        return "^" in between or "*" in between

    def sign(self) -> Node:
        if token := self.take("-", "+"):
            self.deeper(token)
            operand = self.number(self.sign())
            self.depth -= 1
            return operand if token.text == "+" else Op("neg", (operand,), token.start, operand.stop)
        return self.power()

    def power(self) -> Node:
        """Parse: raised [^ sign], which makes powers group from the right, above a sign on their left."""
        base = self.raised()
        if token := self.take("^"):
            self.deeper(token)
            exponent = self.number(self.sign())
            self.depth -= 1
            return Op("power", (self.number(base), exponent), base.start, exponent.stop)
        return base

    def raised(self) -> Node:
        base = self.atom()
        if self.now.kind == "raised":
            token = self.now
            self.place += 1
            exponent = Num(float(token.text), token.start, token.stop, token.text)
            return Op("power", (self.number(base), exponent), base.start, token.stop)
        return base

    # Atoms -------------------------------------------------------------------------------------------

    def atom(self) -> Node:
        token = self.now
        if token.kind == "number":
            self.place += 1
            return Num(float(token.text), token.start, token.stop, token.text)
        if token.kind == "name" and token.text not in language.KEYWORDS - {"True", "False"}:
            self.place += 1
            return self.named(token)
        if self.take("("):
            return self.inside(token, self.choice)
        if self.take("√"):
            self.deeper(token)
            operand = self.number(self.raised())
            self.depth -= 1
            if self.juxtaposed():
                self.fail("ambiguous after '√'", self.now, "add ( ) around what is under the root")
            return Op("sqrt", (operand,), token.start, operand.stop)
        return self.unexpected()

    def inside(self, opening: Token, rule: _Rule) -> Node:
        """Parse what stands between '(' and ')', the '(' being stepped over already."""
        self.deeper(opening)
        if self.at(")"):
            self.fail("there is nothing between '(' and ')'", self.now, "write a number or a name")
        inner = rule()
        self.close(opening)
        self.depth -= 1
        return replace(inner, start=opening.start, stop=self.before.stop)

    def close(self, opening: Token) -> None:
        if self.take(")"):
            return
        if self.now.kind == "end":
            name = self.tokens[self.tokens.index(opening) - 1]
            of = f" of {name.text}" if name.kind == "name" and name.stop == opening.start else ""
            self.fail(f"'('{of} is never closed", opening)
        self.unexpected()

    def named(self, token: Token) -> Node:
        name = language.ALIASES.get(token.text, token.text)
        called = self.at("(")
        if name in ("True", "False"):
            return Op(name.lower(), (), token.start, token.stop)
        if name in language.FUNCTIONS or name in language.BRANCHES:
            if not called:
                self.fail(f"'{token.text}' is a function", token, f"write {token.text}( )")
            return self.call(name, token)
        if name in language.CONSTANTS:
            return Num(language.CONSTANTS[name], token.start, token.stop, name)
        if not (language.is_variable(name) or name in self.declared):
            self._unknown(token, called=called)
        if called:
            self._refuse_call(token)
        return Var(name, token.start, token.stop)

    def _unknown(self, token: Token, *, called: bool) -> NoReturn:
        functions = (*language.FUNCTIONS, *language.BRANCHES, *language.ALIASES)
        if called:
            known = language.FOREIGN.get(token.text.lower())
            hint = did_you_mean(token.text, functions) if known is None else known and f"write {known}"
            self.fail(f"unknown function '{token.text}'", token, hint)
        if meant := did_you_mean(token.text, (*language.CONSTANTS, *self.declared)):
            self.fail(f"unknown name '{token.text}'", token, meant)
        declared = Message("declare it: ", Ref("vars"), " or ", Ref("set", {token.text: 1}))
        self.fail(f"unknown name '{token.text}'", token, declared if language.is_name(token.text) else "")

    def _refuse_call(self, token: Token) -> None:
        """Refuse y(x), which looks like a call, but let x(x + 1) be the product it looks like."""
        if len(token.text.rstrip("0123456789")) > 1 or not self._holds_an_operation():
            self.fail(f"'{token.text}' is a variable, not a function", token, f"write {token.text}*( )")

    def _holds_an_operation(self) -> bool:
        """Tell whether the '(' ahead encloses, not in further brackets, an operator and no ','."""
        depth, found, before = 0, False, ""
        for token in self.tokens[self.place :]:
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
        opening = self.now
        self.place += 1
        self.deeper(opening)
        args = self.pieces() if name == "Piecewise" else self.arguments()
        self.close(opening)
        self.depth -= 1
        stop = self.before.stop
        if name == "Piecewise":
            return Op("where", tuple(args), token.start, stop)
        if name == "where":
            if len(args) != 3:
                self._arity(token, args, "3 arguments", stop)
            condition, *values = args
            return Op(name, (self.condition(condition), *map(self.number, values)), token.start, stop)
        function = language.FUNCTIONS[name]
        if len(args) < function.fewest or (function.most is not None and len(args) > function.most):
            self._arity(token, args, function.arity, stop)
        return Op(name, tuple(map(self.number, args)), token.start, stop)

    def _arity(self, token: Token, args: list[Node], wanted: str, stop: int) -> NoReturn:
        whole = Op("", (), token.start, stop)
        self.fail(f"'{token.text}' takes {wanted}, not {len(args)}", whole)

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
        """Parse: (value, condition), ...; where no condition holds, the function is undefined."""
        args: list[Node] = []
        while opening := self.take("("):
            self.deeper(opening)
            value = self.number(self.choice())
            if not self.take(","):
                self.fail("a piece is (value, condition)", self.now, "write Piecewise((a, c), (b, True))")
            condition = self.condition(self.choice())
            self.close(opening)
            self.depth -= 1
            args += [condition, value]
            if not self.take(","):
                break
        if not args:
            self.fail("a piece is (value, condition)", self.now, "write Piecewise((a, c), (b, True))")
        if isinstance(args[-2], Op) and args[-2].name == "true":
            return [*args[:-2], args[-1]] if len(args) > 2 else [args[-2], args[-1], args[-1]]
        return [*args, Op("undefined", (), self.now.start, self.now.start)]
